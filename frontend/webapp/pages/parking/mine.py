"""My bookings: the next one first and large, live."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class ParkingMine(Session):
    """My bookings, read again when something happens to one."""

    loaded: bool = False
    bookings: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        self.bookings = await self._read()
        self.loaded = True

    async def _read(self) -> list[dict[str, Any]]:
        found = await self.ask("ParkingBookings", first=50)
        return [edge["node"] for edge in found["parkingBookings"]["edges"]]


@page("/parking/mine", title="parking.mine", back="/parking", on_load=ParkingMine.load,
      on_push={"parking.": ParkingMine.load}, acting=True)
def mine() -> rx.Component:
    return e.div(
        rx.cond(
            ParkingMine.loaded,
            rx.cond(
                ParkingMine.bookings.length() > 0,
                e.div(rx.foreach(ParkingMine.bookings, ticket), class_name="stack"),
                ui.card(ui.empty(t("parking.mine_none"), action=(t("parking.find"), "/parking"), symbol="square-parking")),
            ),
            ui.skeleton(3, "card"),
        ),
        class_name="stack",
    )


def ticket(booking: Any) -> rx.Component:
    stands = ui.text(booking, "status") == "BOOKED"
    return e.div(
        ui.ticket(
            ui.when(ui.text(booking, "startsAt"), ui.text(booking, "endsAt")),
            rx.fragment(
                ui.whole(ui.text(booking, "space.lot") + " " + ui.text(booking, "space.label") + " · "),
                e.span(ui.text(booking, "plate"), class_name="plate-word"),
            ),
            e.span(ui.text(booking, "space.community.name"), " · ", ui.money(ui.number(booking, "priceCents"))),
            rx.cond(
                ui.flag(booking, "canCancel"),
                ui.act(
                    t("parking.cancel"),
                    "ParkingCancelBooking",
                    {"id": ui.text(booking, "id")},
                    confirm=t("parking.cancel_sure"),
                    done=t("parking.cancelled"),
                    on_done=ParkingMine.load,
                    class_name="btn btn-quiet",
                ),
                rx.cond(stands, ui.badge(t("parking.state_booked"), "teal"), ui.badge(t("parking.state_cancelled"))),
            ),
            symbol="square-parking",
        ),
        id="b-" + ui.text(booking, "id"),
    )


class ParkingOne(Session):
    """One booking, by the address."""

    loaded: bool = False
    booking: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        self.booking = await self.find("ParkingBooking", id=self.router.url.query_parameters.get("id", ""))
        self.loaded = True


@page("/parking/booking", title="parking.mine", back="/parking/mine", on_load=ParkingOne.load, acting=True)
def one() -> rx.Component:
    booking: Any = ParkingOne.booking
    return rx.cond(
        ParkingOne.loaded,
        rx.cond(
            ui.flag(booking, "id"),
            e.div(
                ui.card(
                    e.p(ui.when(ui.text(booking, "startsAt"), ui.text(booking, "endsAt")), class_name="large"),
                    ui.facts(
                        ui.fact(t("parking.place"), ui.whole(
                            ui.text(booking, "space.community.name") + " "
                            + ui.text(booking, "space.lot") + " " + ui.text(booking, "space.label"))),
                        ui.fact(t("parking.plate"), e.b(ui.text(booking, "plate"))),
                        ui.fact(t("parking.total"), ui.money(ui.number(booking, "priceCents"))),
                    ),
                ),
                rx.cond(
                    ui.flag(booking, "canCancel"),
                    ui.act(t("parking.cancel"), "ParkingCancelBooking", {"id": ui.text(booking, "id")},
                           confirm=t("parking.cancel_sure"), done=t("parking.cancelled"), on_done=ParkingOne.load,
                           class_name="btn btn-quiet"),
                    rx.cond(ui.text(booking, "status") == "BOOKED", ui.badge(t("parking.state_booked"), "teal"),
                            ui.badge(t("parking.state_cancelled"))),
                ),
                class_name="stack",
            ),
            ui.card(ui.empty(t("parking.gone"), action=(t("parking.mine"), "/parking/mine"))),
        ),
        ui.skeleton(3, "card"),
    )
