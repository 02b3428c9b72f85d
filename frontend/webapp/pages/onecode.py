"""一码通: my code, and who has just read it."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.person import Person, called
from webapp.session import Session
from webapp.ui import icon, page, t

e = rx.el
UNDOING = ("WRONG_PERSON", "NOT_ENTERING", "WRONG_SCENE")
_WORDS = ("whose", "mine", "child", "mandate", "picture", "short", "renews", "now", "offline", "offline_left", "again",
          "accepted", "refused", "gate_offline", "carried", "carried_words", "carried_for",
          "carried_left", "carried_back", "carried_none")


class MyCode(Session):
    """The newest scans of my code and of those I showed for others, whose those are, since when mine is suspended."""

    scans: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    suspended: str = ""
    stopped: str = ""
    latest: str | None = None
    verdict: str = ""
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        found = await self.ask(use("OnecodeMine"))
        (await self.get_state(Person)).asks = found["onecodeAsks"]
        edges = found["onecodeScans"]["edges"] + found["onecodeShownForOthers"]["edges"]
        self.scans = sorted((edge["node"] for edge in edges), key=itemgetter("at"), reverse=True)[:4]
        self.people = found["onecodeHolders"]
        self.suspended = found["onecodeState"]["suspendedSince"] or ""
        self.stopped = found["onecodeState"]["carriedStoppedAt"] or ""
        newest = self.scans[0] if self.scans else {"id": "", "verdict": ""}
        self.latest, self.verdict, self.loaded = newest["id"], newest["verdict"], True


@page("/onecode", title="onecode.title", tab="code", private=False, on_load=MyCode.load,
      on_push={"onecode.": MyCode.load, "consent.": MyCode.load})
def onecode() -> rx.Component:
    use("OnecodeIssue")
    use("OnecodeCarry")
    return e.div(
        e.div(_welcome(), class_name="only-out"),
        e.div(_mine(), class_name="only-in"),
        class_name="stack code-page",
    )


def _welcome() -> rx.Component:
    """What the code is for, before anybody has signed in."""
    return e.div(
        ui.card(
            ui.refused(
                t("onecode.welcome"),
                t("onecode.signed_out"),
                ui.go("/sign-in?next=/onecode", t("shell.sign_in"), class_name="btn btn-main"),
                symbol="qr-code",
                tone="calm",
            )
        ),
        ui.section(
            t("onecode.how"),
            ui.rows(
                ui.row(t("onecode.how_show"), t("onecode.how_show_sub"), symbol="smartphone", tone="blue"),
                ui.row(t("onecode.how_scan"), t("onecode.how_scan_sub"), symbol="scan-line", tone="teal"),
                ui.row(t("onecode.how_see"), t("onecode.how_see_sub"), symbol="eye", tone="violet"),
                ui.row(t("onecode.scenes"), t("onecode.scenes_short"), to="/onecode/scenes", symbol="shield-check",
                       tone="teal"),
            ),
        ),
        class_name="stack",
    )


def _mine() -> rx.Component:
    listed = ui.rows(rx.foreach(MyCode.scans, scan_row))
    nothing = e.p(t("onecode.none"), class_name="muted")
    return e.div(
        rx.cond(MyCode.suspended != "", _suspended(), _shown()),
        ui.section(
            t("onecode.recent"),
            rx.cond(MyCode.loaded, rx.cond(ui.count(MyCode.scans) > 0, listed, nothing), ui.skeleton(2)),
            more=(t("onecode.all"), "/onecode/history"),
            class_name="code-scans",
        ),
        ui.card(ui.row(t("onecode.scenes"), t("onecode.scenes_short"), to="/onecode/scenes", symbol="shield-check",
                       tone="teal")),
        ui.card(
            ui.row(t("onecode.visitors"), t("onecode.visitors_sub"), to="/onecode/visitors", symbol="users", tone="teal")
        ),
        e.p(icon("shield-check", 16), e.span(t("onecode.safe")), class_name="code-safe"),
        rx.cond(MyCode.suspended == "", _stop()),
        class_name="stack",
    )


def _shown() -> rx.Component:
    return parts.ShowCode.create(
        name=called(),
        people=MyCode.people,
        latest=MyCode.latest,
        verdict=MyCode.verdict,
        stopped=MyCode.stopped,
        texts={word: t(f"onecode.{word}") for word in _WORDS},
    )


def _suspended() -> rx.Component:
    """In place of the code: that no code of mine passes, and what to do about a lost phone."""
    return ui.card(
        ui.refused(
            t("onecode.suspended"),
            t("onecode.suspended_words"),
            e.div(
                parts.Stopped.create(),
                e.p(t("onecode.suspended_since"), " ", ui.when(MyCode.suspended), class_name="muted"),
                ui.act(t("onecode.resume"), "OnecodeResume", done=t("onecode.resumed"), on_done=MyCode.load,
                       class_name="btn btn-main"),
                ui.go("/me/devices", t("onecode.devices"), class_name="link"),
                class_name="stack",
            ),
            symbol="shield-check",
            tone="calm",
        )
    )


def _stop() -> rx.Component:
    return ui.act(t("onecode.suspend"), "OnecodeSuspend", confirm=t("onecode.suspend_sure"), yes=t("onecode.suspend_yes"),
                  done=t("onecode.suspend_done"), on_done=MyCode.load, class_name="btn btn-quiet wide")


def scan_row(scan: rx.Var[Any]) -> rx.Component:
    """A scan as its holder sees it: when, where, who; what they saw, or why it did not pass."""
    accepted = ui.text(scan, "verdict") == "ACCEPTED"
    when = ui.when(ui.text(scan, "at"), style="ago", class_name="scan-when")
    seen = rx.cond(
        ui.count(ui.items(scan, "facts")) > 0,
        e.span(t("onecode.saw"), rx.foreach(ui.items(scan, "facts"), _label), class_name="seen-labels"),
        e.span(t("onecode.saw_nothing")),
    )
    why = rx.match(
        ui.text(scan, "verdict"),
        ("USED", t("onecode.was_used")),
        ("EXPIRED", t("onecode.was_expired")),
        ("NOT_ENTITLED", t("onecode.was_not_entitled")),
        ("SUSPENDED", t("onecode.was_suspended")),
        "",
    )
    undone = rx.match(ui.text(scan, "undoneFor"), *[(word, t(f"onecode.scan_undo_{word.lower()}")) for word in UNDOING], "")
    stands = accepted & (undone == "")
    machine = rx.match(ui.text(scan, "role"), ("gate", " · " + t("ledger.role_gate")),
                       ("partner", " · " + t("ledger.role_partner")), "")
    return e.article(
        rx.cond(stands, ui.tile("check", "teal"), ui.tile("x", "coral")),
        e.div(
            e.b(when, " ", ui.text(scan, "place"), " ", ui.text(scan, "verifier")),
            e.small(ui.text(scan, "organisation"), " · ", ui.text(scan, "scene.name"), machine),
            rx.cond(ui.flag(scan, "settledAt"), e.small(t("onecode.settled"))),
            rx.cond(ui.flag(scan, "visitor"), e.small(t("onecode.visitor_is"), ui.text(scan, "visitor"))),
            rx.cond(ui.flag(scan, "presenter"), e.small(t("onecode.shown_by"), ui.text(scan, "presenter"))),
            rx.cond(ui.flag(scan, "shownFor"), e.small(t("onecode.shown_for"), ui.text(scan, "shownFor"))),
            rx.cond(accepted, None, e.p(why, class_name="scan-why")),
            rx.cond(undone != "", e.p(t("onecode.undone"), undone, class_name="scan-why")),
            e.small(seen),
            rx.foreach(ui.items(scan, "withheld"), lambda fact: _withheld(scan, fact)),
            class_name="row-words",
        ),
        class_name="row scan-row",
    )


def _withheld(scan: rx.Var[Any], fact: rx.Var[Any]) -> rx.Component:
    """What was asked beyond, and the way to let it be seen from next time on."""
    def allow(words: str, term: str) -> rx.Component:
        return ui.act(words, "OnecodeAllow", {"scan": ui.text(scan, "id"), "fact": ui.text(fact, "name"), "term": term},
                      done=t("onecode.allowed"), next="/me/consent", class_name="btn btn-soft btn-small")
    mine = e.div(
        e.small(t("onecode.withheld"), e.b(ui.text(fact, "label")), t("onecode.withheld_words")),
        e.div(allow(t("onecode.allow_month"), "MONTH"), allow(t("onecode.allow_year"), "YEAR"),
              ui.go("/me/consent", t("onecode.consents"), class_name="link"), class_name="asks"),
        class_name="withheld",
    )
    return rx.cond(ui.flag(scan, "byGuardian"), _for_guardian(scan, fact), mine)


def _for_guardian(scan: rx.Var[Any], fact: rx.Var[Any]) -> rx.Component:
    """Under 14 a guardian decides: ask them, or see that they were asked."""
    vars_ = {"scan": ui.text(scan, "id"), "fact": ui.text(fact, "name"), "term": "MONTH"}
    ask = ui.act(t("onecode.ask_guardian"), "OnecodeAskGuardian", vars_, done=t("onecode.guardian_asked"), next="/me/family",
                 class_name="btn btn-soft btn-small")
    asked = e.span(ui.badge(t("family.awaits"), "amber"), " ", ui.go("/me/family", t("family.title"), class_name="link"))
    return e.div(
        e.small(t("onecode.withheld"), e.b(ui.text(fact, "label")), t("onecode.guardian_words")),
        e.div(rx.cond(ui.flag(fact, "asked"), asked, ask), class_name="asks"),
        class_name="withheld",
    )


def _label(fact: rx.Var[Any]) -> rx.Component:
    return e.span(ui.text(fact, "label"))
