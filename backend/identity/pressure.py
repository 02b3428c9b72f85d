"""Who may have a code sent, and how much work that costs: text messages cost money, and some live of them (SMS pumping).

Four things are counted for those whom we do not know: what an address asks for, what is sent to a number, to the numbers
of a prefix (its first 7 places: a range of 10,000 that an operator sold together), and to everybody, by the minute and by
the day. Each has room for ordinary days. Near its end the browser works for a moment (find a number whose SHA-256 with our
challenge begins with so many zero bits), which one person does not notice and a thousand requests do; at its end nothing is
sent. A browser that signed in with the same number before is known and spends none of it, so that strangers, however many,
never keep the owner out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from haian import macs
from haian.cache import limit
from haian.call import Call, Platform
from haian.demo import ACCOUNTS
from haian.errors import PublicError, RateLimited
from identity.errors import WorkNeeded

log = structlog.get_logger()
HOUR, DAY = 3600, 86400
PREFIX_PLACES = 7
BITS, MOST_BITS = 17, 20
WORTH_SECONDS = 180
"""A challenge is good for so long, and once."""
KNOWN_SECONDS = 180 * DAY
"""So long a browser is known after it signed in, or was asked by a code."""
WORK = re.compile(r"(([0-9]{1,2})\.([0-9]{10})\.[A-Za-z0-9_-]{16})\.([0-9a-f]{32}):([0-9]{1,16})")
DEMO_PHONES = frozenset(account.phone for account in ACCOUNTS)


@dataclass(frozen=True)
class Budget:
    """`easy` in `seconds` cost nothing, `most` is the end."""

    key: str
    easy: int
    most: int
    seconds: float


def _mac(platform: Platform, *parts: str) -> str:
    return _macs(platform, *parts)[0]


def _macs(platform: Platform, *parts: str) -> list[str]:
    """What may have been made of it: by each index key, the newest first."""
    return [made.hex()[:32] for made in macs.macs(platform.settings, "\n".join(parts).encode())]


def _is(given: str, made: list[str]) -> bool:
    return any(hmac.compare_digest(given.encode(), each.encode()) for each in made)


def known(platform: Platform, phone: str) -> str:
    """What a browser keeps that has signed in with this number: it says nothing to who reads it."""
    return _mac(platform, "known", phone)


def is_known(call: Call, phone: str) -> bool:
    kept = (call.viewer.browser or "").partition(".")[2]
    return _is(kept, _macs(call.platform, "known", phone))


def _budgets(call: Call, phone: str, number: str) -> Iterator[Budget]:
    day = call.platform.settings.sms_budget
    yield Budget(f"sms:address:{call.viewer.address}", 60, 600, HOUR)
    if not (call.platform.settings.demo and phone in DEMO_PHONES):  # which belong to nobody, and are everybody's
        yield Budget(f"sms:number:{number}", 10, 30, HOUR)
        yield Budget(f"sms:prefix:{phone[:PREFIX_PLACES]}", 100, 1000, HOUR)
    yield Budget("sms:all", 1500, 3000, 60)
    yield Budget("sms:day", day * 4 // 5, day, DAY)


async def admit(call: Call, phone: str, work: str) -> None:
    """Let a code be sent. RateLimited, or WorkNeeded with a challenge for the browser."""
    line, number = call.platform.line, _mac(call.platform, "number", phone)
    await limit(line, f"sms:pair:{_mac(call.platform, 'pair', phone, call.viewer.address)}", 5, 300)
    if is_known(call, phone):
        await limit(line, f"sms:known:{number}", 20, HOUR)
        return
    near = [budget.key for budget in _budgets(call, phone, number) if not await _has_room(call, budget)]
    if near:
        await _tell(call.platform, near)
        if not await _is_done(call.platform, phone, work):
            raise await _asking(call.platform, phone, number)
    for budget in _budgets(call, phone, number):
        await limit(line, budget.key, budget.most, budget.seconds)


async def _has_room(call: Call, budget: Budget) -> bool:
    try:
        await limit(call.platform.line, f"{budget.key}:easy", budget.easy, budget.seconds)
    except RateLimited:
        return False
    return True


async def _tell(platform: Platform, near: list[str]) -> None:
    """The operator reads, once a minute, which common budget comes to its end."""
    for key in near:
        what = key.split(":")[1]
        if what in ("prefix", "all", "day") and await platform.redis.set(f"haian:sms:told:{what}", 1, nx=True, ex=60):
            log.warning("sms.near", budget=what, prefix=key.split(":")[2] if what == "prefix" else None)


async def _asking(platform: Platform, phone: str, number: str) -> PublicError:
    """The work that this number costs now: a bit more for every five that were sent to it for work within the hour."""
    worked = int(await platform.redis.get(f"haian:sms:worked:{number}") or 0)
    bits, until = min(MOST_BITS, BITS + worked // 5), int(platform.clock.epoch()) + WORTH_SECONDS
    asked = f"{bits}.{until}.{secrets.token_urlsafe(12)}"
    return WorkNeeded(challenge=f"{asked}.{_mac(platform, 'work', phone, asked)}")


async def _is_done(platform: Platform, phone: str, work: str) -> bool:
    """Whether this is our challenge for this number, solved, not too old, and not used before."""
    found = WORK.fullmatch(work)
    if not found:
        return False
    asked, bits, until, mac, _ = found.groups()
    if not _is(mac, _macs(platform, "work", phone, asked)) or platform.clock.epoch() > int(until):
        return False
    if int.from_bytes(hashlib.sha256(work.encode()).digest()) >> (256 - int(bits)):
        return False
    if not await platform.redis.set(f"haian:sms:work:{mac}", 1, nx=True, ex=WORTH_SECONDS):
        return False
    counted = f"haian:sms:worked:{_mac(platform, 'number', phone)}"
    await platform.redis.incr(counted)
    await platform.redis.expire(counted, HOUR)
    return True
