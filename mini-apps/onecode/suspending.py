"""停用: a holder stops all their codes at once, from any of their devices, and lets them pass again later."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from haian.cache import LOST
from haian.call import Call, Platform
from haian.line import packed
from haian.reads import Shown
from haian.registry import Event
from onecode import store_offline, store_showing
from onecode.errors import CodeSuspended

KNOWN_SECONDS = 3600
IN_USE, ASK = b"1", b"0"
"""What Redis says of somebody's codes: they were in use; PostgreSQL has to be asked, as where it says nothing."""


async def suspend(call: Call) -> Shown:
    """From now on no code of mine passes, neither one that is shown already nor a new one. Done twice, it is done once."""
    async with call.writing("onecode") as tx:
        await store_offline.one_at_a_time(tx)
        if await store_showing.suspend(tx):
            with suppress(*LOST):  # first: who has just read that it is in use keeps nothing of it then
                await call.platform.line.ask(*(packed("SET", key, ASK, "EX", KNOWN_SECONDS) for key in _keys(call)))
            await store_offline.stop_mine(tx)
            await tx.audit("CODE_SUSPENDED", tx.viewer.id, role="citizen")
            await tx.emit("onecode.stopped", tx.viewer.id)
    return store_showing.state()


async def resume(call: Call) -> Shown:
    """My codes are good again; my other devices hear of it, and the inbox, in case it was not me."""
    async with call.writing("onecode") as tx:
        if await store_showing.resume(tx):
            await tx.audit("CODE_RESUMED", tx.viewer.id, role="citizen")
            await tx.emit("onecode.resumed", tx.viewer.id)
    return store_showing.state()


async def refuse_suspended(call: Call) -> None:
    """CodeSuspended where I have stopped my codes, or whom I act for theirs: a lost phone shows nobody's."""
    who = call.viewer.id
    if who and await call.value(store_showing.any_suspended(who, call.viewer.for_whom or who)):
        raise CodeSuspended


async def refuse_unless_in_use(call: Call) -> None:
    """The same, where Redis does not say that they were in use at a look of the last hour, and that none was stopped since.
    It may err: a door asks PostgreSQL."""
    line, keys = call.platform.line, _keys(call)
    for key in keys:
        if line.known(key) != IN_USE and await line.look(key) != [IN_USE]:
            await refuse_suspended(call)
            await line.ask(*(packed("SET", key, IN_USE, "NX", "EX", KNOWN_SECONDS) for key in keys))
            return


async def tell_redis(platform: Platform, event: Event) -> None:
    """It may have been away when codes were stopped: then it says of them what is over. May run twice."""
    if event.citizen:
        await platform.line.ask(packed("SET", _key(event.citizen), ASK, "EX", KNOWN_SECONDS))


def _keys(call: Call) -> list[bytes]:
    return [_key(who) for who in (call.viewer.id, call.viewer.subject) if who]


def _key(who: UUID) -> bytes:
    return b"haian:onecode:state:%b" % str(who).encode()
