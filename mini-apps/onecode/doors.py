"""What a verifier does besides reading codes 撤销, 紧急放行."""

from __future__ import annotations

from uuid import UUID

from haian.cache import limit
from haian.call import Call
from haian.errors import Forbidden, NotFound
from haian.reads import Shown
from haian.transaction import Answer, Transaction
from onecode import store, store_doors
from onecode.errors import EntryUnexplained, UndoLate
from onecode.models import UNDO_WITHIN, Cause, Undoing
from staff.models import cleaned

ENTRIES_AN_HOUR = 30


async def undo(call: Call, scan: UUID, why: Undoing) -> Shown:
    """Take back a scan of mine: its holder is told, the code stays used. NotFound where it is not mine or used no code,
    UndoLate."""
    async with call.writing("onecode") as tx:
        held = await store_doors.hold_scan(tx, scan)
        if held is None:
            raise NotFound
        if held["undone_at"] is None:
            if tx.now - held["at"] >= UNDO_WITHIN:
                raise UndoLate
            await store_doors.undo(tx, scan, why.value)
            await tx.audit("CODE_UNDONE", held["holder_id"], role=held["role"], object_=str(scan), reason=why.value,
                           ground="shown", office=held["organisation_id"])
            await tx.emit("onecode.undone", held["holder_id"], id=scan, place=held["whole_place"],
                          office=held["organisation_id"])
    return store.check(scan)


async def let_in(call: Call, cause: Cause, words: str, people: int, key: str) -> Shown:
    """Let somebody in at my post without a code; the manager reviews it. EntryUnexplained, Forbidden, RateLimited."""
    said = cleaned(words, 200)
    if said is None or (cause is Cause.OTHER and len(said) < 2) or not 1 <= people <= 99:
        raise EntryUnexplained
    await limit(call.platform.line, f"onecode:entry:{call.viewer.id}", ENTRIES_AN_HOUR, 3600)
    async with call.writing("onecode") as tx:
        given = {"cause": cause.value, "words": said, "people": people}
        answer = await tx.once("onecode.let_in", key, given, lambda: _let_in(tx, cause, said, people))
    return store_doors.entry(answer["id"])


async def _let_in(tx: Transaction, cause: Cause, words: str, people: int) -> Answer:
    post = await store.post_of(tx)
    if post is None:
        raise Forbidden
    made = await store_doors.let_in(tx, post, cause.value, words, people)
    await tx.audit("EMERGENCY_ENTRY", None, role=post["role"], object_=str(made), reason=cause.value,
                   office=post["organisation_id"])
    await tx.emit_to("onecode.let_in", await store_doors.managers_of(tx, post["organisation_id"], tx.now), id=made,
                     place=post["whole_place"], office=post["organisation_id"])
    return {"id": made}
