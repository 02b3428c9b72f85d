"""请人代办: let somebody act for me, or ask to act for somebody, and confirm it."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.pages.me_delegate import numbered, titles, whose
from webapp.person import Person
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


def scopes_field(label: str, name: str = "scopes", *more: rx.Component, some: bool = True,
                 words: Literal["words", "ofThem", ""] = "ofThem") -> rx.Component:
    """What may be done, in words; each a box to tick, and `more` boxes. `some`: one at least. `words`: for whom it is
    about, or for any other reader; none where what is ticked may *not* be done."""
    found = ui.public("DelegationScopes")
    attrs = {"data-list": "some" if some else "", "data-wrong": t("delegation.what_none")}

    def one(scope: rx.Var[Any]) -> rx.Component:
        said = (e.br(), e.small(ui.text(scope, words))) if words else ()
        box = e.input(type="checkbox", name=name, value=ui.text(scope, "id"), custom_attrs=attrs)
        return e.label(box, e.span(e.b(ui.text(scope, "title")), *said), class_name="check")
    boxes = e.div(rx.foreach(found.items("delegationScopes"), one), *more, class_name="rows")
    return ui.field(label, name, boxes, group=True)


def phone_field(label: str, name: str = "phone", hint: str | None = None, required: bool = True) -> rx.Component:
    return ui.text_field(label, name, kind="digits", required=required, pattern="1[3-9][0-9]{9}", type="tel", hint=hint,
                         wrong=t("delegation.phone_wrong"))


def called_field(label: str) -> rx.Component:
    return ui.text_field(label, "called", required=True, max_length=20, hint=t("delegation.called_hint"))


def days_field() -> rx.Component:
    options = [(days, t(f"delegation.days_{days}")) for days in ("7", "30", "90", "365")]
    return ui.select_field(t("delegation.how_long"), "days", options, default_value="30", custom_attrs={"data-type": "int"})


def _code_field(label: str, **props: Any) -> rx.Component:
    return ui.text_field(label, "code", kind="digits", required=True, pattern="[0-9]{6}", max_length=6,
                         wrong=t("delegation.code_wrong"), **props)


def _asking(words: str, document: str, *fields: rx.Component, submit: str, **props: Any) -> rx.Component:
    """A page that says what it is about, and a form."""
    return e.div(e.p(words, class_name="muted"), ui.card(ui.form(document, *fields, ui.submit(submit), **props)),
                 class_name="stack")


@page("/me/delegate/give", title="delegation.give", back="/me/delegate", private=True)
def give() -> rx.Component:
    return _asking(
        t("delegation.give_words"), "DelegationGive",
        called_field(t("delegation.called")), phone_field(t("delegation.phone"), hint=t("delegation.phone_hint")),
        scopes_field(t("delegation.what"), words="words"), days_field(),
        submit=t("delegation.next"), draft="mandate", beside="phone", next="/me/delegate/confirm?id={id}",
    )


@page("/me/delegate/ask", title="delegation.ask", back="/me/delegate", private=True)
def ask() -> rx.Component:
    return _asking(
        t("delegation.ask_words"), "DelegationAsk",
        phone_field(t("delegation.phone")), scopes_field(t("delegation.ask_what")), days_field(),
        submit=t("delegation.next"), draft="asking", beside="phone", next="/me/delegate/told?id={id}",
    )


@page("/me/delegate/told", title="delegation.told", back="/me/delegate", private=True)
def told() -> rx.Component:
    return _asking(
        t("delegation.told_words"), "DelegationConfirm",
        _code_field(t("delegation.told_code"), hint=t("delegation.told_later")),
        submit=t("delegation.told_do"), variables={"id": ui.parameter("id")}, beside="code",
        done=t("delegation.told_done"), next="/me/delegate",
    )


class Confirming(Session):
    """The mandate that waits for its principal, by the address."""

    loaded: bool = False
    one: dict[str, Any] = {}

    @rx.event
    async def load(self) -> None:
        wanted = self.router.url.query_parameters.get("id", "")
        found = (await self.ask(use("DelegationMandates")))["delegationMandates"]
        self.one = next((numbered(each) for each in found if each["id"] == wanted and each["state"] == "ASKED"), {})
        self.loaded = True


@page("/me/delegate/confirm", title="delegation.confirm", back="/me/delegate", on_load=Confirming.load)
def confirm() -> rx.Component:
    gone = ui.card(ui.empty(t("delegation.gone"), action=(t("delegation.title"), "/me/delegate"), symbol="users"))
    return rx.cond(Confirming.loaded, rx.cond(ui.flag(Confirming.one, "id"), _read_again(), gone), ui.card(ui.skeleton(4)))


def _read_again() -> rx.Component:
    one: Any = Confirming.one
    vars_ = {"id": ui.text(one, "id")}
    return e.div(
        ui.card(
            e.h2(t("delegation.confirm_head")),
            ui.facts(
                ui.fact(t("delegation.who"), e.span(ui.text(one, "called"), e.br(), whose(one))),
                ui.fact(t("delegation.may"), titles(one)),
                ui.fact(t("delegation.lasts"), ui.when(ui.text(one, "until"), style="day")),
                ui.fact(t("delegation.never"), t("delegation.never_words")),
            ),
            parts.SentCode.create(masked=ui.text(Person.viewer, "maskedPhone"), words=t("delegation.demo_code")),
            ui.form(
                "DelegationConfirm",
                _code_field(t("delegation.code"), auto_complete="one-time-code"),
                ui.submit(t("delegation.confirm_do")),
                variables=vars_, beside="code", done=t("delegation.confirm_done"), next="/me/delegate",
            ),
            class_name="stack",
        ),
        ui.act(t("delegation.resend"), "DelegationSendCode", vars_, done=t("delegation.resent"), class_name="btn btn-text"),
        ui.act(t("delegation.never_mind"), "DelegationEnd", vars_, done=t("delegation.end_done"), next="/me/delegate",
               class_name="btn btn-quiet wide"),
        class_name="stack",
    )
