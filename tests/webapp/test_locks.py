"""The lock of a state survives nobody who stopped waiting for it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import reflex as rx
from redis.asyncio import Redis
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken
from tests.waiting import until_async

from webapp import locks


async def test_a_wait_that_is_cancelled_leaves_no_lock(redis_url: str) -> None:
    """Cancelled at any moment of its life: before, while and after Redis answers, on the way in and on the way out."""
    locks.install()
    async with Redis.from_url(redis_url) as redis:
        manager = StateManagerRedis(redis=redis)

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
            await until_async(is_free, seconds=2)
        await manager.close()
