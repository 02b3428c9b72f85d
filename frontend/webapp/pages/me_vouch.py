"""帮家人登录: a guardian or delegate says who somebody on a new device is; an old device of theirs can stop it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class Vouch(Session):
    """From when on what was said counts."""

    ready_at: str = ""

    @rx.event
    def begin(self) -> None:
        self.ready_at = ""

    @rx.event
    def note(self, made: dict[str, Any]) -> None:
        self.ready_at = made["readyAt"]


@page("/me/vouch", title="vouch.title", back="/me/delegate", on_load=Vouch.begin)
def vouch() -> rx.Component:
    ready: Any = Vouch.ready_at
    done = ui.card(ui.done(t("vouch.done"), e.span(t("vouch.done_sub"), " ", ui.when(ready)),
                           ui.go("/me/delegate", t("vouch.back"), class_name="btn btn-main wide")))
    return e.div(rx.cond(ready != "", done, _form()), class_name="stack narrow")


def _form() -> rx.Component:
    return e.div(
        e.p(t("vouch.lead"), class_name="muted"),
        ui.card(ui.form(
            "FactorsVouch",
            ui.text_field(t("vouch.number"), "number", kind="digits", required=True, pattern="[0-9]{8}", max_length=9,
                          hint=t("vouch.number_hint"), wrong=t("vouch.number_wrong")),
            ui.submit(t("vouch.do")),
            beside="number", on_done=Vouch.note, label=t("vouch.title"),
        )),
        e.p(t("vouch.note"), class_name="muted"),
        class_name="stack",
    )


def pending(found: Any, reread: Any) -> rx.Component:
    """Who says that it is me, and how I stop it."""
    def one(vouched: rx.Var[Any]) -> rx.Component:
        return e.div(
            ui.facts(
                ui.fact(t("vouch.pending_by"), ui.text(vouched, "helper")),
                ui.fact(t("vouch.pending_device"), ui.text(vouched, "device")),
                ui.fact(t("vouch.pending_from"), ui.when(ui.text(vouched, "readyAt"))),
            ),
            ui.act(t("vouch.stop"), "FactorsStopHelp", {"id": ui.text(vouched, "id")}, done=t("vouch.stopped"),
                   on_done=reread, class_name="btn btn-bad wide"),
            class_name="stack",
        )
    return rx.cond(ui.count(found) > 0, ui.section(t("vouch.pending"), rx.foreach(found, one)))
