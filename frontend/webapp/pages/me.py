"""我的: who I am, what is mine, what I may decide."""

from __future__ import annotations

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.pages.work import Work, of_me
from webapp.person import Person, called
from webapp.ui import go, page, t
from webapp.ui.layout import Tone

e = rx.el
_SHORTCUTS: tuple[tuple[str, Tone, str, str], ...] = (
    ("qr-code", "teal", "me.code", "/onecode"),
    ("wallet-cards", "violet", "certificates.title", "/certificates"),
    ("calendar-check", "coral", "me.appointments", "/healthcare/mine"),
    ("square-parking", "blue", "me.parking", "/parking/mine"),
    ("graduation-cap", "amber", "me.children", "/education"),
    ("baby", "coral", "me.family", "/me/family"),
    ("users", "amber", "me.delegate", "/me/delegate"),
    ("user-plus", "blue", "me.visitors", "/onecode/visitors"),
)


@page("/me", title="me.title", tab="me", bare=True, private=False, on_load=Work.load,
      on_push={"": Work.load, "staff.": Person.load, "identity.": Person.load})
def me() -> rx.Component:
    use("IdentitySignOut")
    leave = parts.SignOut.create(label=t("me.sign_out"), done=ui.path("/"), class_name="btn btn-quiet wide")
    return e.div(
        _person(),
        e.div(
            _shortcuts(),
            e.div(of_me(), class_name="only-in desks"),
            _account(),
            ui.card(
                ui.rows(
                    ui.row(t("me.settings"), t("me.settings_sub"), to="/settings", symbol="settings", tone="slate"),
                    ui.row(t("me.help"), to="/help", symbol="circle-help", tone="amber"),
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
        e.h2(called(), class_name="person-name"),
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


def _how_named() -> rx.Component:
    """What there is to know of my 实名, in the row that leads to it."""
    level = ui.text(Person.viewer, "level")
    return rx.cond((level == "VERIFIED") | (level == "STRONG"), e.span(t("me.name_done")), e.span(t("me.name_sub")))


def _account() -> rx.Component:
    return e.div(
        ui.card(ui.rows(
            ui.row(t("me.name"), _how_named(), to="/me/name", symbol="badge-check", tone="teal"),
            ui.row(t("me.community"), _where(), to="/me/community", symbol="map-pin-house", tone="teal"),
            ui.row(t("me.security"), t("me.security_sub"), to="/me/security", symbol="key-round", tone="coral"),
        )),
        ui.card(ui.rows(
            ui.row(t("me.ledger"), t("me.ledger_sub"), to="/me/ledger", symbol="shield-check", tone="violet"),
            ui.row(t("consent.title"), t("consent.row_sub"), to="/me/consent", symbol="handshake", tone="teal"),
            ui.row(t("mydata.title"), t("mydata.row_sub"), to="/me/data", symbol="folder-down", tone="slate"),
        )),
        class_name="stack",
    )


def _where() -> rx.Component:
    community = ui.text(Person.viewer, "community.name")
    return rx.cond(community != "", e.span(community), e.span(t("me.community_sub")))
