"""Live events, from the outbox to whoever listens: one Redis connection a process, one message a channel."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias
from uuid import UUID

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from haian.errors import Unavailable
from haian.positions import Position, cursor_of, position_of

log = structlog.get_logger()
QUEUE = 100
SESSIONS_ENDED = "haian:sessions:ended"
CONFIRMED_SECONDS = 5.0
Message: TypeAlias = dict[str, Any]
Hear: TypeAlias = Callable[[Message | None], None]
"""Is called with each message, at once and in order; with None when there will be no more."""


def citizen_channel(citizen: UUID) -> str:
    return f"haian:live:{citizen}"


async def publish(redis: Redis, channel: str, message: Message) -> None:
    """Say something to those who listen now; `haian.feeds.tell` is for what must not be missed."""
    await redis.publish(channel, orjson.dumps(message, default=str))


class Hub:
    """Hands each message on a channel to everybody in this process who listens. After Redis was away, and once it is
    heard again, everybody gets {"type": "resync"}: something may have been missed.

    `epoch` names the Redis that is heard now. What was kept may be lost with a Redis that crashed, so a cursor of another
    epoch is not trusted.
    """

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.epoch = ""
        self.listeners: dict[str, dict[Hear, None]] = {}
        self._pubsub = redis.pubsub()
        self._turn = asyncio.Lock()
        self._asked: Counter[str] = Counter()
        self._waiting: dict[str, list[asyncio.Future[bool]]] = {}
        self._late: set[str] = set()
        self._away = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._pubsub.subscribe(SESSIONS_ENDED)
        await self._learn_epoch()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for hears in list(self.listeners.values()):
            for hear in list(hears):
                hear(None)
        with contextlib.suppress(RedisError, OSError):
            await self._pubsub.aclose()

    async def join(self, channel: str, hear: Hear) -> None:
        """From the return on nothing is missed: Redis has said that it has the subscription. Unavailable where it has not;
        `hear` stays, until `leave`, and hears when Redis is back."""
        if channel not in self.listeners:
            self._asked[channel] += 1
            self.listeners[channel] = {hear: None}
            async with self._turn:
                with contextlib.suppress(RedisError, OSError):
                    await self._pubsub.subscribe(channel)
        else:
            self.listeners[channel][hear] = None
        if not await self._confirmed(channel):
            raise Unavailable

    async def _confirmed(self, channel: str) -> bool:
        if self._away or not self._asked[channel]:
            return not self._away
        confirmed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(channel, []).append(confirmed)
        await asyncio.wait({confirmed}, timeout=CONFIRMED_SECONDS)
        return confirmed.done() and confirmed.result()

    async def leave(self, channel: str, hear: Hear) -> None:
        """Nothing more is heard; the last one to leave ends the subscription."""
        hears = self.listeners.get(channel, {})
        hears.pop(hear, None)
        if channel not in self.listeners or hears:
            return
        del self.listeners[channel]
        async with self._turn:
            if channel not in self.listeners:
                with contextlib.suppress(RedisError, OSError):
                    await self._pubsub.unsubscribe(channel)

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[asyncio.Queue[Message | None]]:
        """A queue of the channel's messages; None is its end, which comes to a listener who lets `QUEUE` of them wait.
        While Redis is away it stays empty; then comes `resync`."""
        queue: asyncio.Queue[Message | None] = asyncio.Queue(QUEUE)

        def hear(message: Message | None) -> None:
            if message is None or queue.full():
                while not queue.empty():
                    queue.get_nowait()
                self.listeners.get(channel, {}).pop(hear, None)
                message = None
            queue.put_nowait(message)
        try:
            with contextlib.suppress(Unavailable):
                await self.join(channel, hear)
            yield queue
        finally:
            await self.leave(channel, hear)

    def hand_out(self, channel: str, message: Message) -> None:
        for hear in list(self.listeners.get(channel, ())):
            try:
                hear(message)
            except Exception:
                log.exception("live.failed", channel=channel)

    def cursor(self, position: Position) -> str:
        """A place in a channel, as a client keeps it."""
        return cursor_of(self.epoch, position)

    async def _run(self) -> None:
        while True:
            try:
                if self._away:
                    await self._come_back()
                self._take(await self._pubsub.get_message(timeout=None))
            except ValueError:
                log.error("live.no_json")
            except (RedisError, OSError) as error:
                self._lose(error)
                await asyncio.sleep(0.5)

    def _take(self, given: Message | None) -> None:
        if given is None:
            return
        channel = given["channel"].decode()
        if given["type"] == "subscribe":
            self._confirm(channel)
        elif given["type"] == "message":
            message, position = _read(given["data"])
            if position:
                message |= {"position": position, "cursor": self.cursor(position)}
            self.hand_out(channel, message)

    def _confirm(self, channel: str) -> None:
        self._asked[channel] -= 1
        if self._asked[channel] > 0:
            return
        del self._asked[channel]
        for waiting in self._waiting.pop(channel, ()):
            if not waiting.done():
                waiting.set_result(True)
        if channel in self._late:
            self._late.discard(channel)
            self.hand_out(channel, {"type": "resync"})

    def _lose(self, error: Exception) -> None:
        if not self._away:
            log.warning("live.away", error=type(error).__name__)
        self._away = True
        self._asked.clear()
        for waiting in self._waiting.values():
            for confirmed in waiting:
                if not confirmed.done():
                    confirmed.set_result(False)
        self._waiting.clear()

    async def _come_back(self) -> None:
        """Everybody is told to read again when Redis has confirmed that they are heard."""
        self._late = set(self.listeners) | {SESSIONS_ENDED}
        async with self._turn:
            await self._pubsub.subscribe(SESSIONS_ENDED, *self.listeners)
        await self._learn_epoch()
        self._away = False

    async def _learn_epoch(self) -> None:
        self.epoch = (await self.redis.info("server"))["run_id"][:8]


def _read(data: bytes) -> tuple[Message, Position | None]:
    """A message, and its place in the channel's stream where it was kept."""
    if data.startswith(b"{"):
        return orjson.loads(data), None
    place, _, rest = data.partition(b" ")
    return orjson.loads(rest), position_of(place)
