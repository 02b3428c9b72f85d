"""Offering, finding, booking and cancelling a space."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from tests.clients import Phone, Served
from tests.crowd import all_at_once, codes, crowd

from gateway.composition import compose
from gateway.documents import Documents
from gateway.execution import Gateway
from haian.call import Call
from haian.demo import demo_id
from haian.viewer import Viewer

COMMUNITY = "370211005001"
SPACE = str(demo_id("space:resident"))


def key() -> str:
    return str(uuid4())


def window(served: Served, hours: float = 26, length: float = 2) -> dict[str, str]:
    """A time to come."""
    start = served.platform.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    return {"startsAt": start.isoformat(), "endsAt": (start + timedelta(hours=length)).isoformat()}


async def offered(served: Served, hours: float = 26, length: float = 8) -> dict[str, Any]:
    """A window in which the demo resident lends her space."""
    owner = await served.signed_in("resident")
    made: dict[str, Any] = await owner.ask("ParkingOfferSpace", space=SPACE, key=key(), **window(served, hours, length))
    return made


async def book(phone: Phone, offer: dict[str, Any], times: dict[str, str], plate: str = "鲁B12345",
               with_key: str = "") -> Any:
    return await phone.ask("ParkingBookSpace", offer=offer["id"], plate=plate, key=with_key or key(), **times)


async def bookings(served: Served) -> int:
    rows = await served.platform.db.fetch(
        "SELECT count(*) FROM parking.booking WHERE status = 'BOOKED' AND space_id = $1", demo_id("space:resident"))
    return int(rows[0][0])


async def test_a_neighbour_finds_and_books_a_space_that_is_lent(served: Served) -> None:
    offer, times = await offered(served), window(served, 27)
    phone = await served.signed_in("elder")
    found = await phone.ask("ParkingFree", community=COMMUNITY, first=100, **times)
    assert offer["id"] in [edge["node"]["id"] for edge in found["edges"]]
    booking = await book(phone, offer, times)
    assert (booking["__typename"], booking["plate"], booking["status"]) == ("ParkingBooking", "鲁B12345", "BOOKED")
    assert booking["priceCents"] == 400
    found = await phone.ask("ParkingFree", community=COMMUNITY, first=100, **times)
    assert offer["id"] not in [edge["node"]["id"] for edge in found["edges"]]


async def test_a_time_that_overlaps_is_taken_and_others_are_offered(served: Served) -> None:
    offer = await offered(served)
    await book(await served.signed_in("elder"), offer, window(served, 27))
    late = await book(await served.signed_in("parent"), offer, window(served, 28), "鲁B54321")
    assert late["__typename"] == "ParkingTaken"
    assert len(late["others"]) <= 3
    assert await bookings(served) == 1


async def test_of_two_hundred_who_book_one_window_exactly_one_gets_it(served: Served) -> None:
    offer, times = await offered(served), window(served, 27)
    phones = await crowd(served, 200)
    results = await all_at_once(phones, lambda phone: book(phone, offer, times, f"鲁B{phones.index(phone):05d}"))
    assert codes(results) == []
    assert sorted(result["__typename"] for result in results).count("ParkingBooking") == 1
    assert await bookings(served) == 1


async def test_two_taps_with_one_key_are_one_booking(served: Served) -> None:
    offer, times, same = await offered(served), window(served, 27), key()
    phone = await served.signed_in("elder")
    first, second = await all_at_once([phone, phone], lambda each: book(each, offer, times, with_key=same))
    assert first == second
    assert await bookings(served) == 1


async def test_one_key_with_another_plate_is_refused(served: Served) -> None:
    offer, times, same = await offered(served), window(served, 27), key()
    phone = await served.signed_in("elder")
    await book(phone, offer, times, with_key=same)
    assert await phone.refused("ParkingBookSpace", offer=offer["id"], plate="鲁B99999", key=same, **times) \
        == "IDEMPOTENCY_KEY_REUSED"


async def test_what_makes_no_sense_is_refused_by_its_code(served: Served) -> None:
    offer, phone = await offered(served), await served.signed_in("elder")

    async def refused(plate: str = "鲁B12345", of: str = offer["id"], **times: str) -> str:
        return await phone.refused("ParkingBookSpace", offer=of, plate=plate, key=key(), **(times or window(served, 27)))
    assert await refused("鲁BI2345") == "PARKING_PLATE_INVALID"
    assert await refused(**window(served, 27, 0.25)) == "PARKING_TIME_INVALID"
    assert await refused(**window(served, -3)) == "PARKING_TIME_INVALID"
    assert await refused(of=str(uuid4())) == "NOT_FOUND"
    assert await refused(of="x") == "INVALID_ARGUMENT"
    owner = await served.signed_in("resident")
    assert await owner.refused("ParkingBookSpace", offer=offer["id"], plate="鲁B12345", key=key(), **window(served, 27)) \
        == "PARKING_OWN_SPACE"
    outside = await book(phone, offer, window(served, 66))
    assert outside["__typename"] == "ParkingTaken"
    assert await bookings(served) == 0


async def test_a_plate_is_in_one_place_at_a_time(served: Served) -> None:
    offer, times, phone = await offered(served), window(served, 27), await served.signed_in("elder")
    await book(phone, offer, times)
    others = await phone.ask("ParkingFree", community=COMMUNITY, **window(served, 27, 0.5))
    other = others["edges"][0]["node"]
    assert await phone.refused("ParkingBookSpace", offer=other["id"], plate="鲁B12345", key=key(),
                               **window(served, 27, 0.5)) == "PARKING_PLATE_BUSY"


async def test_a_booking_is_cancelled_by_its_holder_until_it_begins(served: Served) -> None:
    offer, times, phone = await offered(served), window(served, 27), await served.signed_in("elder")
    booking = await book(phone, offer, times)
    stranger = await served.signed_in("parent")
    assert await stranger.refused("ParkingCancelBooking", id=booking["id"]) == "NOT_FOUND"
    assert await stranger.ask("ParkingBooking", id=booking["id"]) is None
    assert (await phone.ask("ParkingCancelBooking", id=booking["id"]))["status"] == "CANCELLED"
    assert (await phone.ask("ParkingCancelBooking", id=booking["id"]))["status"] == "CANCELLED", "the first answer was lost"
    again = await book(stranger, offer, times, "鲁B54321")
    served.platform.clock.move(timedelta(hours=28))
    assert await stranger.refused("ParkingCancelBooking", id=again["id"]) == "PARKING_TOO_LATE"


async def test_a_window_that_is_booked_cannot_be_taken_back(served: Served) -> None:
    offer, owner = await offered(served), await served.signed_in("resident")
    booking = await book(await served.signed_in("elder"), offer, window(served, 27))
    assert await owner.refused("ParkingWithdrawOffer", id=offer["id"]) == "PARKING_OFFER_BOOKED"
    await (await served.signed_in("elder")).ask("ParkingCancelBooking", id=booking["id"])
    assert await (await served.signed_in("elder")).refused("ParkingWithdrawOffer", id=offer["id"]) == "NOT_FOUND"
    assert await owner.ask("ParkingWithdrawOffer", id=offer["id"]) is True


async def test_windows_of_one_space_do_not_overlap(served: Served) -> None:
    await offered(served)
    owner = await served.signed_in("resident")
    assert await owner.refused("ParkingOfferSpace", space=SPACE, key=key(), **window(served, 28)) == "PARKING_OFFER_OVERLAPS"


async def test_a_space_is_lent_once_the_clerk_has_checked_it(served: Served, worker: Any) -> None:
    owner, clerk = await served.signed_in("parent"), await served.signed_in("clerk")
    space = await owner.ask("ParkingRegisterSpace", community=COMMUNITY, lot="地面", label="C-7", priceCents=100, key=key())
    assert await owner.refused("ParkingOfferSpace", space=space["id"], key=key(), **window(served)) \
        == "PARKING_SPACE_UNCHECKED"
    assert await owner.refused("ParkingDecideSpace", id=space["id"], approve=True) == "FORBIDDEN"
    waiting = (await clerk.ask("ParkingDeskSpaces"))["edges"]
    assert space["id"] in [each["node"]["id"] for each in waiting]
    assert (await clerk.ask("ParkingDecideSpace", id=space["id"], approve=True))["status"] == "APPROVED"
    await worker()
    inbox = (await owner.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert inbox[0]["node"]["title"] == "车位核实通过"
    ledger = [edge["node"]["action"] for edge in (await owner.ask("ConsentLedger"))["edges"]]
    assert {"SPACE_OWNER_SEEN", "SPACE_APPROVED"} <= set(ledger)
    await owner.ask("ParkingOfferSpace", space=space["id"], key=key(), **window(served))


async def test_the_guard_sees_cars_and_the_holder_sees_that_he_looked(served: Served) -> None:
    offer, times = await offered(served), window(served, 27)
    holder, guard = await served.signed_in("elder"), await served.signed_in("guard")
    await book(holder, offer, times)
    seen = await guard.ask("ParkingDeskBookings", **times)
    assert "鲁B12345" in [edge["node"]["plate"] for edge in seen["edges"]]
    entry = (await holder.ask("ConsentLedger"))["edges"][0]["node"]
    assert (entry["action"], entry["actorRole"], entry["organisation"]) \
        == ("BOOKINGS_SEEN", "property_guard", "海岸物业服务中心（演示）")
    assert await holder.refused("ParkingDeskBookings", **times) == "FORBIDDEN"


async def test_owner_and_holder_hear_of_a_booking_and_of_its_beginning(served: Served, worker: Any) -> None:
    offer, times, holder = await offered(served), window(served, 27), await served.signed_in("elder")
    async with holder.live() as live:
        assert (await anext(live))["live"]["type"] == "ready"
        await book(holder, offer, times)
        await worker()
        assert (await anext(live))["live"]["type"] == "parking.booked"
    clock, begins = served.platform.clock, datetime.fromisoformat(times["startsAt"])
    clock.move(begins - clock.now() - timedelta(minutes=20))
    for job in served.platform.registry.jobs:
        if job.name == "parking.remind":
            await job.run(served.platform)
            await job.run(served.platform)
    await worker()
    titles = [edge["node"]["title"] for edge in (await holder.ask("MessagesInbox"))["messagesInbox"]["edges"]]
    assert titles.count("车位预约即将开始") == 1
    owner = await served.signed_in("resident")
    assert "您的车位被预约了" in [e["node"]["title"] for e in (await owner.ask("MessagesInbox"))["messagesInbox"]["edges"]]


async def test_home_shows_my_next_booking(served: Served) -> None:
    offer, times, holder = await offered(served), window(served, 27), await served.signed_in("elder")
    booking = await book(holder, offer, times)
    things = (await holder.ask("HomeThings"))["homeThings"]
    assert [(thing["app"], thing["id"], thing["state"]) for thing in things] == [("parking", booking["id"], "鲁B12345")]
    assert (await served.phone().ask("HomeThings"))["homeThings"] == []


async def test_a_window_that_ends_before_it_begins_has_nothing_in_it(served: Served) -> None:
    await offered(served)
    times = window(served, 27)
    turned = {"startsAt": times["endsAt"], "endsAt": times["startsAt"]}
    assert (await served.phone().ask("ParkingFree", community=COMMUNITY, **turned))["edges"] == []
    assert (await (await served.signed_in("guard")).ask("ParkingDeskBookings", **turned))["edges"] == []


async def test_a_clerk_does_not_see_who_owns_a_space_of_another_community(served: Served) -> None:
    """A clerk who is a developer too could ask for the owner behind any offer."""
    offer, clerk = await offered(served), await served.signed_in("clerk")
    viewer = Viewer(UUID(clerk.id), roles=frozenset({"property_clerk", "developer"}))
    query = "query($id: ID!) { parkingOffer(id: $id) { space { owner { name } } } }"
    gateway = Gateway(compose(served.platform.registry), Documents([]), served.platform.registry)

    async def owner() -> Any:
        call = Call(served.platform, viewer)
        return orjson.loads(await gateway.run(gateway.find({"query": query}, call), {"id": offer["id"]}, call))
    assert (await owner())["data"]["parkingOffer"]["space"]["owner"]["name"] == "王海燕"
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.organisation SET division = '370211005002' WHERE kind = 'property'")
    answer = await owner()
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND" and "王海燕" not in str(answer)
