"""长辈版 home: the hotline first, one large card per row, words before icons, read aloud, the way back always in sight."""

from __future__ import annotations

import reflex as rx

from webapp import ui
from webapp.ui import go, icon, page, t
from webapp.ui.layout import Tone

e = rx.el
_CARDS: tuple[tuple[str, str, str, Tone], ...] = (
    ("healthcare", "/healthcare", "stethoscope", "coral"),
    ("code", "/onecode", "qr-code", "teal"),
    ("mine", "/healthcare/mine", "calendar-check", "blue"),
    ("notices", "/messages", "megaphone", "violet"),
    ("parking", "/parking", "square-parking", "amber"),
)


@page("/elder", title="elder.title", tab="home", bare=True)
def elder() -> rx.Component:
    return e.div(
        e.header(e.h1(t("elder.hello")), class_name="elder-head"),
        e.div(
            e.a(_words("hotline"), icon("phone-call", 36), href="tel:12345", class_name="elder-card elder-call"),
            go("/sign-in?next=/elder", _words("sign_in"), ui.tile("user", "slate"), class_name="elder-card only-out"),
            *[elder_card(*declared) for declared in _CARDS],
            class_name="stack elder-cards",
        ),
        class_name="elder-home",
    )


def elder_card(key: str, route: str, symbol: str, tone: Tone) -> rx.Component:
    """A large card that leads somewhere."""
    return go(route, _words(key), ui.tile(symbol, tone), class_name="elder-card")


def _words(key: str) -> rx.Component:
    """What a card says, and what is read aloud."""
    return e.span(
        e.b(t(f"elder.{key}")), e.small(t(f"elder.{key}_sub")), class_name="row-words", custom_attrs={"data-aloud": ""}
    )
