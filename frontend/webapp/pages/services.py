"""办事: every service by category."""

from __future__ import annotations

import reflex as rx

from webapp import ui
from webapp.catalogue import CATEGORIES
from webapp.pages.home import service_link
from webapp.ui import page, t

e = rx.el


@page("/services", title="services.title", tab="services", acting=True)
def services() -> rx.Component:
    return e.div(
        ui.search_field(placeholder=t("services.hint")),
        *[
            ui.section(
                t(f"services.{category}"),
                e.div(
                    *[
                        service_link(
                            s,
                            ui.tile(s.symbol, s.tone),
                            e.span(e.b(t(f"services.{s.key}")), e.small(t(f"services.{s.key}_sub")), class_name="row-words"),
                            class_name="cell",
                        )
                        for s in found
                    ],
                    class_name="cells",
                ),
            )
            for category, found in CATEGORIES
        ],
        class_name="stack",
    )
