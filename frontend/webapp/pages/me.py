"""我的: who I am, what is mine, what I may decide."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.person import Person
from webapp.ui import go, page, t
from webapp.ui.layout import Tone

e = rx.el
_SHORTCUTS: tuple[tuple[str, Tone, str, str], ...] = (
    ("calendar-check", "coral", "me.appointments", "/healthcare/mine"),
    ("square-parking", "blue", "me.parking", "/parking/mine"),
    ("baby", "amber", "me.children", "/education"),
    ("qr-code", "teal", "me.code", "/onecode"),
)
# role -> where its work is
_DESKS: tuple[tuple[str, str, str], ...] = (
    ("property_guard", "scan-line", "/onecode/scan"),
    ("property_clerk", "building-2", "/parking/desk"),
    ("registrar", "clipboard-list", "/healthcare/staff"),
    ("teacher", "presentation", "/education/teacher"),
    ("news_editor", "megaphone", "/news/write"),
)


@page("/me", title="me.title", tab="me", bare=True)
def me() -> rx.Component:
    use("IdentitySignOut")
    leave = parts.SignOut.create(label=t("me.sign_out"), done=ui.path("/"), class_name="btn btn-quiet wide")
    return e.div(
        _person(),
        e.div(
            _shortcuts(),
            e.div(rx.foreach(ui.items(Person.viewer, "memberships"), _desk), class_name="only-in desks"),
            _account(),
            ui.card(
                ui.rows(
                    ui.row(t("me.settings"), t("me.settings_sub"), to="/settings", symbol="settings", tone="slate"),
                    ui.row(t("me.help"), to="/help", symbol="circle-help", tone="amber"),
                    ui.row(t("me.about"), to="/about", symbol="info", tone="slate"),
                ),
            ),
            e.div(leave, class_name="only-in"),
            class_name="stack sheet-up",
        ),
        class_name="me",
    )


def _person() -> rx.Component:
    viewer = Person.viewer
    level = rx.match(
        ui.text(viewer, "level"), ("STRONG", t("me.strong")), ("VERIFIED", t("me.verified")), t("me.unverified")
    )
    known = e.div(
        e.h2(ui.text(viewer, "maskedName"), class_name="person-name"),
        e.p(e.span(level, class_name="pill-white"), e.span(ui.text(viewer, "community.name")), class_name="person-line"),
        class_name="person-words",
    )
    return e.header(
        e.h1(t("me.title"), class_name="sr"),
        rx.cond(
            ui.flag(viewer, "id"),
            ui.avatar(ui.text(viewer, "name")),
            ui.avatar(t("shell.name")[:1]),
        ),
        e.div(rx.cond(ui.flag(viewer, "id"), known, e.span(class_name="bone bone-name")), class_name="person-in only-in"),
        e.div(e.p(t("me.guest"), class_name="person-name"), e.p(t("me.guest_sub")), class_name="person-words only-out"),
        go("/sign-in?next=/me", t("shell.sign_in"), class_name="btn btn-white btn-small only-out"),
        class_name="person",
    )


def _shortcuts() -> rx.Component:
    return e.section(
        *[go(to, ui.tile(symbol, tone), e.span(t(words)), class_name="service") for symbol, tone, words, to in _SHORTCUTS],
        class_name="grid grid-card",
    )


def _desk(membership: rx.Var[Any]) -> rx.Component:
    """A staff member's way to their work."""
    where = ui.text(membership, "organisation.name")
    desks = [(role, ui.row(t(f"me.role_{role}"), where, to=to, symbol=symbol, tone="blue")) for role, symbol, to in _DESKS]
    return ui.card(
        rx.match(ui.text(membership, "role"), *desks, ui.row(t("me.staff"), where, symbol="briefcase", tone="slate"))
    )


def _account() -> rx.Component:
    return ui.section(
        t("me.account"),
        ui.rows(
            ui.row(t("me.cards"), t("me.cards_sub"), to="/me/cards", symbol="wallet-cards", tone="blue"),
            ui.row(t("me.community"), t("me.community_sub"), to="/me/community", symbol="map-pin-house", tone="teal"),
            ui.row(t("me.delegate"), t("me.delegate_sub"), to="/me/delegate", symbol="users", tone="amber"),
            ui.row(t("me.ledger"), t("me.ledger_sub"), to="/me/ledger", symbol="shield-check", tone="violet"),
            ui.row(t("me.devices"), t("me.devices_sub"), to="/me/devices", symbol="smartphone", tone="slate"),
        ),
    )


@page("/me/delegate", title="me.delegate", back="/me")
def delegate() -> rx.Component:
    return ui.card(ui.empty(t("me.delegate_soon"), symbol="users", action=(t("me.help"), "/help")))
