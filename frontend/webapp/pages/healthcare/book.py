"""确认预约: what, when, for whom; one tap; and the screens of what may come back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.pages.healthcare import words
from webapp.pages.healthcare.find import shown
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class HealthcareBooking(Session):
    """Who may be the patient, and what came back instead of an appointment."""

    loaded: bool = False
    patients: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    refusal: str = ""
    result: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        self.refusal, self.result = "", {}
        self.patients = (await self.ask("HealthcarePatients"))["healthcarePatients"]
        self.loaded = True

    @rx.event
    def show(self, refusal: dict[str, Any]) -> None:
        """A refusal with a screen of its own; any other stays beside the form."""
        result = refusal.get("result") or {}
        self.refusal, self.result = str(result.get("__typename") or ""), result

    @rx.event
    def forget(self) -> None:
        self.refusal, self.result = "", {}


@page("/healthcare/book", title="healthcare.book", back="/healthcare", on_load=HealthcareBooking.load, private=False,
      acting=True)
def book() -> rx.Component:
    found = ui.public("HealthcareSlot", when=ui.parameter("slot") != "", id=ui.parameter("slot"))
    return rx.match(
        HealthcareBooking.refusal,
        ("HealthcareSoldOut", sold_out()),
        ("HealthcareAlreadyBooked", already()),
        ("HealthcareNotVerified", not_verified()),
        shown(found, "healthcareSlot", e.div(
            summary(ui.at(found.answer, "data.healthcareSlot")),
            choose(),
            words.demo(found.answer, "data.healthcareSlot.doctor.demo"),
            class_name="stack",
        )),
    )


def summary(slot: Any) -> rx.Component:
    department = "doctor.department"
    return ui.card(
        words.moment(slot),
        ui.facts(
            ui.fact(t("healthcare.doctor"), e.span(ui.text(slot, "doctor.name"), " ",
                                                   e.small(words.title(slot, "doctor.title")))),
            ui.fact(t("healthcare.department"), ui.text(slot, f"{department}.name")),
            ui.fact(t("healthcare.hospital"), ui.text(slot, f"{department}.hospital.name")),
            ui.fact(t("healthcare.place"), ui.text(slot, f"{department}.place")),
            ui.fact(t("healthcare.fee"), e.span(ui.money(ui.number(slot, "feeCents")), e.br(),
                                                e.small(t("healthcare.fee_hint")))),
        ),
    )


def choose() -> rx.Component:
    patients: Any = HealthcareBooking.patients
    here = ui.path("/sign-in") + "?next=" + ui.path("/healthcare/book") + "%3Fslot%3D" + ui.parameter("slot")
    form = ui.form(
        "HealthcareBook",
        ui.field(t("healthcare.who"), "patient", e.div(
            rx.foreach(patients, lambda one: patient(one, ui.count(patients))),
            class_name="rows",
        ), group=True),
        ui.submit(t("healthcare.confirm")),
        variables={"slot": ui.parameter("slot")},
        ok="HealthcareAppointment",
        next="/healthcare/appointment?id={id}&new=1",
        on_refused=HealthcareBooking.show,
    )
    return e.div(
        e.div(ui.card(rx.cond(HealthcareBooking.loaded, form, ui.skeleton(3))), class_name="only-in"),
        e.div(e.a(t("healthcare.sign_in"), href=here, class_name="btn btn-main wide"), class_name="only-out"),
    )


def patient(person: Any, many: Any) -> rx.Component:
    """One who may be the patient. With children nobody is chosen beforehand: the wrong patient costs a morning. Who
    acts for another books for that one alone."""
    return e.label(
        e.input(type="radio", name="patient", value=ui.text(person, "id"), default_checked=many == 1, required=True),
        e.b(ui.text(person, "name")),
        rx.cond(ui.flag(person, "isMe"), ui.badge(t("healthcare.me"), "blue"),
                rx.cond(many > 1, ui.badge(t("healthcare.child"), "amber"))),
        class_name="check",
    )


def sold_out() -> rx.Component:
    """Somebody was quicker: the next free times of the same department."""
    free: Any = ui.items(HealthcareBooking.result, "next")
    return e.div(
        ui.card(ui.refused(t("healthcare.sold_out"),
                           rx.cond(ui.count(free) > 0, t("healthcare.sold_out_sub"), t("healthcare.sold_out_none")),
                           symbol="users", tone="calm")),
        rx.cond(ui.count(free) > 0, ui.card(e.div(
            rx.foreach(free, lambda slot: ui.row(
                ui.when(ui.text(slot, "startsAt"), ui.text(slot, "endsAt")),
                e.span(ui.text(slot, "doctor.name"), " ", words.title(slot, "doctor.title")),
                to="/healthcare/book?slot=" + ui.text(slot, "id"), symbol="calendar-clock", tone="teal",
                end=words.remaining(slot))),
            class_name="rows", on_click=HealthcareBooking.forget))),
        ui.go("/healthcare", t("healthcare.choose_hospital"), class_name="btn btn-quiet"),
        class_name="stack",
    )


def already() -> rx.Component:
    standing: Any = ui.at(HealthcareBooking.result, "appointment")
    return ui.card(
        ui.refused(t("healthcare.already"), t("healthcare.already_sub"), symbol="calendar-check", tone="calm"),
        ui.facts(
            ui.fact(t("healthcare.patient"), ui.text(standing, "patient.name")),
            ui.fact(t("healthcare.time"), ui.when(ui.text(standing, "startsAt"), ui.text(standing, "endsAt"))),
            ui.fact(t("healthcare.doctor"), words.what(standing)),
        ),
        ui.go("/healthcare/appointment?id=" + ui.text(standing, "id"), t("healthcare.see_it"),
              class_name="btn btn-main wide"),
        class_name="stack",
    )


def not_verified() -> rx.Component:
    said = t("healthcare.not_verified_sub") + ui.text(HealthcareBooking.result, "patient.name")
    verify = ui.go("/me/name", t("healthcare.verify"), class_name="btn btn-main")
    for_a_child = ui.go("/help", t("me.help"), class_name="btn btn-main")
    return ui.card(ui.refused(t("healthcare.not_verified"), said, symbol="id-card", tone="calm", action=rx.cond(
        ui.flag(HealthcareBooking.result, "patient.isMe"), verify, for_a_child)))
