"""帮助 and 关于演示数据."""

from __future__ import annotations

import reflex as rx

from webapp import ui
from webapp.ui import icon, page, t

e = rx.el


@page("/help", title="help.title", back="/me")
def help_page() -> rx.Component:
    return e.div(
        e.a(
            icon("phone-call", 28),
            e.span(e.b(t("help.call")), e.small(t("help.call_words")), class_name="row-words"),
            href="tel:12345",
            class_name="call",
        ),
        ui.card(*[e.details(e.summary(t(f"help.q{n}")), e.p(t(f"help.a{n}"))) for n in range(1, 5)], class_name="questions"),
        class_name="stack",
    )


@page("/about", title="about.title", back="/me")
def about() -> rx.Component:
    return ui.card(e.ul(*[e.li(t(f"about.{key}")) for key in ("people", "places", "names", "dates")], class_name="prose"))
