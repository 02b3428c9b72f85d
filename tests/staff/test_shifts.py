"""交接班: a guard hands the gate to the next, who reads the note and takes over; the place moves with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.clients import Phone, Served
from tests.staff.office import appointed, lines, people


async def two_guards(served: Served) -> tuple[Phone, Phone, dict[str, str]]:
    """Who stands at the east gate, who comes next, and what the first writes to hand over."""
    manager, guard = await served.signed_in("manager"), await served.signed_in("guard")
    after = await appointed(served, manager, "resident", "property_guard")
    [colleague] = (await guard.ask("StaffShift"))["staffColleagues"]
    assert colleague["name"] == "王海燕"
    return guard, after, {"post": colleague["post"], "to": colleague["id"], "note": "3 号车位\n有一辆救护车，别拦。"}


async def hand_overs(phone: Phone) -> list[Any]:
    return list((await phone.ask("StaffShift"))["staffHandOvers"])


async def places(served: Served) -> dict[str, str]:
    found = await people(await served.signed_in("manager"))
    return {name.split()[0]: post["place"] for name, post in found.items() if post["role"] == "property_guard"}


async def test_the_next_shift_reads_the_note_and_takes_the_place(served: Served) -> None:
    guard, after, given = await two_guards(served)
    await guard.ask("StaffHandOver", key=str(uuid4()), **given)
    assert await places(served) == {"赵建国": "东门", "王海燕": ""}
    [waiting] = await hand_overs(after)
    assert (waiting["note"], waiting["place"], waiting["other"], waiting["toMe"]) == (given["note"], "东门", "赵建国", True)
    await after.ask("StaffTakeOver", id=waiting["id"])
    assert await places(served) == {"赵建国": "", "王海燕": "东门"}
    assert (await after.ask("OnecodePost"))["place"] == "东门"
    assert await lines(served, guard.id, "SHIFT_TAKEN_OVER") == [(after.id, "property_guard")]
    assert await lines(served, after.id, "SHIFT_HANDED_OVER") == [(guard.id, "property_guard")]
    assert await after.refused("StaffTakeOver", id=waiting["id"]) == "NOT_FOUND"


async def test_only_who_it_was_handed_to_takes_over(served: Served) -> None:
    guard, after, given = await two_guards(served)
    [made] = await guard.ask("StaffHandOver", key=str(uuid4()), **given)
    clerk = await served.signed_in("clerk")
    assert await clerk.refused("StaffTakeOver", id=made["id"]) == "NOT_FOUND"
    assert await guard.refused("StaffTakeOver", id=made["id"]) == "NOT_FOUND"
    assert await hand_overs(clerk) == []
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("DELETE FROM staff.membership WHERE citizen_id = $1", UUID(after.id))
    assert await after.refused("StaffTakeOver", id=made["id"]) == "NOT_FOUND"
    assert await hand_overs(after) == []


async def test_a_shift_goes_to_a_colleague_in_the_same_post_alone(served: Served) -> None:
    guard, after, given = await two_guards(served)
    posts = await people(await served.signed_in("manager"))
    elsewhere, mine, theirs = posts["吴志强 property_clerk"]["id"], given["post"], given["to"]
    for wrong in ({"to": elsewhere}, {"to": mine}, {"post": theirs, "to": mine}):
        assert await guard.refused("StaffHandOver", key=str(uuid4()), **{**given, **wrong}) == "STAFF_NO_COLLEAGUE"
    assert await guard.refused("StaffHandOver", key=str(uuid4()), **{**given, "note": "长" * 501}) == "STAFF_NOTE_INVALID"
    assert await hand_overs(after) == []


async def test_the_newer_hand_over_replaces_the_older(served: Served) -> None:
    guard, after, given = await two_guards(served)
    for note in ("一", "二"):
        await guard.ask("StaffHandOver", key=str(uuid4()), **{**given, "note": note})
    assert [each["note"] for each in await hand_overs(after)] == ["二"]


async def test_colleagues_who_were_looked_up_find_it_in_their_ledger(served: Served) -> None:
    guard, after, _ = await two_guards(served)
    assert (guard.id, "property_guard") in await lines(served, after.id, "COLLEAGUES_SEEN")
