"""离线码: codes that a phone carries for a lift or a basement. Read while the server is near, or settled later by whoever
read them without it; a code decides once, however it came here."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from haian.cache import limit
from haian.call import Call, Platform
from haian.errors import Forbidden, InvalidArgument, Unauthenticated
from haian.reads import Shown
from haian.registry import Event
from haian.transaction import Answer, Transaction
from identity import sessions
from onecode import carried, scanning, showing, store, store_offline, suspending
from onecode.carried import Carried, Displayed, Signer
from onecode.errors import CodeNotOffline, CodeSuspended, CodeUnreadable, NotAtPost
from onecode.models import SHOWN_SECONDS, Decision, Scan, Verdict
from onecode.scanning import PostsOf

CODES, MINUTES = 6, 25 * 60
"""Of a kind, and from the hour in which they are fetched: that of itself says nothing of who fetched them."""
MOST_KEYS = 60
SKEW = timedelta(seconds=10)
READ_WITHIN = timedelta(seconds=SHOWN_SECONDS)
SETTLED_WITHIN = timedelta(days=7)
MOST_STOPPED = 2000
"""Batches in one answer: 70 KB. Who wants to know of more asks again at once."""
KEPT = b"haian onecode kept scans 1\0"


@dataclass(frozen=True)
class Kind:
    """Codes that say the same: for which scenes (zh, en), and the server's parts, in base64url."""

    scenes: list[dict[str, str]]
    codes: list[str]


@dataclass(frozen=True)
class Batch:
    """What a device carries from now on: its codes by what they say, and until when they are good."""

    kinds: list[Kind]
    until: datetime


def signer(platform: Platform) -> Signer:
    """Every process signs alike: the key is made of the secret that they share."""
    return Signer(platform.settings.address_key)


async def carry(call: Call, device_keys: Sequence[str]) -> Batch:
    """Codes of mine, or of whom I act for, for the next day, up to six for each kind of scene that takes one without the
    server: each says what its scenes ask and no more. For the device with these keys, one a code: points of P-256,
    compressed, in base64url. InvalidArgument, CodeSuspended, NotCovered, Unauthenticated where the session has just ended;
    RateLimited beyond 12 an hour for each."""
    devices = [_point(key) for key in device_keys[:MOST_KEYS]]
    await suspending.refuse_suspended(call)
    await limit(call.platform.line, f"onecode:carry:{call.viewer.id}:{call.viewer.for_whom}", 12, 3600)
    async with call.writing("onecode") as tx:
        await _hold_session(call, tx)
        await showing.note_carried(tx)
        [needs], kinds = await tx.read(store_offline.needs()), await tx.read(store_offline.kinds())
        each = min(CODES, len(devices) // max(len(kinds), 1))
        devices = devices[:each * len(kinds)]
        if not devices:
            raise InvalidArgument(argument="deviceKeys")
        since = tx.now.replace(minute=0, second=0, microsecond=0)
        fresh = secrets.token_bytes(carried.BATCH), secrets.token_bytes(carried.SECRET)
        held = await store_offline.carry(tx, fresh, devices, each, since + timedelta(minutes=MINUTES))
        if held is None:
            raise CodeSuspended
        made = [_code(needs, kinds[i // each]["facts"], held.secret, held.first + i, since, device)
                for i, device in enumerate(devices)]
        await store_offline.number(tx, held.id, [one.number for one in made])
    sign = signer(call.platform).sign
    signed = [base64.urlsafe_b64encode(sign(one)).decode() for one in made]
    return Batch([Kind(kind["scenes"], signed[i * each:(i + 1) * each]) for i, kind in enumerate(kinds)],
                 since + timedelta(minutes=MINUTES))


def _point(key: str) -> bytes:
    try:
        device = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except (binascii.Error, ValueError):
        device = b""
    if not carried.is_point(device):
        raise InvalidArgument(argument="deviceKeys")
    return device


def _code(needs: Any, facts: Sequence[str], secret: bytes, index: int, since: datetime, device: bytes) -> Carried:
    """What one code says of its holder, for scenes that ask these facts."""
    says = sum(carried.FACTS[name] for name in facts)
    holds = sum(bit for name, bit in carried.FACTS.items() if bit & says & carried.HOLDS and needs[name])
    return Carried(carried.number_of(secret, index), index, since, MINUTES, device, says, holds,
                   needs["community"] if "resident" in facts else "",
                   carried.shortened(needs["name"]) if "name" in facts else "")


async def _hold_session(call: Call, tx: Transaction) -> None:
    """Whoever ends my session waits from here on until what I carry stands, and stops it then. Unauthenticated where it has
    ended: nobody would."""
    await store_offline.one_at_a_time(tx)
    if not await sessions.is_alive(call.platform.redis, str(tx.viewer.session), str(tx.viewer.id)):
        raise Unauthenticated


async def read(call: Call, text: str, nonce: str, posts_of: PostsOf = store.posts_of) -> Shown:
    """Read a code of either kind at my post, as `scanning.verify`; one for the time without a network is looked up here, so
    what is known now counts. CodeNotOffline where the scene takes none."""
    if not text.startswith(carried.PREFIX):
        return await scanning.verify(call, text, nonce, posts_of)
    shown = understood(call, text)
    await limit(call.platform.line, f"onecode:scan:{call.viewer.id}", 240, 60)

    async def decide() -> Answer:
        decision = await _judge(tx, shown, tx.now, lambda batch: _judge_now(tx, post, shown, batch))
        scan = Scan(tx, post, shown.digest, decision)
        if decision.verdict is Verdict.ACCEPTED:
            await scanning.entitle(call, [scan])
        return await _kept(call, scan)

    async with call.writing("onecode") as tx:
        post = (await posts_of(tx, [tx.viewer.id])).get(tx.viewer.id)
        _takes(post, "OFFLINE", "REFUSE")
        answer = await tx.once("onecode.scan", nonce, {"code": shown.digest}, decide)
    return store.check(answer["id"])


async def settle(call: Call, text: str, key: str, read_as: str | None = None,
                 post_at: Callable[[Transaction, datetime], Awaitable[Any]] = store_offline.held_at) -> Shown:
    """What I read without the server, in the scene and at the post that I had then; up to a week later. A code that has
    decided elsewhere meanwhile is USED, which its holder hears too; what I had read with the server, and only the answer was
    lost, is that scan. `read_as`: the post that my phone says, only to be checked. Forbidden where I held none, NotAtPost
    where I held another; RateLimited beyond 240 a minute, and nothing was settled: send it later."""
    shown = understood(call, text)
    await limit(call.platform.line, f"onecode:settle:{call.viewer.id}", 240, 60)

    async def decide() -> Answer:
        if mine := await tx.read(store_offline.read_here(shown.digest, shown.shown_at)):
            return {"id": mine[0]["id"]}
        decision = await _judge(tx, shown, shown.shown_at, lambda batch: _judge_settled(tx, post, shown, batch))
        return await _kept(call, Scan(tx, post, shown.digest, decision, shown.shown_at))

    async with call.writing("onecode") as tx:
        post = await _post_then(tx, shown.shown_at, post_at, read_as)
        _takes(post, "OFFLINE")
        answer = await tx.once("onecode.settle", key, {"code": shown.digest}, decide)
    return store.check(answer["id"])


async def _post_then(tx: Transaction, shown_at: datetime, post_at: Callable[[Transaction, datetime], Awaitable[Any]],
                     read_as: str | None) -> Any:
    """What was held when a code was read, by what is kept of it: between the moment at which it was shown and the one at
    which it was stale. Whoever changed the post just then read it at either. NotAtPost where the phone says another."""
    ends = (shown_at, max(shown_at, min(tx.now, shown_at + READ_WITHIN)))
    held = [post for at in ends if (post := await post_at(tx, at))]
    if not held or read_as is None:
        return held[0] if held else None
    for post in held:
        if post["post"] == read_as:
            return post
    raise NotAtPost


async def _kept(call: Call, scan: Scan) -> Answer:
    await scanning.record(call, [scan])
    return await scanning.tell(scan)


def understood(call: Call, text: str) -> Displayed:
    """CodeUnreadable for what neither server nor device signed."""
    shown = signer(call.platform).read(text)
    if shown is None:
        raise CodeUnreadable
    return shown


def _takes(post: Any, *ways: str) -> None:
    if post is None:
        raise Forbidden
    if post["offline"] not in ways:
        raise CodeNotOffline


async def _judge(tx: Transaction, shown: Displayed, at: datetime,
                 judge: Callable[[Any], Awaitable[Decision]]) -> Decision:
    """What a code comes to, with who showed it where it is another's: they have to be allowed to when it is scanned."""
    batch = await _batch(tx, shown)
    if batch is None:
        return Decision(Verdict.EXPIRED)
    holder, shown_by = batch["citizen_id"], batch["shown_by"]
    if shown_by and not await showing.may_show(tx, shown_by, holder, at):
        return Decision(Verdict.EXPIRED, holder, shown_by=shown_by)
    return replace(await judge(batch), shown_by=shown_by)


async def _judge_now(tx: Transaction, post: Any, shown: Displayed, batch: Any) -> Decision:
    """A code whose phone has no network, at a verifier who has one: ACCEPTED, as far as its holder is entitled."""
    if not -SKEW <= tx.now - shown.shown_at <= timedelta(seconds=post["code_seconds"]):
        return Decision(Verdict.EXPIRED, batch["citizen_id"])
    [standing] = await showing.standings(tx, [(batch["citizen_id"], batch["shown_by"])])
    if batch["revoked_at"] or standing:
        return Decision(Verdict.SUSPENDED, batch["citizen_id"])
    return Decision(Verdict.ACCEPTED, batch["citizen_id"])


async def _judge_settled(tx: Transaction, post: Any, shown: Displayed, batch: Any) -> Decision:
    """A code that was read without the server: what its verifier saw is what it says itself."""
    if not tx.now - SETTLED_WITHIN <= shown.shown_at <= tx.now + SKEW:
        return Decision(Verdict.EXPIRED, batch["citizen_id"])
    if batch["revoked_at"] and batch["revoked_at"] <= shown.shown_at:
        return Decision(Verdict.SUSPENDED, batch["citizen_id"])
    [[division]] = await tx.read(store_offline.division_of(post["organisation_id"]))
    says = carried.says(shown.carried, division)
    facts = [{"name": name, "value": says[name]} for name in post["facts"] if name in says]
    held = {fact["name"] for fact in facts if fact["value"]}
    verdict = Verdict.ACCEPTED if held >= set(post["demands"]) else Verdict.NOT_ENTITLED
    return Decision(verdict, batch["citizen_id"], facts)


async def _batch(tx: Transaction, shown: Displayed) -> Any:
    """The batch of a code; None where there is none such, or the code was shown outside its window."""
    said = shown.carried
    found = next(iter(await tx.read(store_offline.batch(said.number.hex()))), None)
    good = found and said.since - SKEW <= shown.shown_at < said.until
    return found if good else None


async def stop_session(platform: Platform, event: Event) -> None:
    """What a device carries ends with its session."""
    if event.citizen:
        await store_offline.stop_session(platform, event.citizen, str(event.payload["id"]), event.at)


def kept_key(call: Call) -> bytes:
    """The key (AES-256) under which my phones keep what I read without the server until it is settled: it is mine alone, so
    what waits on a phone is nothing to who signs in there next."""
    return hmac.digest(call.platform.settings.address_key, KEPT + str(call.viewer.id).encode(), "sha256")
