"""The desk where a mandate is given by somebody who stands there with a document."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.gateway import Refused
from webapp.pages.me_delegate import titles
from webapp.pages.me_delegate_give import called_field, days_field, phone_field, scopes_field
from webapp.session import Session
from webapp.ui import page, t

e = rx.el
_DOCUMENTS = (("ID_CARD", "seen_id_card"), ("HOUSEHOLD_BOOK", "seen_household"), ("OTHER", "seen_other"))

_KIN = ("MOTHER", "FATHER", "GRANDPARENT", "OTHER")


class MandateDesk(Session):
    """Whether this person sits at a desk, whom they have before them, and what was done. ``looked``: at the number of which
    field, once it is whole."""

    may: bool = False
    loaded: bool = False
    person: dict[str, Any] = {}
    looked: str = ""
    done: dict[str, Any] = {}

    @rx.event
    async def load(self) -> None:
        with self._telling():
            viewer = (await self.ask(use("IdentityViewer")))["identityViewer"] or {}
            self.may = any(post["role"] == "desk_officer" for post in viewer.get("memberships", ()))
        self.person, self.looked, self.done, self.loaded = {}, "", {}, True

    @rx.event
    async def look(self, field: str, who: str) -> None:
        """Whose number it is, of a phone or a card, once it is whole."""
        whole = len([sign for sign in who if sign.isalnum()]) in (11, 18)
        self.person, self.looked = {}, field if whole else ""
        if whole:
            try:
                self.person = await self.find(use("DelegationDeskPerson"), person=who)
            except Refused as refused:
                if refused.code not in ("IDENTITY_NUMBER_INVALID", "IDENTITY_PHONE_INVALID"):
                    raise

    @rx.event
    def finish(self, done: dict[str, Any]) -> None:
        self.done = done

    @rx.event
    def begin(self) -> None:
        self.person, self.looked, self.done = {}, "", {}


@page("/me/mandate-desk", title="delegation.desk", back="/work", on_load=MandateDesk.load)
def desk() -> rx.Component:
    elsewhere = ui.card(ui.rows(
        ui.row(t("delegation.guardian_head"), to="/me/guardian-desk", symbol="baby", tone="amber"),
        ui.row(t("delegation.end_guardian"), to="/me/guardian-desk/end", symbol="circle-x", tone="slate"),
    ))
    work = rx.cond(ui.flag(MandateDesk.done, "id"), _done(), e.div(_form(), elsewhere, class_name="stack"))
    return for_officers(work)


def for_officers(work: rx.Component) -> rx.Component:
    """What a desk officer works with, on a page that loads `MandateDesk`; whoever is none is told so."""
    refused = ui.card(ui.refused(t("delegation.desk_not"), t("delegation.desk_not_sub")))
    return ui.told(MandateDesk, rx.cond(MandateDesk.may, work, refused))


def _form() -> rx.Component:
    return e.div(
        e.p(t("delegation.desk_words"), class_name="muted"),
        ui.card(ui.form(
            "DelegationGiveAtDesk",
            _whom(t("delegation.principal"), "principal", on_blur=_look("principal")),
            _found("principal", e.p(t("delegation.no_person"), class_name="note note-bad", role="status")),
            called_field(t("delegation.called_desk")),
            phone_field(t("delegation.delegate_phone"), "delegate", t("delegation.delegate_hint")),
            scopes_field(t("delegation.desk_what")),
            days_field(),
            _seen(),
            ui.submit(t("delegation.desk_do")),
            beside="principal", on_done=MandateDesk.finish,
        )),
        class_name="stack",
    )


def _look(field: str) -> Any:
    """Whose the number is that was typed in this field."""
    state: Any = MandateDesk
    return lambda who: state.look(field, who)


def _found(field: str, nobody: rx.Component) -> rx.Component:
    """Whose the number in this field is."""
    known = e.p(t("delegation.is_person"), " ", e.b(ui.text(MandateDesk.person, "maskedName")), class_name="note note-good",
                role="status")
    return rx.cond(MandateDesk.looked == field, rx.cond(ui.flag(MandateDesk.person, "id"), known, nobody))


def _guardian_page(words: str, form: rx.Component) -> rx.Component:
    """A desk's page about a guardian: the form, then what was done."""
    work = rx.cond(ui.flag(MandateDesk.done, "id"), _guardian_done(), e.div(
        e.p(words, class_name="muted"), ui.card(form), class_name="stack"))
    return for_officers(work)


@page("/me/guardian-desk", title="delegation.guardian_head", back="/me/mandate-desk", on_load=MandateDesk.load)
def guardian_desk() -> rx.Component:
    return _guardian_page(t("delegation.guardian_words"), ui.form(
        "DelegationAttest",
        *_family(on_blur=_look("child")),
        _found("child", e.p(t("delegation.child_new"), class_name="note note-wait", role="status")),
        ui.text_field(t("delegation.child_name"), "childName", max_length=50, hint=t("delegation.child_name_hint")),
        phone_field(t("delegation.child_phone"), "childPhone", t("delegation.child_phone_hint"), required=False),
        ui.select_field(t("delegation.kin"), "kin", [(kin, t(f"delegation.kin_{kin.lower()}")) for kin in _KIN]),
        scopes_field(t("delegation.limits"), "limits", _no_consent(), some=False, words=""),
        _seen(),
        ui.submit(t("delegation.attest_do")),
        beside="child", on_done=MandateDesk.finish,
    ))


def _no_consent() -> rx.Component:
    """What custody may forbid beside what a mandate covers: to consent for the child."""
    box = e.input(type="checkbox", name="limits", value="consent", custom_attrs={"data-list": ""})
    return e.label(box, e.span(e.b(t("delegation.limit_consent")), e.br(), e.small(t("delegation.limit_consent_words"))),
                   class_name="check")


@page("/me/guardian-desk/end", title="delegation.end_guardian", back="/me/mandate-desk", on_load=MandateDesk.load)
def guardian_desk_end() -> rx.Component:
    return _guardian_page(t("delegation.end_guardian_words"), ui.form(
        "DelegationEndGuardian", *_family(), _seen(), ui.submit(t("delegation.end_guardian_do"), "btn btn-bad"),
        beside="child", on_done=MandateDesk.finish))


def _family(**events: Any) -> tuple[rx.Component, ...]:
    return (
        _whom(t("delegation.guardian"), "guardian"),
        ui.text_field(t("delegation.child_number"), "child", required=True, max_length=18,
                      pattern="[0-9]{17}[0-9Xx]", wrong=t("delegation.child_wrong"), **events),
    )


def _whom(label: str, name: str, **events: Any) -> rx.Component:
    """Somebody by the number of their phone, or of the card that lies here."""
    return ui.text_field(label, name, required=True, max_length=24, wrong=t("delegation.whom_wrong"),
                         pattern="1[3-9]([ \\-]?[0-9]){9}|([0-9][ \\-]?){17}[0-9Xx]", **events)


def _seen() -> rx.Component:
    return ui.select_field(t("delegation.seen"), "seen", [(kind, t(f"delegation.{words}")) for kind, words in _DOCUMENTS])


def _guardian_done() -> rx.Component:
    done: Any = MandateDesk.done
    ended = rx.cond(ui.flag(done, "endedAt"), t("delegation.guardian_ended"), t("delegation.guardian_done"))
    return ui.card(
        ui.done(ended, e.span(ui.text(done, "guardian"), " → ", ui.text(done, "child"))),
        ui.facts(rx.cond(ui.count(ui.items(done, "titles")) > 0, ui.fact(t("delegation.limits"), titles(done))),
                 ui.fact(t("delegation.lasts"), ui.when(ui.text(done, "until"), style="day"))),
        _again(),
        class_name="stack",
    )


def _again() -> rx.Component:
    return e.button(t("delegation.desk_next"), on_click=MandateDesk.begin, class_name="btn btn-main wide")


def _done() -> rx.Component:
    done: Any = MandateDesk.done
    return ui.card(
        ui.done(t("delegation.desk_done"), e.span(ui.text(done, "principal"), " → ", ui.text(done, "called"))),
        ui.facts(
            ui.fact(t("delegation.delegate_phone"), ui.text(done, "phone")),
            ui.fact(t("delegation.desk_may"), titles(done)),
            ui.fact(t("delegation.lasts"), ui.when(ui.text(done, "until"), style="day")),
        ),
        _again(),
        class_name="stack",
    )
