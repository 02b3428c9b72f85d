"""选医院、科室、医生、时间: public, prerendered, one tap a page."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.pages.healthcare import words
from webapp.pages.healthcare.mine import HealthcareMine
from webapp.ui import page, t

e = rx.el
GONE = ("healthcare.title", "/healthcare")


def shown(found: Any, at: str, draw: Any, bones: int = 4) -> rx.Component:
    """One public thing in all its states: waiting, failed, not there, there."""
    gone = ui.empty(t("healthcare.gone"), action=(t(GONE[0]), GONE[1]))
    return rx.cond(
        found.loading,
        ui.card(ui.skeleton(bones)),
        rx.cond(found.failed, ui.card(ui.failed(found.error)), rx.cond(found.flag(f"{at}.id"), draw, ui.card(gone))),
    )


@page("/healthcare", title="healthcare.title", tab="services", back="/", on_load=HealthcareMine.load, private=False,
      on_push={"healthcare.": HealthcareMine.load}, acting=True)
def healthcare() -> rx.Component:
    found = ui.public("HealthcareHospitals")
    return e.div(
        ui.card(ui.rows(ui.row(t("healthcare.mine"), next_of_mine(), to="/healthcare/mine", symbol="calendar-check",
                               tone="coral"))),
        ui.section(
            t("healthcare.choose_hospital"),
            ui.listing(
                found,
                "healthcareHospitals",
                lambda each: ui.row(
                    ui.text(each, "name"),
                    e.span(words.grade(each), " · ", ui.text(each, "address")),
                    to="/healthcare/hospital?id=" + ui.text(each, "id"),
                    symbol="hospital",
                    tone="coral",
                ),
                nothing=ui.empty(t("healthcare.none"), symbol="hospital"),
                bones=4,
            ),
        ),
        class_name="stack",
    )


def next_of_mine() -> rx.Component:
    """What comes next for me, on the line that leads to all of it."""
    one: Any = ui.at(HealthcareMine.coming, "0")
    said = e.span(ui.when(ui.text(one, "startsAt")), " · ", ui.text(one, "department.name"), " · ", words.queue(one))
    return rx.cond(ui.count(HealthcareMine.coming) > 0, said, e.span(t("healthcare.mine_sub")))


@page("/healthcare/hospital", title="healthcare.choose_department", back="/healthcare", acting=True)
def hospital() -> rx.Component:
    found = ui.public("HealthcareHospital", when=ui.parameter("id") != "", id=ui.parameter("id"))
    return shown(found, "healthcareHospital", e.div(
        ui.card(
            e.h2(found.text("healthcareHospital.name"), class_name="large"),
            ui.facts(
                ui.fact(t("healthcare.address"), found.text("healthcareHospital.address")),
                ui.fact(t("healthcare.phone"), e.a(found.text("healthcareHospital.phone"),
                                                   href="tel:" + found.text("healthcareHospital.phone"), class_name="link")),
            ),
        ),
        ui.section(
            t("healthcare.choose_department"),
            e.div(rx.foreach(found.items("healthcareHospital.departments"), department_row), class_name="rows"),
        ),
        words.demo(found.answer, "data.healthcareHospital.demo"),
        class_name="stack",
    ))


def department_row(each: Any) -> rx.Component:
    """A department: where it is, and when it is free next."""
    earliest = rx.cond(
        ui.flag(each, "earliest"),
        e.span(t("healthcare.earliest"), " ", ui.when(ui.text(each, "earliest"))),
        e.span(t("healthcare.none_free")),
    )
    return ui.row(ui.text(each, "name"), e.span(ui.text(each, "place"), e.br(), earliest),
                  to="/healthcare/department?id=" + ui.text(each, "id"), symbol="stethoscope", tone="teal")


@page("/healthcare/department", title="healthcare.choose_doctor", back="/healthcare", acting=True)
def department() -> rx.Component:
    after = rx.cond(ui.parameter("after") != "", ui.parameter("after"), rx.Var("undefined"))
    found = ui.public("HealthcareDepartment", when=ui.parameter("id") != "", id=ui.parameter("id"), first=50, after=after)
    end = found.text("healthcareDepartment.doctors.pageInfo.endCursor")
    return shown(found, "healthcareDepartment", e.div(
        ui.card(
            e.h2(found.text("healthcareDepartment.name"), class_name="large"),
            e.p(found.text("healthcareDepartment.hospital.name"), " · ", found.text("healthcareDepartment.place")),
        ),
        ui.section(
            t("healthcare.choose_doctor"),
            ui.listing(
                found,
                "healthcareDepartment.doctors.edges",
                lambda edge: doctor_row(ui.at(edge, "node")),
                nothing=ui.empty(t("healthcare.no_doctors"), action=(t("healthcare.title"), "/healthcare")),
            ),
            rx.cond(
                found.flag("healthcareDepartment.doctors.pageInfo.hasNextPage"),
                ui.go("/healthcare/department?id=" + ui.parameter("id") + "&after=" + end, t("healthcare.more_doctors"),
                      class_name="btn btn-soft wide"),
            ),
        ),
        words.demo(found.answer, "data.healthcareDepartment.doctors.edges.0.node.demo"),
        class_name="stack",
    ))


def doctor_row(each: Any) -> rx.Component:
    return ui.go(
        "/healthcare/doctor?id=" + ui.text(each, "id"),
        ui.avatar(ui.text(each, "name")),
        e.span(
            e.b(ui.text(each, "name"), " ", e.small(words.title(each))),
            e.small(ui.text(each, "specialty")),
            class_name="row-words",
        ),
        words.remaining(each),
        ui.icon("chevron-right", 18),
        class_name="row",
    )


def chosen_day(found: Any) -> Any:
    """The day of the address, else the first day that has places, else the first."""
    days, asked = found.items("healthcareDoctor.days"), ui.parameter("day")
    first = f"({days._js_expr}.find((one) => one.remaining > 0) ?? {days._js_expr}[0])?.day"
    data = rx.vars.VarData.merge(days._get_all_var_data(), asked._get_all_var_data())
    return rx.Var(f"({asked._js_expr} || {first} || '')", _var_type=str, _var_data=data).guess_type()


@page("/healthcare/doctor", title="healthcare.choose_time", back="/healthcare", acting=True)
def doctor() -> rx.Component:
    found = ui.public("HealthcareDoctor", when=ui.parameter("id") != "", id=ui.parameter("id"))
    who, day = ui.at(found.answer, "data.healthcareDoctor"), chosen_day(found)
    nothing = ui.empty(t("healthcare.no_days"), action=(t("healthcare.title"), "/healthcare"), symbol="calendar-x")
    return shown(found, "healthcareDoctor", e.div(
        ui.card(
            e.h2(ui.text(who, "name"), " ", e.small(words.title(who)), class_name="large"),
            e.p(ui.text(who, "department.hospital.name"), " · ", ui.text(who, "department.name")),
            e.p(ui.text(who, "specialty"), class_name="hint"),
        ),
        ui.section(
            t("healthcare.choose_time"),
            rx.cond(
                found.empty("healthcareDoctor.days"),
                nothing,
                e.div(
                    e.nav(rx.foreach(found.items("healthcareDoctor.days"), lambda one: day_chip(one, day)),
                          class_name="chips days", aria_label=t("healthcare.desk_day")),
                    rx.foreach(found.items("healthcareDoctor.days"), lambda one: rx.cond(
                        ui.text(one, "day") == day,
                        e.div(rx.foreach(ui.items(one, "slots"), slot), class_name="slots"),
                    )),
                    class_name="stack",
                ),
            ),
        ),
        words.demo(who),
        parts.SlotFeed.create(doctor=ui.parameter("id")),
        class_name="stack",
    ))


def day_chip(one: Any, chosen: Any) -> rx.Component:
    """A day on which the doctor sits; a link that takes no step back."""
    left = ui.number(one, "remaining")
    said = rx.cond(left > 0, t("healthcare.left") + " " + left.to_string(),
                   rx.cond(ui.flag(one, "closed"), t("healthcare.closed"), t("healthcare.full")))
    on = ui.text(one, "day") == chosen
    return ui.go(
        "/healthcare/doctor?id=" + ui.parameter("id") + "&day=" + ui.text(one, "day"),
        e.span(e.b(ui.when(ui.text(one, "day"), style="day")), e.small(said)),
        class_name=rx.cond(on, "chip on", "chip"),
        current=on,
        custom_attrs={"replace": "replace", "preventScrollReset": "true"},
    )


def slot(one: Any) -> rx.Component:
    """A time: a link where it is free, else the reason why not."""
    inner = e.b(ui.when(ui.text(one, "startsAt"), ui.text(one, "endsAt"), style="clock"))

    def shut(word: str) -> rx.Component:
        return e.span(inner, e.small(t(word)), class_name="slot slot-shut")
    return rx.match(
        ui.text(one, "status"),
        ("FREE", ui.go("/healthcare/book?slot=" + ui.text(one, "id"), inner,
                       e.small(t("healthcare.left"), " ", ui.number(one, "remaining")), class_name="slot")),
        ("CLOSED", shut("healthcare.closed")),
        ("BUSY", shut("healthcare.full")),
        shut("healthcare.over"),
    )
