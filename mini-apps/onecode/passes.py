"""访客码: a resident invites a visitor by a link; the visitor shows a code without an account, the guard sees whom they
visit.

The host's browser makes the secret of the link and sends its SHA-256: the server never holds what lets somebody in.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from haian.cache import limit
from haian.call import Call
from haian.errors import InvalidArgument
from haian.reads import Shown
from haian.transaction import Answer, Transaction
from onecode import store_passes, suspending
from onecode.errors import CommunityMissing, TooManyPasses, VisitUnknown
from onecode.models import HASH, PLATE, TOKEN, Decision, Invitation, Scan, Verdict

AHEAD, LONGEST = timedelta(days=30), timedelta(days=3)
A_DAY = 20


def checked(call: Call, given: Invitation) -> Invitation:
    """What a host gave, in order. InvalidArgument names what makes no sense: a visitor of 1 to 20 signs, a plate or none, up
    to three days that begin within thirty, 1 to 10 entries."""
    now = call.clock.now()
    visitor = " ".join(unicodedata.normalize("NFC", given.visitor).split())
    plate = unicodedata.normalize("NFC", given.plate).strip().upper()
    wrong = {
        "link": not HASH.fullmatch(given.link),
        "visitor": not 1 <= len(visitor) <= 20 or not visitor.isprintable(),
        "plate": bool(plate) and not PLATE.fullmatch(plate),
        "endsAt": not (timedelta(0) < given.ends_at - given.starts_at <= LONGEST and given.ends_at > now),
        "startsAt": given.starts_at > now + AHEAD,
        "entries": not 1 <= given.entries <= 10,
    }
    if argument := next((name for name, is_wrong in wrong.items() if is_wrong), None):
        raise InvalidArgument(argument=argument)
    return Invitation(given.link, visitor, plate, given.starts_at, given.ends_at, given.entries)


async def invite(call: Call, given: Invitation, key: str) -> Shown:
    """A pass for a visitor of mine. CommunityMissing, TooManyPasses (10 open), CodeSuspended, RateLimited (20 a day)."""
    given = checked(call, given)
    await suspending.refuse_suspended(call)
    await limit(call.platform.line, f"onecode:invite:{call.viewer.id}", A_DAY, 86400)

    async def decide() -> Answer:
        community, made = await store_passes.invite(tx, given)
        if made is None:
            raise TooManyPasses if community else CommunityMissing
        await tx.audit("VISITOR_INVITED", tx.viewer.id, role="citizen", object_=str(made))
        await tx.emit("onecode.invited", tx.viewer.id, id=made)
        return {"id": made}

    async with call.writing("onecode") as tx:
        answer = await tx.once("onecode.invite", key, vars(given), decide)
    return store_passes.one(UUID(str(answer["id"])))


async def end(call: Call, id: UUID) -> Shown:
    """No entry by this pass of mine from now on. Done twice, it is done once."""
    async with call.writing("onecode") as tx:
        if await store_passes.end(tx, id):
            await tx.audit("VISITOR_ENDED", tx.viewer.id, role="citizen", object_=str(id))
            await tx.emit("onecode.invited", tx.viewer.id, id=id)
    return store_passes.one(id)


async def visit(call: Call, secret: str) -> Any:
    """The pass that a link opens. VisitUnknown; RateLimited: 120 a minute from one address, 40 for one pass."""
    await limit(call.platform.line, f"onecode:visit:{call.viewer.address}", 120, 60)
    if not TOKEN.fullmatch(secret):
        raise VisitUnknown
    found = await call.rows(store_passes.by_secret(hashlib.sha256(secret.encode()).hexdigest()))
    if not found:
        raise VisitUnknown
    await limit(call.platform.line, f"onecode:pass:{found[0]['id']}", 40, 60)
    return found[0]


async def judge(scans: Sequence[Scan]) -> None:
    """Take one entry of a pass at each scan: of those who ask for the last at once, one gets it. All go from pass to pass in
    one order."""
    for scan in sorted(scans, key=lambda scan: str(scan.decision.pass_id)):
        assert scan.decision.pass_id
        entered = await store_passes.enter(scan.tx, scan.decision.pass_id, scan.post)
        if entered is None:
            scan.decision = replace(scan.decision, verdict=Verdict.NOT_ENTITLED)
            continue
        seen = {"visitor": entered["visitor"], "visits": entered["visits"], "plate": entered["plate"],
                "entries_left": str(entered["remaining"])}
        told = [{"name": name, "value": value} for name, value in seen.items() if value]
        scan.decision = replace(scan.decision, facts=told)


async def tell(tx: Transaction, scan: UUID | None, decision: Decision, place: str) -> None:
    """The host hears of each entry, and of each that was refused."""
    said = {fact["name"]: fact["value"] for fact in decision.facts}
    if decision.verdict is Verdict.ACCEPTED:
        await tx.emit("onecode.visited", decision.holder, id=scan, place=place, visitor=said["visitor"],
                      left=said["entries_left"])
    else:
        await tx.emit("onecode.read_again" if decision.same_verifier else "onecode.visit_refused", decision.holder, id=scan,
                      place=place)
