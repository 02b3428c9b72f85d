"""Onecode's rules: a code is shown for half a minute, read once, and every reading is told to its holder."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from consent import asking, giving
from consent.models import Asked, Term
from haian import codes
from haian.cache import Rate, charging, check_room
from haian.call import Call
from haian.errors import NotFound, PublicError
from haian.feeds import Feed
from haian.line import packed
from haian.live import Message, citizen_channel
from haian.reads import Shown
from haian.transaction import Transaction
from onecode import facts, passes, showing, store, suspending
from onecode.errors import CodeUnreadable
from onecode.models import (
    DIGITS,
    KEPT_SECONDS,
    KIND,
    PREFIX,
    SHORT,
    SHOWN_SECONDS,
    Code,
    Fate,
    PassState,
    readable,
    short_key,
)

MOST_SHORT = 10**SHORT
RATE = Rate(40, 60)
"""Codes that one citizen may ask for."""
DECIDING_SECONDS = 1.0
"""A code that Redis has no more may just have been burnt: its scan is about to be told."""


async def issue(call: Call) -> Code:
    """A new code of mine, or of whom I act for, to show for 30 seconds. Redis keeps only its hash. CodeSuspended;
    RateLimited beyond RATE."""
    viewer = call.viewer
    await suspending.refuse_unless_in_use(call)
    rate = charging({f"onecode:issue:{viewer.id}": RATE})
    code, (room,) = await _issue(call, {"holder": viewer.for_whom, "by": viewer.id if viewer.subject else None}, rate)
    try:
        check_room(room)
        if viewer.subject:
            await showing.note(call)
    except PublicError:
        await _take_back(call, code)
        raise
    return code


async def visit(call: Call, secret: str) -> tuple[Any, Code | None]:
    """What a visitor's link opens, and a code for its gate while the pass is open. VisitUnknown, RateLimited."""
    found = await passes.visit(call, secret)
    if found["state"] != PassState.OPEN.value:
        return found, None
    code, _ = await _issue(call, {"holder": found["host_id"], "pass": found["id"]})
    return found, code


async def _issue(call: Call, payload: dict[str, Any], *asked: bytes) -> tuple[Code, list[Any]]:
    """Its token and the digits that stand for it are kept in one round trip; digits that another has are drawn again. With
    it the answers of what else is `asked`, which may forbid it."""
    now, token = call.clock.now(), codes.new_token()
    code = codes.digest(token)
    keeping = codes.keeping(KIND, code, payload | {"at": now}, KEPT_SECONDS)
    short, naming = _named(code)
    *answers, _, is_free = await call.platform.line.ask(*asked, keeping, naming)
    while not is_free:
        short, naming = _named(code)
        [is_free] = await call.platform.line.ask(naming)
    return Code(PREFIX + token, short, now + timedelta(seconds=SHOWN_SECONDS)), answers


def _named(code: str) -> tuple[str, bytes]:
    """Digits by chance, and the command that makes them stand for a code."""
    short = f"{int.from_bytes(secrets.token_bytes(16)) % MOST_SHORT:0{SHORT}d}"
    return short, packed("SET", short_key(short), code, "NX", "EX", KEPT_SECONDS)


async def _take_back(call: Call, code: Code) -> None:
    """A code that was made and may not be shown."""
    kept = codes.kept(KIND, codes.digest(code.text.removeprefix(PREFIX)))
    await call.platform.line.ask(packed("DEL", kept), packed("DEL", short_key(code.short)))


async def allow(call: Call, scan: UUID, fact: str, term: Term) -> Shown:
    """Let the organisation that read my code know, at its next scans, a fact that it asked for and was not given. NotFound
    for any other; the errors of `giving.give`."""
    async with call.writing("onecode") as tx:
        asked = await _asked_in(tx, scan, fact)
        await giving.give(tx, tx.viewer.id or UUID(int=0), asked, term)
    return store.scan(scan)


async def ask_guardian(call: Call, scan: UUID, fact: str, term: Term) -> Shown:
    """What a child under 14 may not allow, its guardians are asked to. NotFound, the errors of `asking.ask`."""
    async with call.writing("onecode") as tx:
        await asking.ask(call, tx, await _asked_in(tx, scan, fact), term)
    return store.scan(scan)


async def _asked_in(tx: Transaction, scan: UUID, fact: str) -> Asked:
    """What was asked at a scan of mine and not shown. NotFound."""
    found = next(iter(await tx.read(store.asked_in(scan, fact))), None)
    if found is None:
        raise NotFound
    return facts.asked(fact, found)


async def shown(call: Call, text: str, as_: Callable[..., Any]) -> Feed[Any]:
    """What becomes of a code of mine that is shown: its fate now, and when that is decided the last one. CodeUnreadable."""
    token = readable(text)
    if token is None or DIGITS.fullmatch(token):
        raise CodeUnreadable
    code = codes.digest(token)
    left = await codes.seconds_left(call.platform.line, KIND, code)

    async def show(told: Message) -> Any:
        scan = await call.value(store.first_scan(code))
        if scan is not None:
            return as_(fate=Fate.READ, scan_id=scan)
        fate = {"ready": Fate.SHOWN, "over": Fate.OVER}.get(told["type"])
        return as_(fate=fate, scan_id=None) if fate else None
    return Feed(citizen_channel(call.viewer.id or UUID(int=0)), show, seconds=max(left, DECIDING_SECONDS),
                ends=lambda told: told.fate is not Fate.SHOWN)
