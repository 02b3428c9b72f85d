"""找车位: community, day and hours first, then what is free, then the plate. Public until the plate."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.person import Person
from webapp.session import Session
from webapp.ui import at, page, t

e = rx.el
ASKED = ("community", "start", "end")


class Suggested(rx.Component):
    """One of a list, options within; ``suggested`` is chosen until a person chose; see fields.jsx."""

    library = "$/public/haian/fields.jsx"
    tag = "Suggested"
    name: rx.Var[str]
    suggested: rx.Var[str]


def query(first: Any) -> Any:
    """The same question for the next page."""
    text: Any = first
    for name in ASKED:
        text = text + "&" + name + "=" + ui.parameter(name)
    return text


@page("/parking", title="parking.title", tab="services", back="/", acting=True)
def parking() -> rx.Component:
    found = ui.public("ParkingCommunities")
    return e.div(
        ui.section(
            t("parking.find"),
            rx.cond(
                found.loading,
                ui.skeleton(4, "form"),
                rx.cond(
                    found.failed,
                    ui.failed(found.error),
                    rx.cond(found.empty("parkingCommunities"), ui.empty(t("parking.none_here")), question(found)),
                ),
            ),
        ),
        ui.card(
            ui.rows(
                ui.row(t("parking.mine"), t("parking.mine_sub"), to="/parking/mine", symbol="calendar-check"),
                ui.row(t("parking.share"), t("parking.share_sub"), to="/parking/share", symbol="square-parking",
                       tone="teal"),
            )
        ),
        class_name="stack",
    )


def question(found: Any) -> rx.Component:
    """A plain form: its answer has an address, to come back to or to send to somebody."""
    communities = rx.foreach(
        found.items("parkingCommunities"), lambda each: ui.option(ui.text(each, "name"), ui.text(each, "code"))
    )
    asked, home = ui.parameter("community"), ui.text(Person.viewer, "community.code")
    chosen = rx.cond(asked, asked, home)
    return ui.ask_form(
        ui.field(t("parking.community"), "community",
                 Suggested.create(communities, name="community", suggested=chosen)),
        ui.time_window("start", "end"),
        e.button(t("parking.find"), type="submit", class_name="btn btn-main"),
        action=ui.path("/parking/find"),
        class_name="form",
    )


@page("/parking/find", title="parking.results", back="/parking", acting=True)
def find() -> rx.Component:
    start, end = ui.parameter("start"), ui.parameter("end")
    found = ui.public("ParkingFree", when=end != "", community=ui.parameter("community"),
                      startsAt=start, endsAt=end, first=50)
    return e.div(
        ui.card(
            e.div(
                e.b(ui.when(start, end)),
                ui.go(change(), t("parking.change"), class_name="btn btn-soft btn-small"),
                class_name="head",
            )
        ),
        ui.card(
            ui.listing(
                found,
                "parkingFree.edges",
                lambda edge: offer_row(at(edge, "node"), query("/parking/book?offer=" + ui.text(edge, "node.id"))),
                nothing=ui.empty(t("parking.nothing"), action=(t("parking.change"), "/parking"), symbol="square-parking"),
            )
        ),
        class_name="stack",
    )


def change() -> Any:
    """Back to the question, for the same community."""
    return "/parking?community=" + ui.parameter("community")


def offer_row(offer: Any, to: Any) -> rx.Component:
    """A space that is free: where it is and what an hour costs."""
    return ui.row(
        ui.whole(ui.text(offer, "space.lot") + " " + ui.text(offer, "space.label")),
        ui.text(offer, "space.community.name"),
        to=to,
        symbol="square-parking",
        end=e.span(hourly(ui.number(offer, "space.priceCents")), class_name="row-end"),
    )


def hourly(cents: Any) -> rx.Component:
    """¥2 an hour, or 免费."""
    return rx.cond(cents > 0, e.span(ui.money(cents), e.small(t("parking.an_hour"))), ui.money(cents))


class ParkingRefusal(Session):
    """What the gateway offered instead of a space that somebody was first to book."""

    taken: bool = False
    others: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    def show(self, refusal: dict[str, Any]) -> None:
        """A space was taken: its screen, with what else is free. Other refusals stay beside the form."""
        result = refusal.get("result") or {}
        if result.get("__typename") == "ParkingTaken":
            self.taken, self.others = True, list(result.get("others") or [])

    @rx.event
    def forget(self) -> None:
        self.taken, self.others = False, []


@page("/parking/book", title="parking.book", back="/parking", on_load=ParkingRefusal.forget, private=False, acting=True)
def book() -> rx.Component:
    return rx.cond(ParkingRefusal.taken, taken(), booking_form())


def booking_form() -> rx.Component:
    found = ui.public("ParkingOffer", when=ui.parameter("offer") != "", id=ui.parameter("offer"))
    start, end = ui.parameter("start"), ui.parameter("end")
    return e.div(
        rx.cond(
            found.loading,
            ui.skeleton(3, "card"),
            rx.cond(
                found.flag("parkingOffer.id"),
                ui.card(
                    e.p(ui.when(start, end), class_name="large"),
                    ui.facts(
                        ui.fact(t("parking.place"), ui.whole(
                            found.text("parkingOffer.space.community.name") + " "
                            + found.text("parkingOffer.space.lot") + " " + found.text("parkingOffer.space.label"))),
                        ui.fact(t("parking.price"), hourly(found.number("parkingOffer.space.priceCents"))),
                    ),
                    rx.cond(found.number("parkingOffer.space.priceCents") > 0,
                            e.p(t("parking.pay_hint"), class_name="hint")),
                    rx.cond(found.flag("parkingOffer.space.demo"), ui.demo_mark(t("parking.demo"))),
                ),
                ui.card(rx.cond(found.failed, ui.failed(found.error),
                                ui.empty(t("parking.gone_offer"), action=(t("parking.again"), "/parking")))),
            ),
        ),
        ui.card(
            ui.form(
                "ParkingBookSpace",
                ui.plate_field(t("parking.plate"), hint=t("parking.plate_hint")),
                ui.submit(t("parking.confirm")),
                variables={"offer": ui.parameter("offer"), "startsAt": start, "endsAt": end},
                ok="ParkingBooking",
                done=t("parking.booked"),
                next="/parking/mine",
                on_refused=ParkingRefusal.show,
            )
        ),
        class_name="stack",
    )


def taken() -> rx.Component:
    """Somebody was first: what else is free at that time."""
    return e.div(
        ui.card(ui.refused(t("parking.taken"),
                           rx.cond(ParkingRefusal.others.length() > 0, t("parking.taken_sub"), t("parking.taken_none")))),
        rx.cond(
            ParkingRefusal.others.length() > 0,
            ui.card(
                e.div(
                    rx.foreach(
                        ParkingRefusal.others,
                        lambda offer: offer_row(offer, query("/parking/book?offer=" + ui.text(offer, "id"))),
                    ),
                    class_name="rows",
                    on_click=ParkingRefusal.forget,
                )
            ),
        ),
        ui.go(change(), t("parking.again"), class_name="btn btn-quiet"),
        class_name="stack",
    )
