"""One notice for my child, with the one button."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.education.inbox import is_over
from webapp.session import Session
from webapp.ui import icon, page, t

e = rx.el


class EducationOne(Session):
    """A notice by the address; read again when something happens to it."""

    loaded: bool = False
    notice: dict[str, Any] = {}
    over: bool = False

    @rx.event
    async def load(self) -> None:
        wanted = self.router.url.query_parameters.get("id", "")
        if wanted != self.notice.get("id"):
            self.loaded, self.notice = False, {}
        await self._read(wanted)

    @rx.event
    async def again(self) -> None:
        """The notice that is open, anew; the address is not asked, since a push may come from a page that was just left."""
        await self._read(self.notice.get("id", ""))

    async def _read(self, wanted: str) -> None:
        self.notice = await self.find(use("EducationNotice"), id=wanted) if wanted else {}
        self.over = is_over(self.notice)
        self.loaded = True


@page("/education/notice", title="education.notice", back="/education", on_load=EducationOne.load,
      on_push={"education.": EducationOne.again}, acting=True)
def notice() -> rx.Component:
    gone = ui.card(ui.empty(t("education.gone"), action=(t("education.title"), "/education"), symbol="circle-help"))
    return rx.cond(
        EducationOne.loaded, rx.cond(ui.flag(EducationOne.notice, "id"), whole(), gone), ui.card(ui.skeleton(4, "card"))
    )


def whole() -> rx.Component:
    shown: Any = EducationOne.notice
    return e.div(
        rx.cond(ui.flag(shown, "withdrawnAt"), withdrawn(shown)),
        letter(shown),
        rx.cond(
            ui.flag(shown, "deadline") & ~ui.flag(shown, "withdrawnAt"),
            e.div(states(shown), rx.cond(ui.flag(shown, "awaitsMe"), button(shown)), class_name="stack"),
            rx.cond(ui.flag(shown, "withdrawnAt"), None, e.p(t("education.read_only"), class_name="hint center")),
        ),
        class_name="stack",
    )


def withdrawn(shown: rx.Var[Any]) -> rx.Component:
    words = e.span(t("education.withdrawn_why"), ui.text(shown, "reason"))
    return ui.card(ui.refused(t("education.withdrawn_title"), words, symbol="undo-2", tone="calm"))


def letter(shown: rx.Var[Any]) -> rx.Component:
    """The notice as it was written."""
    return e.article(
        e.h2(ui.text(shown, "title"), class_name="letter-title"),
        e.p(
            ui.text(shown, "class.school.name"), " ", ui.text(shown, "class.name"), " · ",
            t("education.teacher"), ui.text(shown, "author"), " · ", ui.when(ui.text(shown, "publishedAt")),
            class_name="muted",
        ),
        e.div(ui.text(shown, "body"), class_name="letter"),
        rx.cond(ui.flag(shown, "demo"), ui.demo_mark(t("education.demo"))),
        class_name="card",
    )


def states(shown: rx.Var[Any]) -> rx.Component:
    return ui.card(
        e.div(
            e.span(ui.when(ui.text(shown, "deadline"), class_name="ticket-when"), " ", t("education.due")),
            rx.cond(
                EducationOne.over & ui.flag(shown, "awaitsMe"),
                ui.badge(t("education.overdue"), "coral"),
            ),
            class_name="head",
        ),
        e.div(rx.foreach(ui.items(shown, "mine"), child), class_name="rows"),
    )


def child(state: rx.Var[Any]) -> rx.Component:
    who = rx.cond(
        ui.flag(state, "byMe"),
        t("education.done_by_me"),
        e.span(relation(state), t("education.done_by")),
    )
    return e.div(
        rx.cond(
            ui.flag(state, "confirmedAt"),
            e.span(icon("circle-check", 28), class_name="agreed"),
            e.span(icon("circle-dashed", 28), class_name="muted"),
        ),
        e.span(
            e.b(ui.text(state, "childName")),
            rx.cond(
                ui.flag(state, "confirmedAt"),
                e.small(who, " · ", ui.when(ui.text(state, "confirmedAt"))),
                e.small(t("education.not_yet")),
            ),
            class_name="row-words",
        ),
        class_name="row",
    )


def relation(state: rx.Var[Any]) -> rx.Component:
    """妈妈, 爸爸, …"""
    words = [(name.upper(), e.span(t(f"education.{name}"), " ")) for name in ("mother", "father", "grandparent")]
    kin = rx.match(ui.text(state, "relation"), *words, e.span(t("education.other"), " "))
    return rx.cond(ui.flag(state, "relation"), kin, e.span(t("education.delegate"), " "))


def button(shown: rx.Var[Any]) -> rx.Component:
    return ui.actions(
        ui.act(
            t("education.confirm"),
            "EducationConfirm",
            {"id": ui.text(shown, "id")},
            ok="EducationNotice",
            done=t("education.confirmed"),
            on_done=EducationOne.again,
            on_refused=EducationOne.again,
            class_name="btn btn-main btn-tall",
        )
    )
