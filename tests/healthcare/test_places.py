"""Whatever is booked, cancelled, closed and opened: no place is lost, none is given twice."""

from __future__ import annotations

import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clients import Phone, Served
from tests.crowd import crowd
from tests.healthcare.clinic import book, key, live, remaining, session

STEPS = st.lists(st.tuples(st.sampled_from(("book", "cancel", "close", "open")), st.integers(0, 4), st.integers(0, 1)),
                 min_size=1, max_size=14)


@pytest_asyncio.fixture
async def people(served: Served) -> list[Phone]:
    """Five residents, and the registrar at the end."""
    return [*await crowd(served, 5), await served.signed_in("registrar")]


async def cancel_all(phone: Phone) -> None:
    for edge in (await phone.ask("HealthcareComing"))["edges"]:
        await phone.ask("HealthcareCancel", id=edge["node"]["id"])


@settings(max_examples=12, derandomize=True)
@given(capacities=st.tuples(st.integers(1, 3), st.integers(1, 3)), steps=STEPS)
async def test_places_and_numbers_always_add_up(served: Served, people: list[Phone], capacities: tuple[int, int],
                                                steps: list[tuple[str, int, int]]) -> None:
    schedule, slots = await session(served, *capacities)
    registrar = people[5]
    for phone in people[:5]:
        await cancel_all(phone)
    for step, person, which in steps:
        phone = people[person]
        if step == "book":
            await phone.send("HealthcareBook", slot=slots[which], patient=phone.id, key=key())
        elif step == "cancel":
            await cancel_all(phone)
        elif step == "close":
            await registrar.ask("HealthcareCloseSchedule", id=schedule, reason="停诊试验")
        else:
            await registrar.ask("HealthcareOpenSchedule", id=schedule)
        first = 1
        for slot, capacity in zip(slots, capacities, strict=True):
            numbers = [row["number"] for row in await live(served, slot)]
            assert await remaining(served, slot) == capacity - len(numbers)
            assert len(set(numbers)) == len(numbers) and set(numbers) <= set(range(first, first + capacity))
            first += capacity


async def test_a_number_that_was_given_back_is_given_again_before_a_higher_one(served: Served,
                                                                              people: list[Phone]) -> None:
    _, (slot,) = await session(served, 5)
    made = [await book(phone, slot) for phone in people[:4]]
    assert [each["number"] for each in made] == [1, 2, 3, 4]
    await people[1].ask("HealthcareCancel", id=made[1]["id"])
    assert (await book(people[4], slot))["number"] == 2
