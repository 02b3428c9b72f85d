"""Booking for another: as far as they said, as long as they said, and in their ledger."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.clients import Phone, Served
from tests.delegation.family import BOOKING, LOOKING, acting, end, mandate
from tests.healthcare.clinic import CHILD, book, inbox, key, remaining, session

NOT_MINE = "HEALTHCARE_NOT_YOUR_PATIENT"


async def two(served: Served) -> tuple[Phone, Phone]:
    return await served.signed_in("elder"), await served.signed_in("grandson")


async def ids(phone: Phone) -> list[str]:
    return [edge["node"]["id"] for edge in (await phone.ask("HealthcareComing"))["edges"]]


async def test_a_grandson_books_for_his_grandfather_and_both_see_it(served: Served, worker: object) -> None:
    _, (slot, _) = await session(served, 3, 3)
    elder, grandson = await two(served)
    await mandate(served, elder, grandson, BOOKING)
    acting(grandson, elder)
    assert [each["name"] for each in await grandson.ask("HealthcarePatients")] == ["李德福"]
    made = await grandson.ask("HealthcareBook", slot=slot, patient=elder.id, key=key())
    assert (made["__typename"], made["patient"]["name"]) == ("HealthcareAppointment", "李德福")
    assert await ids(grandson) == await ids(elder) == [made["id"]]
    assert await ids(acting(grandson, None)) == [], "it is not his own"
    assert (await grandson.ask("HealthcareAppointment", id=made["id"])) is None
    lines = [edge["node"] for edge in (await elder.ask("ConsentLedger"))["edges"]]
    assert {(line["action"], line["actorRole"], line["byMyself"]) for line in lines} >= {
        ("APPOINTMENT_BOOKED", "delegate", False), ("SEEN_FOR", "delegate", False)}
    await worker()  # type: ignore[operator]
    assert {"healthcare.booked"} <= {each["type"] for each in await inbox(elder)}
    assert {"healthcare.booked"} <= {each["type"] for each in await inbox(grandson)}


async def test_whoever_may_look_may_not_book(served: Served) -> None:
    _, (slot, _) = await session(served, 3, 3)
    elder, grandson = await two(served)
    made = await book(elder, slot)
    await mandate(served, elder, grandson, LOOKING)
    acting(grandson, elder)
    assert await ids(grandson) == [made["id"]]
    assert await grandson.refused("HealthcareBook", slot=slot, patient=elder.id, key=key()) == "ACTING_NOT_COVERED"
    assert await grandson.refused("HealthcareCancel", id=made["id"]) == "ACTING_NOT_COVERED"
    assert await remaining(served, slot) == 2
    assert (await elder.ask("HealthcareAppointment", id=made["id"]))["status"] == "BOOKED"


async def test_it_ends_at_once_and_by_itself(served: Served) -> None:
    elder, grandson = await two(served)
    given = await mandate(served, elder, grandson, BOOKING, days=2)
    acting(grandson, elder)
    assert await ids(grandson) == []
    served.platform.clock.move(timedelta(days=2))
    assert await grandson.refused("HealthcareComing") == "ACTING_NOT_COVERED"
    served.platform.clock.move(timedelta(days=-2))
    assert await ids(grandson) == []
    await end(served, given)
    assert await grandson.refused("HealthcareComing") == "ACTING_NOT_COVERED"


async def test_nobody_acts_by_naming_somebody(served: Served) -> None:
    """Neither by an id that was edited, nor for the children of whom one acts for, nor what was given on."""
    _, (slot, _) = await session(served, 3, 3)
    elder, grandson = await two(served)
    parent, resident = await served.signed_in("parent"), await served.signed_in("resident")
    await mandate(served, parent, grandson, BOOKING)
    await mandate(served, grandson, resident, BOOKING)
    assert await acting(grandson, elder).refused("HealthcareComing") == "ACTING_NOT_COVERED"
    acting(grandson, parent)
    for patient in (CHILD, elder.id, grandson.id):
        assert await grandson.refused("HealthcareBook", slot=slot, patient=patient, key=key()) == NOT_MINE
    assert await acting(resident, parent).refused("HealthcareBook", slot=slot, patient=parent.id, key=key()) \
        == "ACTING_NOT_COVERED"
    assert await remaining(served, slot) == 3


async def test_what_is_not_declared_for_another_refuses(served: Served) -> None:
    elder, grandson = await two(served)
    await mandate(served, elder, grandson, BOOKING)
    acting(grandson, elder)
    for document in ("IdentityDevices", "ConsentLedger", "MessagesInbox", "DelegationPrincipals", "FactorsMine",
                     "StaffMine"):
        assert await grandson.refused(document) == "ACTING_NOT_COVERED", document


async def test_custody_that_is_limited_shows_and_books_nothing(served: Served) -> None:
    _, (slot, other) = await session(served, 3, 3)
    parent = await served.signed_in("parent")
    made = await book(parent, slot, CHILD)
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET limits = '{healthcare}' WHERE child_id = $1",
                                 UUID(CHILD))
    assert made["id"] not in await ids(parent)
    assert CHILD not in [each["id"] for each in await parent.ask("HealthcarePatients")]
    assert await parent.refused("HealthcareBook", slot=other, patient=CHILD, key=key()) == NOT_MINE
    assert await acting(parent, CHILD).refused("HealthcareComing") == "ACTING_NOT_COVERED"
