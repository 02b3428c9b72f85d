"""抢号: those who book at one moment share a transaction, and each is told the truth about their own booking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.clients import Phone, Refused, Served
from tests.crowd import all_at_once, codes, crowd
from tests.healthcare.clinic import CHILD, book, key, ledger, live, remaining, session
from tests.waiting import until_async

from haian import moment

MADE, FULL = "HealthcareAppointment", "HealthcareSoldOut"
GIVE_BACK = """WITH gone AS (UPDATE healthcare.appointment SET status = 'cancelled', cancelled_at = $2,
                                    cancelled_by = 'patient' WHERE id = $1 RETURNING slot_id)
               UPDATE healthcare.slot SET remaining = remaining + 1 FROM gone WHERE id = slot_id"""


def kinds(results: Sequence[Any]) -> list[str]:
    """What each was told: the type of a result, or the code of a refusal."""
    return [each["__typename"] if isinstance(each, dict) else each.code for each in results]


@asynccontextmanager
async def another(served: Served) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else's connection."""
    connection = await asyncpg.connect(served.platform.settings.database_migration_url)
    yield connection
    await connection.close()


async def waiting(watch: asyncpg.Connection) -> list[int]:
    """The backends of bookings that wait for a lock."""
    rows = await watch.fetch("""SELECT pid FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event IN ('transactionid', 'tuple') AND query LIKE '%healthcare.book(%' AND pid <> pg_backend_pid()""")
    return [row["pid"] for row in rows]


async def test_of_two_hundred_for_five_places_exactly_five_get_one_however_often_they_tap(served: Served) -> None:
    _, (slot,) = await session(served, 5)
    phones = await crowd(served, 160)
    keys = {phone.id: key() for phone in phones}
    asked = [*phones, *phones[:30], *phones[:10]]
    results = await all_at_once(asked, lambda phone: book(phone, slot, with_key=keys[phone.id]))
    assert codes(results) == []
    first = dict(zip([phone.id for phone in phones], results, strict=False))
    assert [result["__typename"] for result in first.values()].count(MADE) == 5
    assert kinds(results) == [first[phone.id]["__typename"] for phone in asked], "a repeat has the first answer"
    assert await remaining(served, slot) == 0
    assert [row["number"] for row in await live(served, slot)] == list(range(1, 6))
    told = {id_ for id_, result in first.items() if result["__typename"] == MADE}
    assert {str(row["patient_id"]) for row in await live(served, slot)} == told
    lines = await served.platform.db.fetch("""SELECT action, count(*) AS n, count(DISTINCT subject_id) AS citizens
        FROM haian.audit WHERE object = ANY($1) OR object = $2 GROUP BY action ORDER BY action""",
        [str(row["id"]) for row in await live(served, slot)], slot)
    assert [tuple(line) for line in lines] == [("APPOINTMENT_BOOKED", 5, 5), ("APPOINTMENT_REFUSED", 155, 155)]


async def test_what_one_may_not_or_cannot_have_is_nobody_elses_affair(served: Served) -> None:
    _, (slot, full, other) = await session(served, 40, 1, 40)
    _, (shut,) = await session(served, 3)
    _, (past,) = await session(served, 3, days=-1)
    mother, stranger = await served.signed_in("parent"), await served.signed_in("elder")
    nameless, other_one = await served.signed_in("13912345678"), await served.signed_in("grandson")
    phones = await crowd(served, 24)
    async with served.platform.db.writing_as("healthcare") as connection:
        await connection.execute("UPDATE healthcare.slot SET open = false WHERE id = $1", UUID(shut))
    wishes = [book(mother, slot, CHILD), book(mother, other, CHILD), book(stranger, slot, CHILD), book(nameless, slot),
              book(stranger, shut), book(stranger, past), book(stranger, str(uuid4())), book(other_one, full)]
    results = await asyncio.gather(*(each for phone, wish in zip(phones, wishes + [None] * 16, strict=True)
                                     for each in (book(phone, slot), wish) if each is not None), return_exceptions=True)
    bent = kinds(results[1:16:2])
    assert sorted(bent[:2]) == ["HealthcareAlreadyBooked", MADE]
    assert bent[2:] == ["HEALTHCARE_NOT_YOUR_PATIENT", "HealthcareNotVerified", "HEALTHCARE_SCHEDULE_CLOSED",
                        "HEALTHCARE_SLOT_BEGAN", "NOT_FOUND", MADE]
    assert kinds([*results[0:16:2], *results[16:]]) == [MADE] * 24
    own = await live(served, slot)
    assert await remaining(served, slot) == 40 - len(own) and await remaining(served, full) == 0
    assert await remaining(served, other) + await remaining(served, slot) == 80 - 25
    assert [row["number"] for row in own] == list(range(1, len(own) + 1))


async def test_a_backend_killed_in_mid_rush_leaves_nobody_with_a_booking_that_is_none(
        served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "PATIENCE", 10_000)  # however long it takes here to find and kill it
    _, (held, free) = await session(served, 20, 20)
    phones = await crowd(served, 16)
    keys = {phone.id: key() for phone in phones}
    wanted = {phone.id: (held, free)[n % 2] for n, phone in enumerate(phones)}

    async def wish(phone: Phone) -> Any:
        return await book(phone, wanted[phone.id], with_key=keys[phone.id])
    async with another(served) as owner, another(served) as watch:
        async with owner.transaction():
            await owner.execute("SELECT FROM healthcare.slot WHERE id = $1 FOR UPDATE", UUID(held))
            asked = [asyncio.create_task(wish(phone)) for phone in phones]
            for backend in await until_async(lambda: waiting(watch)):
                await watch.execute("SELECT pg_terminate_backend($1)", backend)
        results = await asyncio.gather(*asked, return_exceptions=True)
    booked = {str(row["patient_id"]) for slot in (held, free) for row in await live(served, slot)}
    told = {phone.id for phone, result in zip(phones, results, strict=True) if isinstance(result, dict)}
    assert told == booked, "who was told so is booked, and nobody else"
    assert {result.code for result in results if isinstance(result, Refused)} == {"UNAVAILABLE"}
    again = await all_at_once(phones, wish)
    assert kinds(again) == [MADE] * 16
    assert (await remaining(served, held), await remaining(served, free)) == (12, 12)
    assert (await ledger(phones[0])).count("APPOINTMENT_BOOKED") == 1


async def test_what_stood_in_the_way_may_be_cancelled_just_then_or_not(served: Served) -> None:
    phone = await served.signed_in("parent")
    async with another(served) as owner, another(served) as watch:
        for days, kept in ((3, True), (4, False)):
            _, (first, second) = await session(served, 1, 1, days=days)
            made = await book(phone, first, CHILD)
            cancelling = owner.transaction()
            await cancelling.start()
            await owner.execute(GIVE_BACK, UUID(made["id"]), served.platform.clock.now())
            asked = asyncio.create_task(book(phone, second, CHILD))
            await until_async(lambda: waiting(watch))
            await (cancelling.rollback() if kept else cancelling.commit())
            assert (await asked)["__typename"] == ("HealthcareAlreadyBooked" if kept else MADE)
            assert (await remaining(served, first), await remaining(served, second)) == ((0, 1) if kept else (1, 0))


async def test_a_slot_that_counts_more_seats_than_numbers_gives_its_numbers_and_no_more(served: Served) -> None:
    _, (slot,) = await session(served, 2)
    phones = await crowd(served, 4)
    assert (await book(phones[0], slot))["__typename"] == MADE
    async with served.platform.db.writing_as("healthcare") as connection:
        await connection.execute("UPDATE healthcare.slot SET remaining = 2 WHERE id = $1", UUID(slot))
    results = await all_at_once(phones[1:], lambda phone: book(phone, slot))
    assert sorted(kinds(results)) == [MADE, FULL, FULL]
    assert [row["number"] for row in await live(served, slot)] == [1, 2]
