"""A sheet from below, in the browser's own dialog."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts


def sheet(name: str, title: Any, *children: Any, **events: Any) -> rx.Component:
    """A sheet; any element with ``custom_attrs=opens(name)`` opens it, ``closes(name)`` closes it."""
    return parts.Sheet.create(*children, id=name, title=title, **events)


def opens(name: str) -> dict[str, str]:
    """Attributes for the button that opens a sheet."""
    return {"data-opens": name}


def closes(name: str) -> dict[str, str]:
    """Attributes for a button that closes a sheet."""
    return {"data-closes": name}
