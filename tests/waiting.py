"""Waiting for something to become true, with a bound that a busy machine keeps too. Never a plain sleep: a test is as fast
as what it tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

Answer = TypeVar("Answer")
PATIENCE = 120.0
"""Seconds after which something is taken for never: a process that starts beside many others has needed forty."""


def until(check: Callable[[], Answer | None], seconds: float = PATIENCE, every: float = 0.02) -> Answer:
    """The first true answer of `check`. AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {check}"
        time.sleep(every)
    return answer


async def until_async(check: Callable[[], Awaitable[Answer | None]], seconds: float = PATIENCE,
                      every: float = 0.02) -> Answer:
    """The same for a coroutine function."""
    deadline = time.monotonic() + seconds
    while not (answer := await check()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {check}"
        await asyncio.sleep(every)
    return answer


async def waiting(db: Any) -> int:
    """How many wait for a lock in this database; others of the same server are other tests'."""
    return len(await db.fetch("""SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                                 WHERE NOT l.granted AND a.datname = current_database()"""))


async def somebody_waits(db: Any) -> bool:
    return await waiting(db) > 0
