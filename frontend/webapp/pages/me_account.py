"""我的, the account: cards, community, devices, the ledger of who saw my data."""

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
    """Devices, ledger and the streets to choose from."""

    devices: list[dict[str, Any]] = []
    ledger: list[dict[str, Any]] = []
    more: str = ""
    loaded: bool = False
    street: str = ""
    communities: list[dict[str, Any]] = []

    @rx.event
    async def load_devices(self) -> None:
        self.devices = (await self.ask(use("IdentityDevices")))["identityDevices"]
        self.loaded = True

    @rx.event
    async def load_ledger(self) -> None:
        page_ = (await self.ask(use("IdentityLedger"), first=20))["identityLedger"]
        self.ledger, self.loaded = [edge["node"] for edge in page_["edges"]], True
        self.more = page_["pageInfo"]["endCursor"] if page_["pageInfo"]["hasNextPage"] else ""

    @rx.event
    async def load_more(self) -> None:
        page_ = (await self.ask("IdentityLedger", first=20, after=self.more))["identityLedger"]
        self.ledger = [*self.ledger, *(edge["node"] for edge in page_["edges"])]
        self.more = page_["pageInfo"]["endCursor"] if page_["pageInfo"]["hasNextPage"] else ""

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


@page(
    "/me/devices", title="me.devices", back="/me", on_load=Account.load_devices, on_push={"identity.": Account.load_devices}
)
def devices() -> rx.Component:
    return e.div(
        rx.cond(Account.loaded, ui.card(ui.rows(rx.foreach(Account.devices, _device))), ui.skeleton(3)),
        ui.act(
            t("me.end_others"),
            "IdentityEndOtherDevices",
            confirm=t("me.end_others_sure"),
            done=t("me.ended"),
            on_done=Account.load_devices,
            class_name="btn btn-soft",
        ),
        class_name="stack",
    )


def _device(device: rx.Var[Any]) -> rx.Component:
    end = ui.act(
        t("me.end"),
        "IdentityEndDevice",
        {"id": ui.text(device, "id")},
        confirm=t("me.end_sure"),
        done=t("me.ended"),
        on_done=Account.load_devices,
        class_name="btn btn-soft btn-small",
    )
    return ui.row(
        rx.cond(ui.text(device, "name") == "", t("me.device_unnamed"), ui.text(device, "name")),
        ui.when(ui.text(device, "signedInAt")),
        symbol="smartphone",
        tone="slate",
        end=rx.cond(ui.flag(device, "current"), ui.badge(t("me.this_device"), "teal"), end),
    )


@page("/me/ledger", title="me.ledger", back="/me", on_load=Account.load_ledger)
def ledger() -> rx.Component:
    listed = ui.card(ui.rows(rx.foreach(Account.ledger, _entry)))
    nothing = ui.card(ui.empty(t("me.ledger_empty"), symbol="shield-check"))
    return e.div(
        e.p(t("me.ledger_words"), class_name="muted"),
        rx.cond(Account.loaded, rx.cond(ui.count(Account.ledger) > 0, listed, nothing), ui.skeleton(4)),
        rx.cond(Account.more != "", e.button(t("shell.more"), on_click=Account.load_more, class_name="btn btn-soft"), None),
        class_name="stack",
    )


def _entry(entry: rx.Var[Any]) -> rx.Component:
    known = ("SIGNED_IN", "SIGNED_OUT", "DEVICE_ENDED", "VIEWED", "CODE_ACCEPTED", "CODE_REFUSED", "SCANS_SEEN",
             "COMMUNITY_CHOSEN")
    said = [(action, t(f"me.did_{action.lower()}")) for action in known]
    words = rx.match(ui.text(entry, "action"), *said, t("me.did_other"))
    actor = rx.cond(
        ui.flag(entry, "organisation"),
        ui.text(entry, "organisation") + " " + ui.text(entry, "actorName"),
        t("me.myself"),
    )
    return ui.row(words, e.span(actor, " · ", ui.when(ui.text(entry, "at"))), symbol="eye", tone="violet")


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
    return e.div(
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
