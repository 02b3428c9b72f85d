"""我的: who I am, what is mine, what I may decide."""

from __future__ import annotations

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.ui import go, page, t
from webapp.ui.layout import Tone

e = rx.el
_SHORTCUTS: tuple[tuple[str, Tone, str, str], ...] = (
    ("calendar-check", "coral", "me.appointments", "/healthcare/mine"),
    ("square-parking", "blue", "me.parking", "/parking/mine"),
    ("baby", "amber", "me.children", "/education"),
    ("qr-code", "teal", "me.code", "/onecode"),
)


@page("/me", title="me.title", tab="me", bare=True)
def me() -> rx.Component:
    use("IdentitySignOut")
    return e.div(
        e.header(
            ui.avatar(t("shell.name")[:1]),
            e.div(e.h1(t("me.hello")), e.p(t("me.guest_sub")), class_name="person-words"),
            go("/sign-in", t("shell.sign_in"), class_name="btn btn-white btn-small only-out"),
            class_name="person",
        ),
        e.div(
            e.section(
                e.h2(t("me.title"), class_name="sr"),
                *[
                    go(to, ui.tile(symbol, tone), e.span(t(words)), class_name="service")
                    for symbol, tone, words, to in _SHORTCUTS
                ],
                class_name="grid grid-card",
            ),
            ui.section(
                t("me.account"),
                ui.rows(
                    ui.row(t("me.cards"), t("me.cards_sub"), to="/me/cards", symbol="wallet-cards", tone="blue"),
                    ui.row(t("me.delegate"), to="/me/delegate", symbol="users", tone="teal"),
                    ui.row(t("me.ledger"), to="/me/ledger", symbol="shield-check", tone="violet"),
                    ui.row(t("me.devices"), to="/me/devices", symbol="smartphone", tone="slate"),
                ),
            ),
            ui.card(
                ui.rows(
                    ui.row(t("me.settings"), t("me.settings_sub"), to="/settings", symbol="settings", tone="slate"),
                    ui.row(t("me.help"), to="/help", symbol="circle-help", tone="amber"),
                    ui.row(t("me.about"), to="/about", symbol="info", tone="slate"),
                ),
            ),
            e.div(parts.SignOut.create(label=t("me.sign_out"), done=ui.path("/")), class_name="only-in center"),
            class_name="stack sheet-up",
        ),
        class_name="me",
    )


@page("/me/cards", title="me.cards", back="/me")
def cards() -> rx.Component:
    return _soon("wallet-cards")


@page("/me/delegate", title="me.delegate", back="/me")
def delegate() -> rx.Component:
    return _soon("users")


@page("/me/ledger", title="me.ledger", back="/me")
def ledger() -> rx.Component:
    return _soon("shield-check")


@page("/me/devices", title="me.devices", back="/me")
def devices() -> rx.Component:
    return _soon("smartphone")


def _soon(symbol: str) -> rx.Component:
    return ui.card(ui.empty(t("me.soon"), symbol=symbol, action=(t("shell.home"), "/")))
