"""一码通: my code, and who has just read it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.person import Person
from webapp.session import Session
from webapp.ui import icon, page, t

e = rx.el
_WORDS = ("picture", "short", "renews", "now", "offline", "offline_left", "again", "accepted", "refused")


class MyCode(Session):
    """The newest scans of my code."""

    scans: list[dict[str, Any]] = []
    latest: str | None = None
    verdict: str = ""
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        found = (await self.ask(use("OnecodeScans"), first=4))["onecodeScans"]["edges"]
        self.scans = [edge["node"] for edge in found]
        newest = self.scans[0] if self.scans else {"id": "", "verdict": ""}
        self.latest, self.verdict, self.loaded = newest["id"], newest["verdict"], True


@page("/onecode", title="onecode.title", tab="code", private=False, on_load=MyCode.load, on_push={"onecode.": MyCode.load})
def onecode() -> rx.Component:
    use("OnecodeIssue")
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
            ),
        ),
        class_name="stack",
    )


def _mine() -> rx.Component:
    listed = ui.rows(rx.foreach(MyCode.scans, scan_row))
    nothing = e.p(t("onecode.none"), class_name="muted")
    return e.div(
        parts.ShowCode.create(
            name=ui.text(Person.viewer, "maskedName"),
            latest=MyCode.latest,
            verdict=MyCode.verdict,
            texts={word: t(f"onecode.{word}") for word in _WORDS},
        ),
        ui.section(
            t("onecode.recent"),
            rx.cond(MyCode.loaded, rx.cond(ui.count(MyCode.scans) > 0, listed, nothing), ui.skeleton(2)),
            more=(t("onecode.all"), "/onecode/history"),
            class_name="code-scans",
        ),
        e.p(icon("shield-check", 16), e.span(t("onecode.safe")), class_name="code-safe"),
        class_name="stack",
    )


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
        "",
    )
    return e.article(
        rx.cond(accepted, ui.tile("check", "teal"), ui.tile("x", "coral")),
        e.div(
            e.b(when, " ", ui.text(scan, "place"), " ", ui.text(scan, "verifier")),
            e.small(ui.text(scan, "organisation"), " · ", ui.text(scan, "scene.name")),
            rx.cond(accepted, None, e.p(why, class_name="scan-why")),
            e.small(seen),
            class_name="row-words",
        ),
        class_name="row scan-row",
    )


def _label(fact: rx.Var[Any]) -> rx.Component:
    return e.span(ui.text(fact, "label"))
