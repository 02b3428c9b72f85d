"""The worker: a job runs once at a time in the whole installation, waits for no other, and is tried again if it failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from haian.call import Call, Platform
from haian.db import TURN
from haian.registry import Job
from haian.settings import Settings
from haian.viewer import ANONYMOUS
from server import worker
from server.platform import opened


@pytest_asyncio.fixture
async def small(settings: Settings) -> AsyncIterator[Platform]:
    """A platform with as few connections as the worker has."""
    async with opened(settings, readers=2, writers=2 + 2 * worker.JOBS_AT_ONCE) as platform:
        yield platform


async def run(platform: Platform, jobs: list[Job], until: asyncio.Event, seconds: float = 60) -> None:
    """All jobs, as the worker runs them, until something happened."""
    stop, turns = asyncio.Event(), asyncio.Semaphore(worker.JOBS_AT_ONCE)
    tasks = [asyncio.create_task(worker.regularly(platform, job, stop, turns)) for job in jobs]
    try:
        await asyncio.wait_for(until.wait(), seconds)
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def test_many_jobs_that_are_due_at_once_all_run(small: Platform) -> None:
    """Each holds a connection for its lock and writes with another."""
    ran, done = set(), asyncio.Event()

    def job(number: int) -> Job:
        async def work(platform: Platform) -> None:
            async with Call(platform, ANONYMOUS).writing("messages") as tx:
                await tx.value("SELECT pg_sleep(0.02)")
            ran.add(number)
            if len(ran) == 12:
                done.set()
        return Job(f"test.{number}", 3600, work)
    await run(small, [job(number) for number in range(12)], done, 0.8 * TURN)
    assert len(ran) == 12


async def test_one_job_never_runs_twice_at_a_time(small: Platform) -> None:
    running, most, times, done = 0, 0, 0, asyncio.Event()

    async def work(platform: Platform) -> None:
        nonlocal running, most, times
        running, times = running + 1, times + 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        if times >= 3:
            done.set()
    job = Job("test.same", 0.01, work)
    await run(small, [job, job, job], done)
    assert most == 1


async def test_a_job_that_fails_is_tried_again_soon(small: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AFTER_FAILURE", 0.05)
    tries, done = 0, asyncio.Event()

    async def fail(platform: Platform) -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            done.set()
        raise LookupError
    await run(small, [Job("test.fails", 3600, fail)], done)
    assert tries >= 3


async def test_a_stop_is_heard_at_once(small: Platform) -> None:
    begun = asyncio.Event()

    async def work(platform: Platform) -> None:
        begun.set()
    async with asyncio.timeout(30):
        await run(small, [Job("test.long", 3600, work)], begun)
