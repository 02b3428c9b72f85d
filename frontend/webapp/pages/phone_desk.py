"""号码核实: a number that somebody else's account still has, or an account that has none. For desk officers."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.pages.delegation_desk import MandateDesk, for_officers
from webapp.pages.me_phone import code_field, shown_code
from webapp.pages.recovery_desk import card_field
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class PhoneDesk(Session):
    """The number that a code was sent to, and what was done with it."""

    phone: str = ""
    sent: int = 0
    outcome: str = ""

    @rx.event
    def begin(self) -> None:
        self.phone, self.outcome = "", ""

    @rx.event
    def note(self, asked: dict[str, Any]) -> None:
        self.phone = asked["phone"]
        self.sent += 1

    @rx.event
    def finish(self, done: dict[str, Any]) -> None:
        self.outcome = done["outcome"]


@page("/me/phone-desk", title="phone_desk.title", back="/work", on_load=[MandateDesk.load, PhoneDesk.begin])
def phone_desk() -> rx.Component:
    form = rx.cond(PhoneDesk.phone != "", _codes(), _number())
    asking = e.div(e.p(t("phone_desk.lead"), class_name="muted"), ui.card(form),
                   e.p(t("phone_desk.note"), class_name="muted"), class_name="stack narrow")
    return for_officers(rx.cond(PhoneDesk.outcome != "", _done(), asking))


def _number() -> rx.Component:
    return ui.form(
        "IdentityDeskAskPhone",
        ui.text_field(t("phone_desk.phone"), "phone", kind="digits", type="tel", required=True, pattern="1[3-9][0-9]{9}",
                      max_length=13, hint=t("phone_desk.phone_hint"), wrong=t("phone.wrong")),
        ui.submit(t("phone.send")),
        on_done=PhoneDesk.note, beside="phone", label=t("phone_desk.title"),
    )


def _codes() -> rx.Component:
    phone: Any = PhoneDesk.phone
    return e.div(
        e.p(t("phone.sent"), " ", e.b(phone, class_name="num"), class_name="sent"),
        shown_code(phone, t("phone_desk.demo_code"), PhoneDesk.sent),
        ui.form(
            "IdentityDeskPhone",
            code_field(t("phone_desk.code"), "code"),
            card_field("card"),
            ui.submit(t("phone_desk.do")),
            variables={"phone": phone}, beside="code", on_done=PhoneDesk.finish, label=t("phone_desk.title"),
        ),
        e.button(t("phone.other"), type="button", on_click=PhoneDesk.begin, class_name="btn btn-quiet"),
        class_name="stack",
    )


def _done() -> rx.Component:
    free = PhoneDesk.outcome == "FREED"
    return ui.card(
        ui.done(rx.cond(free, t("phone_desk.freed"), t("phone_desk.given")),
                rx.cond(free, t("phone_desk.freed_sub"), t("phone_desk.given_sub"))),
        e.button(t("phone_desk.next"), type="button", on_click=PhoneDesk.begin, class_name="btn btn-main wide"),
        class_name="stack",
    )
