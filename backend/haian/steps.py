"""Step-up: that a second factor was given in this session within the last 5 minutes.

A mutation declares it beside its rule: `recent=True` is only for who has shown one; `recent="if held"` asks it of whoever
has one to show, and lets in who has none yet.

It is a key of its own beside the session, since whoever knows a session compares its bytes at every request.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal, TypeAlias

from redis.asyncio import Redis

from haian.call import Call, Platform
from haian.errors import Forbidden, StepUpNeeded, Unauthenticated
from haian.reads import sql

STEP_SECONDS = 300
COOL_OFF = timedelta(days=1)
"""What somebody else says for a citizen counts so much later: all devices of theirs hear of it before, and any stops it."""
Recent: TypeAlias = Literal[True, False, "if held"]


@sql
def has_factor() -> Any:
    "EXISTS (SELECT FROM haian.factor WHERE citizen_id = {viewer})"


def _key(session: str) -> str:
    return f"haian:step:{session}"


def session_of(call: Call) -> str:
    """The session of the browser that asks. Unauthenticated; Forbidden for who comes with an access token, which can show
    no factor."""
    if call.viewer.session is None:
        raise Unauthenticated
    if call.viewer.by_token:
        raise Forbidden
    return call.viewer.session


async def confirm(platform: Platform, session: str) -> None:
    """A second factor was given now. `session`: the name of its device, as in `Viewer.session`."""
    await platform.redis.set(_key(session), repr(platform.clock.epoch()), ex=STEP_SECONDS)


async def is_recent(call: Call) -> bool:
    """Whether the viewer's session has stepped up, and not longer ago than `STEP_SECONDS`."""
    if call.viewer.session is None:
        return False
    at = await call.platform.redis.get(_key(call.viewer.session))
    return at is not None and 0 <= call.clock.epoch() - float(at) < STEP_SECONDS


async def check(call: Call, recent: Recent) -> None:
    """StepUpNeeded where what is declared so wants a second factor now."""
    if recent and not await is_recent(call) and (recent is True or await call.value(has_factor())):
        raise StepUpNeeded


async def forget(redis: Redis, session: str) -> None:
    """The session ends, or its factor went."""
    await redis.delete(_key(session))
