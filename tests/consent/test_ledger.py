"""用数账本: who saw my things, in which office and on which ground; filters; and a child's ledger for its guardian."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.classroom import classroom
from tests.clients import Phone, Served, new_number

from haian.clock import SHANGHAI
from haian.demo import demo_id


async def looked_at(served: Served) -> Phone:
    """The resident, whose code the guard has just read."""
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    await guard.ask("OnecodeScan", code=(await holder.ask("OnecodeIssue"))["text"], nonce=str(uuid4()))
    return holder


async def lines(phone: Phone, **asked: Any) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await phone.ask("ConsentLedger", first=100, **asked))["edges"]]


async def test_a_line_says_who_for_which_office_saw_what_and_on_which_ground(served: Served) -> None:
    holder = await looked_at(served)
    line = (await lines(holder, kind="SCAN"))[0]
    assert (line["kind"], line["action"], line["actorRole"], line["organisation"]) \
        == ("SCAN", "CODE_ACCEPTED", "property_guard", "海岸物业服务中心（演示）")
    assert (line["fields"], line["ground"]) == (["name", "resident"], "shown")
    assert (line["actorName"], line["byMyself"]) == ("赵*国", False)


async def test_a_teachers_look_names_the_teacher_and_a_duty(served: Served) -> None:
    room = await classroom(served, 1)
    await room.teacher.ask("EducationGuardians", pupil=str(room.pupils[0]))
    seen = (await lines(room.guardians[0], kind="OFFICIAL"))[0]
    [[name]] = await served.platform.db.fetch("SELECT name FROM haian.citizen WHERE id = $1", UUID(room.teacher.id))
    assert (seen["action"], seen["actorName"], seen["ground"]) == ("GUARDIANS_SEEN", name, "duty")


async def test_filters_leave_what_they_say(served: Served) -> None:
    holder = await looked_at(served)
    for kind in ("OFFICIAL", "SCAN", "DELEGATE", "MINI_APP", "MYSELF"):
        assert {line["kind"] for line in await lines(holder, kind=kind)} <= {kind}
    assert [line["action"] for line in await lines(holder, kind="MYSELF")][-1] == "SIGNED_IN"
    later = served.platform.clock.now() + timedelta(hours=1)
    assert await lines(holder, since=later.isoformat()) == []
    assert await lines(holder, kind="OFFICIAL", since="2000-01-01T00:00:00Z") == await lines(holder, kind="OFFICIAL")


async def seen(served: Served, phone: Phone, *fields: str, actor: UUID, action: str = "SEEN_FOR",
               role: str = "delegate") -> None:
    async with served.platform.writing("parking") as tx:
        tx.viewer = tx.viewer._replace(id=actor)
        await tx.audit(action, UUID(phone.id), role=role, fields=fields)


async def test_looks_of_a_day_that_are_alike_are_one_entry_and_what_was_done_stands_beside(served: Served) -> None:
    phone, [one, other] = await served.signed_in(new_number()), [uuid4(), uuid4()]
    for fields in (["name"], ["name", "startsAt"], ["feeCents"]):
        served.platform.clock.move(timedelta(minutes=1))
        await seen(served, phone, *fields, actor=one)
    await seen(served, phone, actor=one, action="APPOINTMENT_BOOKED")
    await seen(served, phone, actor=one, action="APPOINTMENT_BOOKED")
    await seen(served, phone, "name", actor=other)
    await seen(served, phone, "name", actor=one, role="guardian")
    served.platform.clock.move(timedelta(days=1))
    await seen(served, phone, "plate", actor=one)
    found = await lines(phone, kind="DELEGATE")
    assert [(line["action"], line["actorRole"], line["times"], line["fields"], line["look"]) for line in found] == [
        ("SEEN_FOR", "delegate", 1, ["plate"], True), ("SEEN_FOR", "guardian", 1, ["name"], True),
        ("SEEN_FOR", "delegate", 1, ["name"], True), ("APPOINTMENT_BOOKED", "delegate", 1, [], False),
        ("APPOINTMENT_BOOKED", "delegate", 1, [], False),
        ("SEEN_FOR", "delegate", 3, ["feeCents", "name", "startsAt"], True)]
    first, last = (datetime.fromisoformat(found[-1][name]) for name in ("firstAt", "at"))
    assert (last - first) // timedelta(minutes=1) == 2
    whole = await served.platform.db.fetch("SELECT FROM haian.audit WHERE subject_id = $1 AND action <> 'SIGNED_IN'",
                                           UUID(phone.id))
    assert len(whole) == 8, "the ledger itself keeps each"


async def test_a_day_begins_at_midnight_in_qingdao(served: Served) -> None:
    phone, actor = await served.signed_in(new_number()), uuid4()
    now = served.platform.clock.now().astimezone(SHANGHAI)
    served.platform.clock.move(now.replace(hour=23, minute=58) - now)
    for minutes in (0, 4, 8 * 60):
        served.platform.clock.move(timedelta(minutes=minutes))
        await seen(served, phone, actor=actor)
    assert [line["times"] for line in await lines(phone, kind="DELEGATE")] == [2, 1]


async def test_pages_are_of_entries_and_a_look_that_comes_meanwhile_brings_none_twice(served: Served) -> None:
    phone, actors = await served.signed_in(new_number()), [uuid4() for _ in range(3)]
    for actor in [*actors, *actors]:
        served.platform.clock.move(timedelta(minutes=1))
        await seen(served, phone, "name", actor=actor)
    first = await phone.ask("ConsentLedger", first=1, kind="DELEGATE")
    await seen(served, phone, "plate", actor=actors[2])
    rest = await phone.ask("ConsentLedger", first=5, kind="DELEGATE", after=first["pageInfo"]["endCursor"])
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert [edge["node"]["times"] for edge in [*first["edges"], *rest["edges"]]] == [2, 2, 2]
    assert [line["times"] for line in await lines(phone, kind="DELEGATE")] == [3, 2, 2]


async def test_a_guardian_reads_a_childs_ledger_and_nobody_else_does(served: Served) -> None:
    parent, stranger = await served.signed_in("parent"), await served.signed_in("resident")
    child = demo_id("citizen:child")
    async with served.platform.writing("education") as tx:
        await tx.audit("PUPILS_SEEN", child, role="teacher", ground="duty")
    assert await lines(parent, child=str(child))
    assert await lines(stranger, child=str(child)) == []
    assert await lines(parent, child=stranger.id) == []


async def test_a_guardian_whom_custody_limits_reads_nothing(served: Served) -> None:
    child, parent = demo_id("citizen:toddler"), await served.signed_in("parent")
    async with served.platform.writing("education") as tx:
        await tx.audit("PUPILS_SEEN", child, role="teacher")
    assert await lines(parent, child=str(child))
    await limit(served, child, ["consent"])
    try:
        assert await lines(parent, child=str(child)) == []
    finally:
        await limit(served, child, [])


async def limit(served: Served, child: UUID, limits: list[str]) -> None:
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET limits = $2 WHERE child_id = $1", child, limits)
