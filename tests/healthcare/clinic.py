"""What the tests of healthcare are done with: slots of their own, and a look behind the scenes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.clients import Phone, Served

from haian.call import Platform
from haian.clock import SHANGHAI
from haian.demo import demo_id

HOSPITAL, OTHER_HOSPITAL = demo_id("organisation:hospital"), demo_id("organisation:hospital-2")
PAEDIATRICS = demo_id("department:hospital:儿科")
CHILD, TODDLER = str(demo_id("citizen:child")), str(demo_id("citizen:toddler"))
FEE = 1500


def key() -> str:
    return str(uuid4())


def morning(platform: Platform, days: int = 3) -> datetime:
    """08:00 in Shanghai so many days from today."""
    return platform.clock.today().astimezone(SHANGHAI) + timedelta(days=days, hours=8)


async def session(served: Served, *capacities: int, days: int = 3, department: UUID = PAEDIATRICS) -> tuple[str, list[str]]:
    """A doctor who sits that day from 08:00 on in slots of half an hour: the schedule, and its slots."""
    at, doctor, schedule, slots = morning(served.platform, days), uuid4(), uuid4(), [uuid4() for _ in capacities]
    async with served.platform.db.writing_as("healthcare") as connection:
        await connection.execute("INSERT INTO healthcare.doctor (id, department_id, name, title, specialty, pinyin) "
                                 "VALUES ($1, $2, '海试', 'CHIEF', '试验', 'hai shi')", doctor, department)
        await connection.execute(
            """INSERT INTO healthcare.schedule (id, doctor_id, department_id, hospital_id, starts_at, ends_at, fee_cents)
               SELECT $1, $2, id, hospital_id, $4, $5, $6 FROM healthcare.department WHERE id = $3""",
            schedule, doctor, department, at, at + timedelta(minutes=30 * len(slots)), FEE)
        for i, (slot, capacity) in enumerate(zip(slots, capacities, strict=True)):
            await connection.execute(
                """INSERT INTO healthcare.slot (id, schedule_id, doctor_id, department_id, starts_at, ends_at, fee_cents,
                                                first_number, capacity, remaining)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)""", slot, schedule, doctor, department,
                at + timedelta(minutes=30 * i), at + timedelta(minutes=30 * (i + 1)), FEE, 1 + sum(capacities[:i]), capacity)
    return str(schedule), [str(slot) for slot in slots]


async def book(phone: Phone, slot: str, patient: str = "", with_key: str = "") -> Any:
    return await phone.ask("HealthcareBook", slot=slot, patient=patient or phone.id, key=with_key or key())


async def remaining(served: Served, slot: str) -> int:
    rows = await served.platform.db.fetch("SELECT remaining FROM healthcare.slot WHERE id = $1", UUID(slot))
    return int(rows[0][0])


async def live(served: Served, slot: str) -> list[Any]:
    """The appointments of a slot that are not cancelled, by number."""
    return list(await served.platform.db.fetch(
        "SELECT * FROM healthcare.appointment WHERE slot_id = $1 AND status <> 'cancelled' ORDER BY number", UUID(slot)))


async def ledger(phone: Phone) -> list[str]:
    return [edge["node"]["action"] for edge in (await phone.ask("ConsentLedger"))["edges"]]


async def inbox(phone: Phone) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]]


async def run_job(platform: Platform, name: str) -> None:
    await next(job for job in platform.registry.jobs if job.name == name).run(platform)
