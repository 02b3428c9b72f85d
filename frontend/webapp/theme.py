"""What stands in the head of every page. The tokens themselves are in ``assets/app.css``, dark and 长辈版 included."""

from __future__ import annotations

import reflex as rx

e = rx.el


def head() -> list[rx.Component]:
    """boot.js first, since it must run before anything is painted."""
    return [
        e.script(src="/boot.js"),
        e.meta(name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        e.meta(name="theme-color", content="#1f5eff"),
        e.meta(name="format-detection", content="telephone=no"),
        e.link(rel="icon", href="/icon.svg", type="image/svg+xml"),
        e.link(rel="apple-touch-icon", href="/icon-180.png"),
        e.link(rel="manifest", href="/manifest.webmanifest"),
    ]
