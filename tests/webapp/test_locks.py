"""The lock of a state survives nobody who stopped waiting for it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
import reflex as rx
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisAway
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken
from tests.waiting import until_async

from webapp import locks


async def test_a_wait_that_is_cancelled_leaves_no_lock(redis_url: str) -> None:
    """Cancelled at any moment of its life: before, while and after Redis answers, on the way in and on the way out."""
    locks.install()
    async with Redis.from_url(redis_url) as redis:
        manager = StateManagerRedis(redis=redis)  # type: ignore[abstract]

        async def hold(token: BaseStateToken) -> None:
            async with manager._lock(token):
                await asyncio.sleep(0.001)

        async def is_free() -> bool:
            return not locks._unfinished and not await redis.keys("*_lock")
        for moment in range(60):
            token = BaseStateToken(ident=str(uuid4()), cls=rx.State)
            task = asyncio.create_task(hold(token))
            await asyncio.sleep(moment / 15_000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await until_async(is_free, seconds=manager.lock_expiration / 1250)  # before it goes by itself
        await manager.close()


async def test_a_lock_that_redis_gave_and_could_not_say_so_is_had_at_once(
        redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection breaks between Redis doing it and Python hearing of it: the command is sent again."""
    locks.install()
    async with Redis.from_url(redis_url, retry=Retry(NoBackoff(), 1), retry_on_error=[RedisAway]) as redis:
        manager = StateManagerRedis(redis=redis)  # type: ignore[abstract]
        answered, lost = redis.parse_response, list[str]()

        async def lose_the_first(connection: Any, command: str, **options: Any) -> Any:
            answer = await answered(connection, command, **options)
            if command == "SET" and not lost:
                lost.append(command)
                raise RedisAway
            return answer
        monkeypatch.setattr(redis, "parse_response", lose_the_first)
        token = BaseStateToken(ident=str(uuid4()), cls=rx.State)
        async with asyncio.timeout(manager.lock_expiration / 2000), manager._lock(token) as lock_id:
            assert lost
            key = manager._lock_key(token)
            assert await redis.get(key) == lock_id
            assert not await manager._try_get_lock(key, b"another's")
        assert await redis.get(key) is None
        await manager.close()
