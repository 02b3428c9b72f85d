"""What several healthcare pages say alike: titles, states, numbers in a queue."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.ui import t

e = rx.el


def title(doctor: Any, at: str = "title") -> Any:
    """职称."""
    return rx.match(ui.text(doctor, at), ("CHIEF", t("healthcare.chief")),
                    ("ASSOCIATE_CHIEF", t("healthcare.associate_chief")),
                    ("ATTENDING", t("healthcare.attending")), t("healthcare.resident"))


def grade(hospital: Any) -> Any:
    """医院等级."""
    return rx.match(ui.text(hospital, "grade"), ("TERTIARY", t("healthcare.tertiary")),
                    ("SECONDARY", t("healthcare.secondary")), t("healthcare.community"))


def state(appointment: Any) -> rx.Component:
    """The state of an appointment as a badge."""
    return rx.match(
        ui.text(appointment, "status"),
        ("BOOKED", ui.badge(t("healthcare.state_booked"), "blue")),
        ("ARRIVED", ui.badge(t("healthcare.state_arrived"), "teal")),
        ("FULFILLED", ui.badge(t("healthcare.state_fulfilled"), "teal")),
        ("NOSHOW", ui.badge(t("healthcare.state_noshow"), "amber")),
        ui.badge(t("healthcare.state_cancelled"), "slate"),
    )


def moment(source: Any) -> rx.Component:
    """The day, and below it the hours: large, and never torn apart."""
    start, end = ui.text(source, "startsAt"), ui.text(source, "endsAt")
    return e.p(ui.when(start, style="day"), e.br(), ui.when(start, end, style="clock"), class_name="large")


def demo(source: Any, at: str = "demo") -> rx.Component:
    """演示数据, where it is."""
    return rx.cond(ui.flag(source, at), e.p(ui.demo_mark(t("healthcare.demo")), class_name="center"))


def queue(appointment: Any) -> Any:
    """第 12 号."""
    return t("healthcare.queue", n=ui.number(appointment, "number"))


def remaining(source: Any, at: str = "remaining") -> rx.Component:
    """余 12, or 约满."""
    left = ui.number(source, at)
    return rx.cond(left > 0, ui.badge(t("healthcare.left") + " " + left.to_string(), "teal"),
                   ui.badge(t("healthcare.full"), "slate"))


def where(appointment: Any) -> Any:
    return ui.text(appointment, "hospital.name") + " " + ui.text(appointment, "department.place")


def what(appointment: Any) -> Any:
    return ui.text(appointment, "department.name") + " · " + ui.text(appointment, "doctor.name")
