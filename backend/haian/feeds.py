"""Feeds: channels of which nobody misses anything. Each message is kept for a day in a capped stream beside its channel.

A message enters the stream and the channel in one step, so that both have the same order; who comes back says where it
stood, hears first and reads the stream then, and drops what it has seen twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, NoReturn, TypeVar
from uuid import UUID

import orjson
from redis.asyncio import Redis

from haian.live import Message
from haian.positions import Position, place_of, position_of

T = TypeVar("T")
MOST_KEPT = 200
KEPT_SECONDS = 24 * 3600
ROUND = 100
"""An event that the outbox tells twice is told twice within this many."""
TELL = """
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', ARGV[1])) do
  if entry[2][2] == ARGV[2] then return '' end
end
local place = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'event', ARGV[2], 'message', ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('PUBLISH', ARGV[6], place .. ' ' .. ARGV[4])
return place
"""
MISSED = """
local now = redis.call('TIME')
local found = {now[1] * 1000 + math.floor(now[2] / 1000), '', 1}
if redis.call('EXISTS', KEYS[1]) == 0 or ARGV[1] == '' then found[4] = {}; return found end
local about = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #about, 2 do
  if about[i] == 'first-entry' and about[i + 1] then found[2] = about[i + 1][1] end
  if about[i] == 'length' then found[3] = found[3] + about[i + 1] end
  if about[i] == 'entries-added' then found[3] = found[3] - about[i + 1] end
end
found[4] = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+')
return found
"""


class Feed(AsyncIterator[T], Generic[T]):
    """What the resolver of a subscription returns: a channel, and `show`, which makes what the field shows of a message.

    Beside the channel's own messages it is asked for {"type": "ready"} (from now on nothing is missed), or where `after` is
    given and too long ago {"type": "resync"}: read everything again. None shows nothing. Everybody who asks the same
    shares one feed, so `show` must not know who asked. `ends`: what was shown is the last. `seconds`: then comes
    {"type": "over"}, and the end. `pace`: seconds between two answers at least; of messages with the same `key` that came
    meanwhile only the latest is shown.
    """

    def __init__(self, channel: str, show: Callable[[Message], Any], *, after: str | None = None,
                 ends: Callable[[T], bool] | None = None, seconds: float | None = None, pace: float = 0.0,
                 key: Callable[[Message], Any] | None = None) -> None:
        self.channel, self.show, self.after = channel, show, after
        self.ends, self.seconds, self.pace, self.key = ends, seconds, pace, key

    def __anext__(self) -> NoReturn:
        raise TypeError("a feed is not iterated but joined: gateway.live")


@dataclass(frozen=True)
class Missed:
    """What was kept after a position. `whole`: nothing of it is lost. `now`: the place that somebody who knows everything
    up to now stands at."""

    now: Position
    whole: bool
    messages: list[Message] = field(default_factory=list)


def stream_of(channel: str) -> str:
    return f"{channel}:kept"


async def tell(redis: Redis, channel: str, event: UUID, message: Message) -> None:
    """Say something to all who listen and keep it for those who come back. Told again, an event is heard once."""
    await redis.eval(TELL, 1, stream_of(channel), str(ROUND), str(event), str(MOST_KEPT),
                     orjson.dumps(message, default=str).decode(), str(KEPT_SECONDS), channel)  # type: ignore[misc]


async def missed(redis: Redis, channel: str, after: Position | None) -> Missed:
    """What was told on a channel after a position; nothing where there is none."""
    now, first, lost, entries = await redis.eval(
        MISSED, 1, stream_of(channel), place_of(after) if after else "")  # type: ignore[misc]
    here = (int(now) - 1, 2**63)
    if after is None:
        return Missed(here, True)
    kept = int(now) - after[0] < KEPT_SECONDS * 1000 and (int(lost) == 1 or after >= position_of(first or b"0-0"))
    return Missed(here, kept, [_message(place, fields) for place, fields in entries] if kept else [])


def _message(place: bytes, fields: list[bytes]) -> Message:
    message: Message = orjson.loads(fields[3])
    return message | {"position": position_of(place)}
