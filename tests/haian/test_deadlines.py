"""One timer watches the time of all requests."""

from __future__ import annotations

import asyncio

import pytest

from haian.deadlines import Deadlines


async def held(deadlines: Deadlines, until: asyncio.Future[None]) -> str:
    """A request that waits; how it ended."""
    deadline = deadlines.begin()
    try:
        await until
        return "answered"
    except asyncio.CancelledError:
        if not deadline.is_mine():
            raise
        return "late"
    finally:
        deadline.over = True


async def test_what_runs_out_of_time_is_cancelled_and_nobody_else() -> None:
    deadlines, loop = Deadlines(0.05), asyncio.get_running_loop()
    never, soon = loop.create_future(), loop.create_future()
    late, quick = asyncio.create_task(held(deadlines, never)), asyncio.create_task(held(deadlines, soon))
    loop.call_soon(soon.set_result, None)
    assert (await quick, await late) == ("answered", "late")
    assert late.cancelling() == 0, "the task may go on"


async def test_who_is_cancelled_by_another_was_not_late() -> None:
    deadlines = Deadlines(60)
    task = asyncio.create_task(held(deadlines, asyncio.get_running_loop().create_future()))
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_those_who_are_done_are_forgotten_and_there_is_one_timer() -> None:
    deadlines, done = Deadlines(60), asyncio.get_running_loop().create_future()
    done.set_result(None)
    for _ in range(100):
        assert await held(deadlines, done) == "answered"
    assert len(deadlines.running) == 1
    assert deadlines.timer is not None
    deadlines.timer.cancel()


async def test_one_after_another_runs_out() -> None:
    deadlines, never = Deadlines(0.02), asyncio.get_running_loop().create_future()
    assert [await held(deadlines, asyncio.shield(never)) for _ in range(2)] == ["late", "late"]
    assert not deadlines.running
