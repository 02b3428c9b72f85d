"""Live events: what left the outbox, on its way to the phones of one citizen. One Redis connection a process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()
QUEUE = 100


def citizen_channel(citizen: UUID) -> str:
    return f"haian:live:{citizen}"


SESSIONS_ENDED = "haian:sessions:ended"


async def publish(redis: Redis, channel: str, message: dict[str, Any]) -> None:
    await redis.publish(channel, orjson.dumps(message, default=str))


class Hub:
    """Hands each message on a channel to everybody in this process who listens. A listener who is too slow to keep
    `QUEUE` messages is dropped, not waited for. After Redis was away, listeners get {"type": "resync"}."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.listeners: dict[str, set[asyncio.Queue[dict[str, Any] | None]]] = {}
        self._pubsub = redis.pubsub(ignore_subscribe_messages=True)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._pubsub.subscribe(SESSIONS_ENDED)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for queues in self.listeners.values():
            for queue in queues:
                _end(queue)
        with contextlib.suppress(RedisError, OSError):
            await self._pubsub.aclose()  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[asyncio.Queue[dict[str, Any] | None]]:
        """A queue of the channel's messages; None is its end. While Redis is away it stays empty; then comes `resync`."""
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE)
        queues = self.listeners.setdefault(channel, set())
        queues.add(queue)
        try:
            with contextlib.suppress(RedisError, OSError):
                await self._pubsub.subscribe(channel)
            yield queue
        finally:
            queues.discard(queue)
            if not queues and self.listeners.get(channel) is queues:
                del self.listeners[channel]
                with contextlib.suppress(RedisError, OSError):
                    await self._pubsub.unsubscribe(channel)

    def hand_out(self, channel: str, message: dict[str, Any]) -> None:
        for queue in list(self.listeners.get(channel, ())):
            try:
                queue.put_nowait(message)
            except asyncio.QueueFull:
                _end(queue)

    async def _run(self) -> None:
        away = False
        while True:
            try:
                if away:
                    await self._pubsub.subscribe(SESSIONS_ENDED, *self.listeners)
                    for channel in list(self.listeners):
                        self.hand_out(channel, {"type": "resync"})
                    away = False
                message = await self._pubsub.get_message(timeout=None)
                if message:
                    self.hand_out(message["channel"].decode(), orjson.loads(message["data"]))
            except ValueError:
                log.error("live.no_json")
            except (RedisError, OSError) as error:
                if not away:
                    log.warning("live.away", error=type(error).__name__)
                away = True
                await asyncio.sleep(0.5)


def _end(queue: asyncio.Queue[dict[str, Any] | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)
