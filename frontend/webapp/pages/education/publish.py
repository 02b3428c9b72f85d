"""Write a notice to a class: title, text, whether guardians have to confirm. What was typed is kept."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.pages.education.desk import EducationDesk, bench
from webapp.ui import page, t

e = rx.el


@page("/education/publish", title="education.write", back="/education/teacher", wide=True, on_load=EducationDesk.load)
def publish() -> rx.Component:
    return bench("stack beside", sheet())


def sheet() -> rx.Component:
    chosen: Any = EducationDesk.chosen
    return ui.card(
        e.p(t("education.to_class"), " ", e.b(ui.text(chosen, "school.name"), " ", ui.text(chosen, "name")), " · ",
            ui.number(chosen, "pupilCount"), " ", t("education.pupils"), class_name="muted"),
        ui.form(
            "EducationPublish",
            ui.text_field(t("education.notice_title"), "title", required=True, min_length=2, max_length=60,
                          hint=t("education.title_hint")),
            ui.long_field(t("education.body"), "body", required=True, min_length=2, max_length=5000, rows="9"),
            ui.select_field(
                t("education.deadline"),
                "deadline",
                rx.fragment(
                    e.option(t("education.no_deadline"), value=""),
                    rx.foreach(EducationDesk.deadlines, evening),
                ),
                custom_attrs={"data-type": "optional"},
            ),
            ui.submit(t("education.publish")),
            variables={"classId": ui.text(chosen, "id")},
            draft="education.publish",
            done=t("education.published"),
            next="/education/teacher?class=" + ui.text(chosen, "id"),
        ),
        e.p(t("education.publish_hint"), " ", t("education.draft_kept"), class_name="hint"),
        class_name="stack",
    )


def evening(at: rx.Var[Any]) -> rx.Component:
    return ui.option(ui.text(at, "words"), ui.text(at, "value"))
