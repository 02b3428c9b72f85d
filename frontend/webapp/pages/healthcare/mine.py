"""我的就诊: what comes next, large and live; what was; one appointment by its address."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.pages.healthcare import words
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class HealthcareMine(Session):
    """Appointments of mine and of my children."""

    loaded: bool = False
    coming: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    past: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        coming = (await self.ask("HealthcareComing", first=50))["healthcareComing"]
        past = (await self.ask("HealthcarePast", first=20))["healthcarePast"]
        self.coming, self.past = ([edge["node"] for edge in found["edges"]] for found in (coming, past))
        self.loaded = True


@page("/healthcare/mine", title="healthcare.mine", back="/healthcare", on_load=HealthcareMine.load,
      on_push={"healthcare.": HealthcareMine.load}, acting=True)
def mine() -> rx.Component:
    nothing = ui.empty(t("healthcare.mine_none"), action=(t("healthcare.title"), "/healthcare"), symbol="calendar-days")
    return rx.cond(
        HealthcareMine.loaded,
        e.div(
            ui.section(t("healthcare.next"), rx.cond(
                ui.count(HealthcareMine.coming) > 0,
                e.div(rx.foreach(HealthcareMine.coming, ticket)),
                nothing,
            )),
            rx.cond(ui.count(HealthcareMine.past) > 0, ui.section(
                t("healthcare.past"),
                e.div(rx.foreach(HealthcareMine.past, line), class_name="rows"),
            )),
            class_name="stack",
        ),
        ui.skeleton(3, "card"),
    )


def ticket(one: Any) -> rx.Component:
    """What is to come: when, who, where, which number."""
    return ui.go(
        "/healthcare/appointment?id=" + ui.text(one, "id"),
        ui.tile("stethoscope", "coral"),
        e.span(
            e.strong(ui.when(ui.text(one, "startsAt"), ui.text(one, "endsAt")), class_name="ticket-when"),
            e.b(ui.text(one, "patient.name"), " · ", words.queue(one)),
            e.span(words.what(one)),
            e.small(words.where(one)),
            class_name="ticket-words",
        ),
        ui.icon("chevron-right", 18),
        class_name="ticket",
    )


def line(one: Any) -> rx.Component:
    return ui.row(
        ui.when(ui.text(one, "startsAt")),
        e.span(ui.text(one, "patient.name"), " · ", words.what(one)),
        to="/healthcare/appointment?id=" + ui.text(one, "id"),
        end=words.state(one),
    )


class HealthcareOne(Session):
    """One appointment, by the address."""

    loaded: bool = False
    new: bool = False
    one: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        asked = self.router.url.query_parameters
        self.one = await self.find("HealthcareAppointment", id=asked.get("id", ""))
        self.new, self.loaded = asked.get("new") == "1", True


@page("/healthcare/appointment", title="healthcare.appointment", back="/healthcare/mine", on_load=HealthcareOne.load,
      on_push={"healthcare.": HealthcareOne.load}, acting=True)
def appointment() -> rx.Component:
    one: Any = HealthcareOne.one
    gone = ui.card(ui.empty(t("healthcare.gone"), action=(t("healthcare.mine"), "/healthcare/mine")))
    return rx.cond(
        HealthcareOne.loaded,
        rx.cond(ui.flag(one, "id"), e.div(headline(one), whole(one), leave(one),
                                        words.demo(one, "doctor.demo"), class_name="stack"), gone),
        ui.skeleton(3, "card"),
    )


def headline(one: Any) -> rx.Component:
    """Just booked, cancelled by me, or cancelled by the hospital: each with its picture."""
    hospital = ui.text(one, "cancelledBy") == "HOSPITAL"
    rebook = ui.go("/healthcare/doctor?id=" + ui.text(one, "doctor.id"), t("healthcare.again"), class_name="btn btn-main")
    cancelled = rx.cond(
        hospital,
        ui.refused(t("healthcare.cancelled_hospital"), t("healthcare.cancelled_hospital_sub") + ui.text(one, "reason"),
                   rebook, symbol="calendar-x"),
        ui.refused(t("healthcare.cancelled"), t("healthcare.cancelled_sub"), rebook, symbol="calendar-x", tone="calm"),
    )
    return rx.cond(
        ui.text(one, "status") == "CANCELLED",
        ui.card(cancelled),
        rx.cond(HealthcareOne.new, ui.card(ui.done(t("healthcare.booked"), t("healthcare.booked_sub")))),
    )


def whole(one: Any) -> rx.Component:
    return ui.card(
        words.moment(one),
        e.p(words.queue(one), " ", words.state(one), class_name="large"),
        ui.facts(
            ui.fact(t("healthcare.patient"), ui.text(one, "patient.name")),
            ui.fact(t("healthcare.hospital"), ui.text(one, "hospital.name")),
            ui.fact(t("healthcare.department"), ui.text(one, "department.name")),
            ui.fact(t("healthcare.place"), ui.text(one, "department.place")),
            ui.fact(t("healthcare.doctor"), e.span(ui.text(one, "doctor.name"), " ", words.title(one, "doctor.title"))),
            ui.fact(t("healthcare.fee"), e.span(ui.money(ui.number(one, "feeCents")), e.br(),
                                                e.small(t("healthcare.fee_hint")))),
            ui.fact(t("healthcare.phone"), e.a(ui.text(one, "hospital.phone"), href="tel:" + ui.text(one, "hospital.phone"),
                                               class_name="link")),
        ),
    )


def leave(one: Any) -> rx.Component:
    return rx.cond(
        ui.flag(one, "cancellable"),
        ui.act(t("healthcare.cancel"), "HealthcareCancel", {"id": ui.text(one, "id")}, confirm=t("healthcare.cancel_sure"),
               yes=t("healthcare.cancel_yes"), done=t("healthcare.cancelled"), on_done=HealthcareOne.load,
               class_name="btn btn-quiet wide"),
    )
