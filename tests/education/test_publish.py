"""Publishing a notice: who gets it, once; who may not; what makes no sense."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.classroom import SCHOOL, add_child, add_guardian, classroom, end_guardian, enrol, inbox, newcomers, notices
from tests.clients import Refused, Served

from education.models import BODY, TITLE, fits, one_line, paragraphs


async def test_a_notice_reaches_every_guardian_of_the_class(served: Served, worker: Any) -> None:
    room = await classroom(served, 3)
    notice = await room.publish(title="周五研学")
    await worker()
    for phone in room.guardians:
        [message] = await inbox(phone)
        assert message["type"] == "education.asked"
        assert message["title"].endswith("：周五研学")
        assert message["link"] == f"/education/notice?id={notice['id']}"
        [seen] = await notices(phone)
        assert (seen["id"], seen["awaitsMe"], len(seen["mine"])) == (notice["id"], True, 1)
    seen = await room.written(notice)
    assert (seen["pupilCount"], seen["confirmedCount"]) == (3, 0)
    assert [each["confirmedAt"] for each in seen["confirmations"]] == [None] * 3


async def test_a_guardian_of_two_children_in_the_class_gets_one_message_and_sees_both(served: Served, worker: Any) -> None:
    room = await classroom(served, 2)
    twin = await add_child(served, "双胞胎")
    await enrol(served, room.id, twin)
    await add_guardian(served, room.guardians[0], twin)
    await room.publish()
    await worker()
    assert len(await inbox(room.guardians[0])) == 1
    [notice] = await notices(room.guardians[0])
    assert len(notice["mine"]) == 2


async def test_both_guardians_of_a_child_get_it(served: Served, worker: Any) -> None:
    room = await classroom(served, 1)
    [father] = await newcomers(served, 1)
    await add_guardian(served, father, room.children[0], "FATHER")
    await room.publish()
    await worker()
    assert [len(await inbox(phone)) for phone in (room.guardians[0], father)] == [1, 1]


async def test_a_notice_without_confirmation_is_only_to_be_read(served: Served, worker: Any) -> None:
    room = await classroom(served, 1)
    notice = await room.publish(hours=None)
    await worker()
    [message] = await inbox(room.guardians[0])
    assert message["type"] == "education.published"
    assert (await notices(room.guardians[0]))[0]["awaitsMe"] is False
    assert await room.guardians[0].refused("EducationConfirm", id=notice["id"], key=str(uuid4())) \
        == "EDUCATION_NOTHING_TO_CONFIRM"
    assert await room.count("FROM education.confirmation WHERE notice_id = $1", notice["id"]) == 0


async def test_publishing_twice_with_one_key_is_one_notice_and_one_message(served: Served, worker: Any) -> None:
    room, key = await classroom(served, 2), str(uuid4())
    first, second = await room.publish(key=key, hours=None), await room.publish(key=key, hours=None)
    assert first == second
    await worker()
    assert [len(await inbox(phone)) for phone in room.guardians] == [1, 1]
    assert await room.count("FROM education.notice WHERE class_id = $1", room.id) == 1
    with pytest.raises(Refused) as refused:
        await room.publish(key=key, hours=None, title="别的通知")
    assert refused.value.code == "IDEMPOTENCY_KEY_REUSED"


async def test_a_repeat_after_the_deadline_gets_the_first_answer(served: Served) -> None:
    room, key = await classroom(served, 1), str(uuid4())
    deadline = (served.platform.clock.now() + timedelta(hours=1)).isoformat()
    asked = {"classId": str(room.id), "title": "今天", "body": "请确认。", "deadline": deadline}
    first = await room.teacher.ask("EducationPublish", key=key, **asked)
    served.platform.clock.move(timedelta(hours=2))
    assert (await room.teacher.ask("EducationPublish", key=key, **asked))["id"] == first["id"]
    assert await room.teacher.refused("EducationPublish", key=str(uuid4()), **asked) == "EDUCATION_DEADLINE_INVALID"


async def test_only_a_teacher_of_the_class_publishes(served: Served, worker: Any) -> None:
    room = await classroom(served, 1)
    asked = {"classId": str(room.id), "title": "通知", "body": "正文。", "key": str(uuid4())}
    assert await served.phone().refused("EducationPublish", **asked) == "UNAUTHENTICATED"
    assert await room.guardians[0].refused("EducationPublish", **asked) == "FORBIDDEN"
    other = await colleague(served)
    assert await other.refused("EducationPublish", **asked) == "NOT_FOUND"
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute(
            "UPDATE staff.membership SET during = tstzrange(lower(during), $2) WHERE citizen_id = $1",
            room.teacher.id, served.platform.clock.now())
    assert await room.teacher.refused("EducationPublish", **asked) == "FORBIDDEN"
    await worker()
    assert await inbox(room.guardians[0]) == []
    assert await room.count("FROM education.notice WHERE class_id = $1", room.id) == 0


async def colleague(served: Served) -> Any:
    """Another teacher of the same school, who teaches no class."""
    [phone] = await newcomers(served, 1)
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("INSERT INTO staff.membership VALUES ($1, $2, 'teacher', '', tstzrange($3, NULL))",
                                 phone.id, SCHOOL, served.platform.clock.now())
    return phone


async def test_strangers_see_nothing(served: Served) -> None:
    room = await classroom(served, 1)
    notice = await room.publish()
    next_door, parent = await colleague(served), await served.signed_in("parent")
    for phone in (parent, next_door):
        assert await phone.ask("EducationNotice", id=notice["id"]) is None
        assert notice["id"] not in [each["id"] for each in await notices(phone)]
        assert await phone.refused("EducationConfirm", id=notice["id"], key=str(uuid4())) == "NOT_FOUND"
    assert await next_door.ask("EducationClasses") == []
    assert await next_door.ask("EducationClass", id=str(room.id)) is None
    assert await next_door.ask("EducationGuardians", pupil=str(room.pupils[0])) == []
    for document, variables in (("EducationRemind", {"key": str(uuid4())}), ("EducationWithdraw", {"reason": "写错了"})):
        assert await next_door.refused(document, id=notice["id"], **variables) == "NOT_FOUND"
    assert await parent.refused("EducationClasses") == "FORBIDDEN"
    assert await room.guardians[0].refused("EducationWritten", id=notice["id"]) == "FORBIDDEN"
    assert await room.guardians[0].refused("EducationGuardians", pupil=str(room.pupils[0])) == "FORBIDDEN"
    assert await served.phone().refused("EducationNotice", id=notice["id"]) == "UNAUTHENTICATED"
    assert await room.count("FROM education.confirmation WHERE notice_id = $1", notice["id"]) == 0


async def test_a_guardian_whose_guardianship_ended_sees_and_gets_nothing(served: Served, worker: Any) -> None:
    room = await classroom(served, 2)
    before = await room.publish(hours=None)
    await worker()
    await end_guardian(served, room.guardians[0])
    assert await room.guardians[0].ask("EducationNotice", id=before["id"]) is None
    assert await notices(room.guardians[0]) == []
    after = await room.publish()
    await worker()
    assert [len(await inbox(phone)) for phone in room.guardians] == [1, 2]
    assert await room.guardians[0].refused("EducationConfirm", id=after["id"], key=str(uuid4())) == "NOT_FOUND"


async def test_a_child_that_left_the_class_counts_no_more_and_one_that_came_later_gets_no_old_notice(served: Served) -> None:
    room = await classroom(served, 2)
    notice = await room.publish()
    [late] = await newcomers(served, 1)
    child = await add_child(served, "转学来的")
    await add_guardian(served, late, child)
    now = served.platform.clock.now()
    async with served.platform.db.writing_as("education") as connection:
        await connection.execute(
            "INSERT INTO education.pupil (class_id, child_id, during) VALUES ($1, $2, tstzrange($3, NULL))",
            room.id, child, now)
        await connection.execute("UPDATE education.pupil SET during = tstzrange(lower(during), $2) WHERE id = $1",
                                 room.pupils[0], now)
    assert (await room.written(notice))["pupilCount"] == 1
    assert await notices(room.guardians[0]) == []
    assert await notices(late) == []
    assert len(await notices(room.guardians[1])) == 1


async def test_an_empty_class_is_told_so(served: Served) -> None:
    room = await classroom(served, 0)
    with pytest.raises(Refused) as refused:
        await room.publish()
    assert refused.value.code == "EDUCATION_CLASS_EMPTY"


@pytest.mark.parametrize(("changed", "code"), [
    ({"title": "a"}, "EDUCATION_NOTICE_INVALID"),
    ({"title": "字" * 61}, "EDUCATION_NOTICE_INVALID"),
    ({"title": "\u200b\u202e "}, "EDUCATION_NOTICE_INVALID"),
    ({"body": " \n "}, "EDUCATION_NOTICE_INVALID"),
    ({"body": "字" * 5001}, "EDUCATION_NOTICE_INVALID"),
    ({"deadline": "2027-02-28T20:00:00+08:00"}, "EDUCATION_DEADLINE_INVALID"),
    ({"deadline": "2027-08-28T20:00:00+08:00"}, "EDUCATION_DEADLINE_INVALID"),
    ({"classId": "x"}, "INVALID_ARGUMENT"),
    ({"classId": str(uuid4())}, "NOT_FOUND"),
])
async def test_what_makes_no_sense_is_refused_by_its_code(served: Served, changed: dict[str, Any], code: str) -> None:
    room = await classroom(served, 1)
    asked = {"classId": str(room.id), "title": "通知", "body": "正文。", "key": str(uuid4())}
    assert await room.teacher.refused("EducationPublish", **(asked | changed)) == code
    assert await room.count("FROM education.notice WHERE class_id = $1", room.id) == 0
    assert await room.count("FROM haian.audit WHERE action = 'NOTICE_PUBLISHED'") == 0


@settings(max_examples=30)
@given(title=st.text(max_size=70), body=st.text(max_size=40))
async def test_any_title_is_kept_as_it_is_shown_or_refused(served: Served, title: str, body: str) -> None:
    teacher = await served.signed_in("teacher") if not hasattr(served, "kept") else served.kept
    object.__setattr__(served, "kept", teacher)
    [main, *_] = await teacher.ask("EducationClasses")
    asked = {"classId": main["id"], "title": title, "body": body, "key": str(uuid4())}
    if fits(one_line(title), TITLE) and fits(paragraphs(body), BODY):
        made = await teacher.ask("EducationPublish", **asked)
        assert (made["title"], made["body"]) == (one_line(title), paragraphs(body))
        assert unicodedata.is_normalized("NFC", made["title"])
    else:
        assert await teacher.refused("EducationPublish", **asked) in ("EDUCATION_NOTICE_INVALID", "BAD_REQUEST")


@given(st.text(max_size=80))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
    assert paragraphs(paragraphs(text)) == paragraphs(text)
    assert "\n" not in one_line(text)
