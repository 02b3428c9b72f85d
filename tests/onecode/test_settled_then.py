"""What was read without the server is settled in the scene and at the post of that time, as kept history has it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.clients import Phone, Served
from tests.onecode.gate import code_of, gate_at
from tests.onecode.test_offline import carrying
from tests.staff.test_shifts import hand_overs, two_guards


async def settled(verifier: Phone, text: str, post: str | None = None) -> Any:
    return await verifier.ask("OnecodeSettle", code=text, key=str(uuid4()), post=post)


async def kept(served: Served, check: Any) -> tuple[str, str]:
    [row] = await served.platform.db.fetch("SELECT scene_id, place FROM onecode.scan WHERE id = $1", UUID(check["id"]))
    return row["scene_id"], row["place"]


async def none_kept(served: Served, holder: Phone) -> bool:
    return not await served.platform.db.fetch("SELECT FROM onecode.scan WHERE holder_id = $1 AND NOT demo", UUID(holder.id))


async def test_a_scene_that_is_chosen_later_changes_nothing_of_what_was_read(served: Served) -> None:
    holder, verifier, clock = await served.signed_in("resident"), await served.signed_in("verifier"), served.platform.clock
    duties = {duty["scene"]["name"]: duty["id"] for duty in await verifier.ask("OnecodeDuties")}
    device, codes = await carrying(holder, "图书馆借阅")
    await verifier.ask("OnecodeServe", duty=duties["图书馆借阅"])
    library = (await verifier.ask("OnecodeOfflineKit"))["post"]
    assert library == (await verifier.ask("OnecodePost"))["post"]
    clock.move(timedelta(minutes=1))
    texts = [device.show(code, clock.epoch()) for code in codes[:4]]
    clock.move(timedelta(minutes=1))
    await verifier.ask("OnecodeServe", duty=duties["公交乘车"])
    bus = (await verifier.ask("OnecodeOfflineKit"))["post"]
    assert await verifier.refused("OnecodeSettle", code=texts[0], key=str(uuid4()), post=bus) == "ONECODE_NOT_AT_POST"
    assert await none_kept(served, holder), "the phone says one scene, history another"
    for text, said in zip(texts, (library, None), strict=False):
        check = await settled(verifier, text, said)
        assert (check["verdict"], (await kept(served, check))[0]) == ("ACCEPTED", "library_loan")
    just = device.show(codes[4], clock.epoch())  # half a minute before the next choice: it may have been read in either
    clock.move(timedelta(seconds=20))
    await verifier.ask("OnecodeServe", duty=duties["图书馆借阅"])
    assert (await kept(served, await settled(verifier, just, library)))[0] == "library_loan"
    early = device.show(codes[5], clock.epoch() + 40)
    clock.move(timedelta(seconds=60))
    assert await verifier.refused("OnecodeSettle", code=early, key=str(uuid4()), post=bus) == "ONECODE_NOT_AT_POST"


async def test_a_gate_that_serves_another_scene_since_settles_in_the_one_before(served: Served) -> None:
    holder, guard, manager = [await served.signed_in(who) for who in ("resident", "guard", "manager")]
    device, codes = await carrying(holder)
    text = device.show(codes[0], served.platform.clock.epoch())
    served.platform.clock.move(timedelta(minutes=2))
    organisation = (await manager.ask("OnecodeDesks"))[0]["id"]
    await manager.ask("OnecodeAssign", organisation=organisation, place="东门", scenes=["parking_entry"])
    assert (await guard.ask("OnecodePost"))["scene"]["id"] == "parking_entry"
    check = await settled(guard, text)
    assert (check["verdict"], *await kept(served, check)) == ("ACCEPTED", "residential_gate", "东门")


async def test_what_was_read_before_the_shift_was_handed_over_is_settled_at_the_gate_of_then(served: Served) -> None:
    holder, clock = await served.signed_in("elder"), served.platform.clock
    guard, after, given = await two_guards(served)
    device, codes = await carrying(holder)
    post = (await guard.ask("OnecodeOfflineKit"))["post"]
    text, wrong = [device.show(code, clock.epoch()) for code in codes[:2]]
    clock.move(timedelta(minutes=2))
    await guard.ask("StaffHandOver", key=str(uuid4()), **given)
    [waiting] = await hand_overs(after)
    await after.ask("StaffTakeOver", id=waiting["id"])
    clock.move(timedelta(minutes=2))
    check = await settled(guard, text, post)
    assert (check["verdict"], *await kept(served, check)) == ("ACCEPTED", "residential_gate", "东门")
    assert await after.refused("OnecodeSettle", code=wrong, key=str(uuid4()), post=post) == "ONECODE_NOT_AT_POST", "not yet"
    later = device.show(codes[2], clock.epoch())
    assert (await kept(served, await settled(after, later, post)))[1] == "东门"
    assert (await kept(served, await settled(guard, device.show(codes[3], clock.epoch()))))[1] == ""


async def test_a_device_that_is_registered_anew_settles_nothing_of_before(served: Served) -> None:
    manager, holder = await served.signed_in("manager"), await served.signed_in("resident")
    device, codes = await carrying(holder)
    before = device.show(codes[0], served.platform.clock.epoch())
    served.platform.clock.move(timedelta(minutes=2))
    async with gate_at(served, manager) as gate:
        refused = await gate.post("/gates/settle", code=before, key=str(uuid4()))
        assert (refused.status_code, code_of(refused)) == (400, "ONECODE_NOT_AT_POST")
        text = device.show(codes[1], served.platform.clock.epoch())
        served.platform.clock.move(timedelta(minutes=2))
        code = (await manager.ask("OnecodeEnrolVerifier", id=gate.id))["code"]
        assert (await gate.enrol(code)).status_code == 200, "a new key of the same gate"
        assert (await gate.post("/gates/settle", code=text, key=str(uuid4()))).json()["verdict"] == "ACCEPTED"
