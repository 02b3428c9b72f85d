"""登录求助: somebody at the desk has lost phone and codes; their number, their card, and they are in. For desk officers."""

from __future__ import annotations

import reflex as rx

from webapp import parts, ui
from webapp.pages.delegation_desk import MandateDesk, for_officers
from webapp.ui import page, t

e = rx.el


@page("/me/recovery-desk", title="recovery_desk.title", back="/work", on_load=MandateDesk.load)
def recovery_desk() -> rx.Component:
    return for_officers(e.div(
        e.p(t("recovery_desk.lead"), class_name="muted"),
        ui.card(
            ui.form(
                "FactorsGiveHelp",
                ui.text_field(t("recovery_desk.said"), "said", hint=t("recovery_desk.said_hint"), input_mode="numeric",
                              required=True, max_length=12),
                card_field("number"),
                ui.submit(t("recovery_desk.give")),
                done=t("recovery_desk.given"),
                label=t("recovery_desk.title"),
            ),
        ),
        e.p(t("recovery_desk.note"), class_name="muted"),
        class_name="stack narrow",
    ))


def card_field(name: str) -> rx.Component:
    """The number of the card that lies on the desk."""
    texts = {"wrong": t("naming.number_wrong"), "x": t("naming.number_x"), "left": t("naming.number_left", count="{count}")}
    return ui.field(t("recovery_desk.card"), name, parts.NumberField.create(texts=texts, name=name),
                    hint=t("recovery_desk.card_hint"))
