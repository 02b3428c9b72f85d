"""The property desk: spaces to check, and which cars may stand today. For clerks and guards."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.gateway import Refused, time_now
from webapp.session import Paged, Session
from webapp.ui import page, t

e = rx.el
QINGDAO = timezone(timedelta(hours=8))


class ParkingDesk(Paged, Session):
    """What the desk has to do. A guard sees the cars only: the gateway decides."""

    loaded: bool = False
    clerk: bool = False
    waiting: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    cars: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    more_cars: str = ""

    @rx.event
    async def load(self) -> None:
        with self._telling():
            await self._read_cars("")
            await self._read("")
        self.loaded = True

    @rx.event
    async def load_cars(self) -> None:
        await self._read_cars(self.more_cars)

    async def _read_cars(self, after: str) -> None:
        """The cars of today."""
        today = time_now().astimezone(QINGDAO).replace(hour=0, minute=0, second=0, microsecond=0)
        self.cars, self.more_cars = await self._pages(
            use("ParkingDeskBookings"), self.cars, after, startsAt=today.isoformat(),
            endsAt=(today + timedelta(days=1)).isoformat(), first=100)

    async def _read(self, after: str) -> None:
        """What a clerk has to check; nothing for a guard, who sees the cars only."""
        self.clerk = True
        try:
            self.waiting, self.more = await self._pages(use("ParkingDeskSpaces"), self.waiting, after)
        except Refused as refused:
            if refused.code != "FORBIDDEN":
                raise
            self.clerk, self.waiting, self.more = False, [], ""


@page("/parking/desk", title="parking.desk", back="/work", wide=True, on_load=ParkingDesk.load)
def desk() -> rx.Component:
    return ui.told(ParkingDesk, rx.cond(ParkingDesk.clerk, ui.workbench(checks(), cars()), cars()))


def checks() -> rx.Component:
    return ui.section(
        t("parking.desk_check"),
        rx.cond(
            ParkingDesk.waiting.length() > 0,
            e.div(rx.foreach(ParkingDesk.waiting, check), class_name="stack"),
            ui.empty(t("parking.desk_check_none"), symbol="circle-check"),
        ),
        ui.more(ParkingDesk.more, ParkingDesk.load_more),
        e.p(t("parking.desk_note"), class_name="hint"),
    )


def check(space: Any) -> rx.Component:
    decide: dict[str, Any] = {"done": t("parking.decided"), "on_done": ParkingDesk.load}
    return e.article(
        ui.facts(
            ui.fact(t("parking.place"), ui.whole(ui.text(space, "community.name") + " " + ui.text(space, "lot") + " "
                                                + ui.text(space, "label"))),
            ui.fact(t("parking.owner"), ui.text(space, "owner.name") + " " + ui.text(space, "owner.maskedPhone")),
        ),
        e.div(
            ui.act(t("parking.reject"), "ParkingDecideSpace",
                   {"id": ui.text(space, "id"), "approve": False, "reason": t("parking.reject_reason")},
                   confirm=t("parking.reject_sure"), class_name="btn btn-quiet", **decide),
            ui.act(t("parking.approve"), "ParkingDecideSpace", {"id": ui.text(space, "id"), "approve": True},
                   class_name="btn btn-main", **decide),
            class_name="pair",
        ),
        class_name="sunken",
    )


def cars() -> rx.Component:
    return ui.section(
        t("parking.desk_today"),
        rx.cond(
            ParkingDesk.cars.length() > 0,
            e.div(
                rx.foreach(
                    ParkingDesk.cars,
                    lambda car: ui.row(
                        ui.text(car, "plate"),
                        ui.whole(ui.text(car, "space.lot") + " " + ui.text(car, "space.label")),
                        symbol="car",
                        end=e.span(ui.when(ui.text(car, "startsAt"), ui.text(car, "endsAt"), style="clock"),
                                   class_name="row-end"),
                    ),
                ),
                class_name="rows",
            ),
            ui.empty(t("parking.desk_today_none"), symbol="square-parking"),
        ),
        ui.more(ParkingDesk.more_cars, ParkingDesk.load_cars),
    )
