"""`python -m server worker`: what is due. The outbox at once, by NOTIFY; jobs by time, one worker each at a time."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import asyncpg
import structlog

from haian.call import Platform
from haian.logs import configure
from haian.outbox import PATIENT, deliver
from haian.registry import Job
from haian.settings import Settings
from server.housekeeping import JOBS
from server.keys_given import check_keys
from server.platform import opened

log = structlog.get_logger()
LATEST = 5.0
BATCH = 100
JOBS_AT_ONCE = 3
AFTER_FAILURE = 60.0


def main(settings: Settings) -> int:
    configure(settings.log_level)
    check_keys(settings)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work(settings))
    return 0


async def work(settings: Settings) -> None:
    """Until SIGTERM or SIGINT: what was begun is finished."""
    stop = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sig, stop.set)
    turns = asyncio.Semaphore(JOBS_AT_ONCE)
    async with opened(settings, readers=4, writers=2 + 2 * JOBS_AT_ONCE) as platform, asyncio.TaskGroup() as group:
        tasks = [group.create_task(outbox(platform, stop))]
        tasks += [group.create_task(regularly(platform, job, stop, turns)) for job in (*JOBS, *platform.registry.jobs)]
        log.info("worker.ready", jobs=len(tasks) - 1)


async def outbox(platform: Platform, stop: asyncio.Event) -> None:
    """Deliver at each NOTIFY, and every 5 seconds what waits for another try."""
    wake = asyncio.Event()
    listener: asyncpg.Connection | None = None
    while not stop.is_set():
        try:
            if listener is None or listener.is_closed():
                listener = await asyncpg.connect(platform.settings.database_url, timeout=5)
                await listener.add_listener("haian_outbox", lambda *_: wake.set())
            wake.clear()
            while await deliver(platform, BATCH) == BATCH and not stop.is_set():
                pass
        except Exception:
            log.exception("outbox.away")
        await first_of(wake, stop, LATEST)
    if listener:
        await listener.close()


async def regularly(platform: Platform, job: Job, stop: asyncio.Event, turns: asyncio.Semaphore) -> None:
    """Run a job, at most once at a time in the whole installation (an advisory lock); again within a minute if it failed.
    `turns`: a job holds one connection for its lock and writes with another, so all at once would wait for each other."""
    while not stop.is_set():
        wait = job.seconds
        try:
            async with turns, platform.db.transaction("haian_worker") as connection:
                await connection.execute(PATIENT)
                if await connection.fetchval("SELECT pg_try_advisory_xact_lock(hashtext($1))", f"job:{job.name}"):
                    await job.run(platform)
        except Exception:
            log.exception("job.failed", job=job.name)
            wait = min(wait, AFTER_FAILURE)
        await first_of(stop, stop, wait)


async def first_of(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    """Wait for either event, or so many seconds."""
    waits = [asyncio.create_task(event.wait()) for event in (one, other)]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
