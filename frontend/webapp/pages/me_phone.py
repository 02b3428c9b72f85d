"""换手机号: the new number, then the code that it got, and that of the old one where it takes it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.person import Person
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class NewPhone(Session):
    """My number as it is, and the one that a code was sent to."""

    loaded: bool = False
    mine: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    asked: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    sent: int = 0

    @rx.event
    async def begin(self) -> None:
        self.asked = {}
        await self._read()

    @rx.event
    async def load(self) -> None:
        """What was typed stays: a phone that comes out of a lift reads again."""
        await self._read()

    async def _read(self) -> None:
        self.mine = (await self.ask(use("IdentityPhone")))["identityPhone"]
        self.loaded = True

    @rx.event
    def note(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.sent += 1

    @rx.event
    def other(self) -> None:
        self.asked = {}


@page("/me/phone", title="phone.title", back="/me/security", on_load=NewPhone.begin,
      on_push={"identity.phone": NewPhone.load})
def phone() -> rx.Component:
    shared = e.p(t("phone.shared"), class_name="note note-wait")
    steps = rx.cond(ui.flag(NewPhone.asked, "phone"), _codes(), _number())
    return e.div(
        e.p(t("phone.lead"), class_name="muted"),
        rx.cond(
            NewPhone.loaded,
            ui.card(_now(), rx.cond(ui.flag(NewPhone.mine, "shared"), shared, steps), class_name="stack"),
            ui.card(ui.skeleton(4)),
        ),
        class_name="stack narrow",
    )


def _now() -> rx.Component:
    phone = ui.text(NewPhone.mine, "phone")
    return ui.facts(ui.fact(t("phone.now"), rx.cond(phone != "", e.span(phone, class_name="num"), e.span(t("phone.none")))))


def _number() -> rx.Component:
    return ui.form(
        "IdentityAskPhone",
        ui.text_field(t("phone.new"), "phone", kind="digits", type="tel", required=True, pattern="1[3-9][0-9]{9}",
                      max_length=13, hint=t("phone.new_hint"), wrong=t("phone.wrong"), auto_complete="tel-national"),
        ui.submit(t("phone.send")),
        on_done=NewPhone.note, beside="phone", label=t("phone.title"),
    )


def _codes() -> rx.Component:
    asked: Any = NewPhone.asked
    to, mine = ui.text(asked, "phone"), ui.text(NewPhone.mine, "phone")
    old = e.div(
        code_field(t("phone.old_code"), "oldCode", hint=t("phone.old_hint")),
        shown_code(mine, t("phone.demo_old"), NewPhone.sent),
        class_name="stack",
    )
    return e.div(
        e.p(t("phone.sent"), " ", e.b(to, class_name="num"), class_name="sent"),
        shown_code(to, t("phone.demo_new"), NewPhone.sent),
        ui.form(
            "IdentityChangePhone",
            code_field(t("phone.code"), "code", auto_complete="one-time-code"),
            rx.cond(ui.flag(asked, "oldNeeded"), old),
            ui.submit(t("phone.do")),
            variables={"phone": to}, beside="code", done=t("phone.done"), next="/me/security", on_done=Person.load,
            label=t("phone.title"),
        ),
        ui.act(t("phone.again"), "IdentityAskPhone", {"phone": to}, done=t("phone.resent"), on_done=NewPhone.note,
               class_name="btn btn-text"),
        e.button(t("phone.other"), type="button", on_click=NewPhone.other, class_name="btn btn-quiet"),
        class_name="stack",
    )


def code_field(label: str, name: str, **props: Any) -> rx.Component:
    return ui.text_field(label, name, kind="digits", required=True, pattern="[0-9]{6}", max_length=6,
                         wrong=t("phone.code_wrong"), **props)


def shown_code(number: rx.Var[Any], words: str, again: Any) -> rx.Component:
    """In the demo, the code that the number got."""
    return parts.SentCode.create(phone=number, words=words, again=again)
