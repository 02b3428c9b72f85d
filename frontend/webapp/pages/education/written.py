"""A notice as its teacher sees it: who has confirmed and who has not, live; remind; withdraw."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.pages.education.desk import EducationDesk, bench
from webapp.pages.education.notice import letter, relation, withdrawn
from webapp.ui import icon, page, t

e = rx.el


@page("/education/written", title="education.notice", back="/education/teacher", wide=True, on_load=EducationDesk.load,
      on_push={"education.": EducationDesk.again})
def written() -> rx.Component:
    gone = ui.card(ui.empty(t("education.gone"), action=(t("education.desk"), "/education/teacher"), symbol="circle-help"))
    return bench("stack beside", rx.cond(ui.flag(EducationDesk.notice, "id"), whole(), gone))


def whole() -> rx.Component:
    shown: Any = EducationDesk.notice
    asks = ui.flag(shown, "deadline") & ~ui.flag(shown, "withdrawnAt")
    return e.div(
        rx.cond(ui.flag(shown, "withdrawnAt"), withdrawn(shown)),
        rx.cond(asks, progress(shown)),
        rx.cond(asks, awaited(shown)),
        letter(shown),
        rx.cond(ui.flag(shown, "deadline") & (ui.count(EducationDesk.confirmed) > 0), confirmed()),
        rx.cond(ui.flag(shown, "withdrawnAt"), None, withdraw(shown)),
        class_name="stack",
    )


def progress(shown: rx.Var[Any]) -> rx.Component:
    """How many, large; by push, so that nobody has to look again."""
    return ui.card(
        e.p(
            e.strong(ui.number(shown, "confirmedCount"), class_name="tally"),
            e.span(" / ", ui.number(shown, "pupilCount"), " ", t("education.of")),
            class_name="tally-line",
            role="status",
        ),
        e.progress(value=ui.number(shown, "confirmedCount"), max=ui.number(shown, "pupilCount"), class_name="meter",
                   aria_label=t("education.of")),
        e.p(ui.when(ui.text(shown, "deadline")), " ", t("education.due"), " · ", t("education.live"), class_name="hint"),
    )


def awaited(shown: rx.Var[Any]) -> rx.Component:
    everybody = e.p(icon("circle-check", 20), " ", t("education.all_confirmed"), class_name="note note-good")
    return rx.cond(
        ui.count(EducationDesk.waiting) > 0,
        ui.section(
            t("education.unconfirmed"),
            e.div(rx.foreach(EducationDesk.waiting, awaited_row), class_name="pupils"),
            e.div(e.p(t("education.contacts_note"), class_name="hint"), remind(shown), class_name="stack"),
        ),
        ui.card(everybody),
    )


def awaited_row(state: rx.Var[Any]) -> rx.Component:
    """A child; her guardians after a tap, since that look is recorded."""
    guardians = e.small(
        rx.foreach(
            ui.items(state, "contacts"),
            lambda who: e.span(relation(who), ui.text(who, "maskedName"), " ", ui.text(who, "maskedPhone"),
                               class_name="contact"),
        ),
        rx.cond(ui.flag(state, "contacts.0"), None, t("education.contacts_none")),
    )
    ask = e.button(t("education.contacts"), type="button", class_name="btn btn-text btn-small",
                   aria_label=ui.text(state, "childName") + " " + t("education.contacts"),
                   on_click=ui.call(EducationDesk.look, ui.text(state, "pupilId")))
    return e.div(
        e.span(e.b(ui.text(state, "childName")), rx.cond(ui.flag(state, "seen"), guardians), class_name="row-words"),
        rx.cond(ui.flag(state, "seen"), None, ask),
        class_name="pupil",
    )


def remind(shown: rx.Var[Any]) -> rx.Component:
    act = ui.act(
        e.span(icon("bell-ring", 20), t("education.remind"), class_name="btn-words"),
        "EducationRemind",
        {"id": ui.text(shown, "id")},
        ok="EducationReminded",
        done=t("education.reminded"),
        on_done=EducationDesk.again,
        on_refused=EducationDesk.again,
        class_name="btn btn-main wide",
    )
    wait = e.p(t("education.remind_from"), ui.when(ui.text(shown, "remindAgainAt")), class_name="note note-wait",
               role="status")
    return rx.cond(ui.flag(shown, "remindAgainAt"), wait, act)


def confirmed() -> rx.Component:
    return ui.section(
        t("education.done"),
        e.div(
            rx.foreach(
                EducationDesk.confirmed,
                lambda state: e.div(
                    e.span(
                        e.b(ui.text(state, "childName")),
                        e.small(relation(state), ui.when(ui.text(state, "confirmedAt"))),
                        class_name="row-words",
                    ),
                    e.span(icon("check", 20), class_name="agreed"),
                    class_name="pupil",
                ),
            ),
            class_name="pupils",
        ),
    )


def withdraw(shown: rx.Var[Any]) -> rx.Component:
    return e.details(
        e.summary(t("education.withdraw"), class_name="btn btn-quiet wide"),
        ui.card(
            ui.form(
                "EducationWithdraw",
                ui.text_field(t("education.withdraw_reason"), "reason", required=True, min_length=2, max_length=200,
                              hint=t("education.withdraw_note")),
                ui.submit(t("education.withdraw_yes")),
                variables={"id": ui.text(shown, "id")},
                done=t("education.withdrawn"),
                on_done=EducationDesk.again,
            )
        ),
    )
