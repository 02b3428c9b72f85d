"""Lucide icons, one weight, in the colour of the text around them, silent to a reader."""

from __future__ import annotations

import reflex as rx


def icon(name: str, size: int = 24, **props: object) -> rx.Component:
    """An icon by its lucide name; the words beside it say what it means."""
    return rx.icon(name, size=size, custom_attrs={"aria-hidden": "true"}, **props)
