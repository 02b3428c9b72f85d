"""The registrar's desk: who sits, who comes, 签到, 停诊. Two panes from 768 px."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import reflex as rx

from webapp import ui
from webapp.gateway import time_now
from webapp.pages.healthcare import words
from webapp.session import Paged, Session
from webapp.ui import page, t

e = rx.el
QINGDAO = timezone(timedelta(hours=8))


class HealthcareDesk(Paged, Session):
    """A day at my hospital: its schedules, and the appointments of one or of all."""

    loaded: bool = False
    hospital: str = ""
    day: str = ""
    today: bool = True
    chosen: str = ""
    schedules: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    patients: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        await self._read_day()

    async def _read_day(self) -> None:
        today = time_now().astimezone(QINGDAO).date().isoformat()
        self.day = self.day or today
        self.today = self.day == today
        with self._telling():
            found = await self.ask("HealthcareDesk", day=self.day, first=100)
            self.hospital = " ".join(desk["name"] for desk in found["healthcareDesks"])
            self.schedules = [edge["node"] for edge in found["healthcareDeskSchedules"]["edges"]]
            await self._read("")
        self.loaded = True

    @rx.event
    async def pick_day(self, day: str) -> None:
        self.day, self.chosen = day, ""
        await self._read_day()

    @rx.event
    async def pick(self, schedule: str) -> None:
        self.chosen = schedule
        await self._read("")

    async def _read(self, after: str) -> None:
        self.patients, self.more = await self._pages("HealthcareDeskAppointments", self.patients, after, day=self.day,
                                                     schedule=self.chosen or None, first=50)


@page("/healthcare/staff", title="healthcare.desk", back="/work", wide=True, on_load=HealthcareDesk.load)
def desk() -> rx.Component:
    return ui.desk(HealthcareDesk, schedules(), patients())


def schedules() -> rx.Component:
    everyone = e.button(e.b(t("healthcare.desk_all")), type="button", on_click=ui.call(HealthcareDesk.pick, ""),
                        aria_pressed=HealthcareDesk.chosen == "", class_name="pick-row pick-all")
    return ui.section(
        HealthcareDesk.hospital,
        ui.day_chips("day", days=14, value=HealthcareDesk.day, on_pick=HealthcareDesk.pick_day),
        rx.cond(
            ui.count(HealthcareDesk.schedules) > 0,
            e.div(everyone, rx.foreach(HealthcareDesk.schedules, schedule),
                  class_name=rx.cond(HealthcareDesk.chosen == "", "stack", "stack picked")),
            ui.empty(t("healthcare.desk_schedules_none"), symbol="calendar-x"),
        ),
    )


def schedule(one: Any) -> rx.Component:
    """A session of a doctor: tap it for its patients; then it can be closed or opened."""
    open_ = HealthcareDesk.chosen == ui.text(one, "id")
    count = ui.number(one, "booked").to_string() + "/" + ui.number(one, "capacity").to_string()
    return e.div(
        e.button(
            e.span(
                e.b(ui.when(ui.text(one, "startsAt"), ui.text(one, "endsAt"), style="clock")),
                e.span(ui.text(one, "doctor.name"), " · ", ui.text(one, "doctor.department.name")),
                class_name="row-words",
            ),
            rx.cond(ui.flag(one, "closedAt"), ui.badge(t("healthcare.closed"), "coral"),
                    ui.badge(t("healthcare.booked_of") + " " + count, "blue")),
            type="button",
            on_click=ui.call(HealthcareDesk.pick, ui.text(one, "id")),
            aria_pressed=open_,
            class_name="pick-row",
        ),
        rx.cond(open_, rx.cond(ui.flag(one, "closedAt"), reopen(one), close(one))),
    )


def close(one: Any) -> rx.Component:
    return e.details(
        e.summary(t("healthcare.close"), class_name="btn btn-quiet wide"),
        ui.form(
            "HealthcareCloseSchedule",
            ui.text_field(t("healthcare.close_reason"), "reason", hint=t("healthcare.close_sub"),
                          required=True, max_length=100),
            ui.submit(t("healthcare.close_yes")),
            variables={"id": ui.text(one, "id")},
            done=t("healthcare.closed_done"),
            on_done=HealthcareDesk.load,
        ),
    )


def reopen(one: Any) -> rx.Component:
    return e.div(
        e.p(ui.text(one, "closedReason"), class_name="hint"),
        ui.act(t("healthcare.open"), "HealthcareOpenSchedule", {"id": ui.text(one, "id")}, confirm=t("healthcare.open_sure"),
               done=t("healthcare.opened"), on_done=HealthcareDesk.load, class_name="btn btn-soft wide"),
    )


def patients() -> rx.Component:
    return ui.section(
        t("healthcare.desk_patients"),
        rx.cond(
            ui.count(HealthcareDesk.patients) > 0,
            e.div(rx.foreach(HealthcareDesk.patients, patient), class_name="rows"),
            ui.empty(t("healthcare.desk_patients_none"), symbol="users"),
        ),
        ui.more(HealthcareDesk.more, HealthcareDesk.load_more),
        e.p(t("healthcare.desk_note"), class_name="hint"),
    )


def patient(one: Any) -> rx.Component:
    """A patient: the number large, the name, when; one tap to mark."""
    status = ui.text(one, "status")
    return e.div(
        e.b(ui.number(one, "number"), class_name="queue-number"),
        e.span(
            e.b(ui.text(one, "patient.name"), " ", e.small(ui.text(one, "patient.maskedPhone"))),
            e.small(ui.when(ui.text(one, "startsAt"), style="clock"), " · ", ui.text(one, "doctor.name"), " · ",
                    ui.text(one, "department.name")),
            class_name="row-words",
        ),
        rx.match(
            status,
            ("BOOKED", rx.cond(HealthcareDesk.today, e.div(
                mark(one, "NOSHOW", "healthcare.noshow", "btn btn-quiet btn-small"),
                mark(one, "ARRIVED", "healthcare.arrive", "btn btn-main btn-small"), class_name="marks"), words.state(one))),
            ("ARRIVED", e.div(words.state(one), mark(one, "BOOKED", "healthcare.undo", "btn-text"), class_name="marks")),
            ("NOSHOW", e.div(words.state(one), mark(one, "BOOKED", "healthcare.undo", "btn-text"), class_name="marks")),
            words.state(one),
        ),
        class_name="row",
    )


def mark(one: Any, status: str, word: str, class_name: str) -> rx.Component:
    return ui.act(t(word), "HealthcareMark", {"id": ui.text(one, "id"), "status": status}, done=t("healthcare.marked"),
                  on_done=HealthcareDesk.load, class_name=class_name)
