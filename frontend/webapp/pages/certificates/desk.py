"""The office's desk: corrections that wait, the oldest first; done, or not, and why."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.certificates.faces import identifier
from webapp.session import Paged, Session
from webapp.ui import page, t

e = rx.el


class Corrections(Paged, Session):
    """What waits, and the one that is open."""

    loaded: bool = False
    waiting: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    chosen: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        self.chosen = {}
        with self._telling():
            await self._read("")
        self.loaded = True

    async def _read(self, after: str) -> None:
        self.waiting, self.more = await self._pages(use("CertificatesCorrections"), self.waiting, after)

    @rx.event
    def pick(self, correction: str) -> None:
        self.chosen = next((each for each in self.waiting if each["id"] == correction), {})


@page("/certificates/desk", title="certificates.desk", back="/work", wide=True, on_load=Corrections.load)
def desk() -> rx.Component:
    return ui.desk(Corrections, _waiting(), _chosen())


def _waiting() -> rx.Component:
    return ui.section(
        t("certificates.waiting"),
        ui.pick_list(Corrections.waiting, _line, Corrections.chosen, t("certificates.waiting_none")),
        ui.more(Corrections.more, Corrections.load_more),
        e.details(e.summary(t("certificates.revoke"), ui.icon("chevron-down", 16)), _revoke(), class_name="fold"),
    )


def _revoke() -> rx.Component:
    """By the number that the office has before it."""
    return ui.form(
        "CertificatesRevoke",
        ui.text_field(t("certificates.identifier"), "identifier", required=True, max_length=120),
        ui.long_field(t("certificates.reason"), "reason", hint=t("certificates.reason_hint"), required=True, min_length=2,
                      max_length=200, rows="2"),
        ui.submit(t("certificates.revoke"), class_name="btn btn-bad"),
        done=t("certificates.revoked_done"),
        beside="identifier",
        label=t("certificates.revoke"),
    )


def _line(each: rx.Var[Any]) -> rx.Component:
    return ui.pick_row(each, e.span(ui.text(each, "kind.name"), " · ", ui.text(each, "about.label")),
                       ui.text(each, "holder"), " · ", ui.when(ui.text(each, "askedAt")),
                       chosen=Corrections.chosen, tap=Corrections.pick)


def _chosen() -> rx.Component:
    one: Any = Corrections.chosen
    return rx.cond(
        ui.flag(one, "id"),
        e.div(
            ui.section(
                e.span(ui.text(one, "kind.name"), " · ", ui.text(one, "about.label")),
                ui.facts(
                    ui.fact(t("certificates.holder"), ui.text(one, "holder")),
                    ui.fact(t("certificates.identifier"), identifier(one)),
                    ui.fact(t("certificates.now_says"), ui.text(one, "nowSays")),
                    ui.fact(t("certificates.says"), e.b(ui.text(one, "says"))),
                    ui.fact(t("certificates.why"), ui.text(one, "words")),
                ),
            ),
            ui.card(_answer(one)),
            class_name="stack",
        ),
        rx.cond(ui.count(Corrections.waiting) > 0, ui.card(ui.empty(t("certificates.pick"), symbol="file-pen"))),
    )


def _answer(one: Any) -> rx.Component:
    choices = [e.label(e.input(type="radio", name="outcome", value=value, required=True), e.span(t(f"certificates.{words}")),
                       class_name="check")
               for value, words in (("CORRECTED", "to_correct"), ("REFUSED", "to_refuse"))]
    return ui.form(
        "CertificatesAnswerCorrection",
        ui.field(t("certificates.answer"), "outcome", e.div(*choices, class_name="rows"), group=True),
        ui.long_field(t("certificates.reason"), "words", hint=t("certificates.reason_hint"), required=True, min_length=2,
                      max_length=200, rows="3"),
        ui.submit(t("certificates.settle")),
        variables={"id": ui.text(one, "id")},
        done=t("certificates.settled"),
        on_done=Corrections.load,
        beside="words",
        label=t("certificates.answer"),
    )
