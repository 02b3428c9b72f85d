"""Onecode's rules: a code is shown for half a minute, read once, and every reading is told to its holder."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from haian import codes
from haian.cache import limit
from haian.call import Call
from haian.codes import Burnt, State
from haian.errors import Forbidden
from haian.feeds import Feed
from haian.live import Message, citizen_channel
from haian.reads import Shown
from haian.transaction import Answer, Transaction
from onecode import store
from onecode.errors import CodeUnreadable
from onecode.models import (
    DIGITS,
    KEPT_SECONDS,
    PREFIX,
    SHORT,
    SHOWN_SECONDS,
    Code,
    Decision,
    Fate,
    FirstUse,
    Verdict,
    readable,
)

KIND = "onecode"
DECIDING_SECONDS = 1.0
"""A code that Redis has no more may just have been burnt: its scan is about to be told."""


async def issue(call: Call) -> Code:
    """A new code of mine, to show for 30 seconds. Redis keeps only its hash. RateLimited beyond 40 a minute."""
    redis, now = call.platform.redis, call.clock.now()
    await limit(call.platform.line, f"onecode:issue:{call.viewer.id}", 40, 60)
    token = await codes.issue(redis, KIND, {"holder": call.viewer.id, "at": now}, KEPT_SECONDS)
    short = ""
    while not short or not await redis.set(_short(short), codes.digest(token), nx=True, ex=KEPT_SECONDS):
        short = f"{secrets.randbelow(10**SHORT):0{SHORT}d}"
    return Code(PREFIX + token, short, now + timedelta(seconds=SHOWN_SECONDS))


def _short(digits: str) -> str:
    return f"haian:onecode:short:{digits}"


async def verify(call: Call, text: str, nonce: str) -> Shown:
    """Read a code at my post: what it came to, with exactly the facts of the post's scene. Sent again with the same nonce
    it gets its first answer. CodeUnreadable, Forbidden (no post; the code stays good), RateLimited."""
    code = readable(text)
    if code is None:
        raise CodeUnreadable
    await limit(call.platform.line, f"onecode:scan:{call.viewer.id}", 240, 60)
    async with call.writing("onecode") as tx:
        post = await store.post_of(tx)
        if post is None:
            raise Forbidden
        answer = await tx.once("onecode.scan", nonce, {"code": code}, lambda: _verify(call, tx, post, code, nonce))
    return store.check(answer["id"])


async def _verify(call: Call, tx: Transaction, post: Any, text: str, nonce: str) -> Answer:
    """Burn the code, judge it, record the scan; PostgreSQL has the final word on whether it was the first."""
    code = await _digest(call, text)
    by = {"verifier": call.viewer.id, "nonce": nonce, "at": tx.now, "place": post["whole_place"]}
    decision = await _judge(call, tx, post, code, await codes.burn(call.platform.redis, KIND, code, by), nonce)
    scan = await store.record_scan(tx, post, code, decision)
    if scan is None:
        decision = await _used_before(call, tx, code)
        scan = await store.record_scan(tx, post, code, decision)
    await _tell(tx, post, scan, decision)
    return {"id": scan}


async def _digest(call: Call, text: str) -> str:
    """The hash of a code that was scanned, or of the one that typed digits stand for. RateLimited: 12 typed a minute."""
    if DIGITS.fullmatch(text):
        await limit(call.platform.line, f"onecode:typed:{call.viewer.id}", 12, 60)
        found = await call.platform.redis.get(_short(text))
        if found:
            return str(found.decode())
    return codes.digest(text)


async def _judge(call: Call, tx: Transaction, post: Any, code: str, burnt: Burnt, nonce: str) -> Decision:
    me = str(call.viewer.id)
    if burnt.state is State.UNKNOWN:
        return await _used_before(call, tx, code)
    holder = UUID(burnt.payload["holder"])
    if burnt.state is State.USED and (burnt.by["verifier"], burnt.by["nonce"]) != (me, nonce):
        first = FirstUse(datetime.fromisoformat(burnt.by["at"]), burnt.by["place"])
        return Decision(Verdict.USED, holder, first=first, same_verifier=burnt.by["verifier"] == me)
    if tx.now - datetime.fromisoformat(burnt.payload["at"]) > timedelta(seconds=post["code_seconds"]):
        return Decision(Verdict.EXPIRED, holder)
    facts = [{"name": name, "value": await _fact(call, name, holder, post)} for name in post["facts"]]
    held = {fact["name"] for fact in facts if fact["value"]}
    return Decision(Verdict.ACCEPTED if held >= set(post["demands"]) else Verdict.NOT_ENTITLED, holder, facts)


async def _used_before(call: Call, tx: Transaction, code: str) -> Decision:
    """Redis does not know the code, or has forgotten that it was used: the scans know."""
    found = await store.first_use(tx, code)
    if found is None:
        return Decision(Verdict.EXPIRED)
    holder, verifier, first = found
    return Decision(Verdict.USED, holder, first=first, same_verifier=verifier == call.viewer.id)


async def _fact(call: Call, name: str, citizen: UUID, post: Any) -> Any:
    """The value of a fact as its owner's provider tells it; None where nobody tells it."""
    fact = call.platform.registry.facts.get(name)
    if fact is None:
        return None
    return await call.value(fact.value(citizen, post["organisation_id"]) if fact.local else fact.value(citizen))


async def _tell(tx: Transaction, post: Any, scan: UUID | None, decision: Decision) -> None:
    """The ledger of the holder, and the holder's phone. A refusal goes to the inbox too, unless the same verifier has
    only read the same code twice or the code was shown too long."""
    verdict, names = decision.verdict, [fact["name"] for fact in decision.facts]
    action = "CODE_ACCEPTED" if verdict is Verdict.ACCEPTED else "CODE_REFUSED"
    await tx.audit(action, decision.holder, role=post["role"], object_=str(scan), fields=names, reason=verdict.value)
    if decision.holder is None:
        return
    event = "onecode.scanned" if verdict is Verdict.ACCEPTED else f"onecode.{verdict.value.lower()}"
    if verdict is Verdict.USED and decision.same_verifier:
        event = "onecode.read_again"
    await tx.emit(event, decision.holder, id=scan, place=post["whole_place"])


async def shown(call: Call, text: str, as_: Callable[..., Any]) -> Feed[Any]:
    """What becomes of a code of mine that is shown: its fate now, and when that is decided the last one. CodeUnreadable."""
    token = readable(text)
    if token is None or DIGITS.fullmatch(token):
        raise CodeUnreadable
    code = codes.digest(token)
    left = await call.platform.redis.pttl(codes.kept(KIND, code)) / 1000

    async def show(told: Message) -> Any:
        scan = await call.value(store.first_scan(code))
        if scan is not None:
            return as_(fate=Fate.READ, scan_id=scan)
        fate = {"ready": Fate.SHOWN, "over": Fate.OVER}.get(told["type"])
        return as_(fate=fate, scan_id=None) if fate else None
    return Feed(citizen_channel(call.viewer.id or UUID(int=0)), show, seconds=max(left, DECIDING_SECONDS),
                ends=lambda told: told.fate is not Fate.SHOWN)
