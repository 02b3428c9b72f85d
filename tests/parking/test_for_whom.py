"""A space booked for another: theirs, as far as they said, and in their ledger."""

from __future__ import annotations

from tests.clients import Served
from tests.delegation.family import acting, mandate
from tests.parking.test_booking import book, bookings, key, offered, window

READ, WRITE = "parking.bookings.read", "parking.bookings.write"


async def test_a_space_is_booked_and_cancelled_for_another(served: Served) -> None:
    offer, times = await offered(served), window(served, 27)
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    await mandate(served, elder, grandson, WRITE)
    made = await book(acting(grandson, elder), offer, times)
    assert made["__typename"] == "ParkingBooking"
    assert [edge["node"]["id"] for edge in (await elder.ask("ParkingBookings"))["edges"]] == [made["id"]]
    assert [edge["node"]["id"] for edge in (await grandson.ask("ParkingBookings"))["edges"]] == [made["id"]]
    assert (await acting(grandson, None).ask("ParkingBookings"))["edges"] == [], "it is not his own"
    assert await grandson.refused("ParkingCancelBooking", id=made["id"]) == "NOT_FOUND"
    assert (await acting(grandson, elder).ask("ParkingCancelBooking", id=made["id"]))["status"] == "CANCELLED"
    done = [(edge["node"]["action"], edge["node"]["actorRole"]) for edge in (await elder.ask("ConsentLedger"))["edges"]]
    assert {("SPACE_BOOKED", "delegate"), ("SPACE_CANCELLED", "delegate"), ("SEEN_FOR", "delegate")} <= set(done)


async def test_another_scope_or_a_look_books_nothing(served: Served) -> None:
    offer, times = await offered(served), window(served, 27)
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    await mandate(served, elder, grandson, READ, "healthcare.appointments.write")
    acting(grandson, elder)
    assert (await grandson.ask("ParkingBookings"))["edges"] == []
    assert await grandson.refused("ParkingBookSpace", offer=offer["id"], plate="鲁B12345", key=key(), **times) \
        == "ACTING_NOT_COVERED"
    assert await grandson.refused("ParkingMySpaces") == "ACTING_NOT_COVERED"
    assert await bookings(served) == 0


async def test_nobody_books_the_space_of_whom_they_act_for(served: Served) -> None:
    offer = await offered(served)
    owner, grandson = await served.signed_in("resident"), await served.signed_in("grandson")
    await mandate(served, owner, grandson, WRITE)
    acting(grandson, owner)
    assert await grandson.refused("ParkingBookSpace", offer=offer["id"], plate="鲁B12345", key=key(), **window(served, 27)) \
        == "PARKING_OWN_SPACE"
