"""The bell that wakes the worker: after the commit, once for many, and never lost while there is somebody to ring it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from tests.waiting import until_async

from haian.bell import Bell
from haian.call import Call, Platform
from haian.errors import Unavailable
from haian.viewer import Viewer


class Struck:
    """Counts how often the bell was struck; `away` says how often nobody answers first."""

    def __init__(self, away: int = 0) -> None:
        self.times, self.away = 0, away

    async def __call__(self) -> None:
        self.times += 1
        await asyncio.sleep(0)
        if self.times <= self.away:
            raise Unavailable


async def test_many_who_ring_in_a_moment_are_heard_at_once_and_once_more() -> None:
    struck = Struck()
    bell = Bell(struck)
    bell.ring()
    await asyncio.sleep(0)
    assert struck.times == 1
    for _ in range(100):
        bell.ring()
    assert bell.ringing
    await bell.ringing
    assert struck.times == 2


async def test_who_rings_while_it_rings_is_heard() -> None:
    struck = Struck()
    bell = Bell(struck)
    for times in (1, 2, 3):
        bell.ring()
        await until_async(partial(reached, struck, times))
    await bell.close()


async def reached(struck: Struck, times: int) -> bool:
    return struck.times >= times


async def test_what_was_wanted_last_is_rung_before_it_closes() -> None:
    struck = Struck()
    bell = Bell(struck)
    bell.ring()
    await bell.close()
    assert struck.times == 1


async def test_what_was_being_rung_when_it_closes_is_rung_again() -> None:
    struck = Struck()
    bell = Bell(struck)
    bell.ring()
    await asyncio.sleep(0)
    assert struck.times == 1, "and nobody has heard it yet"
    await bell.close()
    assert struck.times == 2


async def test_a_server_that_is_away_stops_no_bell() -> None:
    struck = Struck(away=1)
    bell = Bell(struck)
    for _ in range(2):
        bell.ring()
        assert bell.ringing
        await bell.ringing
    assert struck.times == 2


@pytest_asyncio.fixture
async def heard(kernel: Platform) -> AsyncIterator[list[str]]:
    """What the worker's listener hears."""
    found: list[str] = []
    listener = await asyncpg.connect(kernel.settings.database_url)
    await listener.add_listener("haian_outbox", lambda *_: found.append("rung"))
    yield found
    await listener.close()


async def test_the_worker_is_woken_by_what_was_committed_and_nothing_else(kernel: Platform, heard: list[str]) -> None:
    call = Call(kernel, Viewer(uuid4()))
    with pytest.raises(LookupError):
        async with call.writing("messages") as tx:
            await tx.emit("messages.test", None)
            raise LookupError
    async with call.writing("messages") as tx:
        await tx.audit("SEEN", None, role="citizen")
    assert kernel.db.bell.ringing is None
    async with call.writing("messages") as tx:
        await tx.emit("messages.test", None)
    assert heard == []
    await until_async(lambda: is_heard(heard))


async def is_heard(heard: list[str]) -> bool:
    return bool(heard)
