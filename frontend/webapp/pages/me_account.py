"""我的, the account: cards and community."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.person import Person
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class Account(Session):
    """The streets and communities to choose from."""

    street: str = ""
    communities: list[dict[str, Any]] = []

    @rx.event
    async def pick_street(self, code: str) -> None:
        self.street = code
        self.communities = (await self.ask(use("IdentityCommunities"), street=code))["identityCommunities"]


@page("/me/cards", title="me.cards", back="/me", private=True)
def cards() -> rx.Component:
    viewer = Person.viewer
    return e.div(
        e.article(
            e.span(t("me.card_identity"), class_name="pass-kind"),
            e.strong(ui.text(viewer, "name"), class_name="pass-name"),
            e.span(ui.text(viewer, "maskedNumber"), class_name="pass-number"),
            e.small(ui.text(viewer, "community.name")),
            class_name="pass pass-blue",
        ),
        rx.foreach(ui.items(viewer, "children"), _child_card),
        e.p(t("home.demo"), class_name="foot"),
        class_name="stack narrow",
    )


def _child_card(child: rx.Var[Any]) -> rx.Component:
    return e.article(
        e.span(t("me.card_child"), class_name="pass-kind"),
        e.strong(ui.text(child, "name"), class_name="pass-name"),
        e.span(ui.text(child, "born"), class_name="pass-number"),
        class_name="pass pass-amber",
    )


@page("/me/community", title="me.community", back="/me", private=True)
def community() -> rx.Component:
    streets = ui.public("IdentityStreets")
    choices = rx.foreach(
        streets.items("identityStreets"),
        lambda street: e.button(
            ui.text(street, "name"),
            type="button",
            on_click=ui.call(Account.pick_street, ui.text(street, "code")),
            class_name=rx.cond(Account.street == ui.text(street, "code"), "pick on", "pick"),
        ),
    )
    found = ui.rows(rx.foreach(Account.communities, _community))
    now = ui.text(Person.viewer, "community.name")
    return e.div(
        rx.cond(now != "", ui.card(ui.row(now, t("me.community_now"), symbol="map-pin-house", tone="teal")), None),
        ui.section(t("me.street"), e.div(choices, class_name="picks")),
        rx.cond(ui.count(Account.communities) > 0, ui.section(t("me.community"), found), None),
        class_name="stack",
    )


def _community(division: rx.Var[Any]) -> rx.Component:
    choose = ui.act(
        t("me.choose"),
        "IdentityChooseCommunity",
        {"code": ui.text(division, "code")},
        done=t("me.chosen"),
        next="/me",
        class_name="btn btn-soft btn-small",
    )
    return ui.row(ui.text(division, "name"), symbol="map-pin", tone="teal", end=choose)
