"""实名认证: name and number, once; and every answer that may come, with what to do next."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.person import Person
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class Naming(Session):
    """How far I am. ``shown``: which picture the page has."""

    naming: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    shown: str = ""

    @rx.event
    async def load(self) -> None:
        """What there is now; whoever types goes on typing."""
        before, naming = self.shown, (await self.ask(use("IdentityNaming")))["identityNaming"]
        self.naming = naming
        heard = before == "disagreed" or (before == "waiting" and naming["last"] == "DISAGREED")
        self.shown = _picture(naming) or ("spent" if naming["triesLeft"] == 0 else "disagreed" if heard else "form")

    @rx.event
    async def refuse(self, refusal: dict[str, Any]) -> None:
        """A refusal with a picture of its own; any other stays beside the form."""
        result = refusal.get("result") or {}
        if result.get("__typename") == "IdentityDisagrees":
            self.shown = "disagreed"
        if result.get("__typename") or refusal.get("code") in _ELSEWHERE:
            await self._read()

    async def _read(self) -> None:
        self.naming = (await self.ask(use("IdentityNaming")))["identityNaming"]
        self.shown = _picture(self.naming) or self.shown

    @rx.event
    def correct(self) -> None:
        self.shown = "form" if self.naming["triesLeft"] > 0 else "spent"


_ELSEWHERE = {"IDENTITY_ALREADY_VERIFIED", "IDENTITY_CLAIM_OPEN"}  # done meanwhile on another device


def _picture(naming: dict[str, Any]) -> str:
    """What there is to see before any form."""
    if naming["level"] != "UNVERIFIED":
        return "verified"
    if naming["claimedAt"]:
        return "claimed"
    return "waiting" if naming["last"] == "WAITING" else ""


@page("/me/name", title="naming.title", back="/me", on_load=Naming.load,
      on_push={"identity.": [Naming.load, Person.load]})
def name() -> rx.Component:
    return e.div(
        rx.match(
            Naming.shown,
            ("", ui.card(ui.skeleton(3, "form"))),
            ("verified", _verified()),
            ("claimed", _told("claimed", "users", ui.text(Naming.naming, "claimedAt"))),
            ("waiting", _told("away", "hourglass", ui.text(Naming.naming, "lastAt"), _correct("btn btn-quiet"))),
            ("disagreed", _disagreed()),
            ("spent", ui.card(ui.refused(t("naming.spent"), t("naming.spent_sub"), _help(), symbol="calendar-clock"))),
            _form(),
        ),
        class_name="stack narrow",
    )


def _form() -> rx.Component:
    texts = {"wrong": t("naming.number_wrong"), "x": t("naming.number_x"), "left": t("naming.number_left", count="{count}")}
    return e.div(
        e.p(t("naming.lead"), class_name="muted"),
        rx.cond(ui.text(Naming.naming, "last") == "LAPSED", e.p(t("naming.lapsed"), class_name="note note-wait")),
        rx.cond(ui.text(Naming.naming, "last") == "DISPUTED", e.p(t("naming.settled"), class_name="note note-wait")),
        ui.card(
            ui.form(
                "IdentityVerify",
                ui.text_field(t("naming.name"), "name", hint=t("naming.name_hint"), required=True, min_length=2,
                              max_length=50),
                ui.field(t("naming.number"), "number", parts.NumberField.create(texts=texts, own=True),
                         hint=t("naming.phone")),
                ui.submit(t("naming.submit")),
                ok="Citizen",
                on_done=[Naming.load, Person.load],
                on_refused=Naming.refuse,
                label=t("naming.title"),
            ),
            parts.DemoNumbers.create(words=t("naming.demo")),
        ),
        class_name="stack",
    )


def _verified() -> rx.Component:
    viewer: Any = Person.viewer
    strong = ui.text(Naming.naming, "level") == "STRONG"
    return e.div(
        rx.cond(ui.flag(Naming.naming, "questionedAt"), e.p(t("naming.questioned"), class_name="note note-wait")),
        ui.card(
            ui.done(t("naming.done"), t("naming.done_sub")),
            ui.facts(
                ui.fact(t("naming.name"), ui.text(viewer, "maskedName")),
                ui.fact(t("naming.number"), _number(viewer)),
                ui.fact(t("naming.level"), rx.cond(strong, t("naming.strong"), t("naming.done"))),
            ),
        ),
        ui.go("/me/security", t("naming.to_security"), class_name="btn btn-main wide"),
        e.p(t("naming.to_security_sub"), class_name="muted"),
        ui.go("/healthcare", t("naming.to_doctors"), class_name="btn btn-soft wide"),
        class_name="stack",
    )


def _number(viewer: Any) -> rx.Component:
    """Masked, until a tap and a second factor."""
    use("IdentityShowNumber")
    texts = {"show": t("naming.show"), "hide": t("naming.hide", seconds="{seconds}")}
    return parts.ShowNumber.create(masked=ui.text(viewer, "maskedNumber"), texts=texts)


def _told(what: str, symbol: str, since: Any, action: Any = None) -> rx.Component:
    """It is under way, and nothing is left to do."""
    words = e.span(t(f"naming.{what}_sub"), e.br(), e.small(t("naming.since"), " ", ui.when(since)))
    return ui.card(ui.refused(t(f"naming.{what}"), words, action, symbol=symbol, tone="calm"))


def _disagreed() -> rx.Component:
    left = ui.number(Naming.naming, "triesLeft")
    words = e.span(t("naming.disagreed_sub"), e.br(), e.b(t("naming.tries"), " ", left))
    return ui.card(ui.refused(t("naming.disagreed"), words, rx.cond(left > 0, _correct("btn btn-main"), _help())))


def _correct(class_name: str) -> rx.Component:
    return e.button(t("naming.again"), type="button", on_click=Naming.correct, class_name=class_name)


def _help() -> rx.Component:
    return ui.go("/help", t("naming.help"), class_name="btn btn-main")
