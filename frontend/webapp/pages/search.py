"""搜索: the frame of the search page."""

from __future__ import annotations

import reflex as rx

from webapp import parts, ui
from webapp.ui import page, t

e = rx.el


@page("/search", title="search.title", tab="search", back="/")
def search() -> rx.Component:
    return e.div(
        ui.search_field(placeholder=t("services.hint")),
        e.form(
            parts.Listen.create(label=t("elder.listen")),
            e.input(name="q", type="hidden"),
            action=ui.path("/search"),
            class_name="elder-only",
        ),
        class_name="stack",
    )
