"""The frame of the messages page."""

from __future__ import annotations

import reflex as rx

from webapp import ui
from webapp.ui import page, t


@page("/messages", title="messages.title", tab="messages")
def messages() -> rx.Component:
    return ui.card(ui.empty(t("messages.signed_out"), action=(t("shell.sign_in"), "/sign-in?next=/messages")))
