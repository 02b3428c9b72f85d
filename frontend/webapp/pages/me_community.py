"""我的社区: where I live, by which spaces and notices are shown."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.person import Person
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class MyCommunity(Session):
    """The streets and communities to choose from."""

    street: str = ""
    communities: list[dict[str, Any]] = []

    @rx.event
    async def pick_street(self, code: str) -> None:
        self.street = code
        self.communities = (await self.ask(use("IdentityCommunities"), street=code))["identityCommunities"]


@page("/me/community", title="me.community", back="/me", private=True)
def community() -> rx.Component:
    streets = ui.public("IdentityStreets")
    choices = rx.foreach(
        streets.items("identityStreets"),
        lambda street: ui.pick(ui.text(street, "name"), MyCommunity.street == ui.text(street, "code"),
                               ui.call(MyCommunity.pick_street, ui.text(street, "code"))),
    )
    found = ui.rows(rx.foreach(MyCommunity.communities, _community))
    now = ui.text(Person.viewer, "community.name")
    return e.div(
        rx.cond(now != "", ui.card(ui.row(now, t("me.community_now"), symbol="map-pin-house", tone="teal")), None),
        ui.section(t("me.street"), ui.picks(t("me.street"), choices)),
        rx.cond(ui.count(MyCommunity.communities) > 0, ui.section(t("me.community"), found), None),
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
