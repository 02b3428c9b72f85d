"""质疑: who is looked at asks why; the organisation for which it was done answers within 5 working days."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from consent import store
from consent.errors import AnsweredAlready, AnswerInvalid, AskedAlready, OwnDoing, QuestionInvalid
from consent.working_days import due
from haian.cache import limit
from haian.call import Call, Platform
from haian.errors import NotFound, PublicError
from haian.reads import Read, Shown
from haian.transaction import Answer

DAYS = 5
ASKED_A_DAY = 20


def _clean(text: str, longest: int, invalid: type[PublicError]) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    if not 2 <= len(text) <= longest or "\x00" in text:
        raise invalid
    return text


async def ask(call: Call, entry: UUID, text: str, key: str) -> Shown:
    """Question a line of my ledger, or of my child's; where no organisation stands in it, the district answers.
    QuestionInvalid, NotFound, OwnDoing, AskedAlready, RateLimited."""
    return await _ask(call, store.line_to_question(entry), text, key, {"entry": str(entry)})


async def ask_about(call: Call, thing: UUID, text: str, key: str) -> Shown:
    """Question what somebody did with a thing of mine, such as a scan of my code 申诉: it is its line in my ledger that is
    questioned, once, and its organisation that answers. The same errors."""
    return await _ask(call, store.line_about(thing), text, key, {"about": str(thing)})


async def _ask(call: Call, read: Read, text: str, key: str, given: dict[str, str]) -> Shown:
    text = _clean(text, 500, QuestionInvalid)
    await limit(call.platform.line, f"consent:ask:{call.viewer.id}", ASKED_A_DAY, 86400)
    found = await call.rows(read)  # a line never changes
    if not found:
        raise NotFound
    [line] = found
    if line["mine"]:
        raise OwnDoing
    async with call.writing("consent") as tx:
        async def decide() -> Answer:
            until = due(tx.now, DAYS)
            question = await store.ask(tx, line, text, until)
            if question is None:
                raise AskedAlready
            await tx.audit("QUESTION_ASKED", line["subject_id"], object_=str(question),
                           role="citizen" if line["subject_id"] == tx.viewer.id else "guardian")
            await tx.emit_to("consent.asked", await store.managers_of(tx, line["organisation_id"], line["actor_id"]),
                             id=question, organisation=line["organisation"], due_at=until)
            return {"id": str(question)}
        made = await tx.once("consent.ask", key, {**given, "text": text}, decide)
    return store.question(UUID(made["id"]))


async def answer(call: Call, question: UUID, text: str) -> Shown:
    """Answer for an organisation that I manage; never for my own doing. AnswerInvalid, NotFound, AnsweredAlready."""
    text = _clean(text, 1000, AnswerInvalid)
    async with call.writing("consent") as tx:
        if not await tx.read(store.desk_question(question)):
            raise NotFound
        found = await store.answer(tx, question, text)
        if found is None:
            raise AnsweredAlready
        await tx.audit("QUESTION_ANSWERED", found["citizen_id"], role="manager", object_=str(question), ground="duty",
                       office=found["organisation_id"])
        await tx.emit("consent.answered", found["citizen_id"], id=question, organisation=found["organisation"])
    return store.desk_question(question)


async def tell_late(platform: Platform) -> None:
    """What is not answered in time goes to the district's managers too, and who asked is told that. Once."""
    async with platform.writing("consent") as tx:
        for late in await store.newly_late(tx):
            told = {"id": late["id"], "organisation": late["organisation"]}
            await tx.emit_to("consent.late", await store.managers_of(tx, None, late["actor_id"]), **told)
            await tx.emit("consent.late_told", late["citizen_id"], **told)
