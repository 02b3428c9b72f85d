"""添加孩子: a real-named parent adds a child by name and number; the registers of households and births decide."""

from __future__ import annotations

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.person import Person
from webapp.ui import page, t

e = rx.el


@page("/me/family/add", title="family.add", back="/me/family", private=True)
def add() -> rx.Component:
    use("DelegationLinkChild")
    level = ui.text(Person.viewer, "level")
    return e.div(
        rx.cond(level == "", ui.card(ui.skeleton(3, "form")), rx.cond(level == "UNVERIFIED", _unverified(), _form())),
        ui.card(ui.rows(ui.row(t("family.add_desk"), t("family.add_desk_words"), to="/help", symbol="handshake",
                               tone="blue"))),
        class_name="stack narrow",
    )


def _unverified() -> rx.Component:
    go = ui.go("/me/name", t("family.to_name"), class_name="btn btn-main")
    return ui.card(ui.refused(t("family.unverified"), t("family.unverified_words"), go, symbol="badge-check", tone="calm"))


def _form() -> rx.Component:
    texts = {"wrong": t("naming.number_wrong"), "x": t("naming.number_x"), "left": t("naming.number_left", count="{count}")}
    return e.div(
        e.p(t("family.add_words"), class_name="muted"),
        ui.card(
            ui.form(
                "DelegationLinkChild",
                ui.text_field(t("family.child_name"), "name", required=True, min_length=2, max_length=50),
                ui.field(t("family.child_number"), "number", parts.NumberField.create(texts=texts),
                         hint=t("family.child_number_hint")),
                ui.submit(t("family.add_do")),
                done=t("family.added"), next="/me/family", beside="number", label=t("family.add"),
            ),
            parts.DemoNumbers.create(words=t("naming.demo"), of="children"),
        ),
        class_name="stack",
    )
