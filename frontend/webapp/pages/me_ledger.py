"""用数账本: who, for which office, looked at or changed what of mine or my child's, and why; new lines come unasked.

Looks of one day that are alike are one entry (`ConsentEntry`); what was changed stands out among them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.gateway import time_now
from webapp.person import Person
from webapp.session import Paged, Session
from webapp.texts import TEXTS
from webapp.ui import page, t

e = rx.el
_PAGE = 30
_MOST = 100
_CHIPS = 3
"""Fields that are shown without a tap."""
_KINDS = ("", "OFFICIAL", "SCAN", "DELEGATE", "MINI_APP", "MYSELF")
_SPANS = ("", "7", "30")
_EMPTY = {"cancellable", "canCancel", "cursor", "demo", "endCursor", "hasNextPage", "hasPreviousPage", "id", "isMe", "mine",
          "startCursor"}
"""Fields that tell nothing about a person."""


class Ledger(Paged, Session):
    """The lines of a ledger, newest first. ``child``: whose it is, if not mine; ``kind`` and ``days``: what is shown."""

    entries: list[dict[str, Any]] = []
    loaded: bool = False
    child: str = ""
    kind: str = ""
    days: str = ""
    asking: str = ""

    @rx.event
    def question(self, entry: str) -> None:
        """Open the question about a line, or close it."""
        self.asking = "" if self.asking == entry else entry

    @rx.event
    async def asked(self) -> None:
        self.asking = ""
        await self._read("", min(_MOST, max(_PAGE, len(self.entries))))

    @rx.event
    async def load(self) -> None:
        """The newest, as many as are shown already."""
        await self._read("", min(_MOST, max(_PAGE, len(self.entries))))

    @rx.event
    async def pick_child(self, child: str) -> None:
        self.child = child
        await self._read("")

    @rx.event
    async def pick_kind(self, kind: str) -> None:
        self.kind = kind
        await self._read("")

    @rx.event
    async def pick_days(self, days: str) -> None:
        self.days = days
        await self._read("")

    async def _read(self, after: str, first: int = _PAGE) -> None:
        since = (time_now() - timedelta(days=int(self.days))).isoformat() if self.days.isdigit() else None
        kind = self.kind if self.kind in _KINDS else ""
        nodes, self.more = await self._pages(use("ConsentLedger"), [], after, first=first, since=since,
                                             child=self.child or None, kind=kind or None)
        self.entries = (self.entries if after else []) + [_shown(node) for node in nodes]
        self.loaded = True


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    """With the words of what was seen, and whether it may be questioned: once, and anew when there were looks since."""
    asked = entry["question"]
    open_ = not asked or datetime.fromisoformat(entry["at"]) > datetime.fromisoformat(asked["askedAt"])
    return entry | {"fields": worded(entry["fields"]), "open": open_ and not entry["byMyself"]}


def worded(names: list[str]) -> list[str]:
    """The names of what was seen, each word once; what has no words is told as other things, unless it tells nothing."""
    plain = [name.lower().replace(".", "_") for name in names if name not in _EMPTY]
    known = [name if f"ledger.field_{name}" in TEXTS else "other" for name in plain]
    return list({TEXTS[f"ledger.field_{name}"]["zh"]: name for name in sorted(known, key="other".__eq__)}.values())


@page("/me/ledger", title="me.ledger", back="/me", on_load=Ledger.load, on_push={"": Ledger.load})
def ledger() -> rx.Component:
    listed = ui.card(ui.rows(rx.foreach(Ledger.entries, _entry)))
    chosen = (Ledger.kind != "") | (Ledger.days != "")
    words = rx.cond(chosen, t("ledger.none"), t("me.ledger_empty"))
    nothing = ui.card(ui.empty(words, symbol="shield-check"))
    return e.div(
        e.p(t("me.ledger_words"), class_name="muted"),
        ui.go("/me/questions", t("questions.mine"), class_name="link"),
        _filters(),
        rx.cond(Ledger.loaded, rx.cond(ui.count(Ledger.entries) > 0, listed, nothing), ui.card(ui.skeleton(4))),
        ui.more(Ledger.more, Ledger.load_more),
        class_name="stack",
    )


def _filters() -> rx.Component:
    """Whose, by whom, since when: one tap each."""
    state: Any = Ledger
    kinds = [ui.pick(t(f"ledger.kind_{kind.lower() or 'all'}"), Ledger.kind == kind, state.pick_kind(kind))
             for kind in _KINDS]
    spans = [ui.pick(t(f"ledger.span_{days or 'all'}"), Ledger.days == days, state.pick_days(days)) for days in _SPANS]
    return e.div(
        whose(Ledger),
        ui.picks(t("ledger.kinds"), *kinds),
        ui.picks(t("ledger.span"), *spans),
        class_name="filters",
    )


def whose(state: Any) -> rx.Component:
    """Mine, or that of a child of mine, on a page whose state knows the `child`."""
    children = ui.items(Person.viewer, "children")
    mine = ui.pick(t("ledger.whose_me"), state.child == "", state.pick_child(""))
    each = rx.foreach(children, lambda child: ui.pick(ui.text(child, "name"), state.child == ui.text(child, "id"),
                                                      state.pick_child(ui.text(child, "id"))))
    return rx.cond(ui.count(children) > 0, ui.picks(t("ledger.whose"), mine, each))


def said(value: Any, kind: str, other: Any) -> Any:
    """The words for a value of the ledger: texts/ledger.toml, `<kind>_<value>`."""
    start = f"ledger.{kind}_"
    known = [(name.removeprefix(start), t(name)) for name in TEXTS if name.startswith(start)]
    return rx.match(value.lower(), *known, other)


def _entry(entry: rx.Var[Any]) -> rx.Component:
    role = said(ui.text(entry, "actorRole"), "role", t("ledger.staff"))
    myself = rx.cond(Ledger.child == "", t("me.myself"), t("ledger.themself"))
    who = rx.cond(
        ui.flag(entry, "byMyself"),
        myself,
        e.span(ui.text(entry, "organisation"), " ", role, " ", ui.text(entry, "actorName")),
    )
    why = said(ui.text(entry, "ground"), "ground", "")
    deed = rx.cond(ui.flag(entry, "byMyself"), ui.tile("pen-line", "slate"), ui.tile("pen-line", "blue"))
    what = said(ui.text(entry, "action"), "act", t("me.did_other"))
    times, at = ui.number(entry, "times"), ui.text(entry, "at")
    look = e.span(what, rx.cond(times > 1, e.span(" · ", times, t("ledger.times"))))
    return e.div(
        rx.cond(ui.flag(entry, "look"), ui.tile("eye", "slate"), deed),
        e.span(
            rx.cond(ui.flag(entry, "look"), look, e.b(what)),
            e.small(who),
            seen(entry),
            rx.cond(ui.flag(entry, "reason"), e.small(_why(entry))),
            rx.cond(ui.flag(entry, "ground"), e.small(t("ledger.ground"), why)),
            rx.cond(_is_of_consent(entry), ui.go("/me/consent", t("consent.title"), class_name="link")),
            e.small(rx.cond(times > 1, ui.when(ui.text(entry, "firstAt"), at), ui.when(at))),
            rx.cond(ui.flag(entry, "question.id"), answered(entry)),
            rx.cond(ui.flag(entry, "open"), _question(entry)),
            class_name="row-words",
        ),
        key=ui.text(entry, "id"),
        class_name="row row-tall",
    )


def _why(entry: rx.Var[Any]) -> Any:
    """The reason in words; of the terms, the version."""
    reason = ui.text(entry, "reason")
    of_terms = e.span(t("ledger.version"), " ", reason)
    return rx.cond(ui.text(entry, "action") == "TERMS_ACCEPTED", of_terms, e.span(said(reason, "why", reason)))


def _is_of_consent(entry: rx.Var[Any]) -> Any:
    """Whether the line rests on a consent of mine, or is one that I gave."""
    return (Ledger.child == "") & ((ui.text(entry, "ground") == "consent") | (ui.text(entry, "action") == "CONSENT_GIVEN"))


def seen(entry: rx.Var[Any]) -> rx.Component:
    """What was seen, in words, of an entry whose `fields` are `worded`; where that is much, a tap away."""
    fields = ui.items(entry, "fields")
    names: Any = rx.Var(fields._js_expr, _var_type=list[str], _var_data=fields._get_all_var_data()).guess_type()
    tags = e.span(rx.foreach(names, lambda name: ui.badge(said(name, "field", name))), class_name="tags")
    much = e.summary(t("ledger.saw"), " ", ui.count(fields), t("ledger.things"), ui.icon("chevron-down", 16))
    fold = e.details(much, tags, class_name="fold")
    return rx.cond(ui.count(fields) > _CHIPS, fold, rx.cond(ui.count(fields) > 0, tags))


def answered(entry: rx.Var[Any]) -> rx.Component:
    """What became of my question."""
    waiting = rx.cond(ui.flag(entry, "question.late"), t("questions.late"), t("questions.open"))
    return e.span(
        rx.cond(ui.flag(entry, "question.answer"), ui.badge(t("questions.answered"), "teal"), ui.badge(waiting, "amber")),
        rx.cond(ui.flag(entry, "question.answer"), e.span(ui.text(entry, "question.answer")),
                e.small(t("questions.due"), " ", ui.when(ui.text(entry, "question.dueAt")))),
        class_name="tags",
    )


def _question(entry: rx.Var[Any]) -> rx.Component:
    """The way to ask; before it, what ends the doings of one's own family, whom no office can answer for."""
    state: Any = Ledger
    id_ = ui.text(entry, "id")
    form = ui.form(
        "ConsentAsk",
        ui.long_field(t("questions.why"), "text", hint=t("questions.why_hint"), required=True, min_length=2, max_length=500,
                      rows="3"),
        ui.submit(t("questions.send")),
        variables={"entry": id_},
        done=t("questions.sent"),
        on_done=Ledger.asked,
        label=t("questions.ask"),
    )
    role = ui.text(entry, "actorRole")
    end = ui.go("/me/delegate", t("questions.end_mandate"), class_name="btn btn-soft btn-small")
    ask = e.button(ui.icon("message-circle-question", 16), t("questions.ask"), type="button",
                   on_click=state.question(id_), aria_expanded=rx.cond(Ledger.asking == id_, "true", "false"),
                   class_name="btn btn-quiet btn-small")
    return e.div(
        rx.cond(role == "guardian", e.small(t("questions.guardian"))),
        e.div(rx.cond((role == "delegate") & (Ledger.child == ""), end), ask, class_name="asks"),
        rx.cond(Ledger.asking == id_, form),
    )
