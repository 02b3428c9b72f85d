"""My spaces: register one, lend it for a time, see which car comes when."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.pages.parking.find import hourly
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class ParkingShare(Session):
    """My spaces with their windows, read again when something happens to one."""

    loaded: bool = False
    spaces: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        self.spaces = await self._read()
        self.loaded = True

    async def _read(self) -> list[dict[str, Any]]:
        found = await self.ask("ParkingMySpaces", first=50)
        return [edge["node"] for edge in found["parkingMySpaces"]["edges"]]


@page("/parking/share", title="parking.share", back="/parking", on_load=ParkingShare.load,
      on_push={"parking.": ParkingShare.load})
def share() -> rx.Component:
    return e.div(
        rx.cond(
            ParkingShare.loaded,
            rx.cond(
                ParkingShare.spaces.length() > 0,
                e.div(rx.foreach(ParkingShare.spaces, space_card), class_name="stack"),
                ui.card(ui.empty(t("parking.share_none"), symbol="square-parking")),
            ),
            ui.skeleton(3, "card"),
        ),
        ui.go("/parking/register", ui.icon("plus", 20), t("parking.register"), class_name="btn btn-quiet"),
        class_name="stack",
    )


def space_card(space: Any) -> rx.Component:
    status = ui.text(space, "status")
    return ui.card(
        e.div(
            e.h2(ui.whole(ui.text(space, "lot") + " " + ui.text(space, "label"))),
            rx.match(
                status,
                ("APPROVED", ui.badge(t("parking.approved"), "teal")),
                ("REJECTED", ui.badge(t("parking.rejected"), "coral")),
                ui.badge(t("parking.pending"), "amber"),
            ),
            class_name="head",
        ),
        e.p(ui.text(space, "community.name"), " · ", hourly(ui.number(space, "priceCents")), class_name="muted"),
        rx.cond(status == "REJECTED", e.p(ui.text(space, "reason"), class_name="note note-bad")),
        rx.cond(
            status == "APPROVED",
            e.div(
                rx.cond(
                    ui.flag(space, "offers.0"),
                    e.div(rx.foreach(ui.items(space, "offers"), window_row), class_name="rows"),
                    e.p(t("parking.lent_none"), class_name="muted"),
                ),
                lend_form(space),
                class_name="stack",
            ),
        ),
    )


def window_row(offer: Any) -> rx.Component:
    """A window with the cars that come in it; taken back while nobody has booked."""
    return e.div(
        e.span(
            e.b(ui.when(ui.text(offer, "startsAt"), ui.text(offer, "endsAt"))),
            rx.foreach(
                ui.items(offer, "stays"),
                lambda stay: e.span(
                    ui.badge(t("parking.stays"), "teal"), e.b(ui.text(stay, "plate"), class_name="plate-word"),
                    e.small(ui.when(ui.text(stay, "startsAt"), ui.text(stay, "endsAt"))),
                    class_name="stay",
                ),
            ),
            class_name="row-words",
        ),
        rx.cond(
            ui.flag(offer, "stays.0"),
            None,
            ui.act(t("parking.withdraw"), "ParkingWithdrawOffer", {"id": ui.text(offer, "id")},
                   confirm=t("parking.withdraw_sure"), done=t("parking.withdrawn"), on_done=ParkingShare.load,
                   class_name="btn btn-quiet btn-small"),
        ),
        class_name="row",
    )


def lend_form(space: Any) -> rx.Component:
    return e.details(
        e.summary(ui.icon("calendar-plus", 20), t("parking.lend"), class_name="btn btn-soft wide"),
        ui.form(
            "ParkingOfferSpace",
            ui.time_window(days=14, hours=(8, 18), last=47),
            ui.submit(t("parking.lend_yes")),
            variables={"space": ui.text(space, "id")},
            beside="endsAt",
            ok="ParkingOffer",
            done=t("parking.lent"),
            on_done=ParkingShare.load,
        ),
    )


@page("/parking/register", title="parking.register", back="/parking/share")
def register() -> rx.Component:
    streets = ui.public("IdentityStreets")
    return e.div(
        ui.card(
            ui.ask_form(
                ui.select_field(
                    t("parking.street"), "street",
                    rx.foreach(streets.items("identityStreets"),
                               lambda each: ui.option(ui.text(each, "name"), ui.text(each, "code"))),
                    default_value=ui.parameter("street"),
                ),
                e.button(t("parking.next"), type="submit", class_name="btn btn-soft"),
                method="get", action=ui.path("/parking/register"), class_name="form",
            )
        ),
        rx.cond(ui.parameter("street") != "", space_form()),
        class_name="stack",
    )


def space_form() -> rx.Component:
    communities = ui.public("IdentityCommunities", when=ui.parameter("street") != "", street=ui.parameter("street"))
    return ui.card(
        ui.form(
            "ParkingRegisterSpace",
            ui.select_field(
                t("parking.community"), "community",
                rx.foreach(communities.items("identityCommunities"),
                           lambda each: ui.option(ui.text(each, "name"), ui.text(each, "code"))),
            ),
            ui.text_field(t("parking.lot"), "lot", hint=t("parking.lot_hint"), required=True, max_length=40),
            ui.text_field(t("parking.label"), "label", hint=t("parking.label_hint"), required=True, max_length=20),
            ui.text_field(t("parking.price_hour"), "priceCents", kind="cents", hint=t("parking.price_hint"),
                          required=True, default_value="2"),
            ui.submit(t("parking.register")),
            done=t("parking.registered"),
            next="/parking/share",
        )
    )
