"""Confirming, reminding and withdrawing, what moves on open phones, and what the rest of the product gets of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.classroom import Classroom, add_child, add_guardian, classroom, end_guardian, enrol, inbox, newcomers, notices
from tests.clients import Phone, Served
from tests.crowd import all_at_once, codes

from education.service import tell_due
from haian.clock import SHANGHAI
from haian.demo import demo_id
from haian.transaction import statement_of


async def confirm(phone: Phone, notice: dict[str, Any], key: str = "") -> Any:
    return await phone.ask("EducationConfirm", id=notice["id"], key=key or str(uuid4()))


async def types(phone: Phone) -> list[str]:
    return [message["type"].removeprefix("education.") for message in await inbox(phone)]


async def subject_of(answers: AsyncIterator[Any], type_: str) -> str:
    """The subject of the next event of this type."""
    async with asyncio.timeout(10):
        async for answer in answers:
            if answer["live"]["type"] == type_:
                return str(answer["live"]["subject"])
    raise AssertionError("the socket closed")


async def test_one_tap_confirms_and_the_teacher_sees_who_has_not(served: Served) -> None:
    room = await classroom(served, 3)
    notice = await room.publish()
    answer = await confirm(room.guardians[1], notice)
    assert (answer["__typename"], answer["awaitsMe"]) == ("EducationNotice", False)
    assert (answer["mine"][0]["relation"], answer["mine"][0]["byMe"]) == ("MOTHER", True)
    seen = await room.written(notice)
    assert (seen["pupilCount"], seen["confirmedCount"]) == (3, 1)
    assert [each["pupilId"] for each in seen["confirmations"] if each["confirmedAt"]] == [str(room.pupils[1])]
    assert seen["confirmations"][-1]["childName"] == "测试孩子1"
    ledger = await served.platform.db.fetch(
        "SELECT actor_role, subject_id FROM haian.audit WHERE action = 'NOTICE_CONFIRMED'")
    assert [tuple(row) for row in ledger] == [("guardian", room.children[1])]


async def test_one_tap_confirms_for_all_my_children_in_the_class(served: Served) -> None:
    room = await classroom(served, 1)
    twin = await add_child(served, "双胞胎")
    await enrol(served, room.id, twin)
    await add_guardian(served, room.guardians[0], twin)
    notice = await room.publish()
    await confirm(room.guardians[0], notice)
    assert (await room.written(notice))["confirmedCount"] == 2


async def test_one_guardian_is_enough_and_the_first_stands(served: Served) -> None:
    room = await classroom(served, 1)
    [father] = await newcomers(served, 1)
    await add_guardian(served, father, room.children[0], "FATHER")
    notice = await room.publish()
    await confirm(father, notice)
    again = await confirm(room.guardians[0], notice)
    assert (again["mine"][0]["relation"], again["mine"][0]["byMe"]) == ("FATHER", False)
    assert await room.count("FROM education.confirmation WHERE notice_id = $1 AND confirmed_by = $2",
                            notice["id"], father.id) == 1
    assert await room.count("FROM education.confirmation WHERE notice_id = $1", notice["id"]) == 1
    assert await room.count("FROM haian.audit WHERE action = 'NOTICE_CONFIRMED'") == 1


async def test_of_fifty_who_confirm_at_once_each_counts_once(served: Served, worker: Any) -> None:
    room = await classroom(served, 50)
    notice = await room.publish()
    results = await all_at_once([*room.guardians, *room.guardians], lambda phone: confirm(phone, notice))
    assert codes(results) == []
    assert {result["__typename"] for result in results if isinstance(result, dict)} == {"EducationNotice"}
    seen = await room.written(notice)
    assert (seen["pupilCount"], seen["confirmedCount"]) == (50, 50)
    assert await room.count("FROM haian.audit WHERE action = 'NOTICE_CONFIRMED'") == 50


async def test_confirming_late_is_better_than_never(served: Served) -> None:
    room = await classroom(served, 1)
    notice = await room.publish(hours=2)
    served.platform.clock.move(timedelta(hours=3))
    assert (await confirm(room.guardians[0], notice))["awaitsMe"] is False
    [state] = (await room.written(notice))["confirmations"]
    assert datetime.fromisoformat(state["confirmedAt"]) > datetime.fromisoformat(notice["deadline"])


async def test_what_awaits_me_comes_first_and_pages_follow_without_a_gap(served: Served) -> None:
    room = await classroom(served, 1)
    phone, made = room.guardians[0], []
    for number in range(5):
        made.append(await room.publish(title=f"通知{number}", hours=48 if number in (0, 1) else None))
        served.platform.clock.move(timedelta(minutes=1))
    await confirm(phone, made[0])
    assert [each["title"] for each in await notices(phone)] == ["通知1", "通知4", "通知3", "通知2", "通知0"]
    paged, after = [], None
    for _ in range(3):
        page = (await phone.ask("EducationNotices", first=2, after=after))["educationNotices"]
        paged += [edge["node"]["title"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert paged == ["通知1", "通知4", "通知3", "通知2", "通知0"]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_reminding_reaches_those_who_have_not_confirmed_once_in_twelve_hours(served: Served, worker: Any) -> None:
    room = await classroom(served, 2)
    notice, key = await room.publish(hours=100), str(uuid4())
    await confirm(room.guardians[0], notice)
    told = await room.teacher.ask("EducationRemind", id=notice["id"], key=key)
    assert (told["__typename"], told["told"]) == ("EducationReminded", 1)
    assert await room.teacher.ask("EducationRemind", id=notice["id"], key=key) == told
    soon = await room.teacher.ask("EducationRemind", id=notice["id"], key=str(uuid4()))
    assert soon["__typename"] == "EducationRemindTooSoon"
    assert soon["againAt"] == told["againAt"] == (await room.written(notice))["remindAgainAt"]
    assert "12 小时" in soon["message"]
    await worker()
    assert [await types(phone) for phone in room.guardians] == [["asked"], ["reminded", "asked"]]
    served.platform.clock.move(timedelta(hours=12, minutes=1))
    assert (await room.written(notice))["remindAgainAt"] is None
    again = await room.teacher.ask("EducationRemind", id=notice["id"], key=str(uuid4()))
    assert again["__typename"] == "EducationReminded"
    await worker()
    assert await types(room.guardians[1]) == ["reminded", "reminded", "asked"]


async def test_of_two_teachers_who_remind_at_once_one_does(served: Served, worker: Any) -> None:
    room = await classroom(served, 1)
    notice = await room.publish()
    results = await all_at_once([room.teacher] * 8, lambda phone: phone.ask(
        "EducationRemind", id=notice["id"], key=str(uuid4())))
    assert sorted(str(result["__typename"]) for result in results if isinstance(result, dict)) \
        == ["EducationRemindTooSoon"] * 7 + ["EducationReminded"]
    await worker()
    assert await types(room.guardians[0]) == ["reminded", "asked"]


async def test_there_is_nobody_to_remind_when_all_have_confirmed_or_nothing_was_asked(served: Served) -> None:
    room = await classroom(served, 1)
    asked, told = await room.publish(), await room.publish(hours=None)
    await confirm(room.guardians[0], asked)
    for notice in (asked, told):
        code = await room.teacher.refused("EducationRemind", id=notice["id"], key=str(uuid4()))
        assert code == "EDUCATION_NOBODY_TO_REMIND"
        assert (await room.written(notice))["remindAgainAt"] is None


async def test_a_withdrawal_is_told_to_those_who_confirmed_and_stands(served: Served, worker: Any) -> None:
    room = await classroom(served, 2)
    notice = await room.publish()
    await confirm(room.guardians[0], notice)
    assert await room.teacher.refused("EducationWithdraw", id=notice["id"], reason=" \n") == "EDUCATION_REASON_INVALID"
    gone = await room.teacher.ask("EducationWithdraw", id=notice["id"], reason="日期写错了")
    assert gone["reason"] == "日期写错了"
    assert await room.teacher.ask("EducationWithdraw", id=notice["id"], reason="另一个原因") == gone
    await worker()
    assert [await types(phone) for phone in room.guardians] == [["withdrawn", "asked"], ["asked"]]
    assert "日期写错了" in (await inbox(room.guardians[0]))[0]["body"]
    answer = await confirm(room.guardians[1], notice)
    assert answer["__typename"] == "EducationWithdrawn"
    assert (answer["notice"]["reason"], "撤回" in answer["message"]) == ("日期写错了", True)
    assert await room.count("FROM education.confirmation WHERE notice_id = $1", notice["id"]) == 1
    assert await room.teacher.refused("EducationRemind", id=notice["id"], key=str(uuid4())) == "EDUCATION_NOTICE_WITHDRAWN"
    assert (await room.guardians[1].ask("EducationNotice", id=notice["id"]))["awaitsMe"] is False


async def test_where_nothing_was_asked_a_withdrawal_is_told_to_everybody(served: Served, worker: Any) -> None:
    room = await classroom(served, 2)
    notice = await room.publish(hours=None)
    await room.teacher.ask("EducationWithdraw", id=notice["id"], reason="发错班级")
    await worker()
    assert [await types(phone) for phone in room.guardians] == [["withdrawn", "published"]] * 2


async def test_no_confirmation_slips_in_behind_a_withdrawal(served: Served, worker: Any) -> None:
    room = await classroom(served, 12)
    notice = await room.publish()
    reason = {"id": notice["id"], "reason": "写错了"}
    results, _ = await asyncio.gather(all_at_once(room.guardians, lambda phone: confirm(phone, notice)),
                                      room.teacher.ask("EducationWithdraw", **reason))
    assert codes(results) == []
    stood = [result["__typename"] == "EducationNotice" for result in results]
    assert await room.count("FROM education.confirmation WHERE notice_id = $1", notice["id"]) == sum(stood)
    await worker()
    told = ["withdrawn" in await types(phone) for phone in room.guardians]
    assert told == stood, "the withdrawal saw each confirmation that counts"


async def test_open_phones_move_without_asking(served: Served, worker: Any) -> None:
    room = await classroom(served, 2)
    [father] = await newcomers(served, 1)
    await add_guardian(served, father, room.children[0], "FATHER")
    guardian, other = room.guardians
    async with guardian.live() as hers, father.live() as his, other.live() as others, room.teacher.live() as teachers:
        for answers in (hers, his, others, teachers):
            assert (await anext(answers))["live"]["type"] == "ready"
        notice = await room.publish()
        await worker()
        for answers in (hers, his, others):
            assert await subject_of(answers, "education.asked") == notice["id"]
        await confirm(guardian, notice)
        await worker()
        for answers in (teachers, his, hers):
            assert await subject_of(answers, "education.confirmed") == notice["id"]
        await room.teacher.ask("EducationWithdraw", id=notice["id"], reason="写错了")
        await worker()
        assert await subject_of(hers, "education.withdrawn") == notice["id"]
        assert await subject_of(others, "education.changed") == notice["id"]


def until(served: Served, hour: int, days: int = 0) -> timedelta:
    """From now to an hour of a day in Qingdao."""
    now = served.platform.clock.now().astimezone(SHANGHAI)
    return now.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days) - now


async def test_on_the_day_of_the_deadline_those_who_have_not_confirmed_hear_once(served: Served, worker: Any) -> None:
    room, clock = await classroom(served, 2), served.platform.clock
    notice = await room.publish(hours=(until(served, 20, days=1)).total_seconds() / 3600)
    await confirm(room.guardians[0], notice)
    seen = []
    for move in (timedelta(), until(served, 6, days=1), timedelta(hours=1), timedelta(hours=2)):
        clock.move(move)
        await tell_due(served.platform)
        await worker()
        seen.append((await types(room.guardians[1])).count("due"))
    assert seen == [0, 0, 1, 1]
    assert "due" not in await types(room.guardians[0])


@pytest.mark.parametrize("what", ["just published", "just reminded", "withdrawn", "over"])
async def test_there_is_no_reminder_of_the_day(served: Served, worker: Any, what: str) -> None:
    room, clock = await classroom(served, 1), served.platform.clock
    notice = await room.publish(hours=8)
    if what != "just published":
        clock.move(timedelta(hours=4))
    if what == "just reminded":
        await room.teacher.ask("EducationRemind", id=notice["id"], key=str(uuid4()))
    if what == "withdrawn":
        await room.teacher.ask("EducationWithdraw", id=notice["id"], reason="写错了")
    if what == "over":
        clock.move(timedelta(hours=5))
    await tell_due(served.platform)
    await worker()
    assert "due" not in await types(room.guardians[0])


async def test_a_look_at_guardians_is_masked_and_in_their_ledger(served: Served) -> None:
    room = await classroom(served, 1)
    [guardian] = await room.teacher.ask("EducationGuardians", pupil=str(room.pupils[0]))
    assert guardian == {"relation": "MOTHER", "maskedName": "群*0", "maskedPhone": "139****0000"}
    entries = [edge["node"] for edge in (await room.guardians[0].ask("ConsentLedger"))["edges"]]
    [entry] = [entry for entry in entries if entry["action"] == "GUARDIANS_SEEN"]
    assert (entry["actorRole"], entry["organisation"]) == ("teacher", "演示实验小学")
    await end_guardian(served, room.guardians[0])
    assert await room.teacher.ask("EducationGuardians", pupil=str(room.pupils[0])) == []


async def test_a_look_at_the_replies_is_in_the_ledger_of_each_child_and_a_guardians_own_is_not(served: Served) -> None:
    room = await classroom(served, 2)
    notice = await room.publish(hours=8)
    looks = """SELECT actor_role, count(DISTINCT subject_id) AS children FROM haian.audit
               WHERE action = 'PUPILS_SEEN' GROUP BY 1"""
    await room.guardians[0].ask("EducationNotice", id=notice["id"])
    assert await served.platform.db.fetch(looks) == []
    await room.teacher.ask("EducationWritten", id=notice["id"])
    [row] = await served.platform.db.fetch(looks)
    assert (row["actor_role"], row["children"]) == ("teacher", 2)


async def test_home_shows_what_awaits_me_for_each_child(served: Served) -> None:
    room = await classroom(served, 1)
    twin = await add_child(served, "双胞胎")
    await enrol(served, room.id, twin)
    await add_guardian(served, room.guardians[0], twin)
    notice = await room.publish(hours=30)
    await room.publish(hours=None)
    things = (await room.guardians[0].ask("HomeThings"))["homeThings"]
    assert {(each["app"], each["kind"], each["title"], each["state"]) for each in things} \
        == {("education", "notice", "周五研学", "AWAITED")}
    assert sorted(each["place"].split(" · ")[0] for each in things) == ["双胞胎", "测试孩子0"]
    await confirm(room.guardians[0], notice)
    assert (await room.guardians[0].ask("HomeThings"))["homeThings"] == []


async def test_schools_are_public_and_pupils_are_not(served: Served) -> None:
    phone = served.phone()
    schools = [edge["node"] for edge in (await phone.ask("EducationSchools", first=100))["edges"]]
    assert [school["name"] for school in schools] == ["演示实验小学"]
    assert (await phone.ask("EducationSchool", id=schools[0]["id"]))["demo"] is True
    assert await phone.ask("EducationSchool", id=str(demo_id("organisation:hospital"))) is None
    assert await phone.refused("EducationNotices") == "UNAUTHENTICATED"


async def test_the_demo_parent_and_the_demo_teacher_have_something_to_do(served: Served) -> None:
    parent, teacher = await served.signed_in("parent"), await served.signed_in("teacher")
    mine = await notices(parent)
    assert [each["awaitsMe"] for each in mine[:3]] == [True, True, True]
    assert [pupil["childName"] for pupil in (await parent.ask("EducationNotices"))["educationPupils"]] == ["张小海"]
    classes = await teacher.ask("EducationClasses")
    assert [(each["name"], each["pupilCount"]) for each in classes] == [("四年级1班", 30), ("四年级2班", 31)]
    shown = await teacher.ask("EducationClass", id=classes[1]["id"])
    counts = [(edge["node"]["pupilCount"], edge["node"]["confirmedCount"]) for edge in shown["notices"]["edges"]]
    assert {pupils for pupils, _ in counts} == {31}
    assert [confirmed for _, confirmed in counts if 0 < confirmed < 31] != [], counts


async def _fact(room: Classroom, citizen: str) -> list[Any]:
    platform = room.served.platform
    read = platform.registry.facts["education.pupil_of"].value(UUID(citizen))
    return [row[0] for row in await platform.db.fetch(*statement_of(read, None, platform.clock.now()))]


async def test_the_fact_for_a_code_is_the_school_of_my_child_as_long_as_it_is_mine(served: Served) -> None:
    room = await classroom(served, 1)
    assert await _fact(room, room.guardians[0].id) == ["演示实验小学"]
    assert await _fact(room, room.teacher.id) == []
    await end_guardian(served, room.guardians[0])
    assert await _fact(room, room.guardians[0].id) == []


async def test_export_holds_all_and_erasure_leaves_no_name(served: Served) -> None:
    room = await classroom(served, 1)
    notice = await room.publish()
    await confirm(room.guardians[0], notice)
    platform, guardian, child = served.platform, UUID(room.guardians[0].id), room.children[0]
    providers = next(app for app in platform.registry.apps if app.noun == "education").providers
    assert providers.erase

    async def exported(citizen: UUID) -> dict[str, int]:
        return {name: len(await platform.db.fetch(*statement_of(read(citizen), citizen, platform.clock.now())))
                for name, read in providers.export.items()}
    nothing = dict.fromkeys(providers.export, 0)
    assert await exported(guardian) == nothing | {"confirmations": 1}
    assert await exported(child) == nothing | {"enrolments": 1, "confirmed_for_me": 1}
    teachers = await exported(UUID(room.teacher.id))
    assert teachers["notices"] >= 1 and teachers["teaches"] >= 1
    for citizen in (guardian, UUID(room.teacher.id)):
        async with platform.db.writing_as("education") as connection:
            await providers.erase(connection, citizen)
        assert set((await exported(citizen)).values()) == {0}
    assert await room.count("FROM education.confirmation WHERE notice_id = $1", notice["id"]) == 1
    async with platform.db.writing_as("education") as connection:
        await providers.erase(connection, child)
    assert await room.count("FROM education.confirmation WHERE notice_id = $1", notice["id"]) == 0
