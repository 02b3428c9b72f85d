"""The teacher's desk: my classes, what I wrote to each, and how many have confirmed, live."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.gateway import time_now
from webapp.session import Session
from webapp.texts import Locale, speaking
from webapp.ui import go, icon, page, t

e = rx.el
QINGDAO = timezone(timedelta(hours=8))
DAYS_AHEAD = 14
TOGETHER = 0.4


class EducationDesk(Session):
    """The teacher's classes, the chosen one with its notices, and the chosen notice with every child's state."""

    loaded: bool = False
    classes: list[dict[str, Any]] = []
    chosen: dict[str, Any] = {}
    notice: dict[str, Any] = {}
    contacts: dict[str, list[dict[str, Any]]] = {}
    deadlines: list[dict[str, str]] = []
    _next_read: float = 0.0

    @rx.event
    async def load(self) -> None:
        """Whatever the address names; without a name the class that was open, or the first."""
        asked = self.router.url.query_parameters
        await self._read(asked.get("id", ""), asked.get("class", ""))
        self.deadlines = deadlines(time_now().astimezone(QINGDAO), self._caller().language)

    @rx.event(background=True)
    async def again(self) -> None:
        """What is open, anew: a push may come from a page that was left a moment ago, so the address does not count. A whole
        class that confirms at once is read a few times, not once for each child: each look is in the children's ledgers."""
        async with self:
            if time_now().timestamp() < self._next_read:
                return
            self._next_read = time_now().timestamp() + TOGETHER
        await asyncio.sleep(TOGETHER)
        async with self:
            await self._read(self.notice.get("id", ""), "")

    async def _read(self, notice: str, class_: str) -> None:
        with self._telling():
            self.classes = (await self.ask(use("EducationClasses")))["educationClasses"]
            await self._notice(notice)
            open_ = self.notice.get("class", {}).get("id") or class_ or self.chosen.get("id") or ""
            known = [class_["id"] for class_ in self.classes]
            await self._class(open_ if open_ in known else next(iter(known), ""))
        self.loaded = True

    async def _class(self, id_: str) -> None:
        self.chosen = await self.find(use("EducationClass"), id=id_, first=50) if id_ else {}

    async def _notice(self, id_: str) -> None:
        if self.notice.get("id") != id_:
            self.notice, self.contacts = {}, {}
        self.notice = await self.find(use("EducationWritten"), id=id_) if id_ else {}

    @rx.event
    async def look(self, pupil: str) -> None:
        """Show a pupil's guardians; the look is in their ledger."""
        found = (await self.ask(use("EducationGuardians"), pupil=pupil))["educationGuardians"]
        self.contacts = self.contacts | {pupil: found}

    @rx.var
    def waiting(self) -> list[dict[str, Any]]:
        """Children nobody confirmed for, with the guardians that were looked at."""
        states = self.notice.get("confirmations") or []
        return [state | {"contacts": self.contacts.get(state["pupilId"]), "seen": state["pupilId"] in self.contacts}
                for state in states if not state["confirmedAt"]]

    @rx.var
    def confirmed(self) -> list[dict[str, Any]]:
        return [state for state in self.notice.get("confirmations") or [] if state["confirmedAt"]]


def deadlines(now: datetime, language: Locale) -> list[dict[str, str]]:
    """Evenings to choose from: today's (as long as it is three hours away) and those of the next two weeks, at 20:00."""
    evening = now.replace(hour=20, minute=0, second=0, microsecond=0)
    days = [evening + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    with speaking(language):
        return [{"value": day.isoformat(), "words": t("education.until", day=said(day, ahead))}
                for ahead, day in enumerate(days) if day - now >= timedelta(hours=3)]


def said(day: datetime, ahead: int) -> str:
    """今天, 明天, then the date with its weekday."""
    if ahead < 2:
        return t("education.tomorrow" if ahead else "education.today")
    weekday = t("education.weekdays").split()[day.weekday()]
    return t("education.day", month=day.month, date=day.day, weekday=weekday)


def bench(list_class: str, right: rx.Component) -> rx.Component:
    """The list beside what is open; a phone shows one of them."""
    none = ui.card(ui.empty(t("education.desk_none"), symbol="presentation"))
    work = ui.workbench(e.div(desk_list(), class_name=list_class), right)
    return ui.told(EducationDesk, rx.cond(ui.count(EducationDesk.classes) > 0, work, none))


@page("/education/teacher", title="education.desk", back="/work", wide=True, on_load=EducationDesk.load,
      on_push={"education.": EducationDesk.again})
def desk() -> rx.Component:
    hint = ui.card(ui.empty(t("education.choose"), symbol="mouse-pointer-click"))
    return bench("stack", e.div(hint, class_name="beside"))


def desk_list() -> rx.Component:
    chosen: Any = EducationDesk.chosen
    written = e.div(rx.foreach(ui.items(chosen, "notices.edges"), notice_row), class_name="rows")
    return e.div(
        e.div(rx.foreach(EducationDesk.classes, class_pick), class_name="picks"),
        go("/education/publish?class=" + ui.text(chosen, "id"), icon("pen-line", 20), t("education.write"),
           class_name="btn btn-main wide"),
        ui.section(
            t("education.written"),
            rx.cond(ui.flag(chosen, "notices.edges.0"), written, ui.empty(t("education.written_none"), symbol="mail")),
        ),
        class_name="stack",
    )


def class_pick(class_: rx.Var[Any]) -> rx.Component:
    on = ui.text(class_, "id") == ui.text(EducationDesk.chosen, "id")
    return go("/education/teacher?class=" + ui.text(class_, "id"), ui.text(class_, "name"),
              class_name=rx.cond(on, "pick on", "pick"))


def notice_row(edge: rx.Var[Any]) -> rx.Component:
    notice = ui.at(edge, "node")
    counts = e.span(ui.number(notice, "confirmedCount"), "/", ui.number(notice, "pupilCount"),
                    e.span(t("education.of"), class_name="sr"), class_name="row-end")
    end = rx.cond(
        ui.flag(notice, "withdrawnAt"),
        ui.badge(t("education.state_withdrawn")),
        rx.cond(ui.flag(notice, "deadline"), counts, ui.badge(t("education.state_read"))),
    )
    open_ = ui.text(notice, "id") == ui.text(EducationDesk.notice, "id")
    return e.div(
        ui.row(ui.text(notice, "title"), ui.when(ui.text(notice, "publishedAt")),
               to="/education/written?id=" + ui.text(notice, "id"), end=end),
        class_name=rx.cond(open_, "open", ""),
    )
