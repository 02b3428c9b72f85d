"""My children's notices, those that wait for me first and large; before sign-in, what this is and which schools use it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.gateway import time_now
from webapp.session import Session
from webapp.ui import go, icon, page, t

e = rx.el
PAGE = 20
LARGEST = 100


def is_over(notice: dict[str, Any]) -> bool:
    """Whether the deadline has passed."""
    deadline = notice.get("deadline")
    return deadline is not None and datetime.fromisoformat(deadline) < time_now()


class EducationInbox(Session):
    """My notices, in the gateway's order: `waiting` are those that await me."""

    loaded: bool = False
    pupils: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    has_more: bool = False

    @rx.event
    async def load(self) -> None:
        await self._read(max(PAGE, len(self.waiting) + len(self.others)))
        self.loaded = True

    @rx.event
    async def load_more(self) -> None:
        await self._read(len(self.waiting) + len(self.others) + PAGE)

    async def _read(self, first: int) -> None:
        data = await self.ask(use("EducationNotices"), first=min(first, LARGEST))
        page_ = data["educationNotices"]
        notices = [edge["node"] | {"over": is_over(edge["node"])} for edge in page_["edges"]]
        self.pupils = data["educationPupils"]
        self.waiting = [notice for notice in notices if notice["awaitsMe"]]
        self.others = [notice for notice in notices if not notice["awaitsMe"]]
        self.has_more = page_["pageInfo"]["hasNextPage"] and len(notices) < LARGEST


@page("/education", title="education.title", tab="services", back="/", private=False, on_load=EducationInbox.load,
      on_push={"education.": EducationInbox.load}, acting=True)
def inbox() -> rx.Component:
    return e.div(
        e.div(
            ui.card(
                ui.empty(t("education.intro"), symbol="graduation-cap"),
                go("/sign-in?next=/education", t("education.sign_in"), class_name="btn btn-main wide"),
            ),
            class_name="only-out",
        ),
        e.div(
            rx.cond(EducationInbox.loaded, mine(), ui.card(ui.skeleton(3, "card"))),
            class_name="only-in",
        ),
        schools(),
        class_name="stack",
    )


def mine() -> rx.Component:
    nothing = rx.cond(
        ui.count(EducationInbox.pupils) > 0,
        ui.empty(t("education.none"), symbol="inbox"),
        ui.empty(t("education.no_child"), symbol="baby"),
    )
    anything = (ui.count(EducationInbox.waiting) + ui.count(EducationInbox.others)) > 0
    return e.div(
        rx.cond(anything, e.div(waiting(), others(), class_name="stack"), ui.card(nothing)),
        class_name="stack",
    )


def waiting() -> rx.Component:
    return ui.section(
        t("education.waiting"),
        rx.cond(
            ui.count(EducationInbox.waiting) > 0,
            e.div(rx.foreach(EducationInbox.waiting, waiting_row)),
            e.p(icon("circle-check", 20), " ", t("education.waiting_none"), class_name="note note-good"),
        ),
    )


def waiting_row(notice: rx.Var[Any]) -> rx.Component:
    """What is to be confirmed: until when, large; what; for which child."""
    words = e.span(
        e.span(ui.when(ui.text(notice, "deadline"), class_name="ticket-when"), " ", t("education.due")),
        e.b(ui.text(notice, "title")),
        e.small(children(notice), ui.text(notice, "class.name")),
        rx.cond(ui.flag(notice, "over"), ui.badge(t("education.overdue"), "coral")),
        class_name="ticket-words",
    )
    return go("/education/notice?id=" + ui.text(notice, "id"), ui.tile("mail-open", "amber"), words,
              icon("chevron-right", 18), class_name="ticket")


def children(notice: rx.Var[Any]) -> rx.Component:
    return rx.foreach(ui.items(notice, "mine"), lambda child: e.span(ui.text(child, "childName"), " · "))


def others() -> rx.Component:
    return rx.cond(
        ui.count(EducationInbox.others) > 0,
        ui.section(
            t("education.others"),
            e.div(rx.foreach(EducationInbox.others, other_row), class_name="rows"),
            rx.cond(
                EducationInbox.has_more,
                e.button(t("education.more"), type="button", class_name="btn btn-soft wide",
                         on_click=EducationInbox.load_more),
            ),
        ),
    )


def other_row(notice: rx.Var[Any]) -> rx.Component:
    return ui.row(
        ui.text(notice, "title"),
        e.span(children(notice), ui.when(ui.text(notice, "publishedAt"), style="day")),
        to="/education/notice?id=" + ui.text(notice, "id"),
        end=state_of(notice),
    )


def state_of(notice: rx.Var[Any]) -> rx.Component:
    return rx.cond(
        ui.flag(notice, "withdrawnAt"),
        ui.badge(t("education.state_withdrawn")),
        rx.cond(ui.flag(notice, "deadline"), ui.badge(t("education.state_confirmed"), "teal"),
                ui.badge(t("education.state_read"))),
    )


def schools() -> rx.Component:
    found = ui.public("EducationSchools", first=20)
    return ui.section(
        t("education.schools"),
        ui.listing(
            found,
            "educationSchools.edges",
            lambda edge: ui.row(ui.text(edge, "node.name"), ui.text(edge, "node.division"),
                                to="/education/school?id=" + ui.text(edge, "node.id"), symbol="school", tone="amber"),
            nothing=ui.empty(t("education.school_gone"), symbol="school"),
            bones=1,
        ),
    )


@page("/education/school", title="education.school", back="/education")
def school() -> rx.Component:
    found = ui.public("EducationSchool", when=ui.parameter("id") != "", id=ui.parameter("id"))
    shown = ui.card(
        e.h2(found.text("educationSchool.name"), class_name="large"),
        ui.facts(ui.fact(t("education.school_where"), found.text("educationSchool.division"))),
        e.p(t("education.school_how"), class_name="hint"),
        rx.cond(found.flag("educationSchool.demo"), ui.demo_mark(t("education.demo"))),
    )
    gone = ui.card(ui.empty(t("education.school_gone"), action=(t("education.title"), "/education"), symbol="school"))
    return e.div(
        rx.cond(
            found.loading,
            ui.card(ui.skeleton(2)),
            rx.cond(found.failed, ui.card(ui.failed(found.error)), rx.cond(found.flag("educationSchool.id"), shown, gone)),
        ),
        go("/education", t("education.title"), class_name="btn btn-soft"),
        class_name="stack",
    )
