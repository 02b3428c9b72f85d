"""The rules of education. One mutation is one call here is one transaction; each event leaves with it or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from education import store
from education.errors import (
    ClassEmpty,
    DeadlineInvalid,
    NobodyToRemind,
    NothingToConfirm,
    NoticeInvalid,
    NoticeWithdrawn,
    ReasonInvalid,
    RemindTooSoon,
)
from education.models import (
    BETWEEN_REMINDERS,
    BODY,
    DAY_BEGINS,
    QUIET,
    REASON,
    TITLE,
    WRITE,
    fits,
    is_deadline,
    one_line,
    paragraphs,
)
from haian.call import Call, Platform
from haian.clock import SHANGHAI
from haian.errors import NotCovered, NotFound
from haian.reads import Shown
from haian.transaction import Answer, Transaction


async def publish(call: Call, class_id: UUID, title: str, body: str, deadline: datetime | None, key: str) -> Shown:
    """Publish a notice to a class that I teach, once for each key: each guardian gets one message, however many children
    she has in the class. With a deadline it asks for confirmation. NotFound, NoticeInvalid, DeadlineInvalid, ClassEmpty."""
    title, body = one_line(title), paragraphs(body)
    if not (fits(title, TITLE) and fits(body, BODY)):
        raise NoticeInvalid
    async with call.writing("education") as tx:
        given = {"class": class_id, "title": title, "body": body, "deadline": deadline}
        answer = await tx.once("education.publish", key, given, lambda: _publish(tx, class_id, title, body, deadline))
    return store.notice(answer["id"])


async def _publish(tx: Transaction, class_id: UUID, title: str, body: str, deadline: datetime | None) -> Answer:
    taught = await store.taught(tx, class_id)
    if taught is None:
        raise NotFound
    if not taught["pupils"]:
        raise ClassEmpty
    if deadline is not None and not is_deadline(deadline, tx.now):
        raise DeadlineInvalid
    notice = await store.publish(tx, class_id, title, body, deadline)
    await tx.audit("NOTICE_PUBLISHED", tx.viewer.id, role="teacher", object_=str(notice))
    type_ = "education.published" if deadline is None else "education.asked"
    await _tell(tx, type_, notice, await store.guardians_of(tx, notice))
    await tx.emit_to("education.changed", await store.teachers_of(tx, class_id), id=notice)
    return {"id": notice}


async def _tell(tx: Transaction, type_: str, notice: UUID, citizens: list[UUID]) -> None:
    """An event about a notice for each of these, with the words of its message."""
    row = await store.words(tx, notice)
    names = ("id", "title", "class", "school", "deadline", "reason")
    await tx.emit_to(type_, citizens, **{name: value for name in names if (value := row[name]) is not None})


async def confirm(call: Call, notice_id: UUID, key: str) -> Shown:
    """Confirm a notice for all my children in it, or those of whom I act for; what another confirmed before stands. Late is
    better than never: it can be confirmed after the deadline. An EducationNotice, or EducationWithdrawn. NotCovered,
    NotFound, NothingToConfirm."""
    async with call.writing("education") as tx:
        if not await tx.may(WRITE):
            raise NotCovered
        answer = await tx.once("education.confirm", key, {"id": notice_id}, lambda: _confirm(tx, notice_id))
    return store.confirm_result(notice_id, answer["typename"])


async def _confirm(tx: Transaction, notice_id: UUID) -> Answer:
    assert tx.viewer.id
    held = await store.hold_for_me(tx, notice_id)
    if held is None:
        raise NotFound
    if held["deadline"] is None:
        raise NothingToConfirm
    if held["withdrawn_at"] is not None:
        return {"typename": "EducationWithdrawn"}
    made = await store.confirm(tx, notice_id)
    children = [row["child_id"] for row in made]
    subject = tx.viewer.subject
    for citizen in dict.fromkeys([*children, *([subject] if subject and made else [])]):
        await tx.audit("NOTICE_CONFIRMED", citizen, role="citizen" if subject else "guardian", object_=str(notice_id))
    if made:
        watching = [*await store.teachers_of(tx, held["class_id"]), *await store.other_guardians(tx, children), tx.viewer.id]
        await tx.emit_to("education.confirmed", list(dict.fromkeys(watching)), id=notice_id)
    return {"typename": "EducationNotice"}


async def withdraw(call: Call, notice_id: UUID, reason: str) -> Shown:
    """Withdraw a notice of a class that I teach; the first reason stands. Those who confirmed get a message; where nothing
    was to be confirmed, every guardian. NotFound, ReasonInvalid."""
    reason = one_line(reason)
    if not fits(reason, REASON):
        raise ReasonInvalid
    async with call.writing("education") as tx:
        held = await store.my_written(tx, notice_id)
        if held is None:
            raise NotFound
        if held["withdrawn_at"] is None:
            await store.withdraw(tx, notice_id, reason)
            await tx.audit("NOTICE_WITHDRAWN", tx.viewer.id, role="teacher", object_=str(notice_id), reason=reason)
            everybody = await store.guardians_of(tx, notice_id)
            told = everybody if held["deadline"] is None else await store.confirmers(tx, notice_id)
            await _tell(tx, "education.withdrawn", notice_id, told)
            others = {*everybody, *await store.teachers_of(tx, held["class_id"])} - set(told)
            await tx.emit_to("education.changed", list(others), id=notice_id)
    return store.notice(notice_id)


async def remind(call: Call, notice_id: UUID, key: str) -> Shown:
    """Remind the guardians of the children nobody confirmed for, once for each key and once in 12 hours for each notice:
    EducationReminded, or EducationRemindTooSoon. NotFound, NoticeWithdrawn, NobodyToRemind."""
    try:
        async with call.writing("education") as tx:
            answer = await tx.once("education.remind", key, {"id": notice_id}, lambda: _remind(tx, notice_id))
    except RemindTooSoon:
        return store.remind_result(notice_id, "EducationRemindTooSoon", 0)
    return store.remind_result(notice_id, "EducationReminded", answer["told"])


async def _remind(tx: Transaction, notice_id: UUID) -> Answer:
    held = await store.my_written(tx, notice_id)
    if held is None:
        raise NotFound
    if held["withdrawn_at"] is not None:
        raise NoticeWithdrawn
    guardians = [] if held["deadline"] is None else await store.guardians_of(tx, notice_id, unconfirmed=True)
    if not guardians:
        raise NobodyToRemind
    if not await store.mark_reminded(tx, notice_id, tx.now - BETWEEN_REMINDERS):
        raise RemindTooSoon
    await tx.audit("NOTICE_REMINDED", tx.viewer.id, role="teacher", object_=str(notice_id))
    await _tell(tx, "education.reminded", notice_id, guardians)
    await tx.emit_to("education.changed", await store.teachers_of(tx, held["class_id"]), id=notice_id)
    return {"told": len(guardians)}


async def tell_due(platform: Platform) -> None:
    """From 7 in the morning of the day of a deadline, remind those who have not confirmed, once; not within 3 hours of
    the notice itself or of the teacher's own reminder."""
    if platform.clock.now().astimezone(SHANGHAI).hour < DAY_BEGINS:
        return
    async with platform.writing("education") as tx:
        for row in await store.take_due(tx, platform.clock.today() + timedelta(days=1), tx.now - QUIET):
            await _tell(tx, "education.due", row["id"], await store.guardians_of(tx, row["id"], unconfirmed=True))


async def erase(connection: Any, citizen: UUID) -> None:
    """Forget a person; that a child's guardian confirmed stays, who it was does not."""
    await store.erase(connection, citizen)
