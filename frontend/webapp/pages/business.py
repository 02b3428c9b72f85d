"""法人: says plainly that business services are not open, and where to go."""

from __future__ import annotations

import reflex as rx

from webapp import ui
from webapp.ui import page, t


@page("/business", title="home.business", tab="home", back="/")
def business() -> rx.Component:
    call = rx.el.a(t("services.hotline"), href="tel:12345", class_name="btn btn-main")
    return ui.card(ui.refused(t("home.business_soon"), t("home.business_words"), call, symbol="building-2", tone="calm"))
