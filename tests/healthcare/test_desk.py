"""The registrar's desk: who comes, 停诊, 签到."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.clients import Phone, Served
from tests.crowd import all_at_once, codes, crowd
from tests.healthcare.clinic import (
    CHILD,
    OTHER_HOSPITAL,
    book,
    inbox,
    key,
    ledger,
    live,
    morning,
    remaining,
    run_job,
    session,
)

REASON = "医生外出会诊"


def day(served: Served, days: int = 3) -> str:
    return morning(served.platform, days).date().isoformat()


async def registrar_elsewhere(served: Served) -> Phone:
    """A registrar of the second hospital."""
    phone = await served.signed_in("clerk")
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute(
            """INSERT INTO staff.membership (citizen_id, organisation_id, role, during)
               VALUES ($1, $2, 'registrar', tstzrange($3, NULL))""", UUID(phone.id), OTHER_HOSPITAL,
            served.platform.clock.now() - timedelta(days=1))
    return phone


async def listed(phone: Phone, on: str, schedule: str | None = None) -> list[dict[str, Any]]:
    found = await phone.ask("HealthcareDeskAppointments", day=on, schedule=schedule, first=100)
    return [edge["node"] for edge in found["edges"]]


async def sitting(phone: Phone, on: str) -> dict[str, Any]:
    found = (await phone.ask("HealthcareDesk", day=on, first=100))["healthcareDeskSchedules"]
    return {edge["node"]["id"]: edge["node"] for edge in found["edges"]}


async def test_the_registrar_sees_her_hospitals_day_and_the_patient_sees_that_she_looked(served: Served) -> None:
    schedule, (slot, _) = await session(served, 3, 3)
    patient, registrar = await served.signed_in("parent"), await served.signed_in("registrar")
    made = await book(patient, slot)
    sits = (await sitting(registrar, day(served)))[schedule]
    assert (sits["booked"], sits["capacity"], sits["closedAt"]) == (1, 6, None)
    seen = await listed(registrar, day(served), schedule)
    assert [(each["id"], each["patient"]["name"]) for each in seen] == [(made["id"], "张晓梅")]
    assert made["id"] in [each["id"] for each in await listed(registrar, day(served))]
    entry = (await patient.ask("ConsentLedger"))["edges"][0]["node"]
    assert (entry["action"], entry["actorRole"], entry["organisation"]) == ("APPOINTMENTS_SEEN", "registrar", "演示第一医院")


async def test_a_registrar_of_another_hospital_sees_and_does_nothing(served: Served) -> None:
    schedule, (slot,) = await session(served, 3)
    patient, other = await served.signed_in("parent"), await registrar_elsewhere(served)
    made = await book(patient, slot)
    desks = (await other.ask("HealthcareDesk", day=day(served)))["healthcareDesks"]
    assert [desk["name"] for desk in desks] == ["演示第二医院"]
    assert schedule not in await sitting(other, day(served))
    assert await listed(other, day(served), schedule) == []
    assert made["id"] not in [each["id"] for each in await listed(other, day(served))]
    assert await other.refused("HealthcareMark", id=made["id"], status="ARRIVED") == "NOT_FOUND"
    assert await other.refused("HealthcareCloseSchedule", id=schedule, reason=REASON) == "NOT_FOUND"
    assert await other.refused("HealthcareOpenSchedule", id=schedule) == "NOT_FOUND"
    assert "APPOINTMENTS_SEEN" not in await ledger(patient)
    assert len(await live(served, slot)) == 1


async def test_a_resident_has_no_desk(served: Served) -> None:
    schedule, _ = await session(served, 1)
    phone = await served.signed_in("parent")
    assert await phone.refused("HealthcareDesk", day=day(served)) == "FORBIDDEN"
    assert await phone.refused("HealthcareDeskAppointments", day=day(served)) == "FORBIDDEN"
    assert await phone.refused("HealthcareCloseSchedule", id=schedule, reason=REASON) == "FORBIDDEN"
    assert await served.phone().refused("HealthcareDeskAppointments", day=day(served)) == "UNAUTHENTICATED"


async def test_closing_a_schedule_cancels_and_tells_whoever_is_booked(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    schedule, (slot, other) = await session(served, 3, 3)
    patient, registrar = await served.signed_in("parent"), await served.signed_in("registrar")
    made = await book(patient, slot, CHILD)
    assert await registrar.refused("HealthcareCloseSchedule", id=schedule, reason=" x ") == "HEALTHCARE_REASON_INVALID"
    closed = await registrar.ask("HealthcareCloseSchedule", id=schedule, reason=REASON)
    assert (closed["closedReason"], closed["booked"]) == (REASON, 0)
    await registrar.ask("HealthcareCloseSchedule", id=schedule, reason="另一个原因")
    await worker()
    gone = await patient.ask("HealthcareAppointment", id=made["id"])
    assert (gone["status"], gone["cancelledBy"], gone["reason"]) == ("CANCELLED", "HOSPITAL", REASON)
    told = [message for message in await inbox(patient) if message["title"] == "医生停诊，预约已取消"]
    assert len(told) == 1 and REASON in told[0]["body"]
    assert (await patient.ask("HealthcareSlot", id=other))["status"] == "CLOSED"
    assert await patient.refused("HealthcareBook", slot=other, patient=CHILD, key=key()) == "HEALTHCARE_SCHEDULE_CLOSED"
    assert (await remaining(served, slot), await remaining(served, other)) == (3, 3)
    opened = await registrar.ask("HealthcareOpenSchedule", id=schedule)
    assert (opened["closedAt"], opened["booked"]) == (None, 0)
    assert (await book(patient, other, CHILD))["__typename"] == "HealthcareAppointment"


async def test_nobody_is_left_in_a_schedule_that_closed_while_they_booked(served: Served) -> None:
    schedule, slots = await session(served, 20, 20)
    phones, registrar = await crowd(served, 30), await served.signed_in("registrar")

    async def act(phone: Phone) -> Any:
        if phone is registrar:
            return await phone.ask("HealthcareCloseSchedule", id=schedule, reason=REASON)
        return await book(phone, slots[phones.index(phone) % 2])
    results = await all_at_once([*phones[:15], registrar, *phones[15:]], act)
    assert set(codes(results)) <= {"HEALTHCARE_SCHEDULE_CLOSED"}
    for slot in slots:
        assert await live(served, slot) == []
        assert await remaining(served, slot) == 20


async def test_arrival_is_marked_on_the_day_and_may_be_taken_back(served: Served) -> None:
    _, (slot, late) = await session(served, 3, 3, days=1)
    patient, registrar = await served.signed_in("parent"), await served.signed_in("registrar")
    made, child = await book(patient, slot), await book(patient, late, CHILD)

    async def mark(which: Any, status: str) -> str:
        return str((await registrar.ask("HealthcareMark", id=which["id"], status=status))["status"])
    assert await registrar.refused("HealthcareMark", id=made["id"], status="ARRIVED") == "HEALTHCARE_NOT_TODAY"
    clock = served.platform.clock
    clock.move(clock.today() + timedelta(days=1, hours=8, minutes=5) - clock.now())
    assert [await mark(made, to) for to in ("ARRIVED", "ARRIVED", "BOOKED", "NOSHOW", "ARRIVED")] \
        == ["ARRIVED", "ARRIVED", "BOOKED", "NOSHOW", "ARRIVED"]
    assert await registrar.refused("HealthcareMark", id=child["id"], status="NOSHOW") == "HEALTHCARE_NOT_MARKABLE"
    assert await mark(child, "ARRIVED") == "ARRIVED"
    assert await patient.refused("HealthcareCancel", id=child["id"]) == "HEALTHCARE_NOT_CANCELLABLE"
    assert (await ledger(patient)).count("APPOINTMENT_MARKED") == 4
    clock.move(timedelta(hours=2))
    await run_job(served.platform, "healthcare.finish")
    assert (await patient.ask("HealthcareAppointment", id=made["id"]))["status"] == "FULFILLED"
    assert await registrar.refused("HealthcareMark", id=made["id"], status="BOOKED") == "HEALTHCARE_NOT_MARKABLE"


async def test_a_schedule_that_is_over_stays_as_it_was(served: Served) -> None:
    schedule, _ = await session(served, 1, days=1)
    served.platform.clock.move(timedelta(days=2))
    registrar = await served.signed_in("registrar")
    assert await registrar.refused("HealthcareCloseSchedule", id=schedule, reason=REASON) == "HEALTHCARE_SCHEDULE_OVER"
