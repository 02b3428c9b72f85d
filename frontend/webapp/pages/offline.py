"""The page without a network, and the page that is not there."""

from __future__ import annotations

import reflex as rx

from webapp import ui
from webapp.ui import page, t

e = rx.el


@page("/offline", title="offline.title")
def offline() -> rx.Component:
    again = e.a(t("offline.again"), href="", class_name="btn btn-main", custom_attrs={"data-stands-in": ""})
    return ui.card(ui.refused(t("offline.title"), t("offline.words"), again, symbol="cloud-off", tone="calm"))


@page("/not-found", title="offline.missing_title")
def not_found() -> rx.Component:
    home = e.a(t("offline.home"), href=ui.path("/"), class_name="btn btn-main")
    return ui.card(
        ui.refused(t("offline.missing_title"), t("offline.missing_words"), home, symbol="map-pin-off", tone="calm")
    )
