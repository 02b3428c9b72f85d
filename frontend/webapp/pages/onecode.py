"""The frame of the onecode page."""

from __future__ import annotations

import reflex as rx

from webapp import ui
from webapp.ui import page, t


@page("/onecode", title="onecode.title", tab="code")
def onecode() -> rx.Component:
    return ui.card(ui.empty(t("onecode.signed_out"), action=(t("shell.sign_in"), "/sign-in?next=/onecode")))
