"""School notices for another: by mandate, for a child that one acts for, and never past what custody forbids."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from tests.classroom import SCHOOL, Classroom, add_guardian, classroom, inbox, newcomers, notices
from tests.clients import Phone, Served
from tests.delegation.family import acting, end, mandate

from haian.transaction import statement_of

READ, WRITE = "education.notices.read", "education.notices.write"
Worker = Callable[[], Awaitable[None]]


async def confirm(phone: Phone, notice: str) -> str:
    return str((await phone.ask("EducationConfirm", id=notice, key=str(uuid4())))["__typename"])


async def limited(room: Classroom, phone: Phone, limit: str) -> None:
    async with room.served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET limits = $2 WHERE guardian_id = $1", UUID(phone.id),
                                 [limit])


async def test_a_grandmother_confirms_for_the_mother_who_asked_her_to(served: Served, worker: Worker) -> None:
    room = await classroom(served)
    mother, [grandmother] = room.guardians[0], await newcomers(served, 1)
    notice = (await room.publish())["id"]
    given = await mandate(served, mother, grandmother, WRITE)
    assert await notices(grandmother) == [], "it is not her own"
    assert await grandmother.ask("EducationNotice", id=notice) is None
    acting(grandmother, mother)
    [seen] = await notices(grandmother)
    assert (seen["awaitsMe"], [each["childName"] for each in seen["mine"]]) == (True, ["测试孩子0"])
    assert await confirm(grandmother, notice) == "EducationNotice"
    [hers] = (await mother.ask("EducationNotice", id=notice))["mine"]
    assert (bool(hers["confirmedAt"]), hers["relation"], hers["byMe"]) == (True, None, False)
    assert (await room.written({"id": notice}))["confirmedCount"] == 1
    lines = [edge["node"] for edge in (await mother.ask("ConsentLedger"))["edges"]]
    assert ("NOTICE_CONFIRMED", "delegate", WRITE) in [
        (line["action"], line["actorRole"], line["acting"]) for line in lines]
    assert await room.count("FROM haian.audit WHERE action = 'NOTICE_CONFIRMED' AND subject_id = $1", room.children[0]) == 1
    await end(served, given)
    assert await grandmother.refused("EducationNotices") == "ACTING_NOT_COVERED"


async def test_whoever_may_look_may_not_confirm_and_nobody_by_naming_somebody(served: Served) -> None:
    room = await classroom(served)
    mother, [friend, stranger] = room.guardians[0], await newcomers(served, 2)
    notice = (await room.publish())["id"]
    await mandate(served, mother, friend, READ)
    [seen] = await notices(acting(friend, mother))
    assert (seen["id"], seen["awaitsMe"]) == (notice, False)
    assert await friend.refused("EducationConfirm", id=notice, key=str(uuid4())) == "ACTING_NOT_COVERED"
    later = (await room.publish(None, title="下周春游"))["id"]
    assert [each["id"] for each in await notices(friend)] == [later, notice], "no answer of hers is awaited"
    assert [each["id"] for each in await notices(mother)] == [notice, later]
    acting(stranger, mother)
    for document, given in (("EducationNotices", {}), ("EducationNotice", {"id": notice}),
                            ("EducationConfirm", {"id": notice, "key": str(uuid4())})):
        assert await stranger.refused(document, **given) == "ACTING_NOT_COVERED"
    assert await room.count("FROM education.confirmation WHERE notice_id = $1", UUID(notice)) == 0


async def test_a_guardian_who_acts_for_one_child_confirms_for_that_one_alone(served: Served) -> None:
    room = await classroom(served)
    mother = room.guardians[0]
    await add_guardian(served, mother, room.children[1])
    notice = (await room.publish())["id"]
    assert [each["childName"] for each in (await notices(mother))[0]["mine"]] == ["测试孩子0", "测试孩子1"]
    acting(mother, str(room.children[1]))
    assert [each["childName"] for each in (await notices(mother))[0]["mine"]] == ["测试孩子1"]
    assert await confirm(mother, notice) == "EducationNotice"
    mine = (await acting(mother, None).ask("EducationNotice", id=notice))["mine"]
    assert [(each["childName"], each["relation"]) for each in mine if each["confirmedAt"]] == [("测试孩子1", "MOTHER")]


async def test_custody_limits_hold_for_oneself_for_another_and_in_messages(served: Served, worker: Worker) -> None:
    room = await classroom(served)
    father, [aunt] = room.guardians[0], await newcomers(served, 1)
    await mandate(served, father, aunt, WRITE)
    await limited(room, father, WRITE)
    notice, later = (await room.publish())["id"], (await room.publish(None))["id"]
    assert [(each["id"], each["awaitsMe"]) for each in await notices(father)] == [(later, False), (notice, False)], \
        "he reads what he may not answer"
    assert await father.refused("EducationConfirm", id=notice, key=str(uuid4())) == "NOT_FOUND"
    assert await acting(aunt, father).refused("EducationConfirm", id=notice, key=str(uuid4())) == "NOT_FOUND"
    assert await acting(father, str(room.children[0])).refused("EducationConfirm", id=notice, key=str(uuid4())) \
        == "ACTING_NOT_COVERED"
    await limited(room, acting(father, None), "education")
    assert (await notices(father), await notices(aunt)) == ([], [])
    assert await father.ask("EducationNotice", id=notice) is None
    await worker()
    before = len(await inbox(father))
    await room.publish(title="下周春游")
    await worker()
    assert (len(await inbox(father)), len(await inbox(room.guardians[1]))) == (before, 3)


async def test_what_was_confirmed_by_mandate_is_withdrawn_before_the_guardian_who_gave_it(
        served: Served, worker: Worker) -> None:
    room = await classroom(served)
    mother, [grandmother] = room.guardians[0], await newcomers(served, 1)
    notice = (await room.publish())["id"]
    await mandate(served, mother, grandmother, WRITE)
    await confirm(acting(grandmother, mother), notice)
    await room.teacher.ask("EducationWithdraw", id=notice, reason="日期写错了")
    await worker()
    told = [[message["type"] for message in await inbox(phone)] for phone in room.guardians]
    assert told == [["education.withdrawn", "education.asked"], ["education.asked"]]


async def test_the_gate_is_told_of_no_child_that_custody_keeps_from_somebody(served: Served) -> None:
    room = await classroom(served, 1)
    [father] = room.guardians
    assert "测***0" in str(await may_fetch(served, father))
    await limited(room, father, READ)
    assert await may_fetch(served, father) is None
    await limited(room, father, "healthcare")
    assert await may_fetch(served, father), "another limit is not the school's"


async def may_fetch(served: Served, phone: Phone) -> object:
    read = served.platform.registry.facts["education.fetches"].value(UUID(phone.id), SCHOOL)
    [row] = await served.platform.db.fetch(*statement_of(read, None, served.platform.clock.now()))
    return row[0]
