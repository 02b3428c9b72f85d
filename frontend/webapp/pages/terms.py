"""服务协议: the versions for everybody to read; mine to agree to, and what stays open where I do not."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any

import reflex as rx
from reflex.vars import VarData

from webapp import ui
from webapp.documents import use
from webapp.gateway import Refused
from webapp.pages.news import AddressButton
from webapp.session import Session
from webapp.texts import locale
from webapp.ui import page, t

e = rx.el
_SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+|\n")


class AgreeTerms(rx.Component):
    """Agrees, then goes back to where that was asked for; see terms.jsx."""

    library = "$/public/haian/terms.jsx"
    tag = "AgreeTerms"
    version: rx.Var[int]
    label: rx.Var[str]


class WholeDay(rx.Component):
    """A day with its year; see terms.jsx."""

    library = "$/public/haian/terms.jsx"
    tag = "WholeDay"
    value: rx.Var[str]


class Terms(Session):
    """To what I have agreed, and the children for whom I do. ``offer``: the version that waits for me or a child, 0 for
    none; ``changes`` and ``parts``: what is new in it since the one I agreed to."""

    loaded: bool = False
    mine: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    children: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    offer: int = 0
    since: str = ""
    in_force: int = 0
    changes: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    parts: rx.Field[list[dict[str, str]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        """Nothing for nobody: the terms are for who is not signed in too."""
        try:
            standings = (await self.ask(use("ConsentTermsStanding")))["consentTermsStanding"]
        except Refused as refused:
            if not refused.signed_out:
                raise
            return
        versions = (await self.ask(use("ConsentTermsVersions")))["consentTermsVersions"]
        self.in_force = (await self.ask("ConsentTerms"))["consentTerms"]["version"]
        self.mine = next((one for one in standings if one["mine"]), {})
        self.children = [one for one in standings if not one["mine"] and one["bindsAt"]]
        newest, before = versions[0], self.mine.get("version") or 0
        waits = bool(self.mine.get("bindsAt") or self.children)
        self.offer, self.since = (newest["version"], newest["since"]) if waits else (0, "")
        self.changes = [one for one in versions if one["version"] > before and one["changesZh"]] if before else []
        self.parts = await self._compared(before, newest["version"]) if self.changes else []
        self.loaded = True

    async def _compared(self, before: int, after: int) -> list[dict[str, str]]:
        """The sentences of two versions, each with what became of it."""
        language = "en" if self.router.url.path.startswith("/en") else "zh"
        old, new = [(await self.ask("ConsentTerms", version=version))["consentTerms"][language]
                    for version in (before, after)]
        return compared(old, new)


def compared(old: str, new: str) -> list[dict[str, str]]:
    """Two texts sentence by sentence: what is gone, added, or as it was. Whole sentences only: a likeness within them is
    not looked for, which of two long texts that differ takes minutes."""
    was, now = [[part for part in _SENTENCE.split(text) if part] for text in (old, new)]
    parts: list[tuple[str, str]] = []
    for tag, i, j, k, m in SequenceMatcher(None, was, now).get_opcodes():
        if tag == "equal":
            parts += [("", part) for part in now[k:m]]
        else:
            parts += [("gone", part) for part in was[i:j]] + [("added", part) for part in now[k:m]]
    return [{"mark": mark, "text": part} for mark, part in parts]


@page("/terms", title="terms.title", back="/me", private=False, on_load=Terms.load, on_push={"consent.terms": Terms.load})
def terms() -> rx.Component:
    use("ConsentAccept")
    return e.div(
        e.div(e.div(rx.cond(ui.flag(Terms.mine, "bindsAt"), _wanted(), _agreed()), rx.foreach(Terms.children, _child),
                    class_name="stack"), class_name="only-in"),
        _text(),
        _versions(),
        _refusing(),
        class_name="stack",
    )


def terms_version(version: Any) -> rx.Component:
    """第 2 版."""
    return e.span(t("terms.version_before"), " ", version, " ", t("terms.version_after"))


def _since(since: Any) -> rx.Component:
    return e.span(t("terms.since"), " ", WholeDay.create(value=since), " ", t("terms.since_after"))


def _wanted() -> rx.Component:
    """What I am asked to agree to, what is new in it, and the two answers."""
    buttons = e.div(
        e.button(t("terms.disagree"), type="button", custom_attrs=ui.opens("refusing"), class_name="btn btn-quiet"),
        AgreeTerms.create(version=Terms.offer, label=t("terms.agree"), class_name="btn btn-main"),
        class_name="ask-row",
    )
    due = Terms.offer > Terms.in_force
    return e.section(
        e.h2(rx.cond(ui.flag(Terms.mine, "version"), t("terms.wants_new"), t("terms.wants_first"))),
        e.p(terms_version(Terms.offer), " · ", _since(Terms.since)),
        rx.cond(due & ui.flag(Terms.mine, "version"), e.p(t("terms.binds_on"), class_name="muted"),
                e.p(t("terms.binds_now"), class_name="muted")),
        _news(),
        rx.cond(ui.flag(Terms.mine, "mayAccept"), buttons, _by_guardian()),
        class_name="card stack",
    )


def _by_guardian() -> rx.Component:
    """Under 14: who agrees, and the way to ask them."""
    return e.div(
        e.p(t("terms.guardian_needed"), class_name="note note-wait"),
        ui.act(t("terms.ask_guardian"), "ConsentAskTerms", done=t("terms.asked_guardian"), class_name="btn btn-main wide"),
        class_name="stack",
    )


def _news() -> rx.Component:
    """What changed since the version I agreed to: in words, and sentence by sentence."""
    words = "changesEn" if locale() == "en" else "changesZh"
    each = rx.foreach(Terms.changes, lambda one: e.li(e.b(terms_version(ui.number(one, "version"))), " ",
                                                      ui.text(one, words)))
    fold = e.details(e.summary(t("terms.compare"), " ", ui.icon("chevron-down", 16)),
                     e.div(rx.foreach(Terms.parts, _part), class_name="stack"), class_name="fold")
    return rx.cond(ui.count(Terms.changes) > 0,
                   e.div(e.h3(t("terms.changes")), e.ul(each, class_name="prose"), fold, class_name="stack"))


def _part(part: rx.Var[Any]) -> rx.Component:
    text = ui.text(part, "text")
    return rx.match(
        ui.text(part, "mark"),
        ("added", e.p(e.b(t("terms.added")), " ", e.ins(text), class_name="note note-good")),
        ("gone", e.p(e.b(t("terms.gone")), " ", e.del_(text), class_name="note note-bad")),
        e.p(text, class_name="muted"),
    )


def _agreed() -> rx.Component:
    """To which version I have agreed, and when."""
    guardian = rx.cond(ui.flag(Terms.mine, "byGuardian"), e.span(" · ", t("terms.by_guardian")))
    words = e.span(t("terms.agreed_on"), " ", terms_version(ui.number(Terms.mine, "version")), " · ",
                   ui.when(ui.text(Terms.mine, "acceptedAt")), guardian)
    said = e.p(ui.icon("circle-check", 18), words, class_name="note note-good terms-said")
    return rx.cond(ui.flag(Terms.mine, "version"), said)


def _child(child: rx.Var[Any]) -> rx.Component:
    """A child under 14, for whom I agree."""
    agree = ui.act(t("terms.agree"), "ConsentAccept", {"version": Terms.offer, "child": ui.text(child, "citizenId")},
                   done=t("terms.child_done"), on_done=Terms.load, class_name="btn btn-main")
    return e.section(
        e.h2(t("terms.for_child"), " ", ui.text(child, "name")),
        e.p(terms_version(Terms.offer), " · ", t("terms.for_child_words"), class_name="muted"),
        agree,
        class_name="card stack",
        key=ui.text(child, "citizenId"),
    )


def _text() -> rx.Component:
    """The version of the address, else the one that waits for me, else the one in force; in either language."""
    asked = ui.parameter("v")
    offer: Any = Terms.offer
    which: rx.Var[Any] = rx.Var(f"(Number.parseInt({asked._js_expr}, 10) || {offer._js_expr} || null)",
                   _var_data=VarData.merge(asked._get_all_var_data(), offer._get_all_var_data()))
    found = ui.public("ConsentTerms", version=which)
    other = ui.parameter("text") == "other"
    mine, foreign = ("en", "zh") if locale() == "en" else ("zh", "en")
    turn = rx.cond(other, AddressButton.create(t("terms.read_own"), changes={"text": ""}),
                   AddressButton.create(t("terms.read_other"), changes={"text": "other"}))
    body = rx.cond(other, e.p(found.text(f"consentTerms.{foreign}"), class_name="news-body", lang=foreign),
                   e.p(found.text(f"consentTerms.{mine}"), class_name="news-body", custom_attrs={"data-aloud": ""}))
    whole = e.article(
        e.div(e.h2(terms_version(found.number("consentTerms.version"))), turn, class_name="head"),
        e.p(_since(found.text("consentTerms.since")), class_name="muted"),
        body,
        class_name="card stack",
    )
    return rx.cond(found.loading, ui.card(ui.skeleton(6)), rx.cond(found.failed, ui.card(ui.failed(found.error)), whole))


def _versions() -> rx.Component:
    """All there were; none where there is but the one above."""
    found = ui.public("ConsentTermsVersions")
    listed = ui.section(t("terms.versions"), ui.listing(found, "consentTermsVersions", _version, nothing=e.span(), bones=1))
    return rx.cond(ui.count(found.items("consentTermsVersions")) > 1, listed)


def _version(one: rx.Var[Any]) -> rx.Component:
    """A version in the list: what was new in it, from when it is in force."""
    words = ui.text(one, "changesEn" if locale() == "en" else "changesZh")
    return ui.go(
        "/terms?v=" + ui.number(one, "version").to(str),
        e.span(e.b(terms_version(ui.number(one, "version"))), e.small(_since(ui.text(one, "since"))),
               rx.cond(words != "", e.small(words)), class_name="row-words"),
        ui.icon("chevron-right", 18),
        class_name="row",
    )


def _refusing() -> rx.Component:
    """What stays open to whoever does not agree: never a trap."""
    return ui.sheet(
        "refusing",
        t("terms.no_title"),
        e.p(t("terms.no_words"), class_name="muted"),
        ui.rows(
            ui.row(t("terms.no_read"), to="/me/ledger", symbol="shield-check", tone="violet"),
            ui.row(t("terms.no_export"), to="/me/data", symbol="folder-down", tone="slate"),
            ui.row(t("terms.no_back"), to="/me", symbol="undo-2", tone="teal"),
        ),
        e.p(t("terms.no_later"), class_name="muted"),
    )
