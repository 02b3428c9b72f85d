"""The lock of a state in Redis, taken and given back whole, also when the page that wanted it is left meanwhile.

Reflex cancels what a page was loading when its person goes on. Cancelled between Redis changing the lock and Python
reading its answer, Reflex 0.10.1 (``StateManagerRedis._lock``) leaves it behind, and that person's next page waits for its
expiry: 10 seconds of grey. So does who asked twice, because Redis gave the lock and was cut off before it could say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from reflex.istate.manager.redis import StateManagerRedis

T = TypeVar("T")
_theirs = StateManagerRedis._lock
_unfinished: set[asyncio.Task[Any]] = set()


def _started(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task that is finished whoever stops waiting for it."""
    task = asyncio.ensure_future(work)
    _unfinished.add(task)
    task.add_done_callback(_unfinished.discard)
    return task


async def _give_back(held: AbstractAsyncContextManager[bytes], taking: asyncio.Task[bytes]) -> None:
    await taking
    await held.__aexit__(None, None, None)


@asynccontextmanager
async def _whole(self: Any, *args: Any, **kwargs: Any) -> AsyncIterator[bytes]:
    held = _theirs(self, *args, **kwargs)
    taking = _started(held.__aenter__())
    try:
        lock_id = await asyncio.shield(taking)
    except asyncio.CancelledError:
        _started(_give_back(held, taking))
        raise
    try:
        yield lock_id
    except BaseException as error:
        await asyncio.shield(_started(held.__aexit__(type(error), error, error.__traceback__)))
        raise
    await asyncio.shield(_started(held.__aexit__(None, None, None)))


async def _taken(self: Any, lock_key: bytes, lock_id: bytes) -> bool:
    """Whether the lock is ours. A client whose connection broke sends its command again: what it finds may be its own."""
    held = await self.redis.set(lock_key, lock_id, px=self.lock_expiration, nx=True, get=True)
    return bool(await self._try_extend_lock(lock_key)) if held == lock_id else held is None


def install() -> None:
    """Once, before the app begins to serve."""
    StateManagerRedis._lock = _whole  # type: ignore[method-assign]
    StateManagerRedis._try_get_lock = _taken  # type: ignore[method-assign]
