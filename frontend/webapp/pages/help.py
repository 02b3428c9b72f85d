"""帮助, 关于演示数据, and whose the address of the gateway is."""

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


@page("/developers", title="developers.title", back="/")
def developers() -> rx.Component:
    """Where a browser comes that opened /graphql and is no developer's."""
    known = e.div(e.p(t("developers.no_post")), ui.go("/me/invitation", t("staff.mine"), class_name="btn btn-soft"),
                  class_name="only-in stack")
    unknown = ui.go("/sign-in?next=/graphql", t("developers.sign_in"), class_name="btn btn-main only-out")
    return ui.card(
        e.span(icon("blocks", 36), class_name="verdict-mark verdict-calm"),
        e.h2(t("developers.whose")),
        e.p(t("developers.lead")),
        known, unknown,
        ui.go("/", t("shell.home"), class_name="btn btn-quiet"),
        class_name="state state-big",
    )
