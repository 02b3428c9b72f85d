"""What a mutation shows is read by a plan of its own, as plain execution would show it; a service is called once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from tests.classroom import classroom
from tests.clients import Served
from tests.healthcare.clinic import book, session
from tests.parking.test_booking import book as book_space
from tests.parking.test_booking import offered, window

from gateway.plans import Outcome, Plans
from haian.db import REFUSED


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The response key and data of each mutation that was shown, held against plain execution of the same read."""
    found: list[tuple[str, Any]] = []
    original = Plans.show

    async def both(self: Plans, *asked: Any) -> Outcome:
        call, before = asked[-1], dict(asked[-1].looks)
        compiled, looks = await original(self, *asked), dict(call.looks)
        call.looks.clear()
        call.looks.update(before)
        plain = await self.completed(*asked)
        data = orjson.loads(compiled.data) if isinstance(compiled.data, bytes) else compiled.data
        assert json.dumps(data) == json.dumps(orjson.loads(orjson.dumps(plain.data, default=str)))
        assert [path for path, _ in compiled.errors] == [path for path, _ in plain.errors]
        assert looks == dict(call.looks)
        found.append((asked[1], data))
        return compiled
    monkeypatch.setattr(Plans, "show", both)
    return found


def kinds(shown: list[tuple[str, Any]]) -> list[str]:
    return [data[key].get("__typename", key) for key, data in shown]


async def test_each_picture_of_a_booking_is_the_same_both_ways(served: Served, shown: list[tuple[str, Any]]) -> None:
    _, (full, free) = await session(served, 1, 3)
    resident, elder = await served.signed_in("resident"), await served.signed_in("elder")
    booked = await book(resident, full)
    await book(elder, full)
    await book(resident, free)
    await resident.ask("HealthcareCancel", id=booked["id"])
    assert kinds(shown)[-4:] == ["HealthcareAppointment", "HealthcareSoldOut", "HealthcareAlreadyBooked", "healthcareCancel"]


async def test_an_audited_mutation_notes_the_same_looks(served: Served, shown: list[tuple[str, Any]]) -> None:
    _, (slot,) = await session(served, 2, days=1)
    booked = await book(await served.signed_in("resident"), slot)
    desk, clock = await served.signed_in("registrar"), served.platform.clock
    clock.move(clock.today() + timedelta(days=1, hours=8, minutes=5) - clock.now())
    await desk.ask("HealthcareMark", id=booked["id"], status="ARRIVED")
    assert shown[-1][0] == "healthcareMark"
    lines = await served.platform.db.fetch("""
        SELECT o.kind, a.acting FROM haian.audit a JOIN haian.organisation o ON o.id = a.office
        WHERE a.action = 'APPOINTMENTS_SEEN'""")
    assert {tuple(line) for line in lines} == {("hospital", "")}, "the look is in the ledger, and for which office"


async def test_parking_and_school_show_the_same_both_ways(served: Served, shown: list[tuple[str, Any]]) -> None:
    offer, times = await offered(served), window(served, 27)
    await book_space(await served.signed_in("elder"), offer, times)
    await book_space(await served.signed_in("parent"), offer, times, "鲁B54321")
    room = await classroom(served)
    notice = await room.publish()
    await room.guardians[0].ask("EducationConfirm", id=notice["id"], key=str(uuid4()))
    await room.teacher.ask("EducationRemind", id=notice["id"], key=str(uuid4()))
    await room.teacher.ask("EducationRemind", id=notice["id"], key=str(uuid4()))
    assert {"ParkingBooking", "ParkingTaken", "EducationNotice", "EducationReminded",
            "EducationRemindTooSoon"} <= set(kinds(shown))


async def test_what_a_plan_cannot_show_python_does_and_the_service_is_called_once(
        served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(self: Any, *_: Any) -> Any:
        raise REFUSED[1]("more than one row")
    offer, times = await offered(served), window(served, 27)
    phone = await served.signed_in("elder")
    monkeypatch.setattr(Plans, "execute", refused)
    assert (await book_space(phone, offer, times))["__typename"] == "ParkingBooking"
    booked = "SELECT count(*) FROM parking.booking WHERE offer_id = $1"
    assert (await served.platform.db.fetch(booked, UUID(offer["id"])))[0][0] == 1
