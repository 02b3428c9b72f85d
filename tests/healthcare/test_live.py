"""A doctor's times are live: who looks at them sees what others book, give back, and what the desk closes."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.clients import DOCUMENTS, Served
from tests.crowd import crowd
from tests.healthcare.clinic import book, session
from tests.sockets import event, say, socket_to, subscribed

from haian.feeds import tell
from haian.positions import position_of
from healthcare.service import times_of

CHANGES = "HealthcareSlotChanges"


async def doctor_of(served: Served, slot: str) -> UUID:
    [row] = await served.platform.db.fetch("SELECT doctor_id FROM healthcare.slot WHERE id = $1", UUID(slot))
    return UUID(str(row[0]))


async def test_who_looks_sees_what_others_book_and_give_back(served: Served, worker: Any) -> None:
    _, (slot,) = await session(served, 2)
    other, neighbour = await crowd(served, 2)
    async with socket_to(served) as looking:
        await subscribed(looking, CHANGES, doctor=str(await doctor_of(served, slot)))
        assert (await event(looking))["change"] == "READY"
        made = await book(other, slot)
        await worker()
        told = await event(looking)
        assert (told["change"], told["slot"]["id"], told["slot"]["remaining"]) == ("SLOT", slot, 1)
        await book(neighbour, slot)
        await worker()
        assert (await event(looking))["slot"]["status"] == "BUSY"
        await other.ask("HealthcareCancel", id=made["id"])
        await worker()
        assert (await event(looking))["slot"]["status"] == "FREE"


async def test_a_day_that_is_closed_or_opened_is_read_again(served: Served, worker: Any) -> None:
    schedule, (slot,) = await session(served, 2)
    registrar = await served.signed_in("registrar")
    async with socket_to(served) as looking:
        await subscribed(looking, CHANGES, doctor=str(await doctor_of(served, slot)))
        await event(looking)
        await registrar.ask("HealthcareCloseSchedule", id=schedule, reason="停诊试验")
        await worker()
        assert (await event(looking))["change"] == "SCHEDULE"
        await registrar.ask("HealthcareOpenSchedule", id=schedule)
        await worker()
        assert (await event(looking))["change"] == "SCHEDULE"


async def test_in_a_rush_the_latest_of_each_time_is_told_and_nothing_waits(served: Served) -> None:
    """A thousand bookings in a moment are not a thousand messages to each who looks."""
    _, slots = await session(served, 1, 1)
    doctor = await doctor_of(served, slots[0])
    async with socket_to(served) as looking:
        await subscribed(looking, CHANGES, doctor=str(doctor))
        await event(looking)
        rush = served.platform.redis.pipeline()  # one moment, however busy the machine
        for number in range(100):
            await tell(rush, times_of(doctor), uuid4(), {"type": "slot", "slot": slots[number % 2]})
        await tell(rush, times_of(doctor), uuid4(), {"type": "schedule", "slot": None})
        latest = (await rush.execute())[-3:-1]
        told: list[Any] = []
        while not told or told[-1]["change"] != "SCHEDULE":
            told.append(await event(looking))
    assert len(told) < 30
    assert {each["slot"]["id"]: each["cursor"] for each in told[:-1]} == {
        slot: served.platform.hub.cursor(position_of(place)) for slot, place in zip(slots, latest, strict=True)}
    assert [each["cursor"] for each in told] == list(dict.fromkeys(each["cursor"] for each in told))


async def test_a_doctor_who_is_none_is_refused(shared: Served) -> None:
    async with socket_to(shared) as looking:
        await subscribed(looking, CHANGES, doctor="x")
        await say(looking, "subscribe", id="2", payload={"documentId": DOCUMENTS["MessagesUnread"].id})
        message = await looking.recv()
        assert "INVALID_ARGUMENT" in str(message)
