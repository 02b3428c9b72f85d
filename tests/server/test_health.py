"""Health: ready says within three seconds which server is away, and everything comes back by itself."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest_asyncio
from tests.clients import Served, serving
from tests.servers import FAST, run_command, running, temporary_state
from tests.waiting import until_async

from haian.db import PATIENCE
from haian.settings import Settings
from server.embedded.postgres import Postgres
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey
from server.reach import DATABASE, LOGIN, ensure_database

SECONDS = 3.0


class Own:
    """A product on servers of its own, which may be stopped and started."""

    def __init__(self, state: Path, lock: int) -> None:
        self.postgres, self.valkey = Postgres(state, lock, FAST), Valkey(state, lock)
        self.stacks: dict[str, ExitStack] = {}
        self.processes: dict[str, Any] = {}
        self.served: Served

    def start(self, name: str) -> None:
        self.stacks[name] = ExitStack()
        self.processes[name] = self.stacks[name].enter_context(running(getattr(self, name)))

    def stop(self, name: str) -> None:
        self.stacks.pop(name).close()

    async def ready(self) -> tuple[int, dict[str, str], float]:
        begun = time.monotonic()
        async with httpx.AsyncClient(verify=False, timeout=10) as client:
            answer = await client.get(f"{self.served.origin}/health/ready")
        return answer.status_code, answer.json(), time.monotonic() - begun

    async def not_ready(self) -> tuple[dict[str, str], float]:
        """What it says while something is away, and how soon: the quickest of some answers, on a busy machine."""
        for _ in range(10):
            status, said, seconds = await self.ready()
            assert status == 503
            if seconds < SECONDS:
                break
        return said, seconds

    async def until_ready(self) -> None:
        async def is_ready() -> bool:
            return (await self.ready())[0] == 200
        await until_async(is_ready)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own() -> AsyncIterator[Own]:
    with temporary_state() as folder, ExitStack() as stack:
        state = open_state(folder)
        own = Own(state, stack.enter_context(locked(state)))
        for name in ("postgres", "valkey"):
            own.start(name)
        owner = own.postgres.url("postgres", DATABASE)
        await asyncio.to_thread(ensure_database, own.postgres.url("postgres", "postgres"))
        given = {"HAIAN_ENV": "test", "HAIAN_STATE": str(state), "DATABASE_URL": own.postgres.url(LOGIN, DATABASE),
                 "DATABASE_MIGRATION_URL": owner, "REDIS_URL": own.valkey.url()}
        await asyncio.to_thread(run_command, "migrate", given)
        settings = Settings(env="test", state=state, database_url=given["DATABASE_URL"], database_migration_url=owner,
                            redis_url=given["REDIS_URL"]).with_keys()
        async with serving(settings) as own.served:
            yield own
        for name in list(own.stacks):
            own.stop(name)


async def test_a_server_with_both_is_ready_and_live(own: Own) -> None:
    assert (await own.ready())[:2] == (200, {"database": "ok", "redis": "ok"})


async def test_without_redis_it_says_so_in_time_and_comes_back(own: Own) -> None:
    own.stop("valkey")
    said, seconds = await own.not_ready()
    assert said == {"database": "ok", "redis": "away"}
    assert seconds < SECONDS
    own.start("valkey")
    await own.until_ready()
    assert (await own.served.phone().ask("IdentityViewer"))["identityViewer"] is None


async def test_without_postgresql_it_says_so_in_time_and_comes_back(own: Own) -> None:
    own.stop("postgres")
    said, seconds = await own.not_ready()
    assert said == {"database": "away", "redis": "ok"}
    assert seconds < SECONDS
    phone = own.served.phone()
    begun = time.monotonic()
    assert await phone.refused("IdentityStreets") == "UNAVAILABLE"
    waited = time.monotonic() - begun
    own.start("postgres")
    await own.until_ready()
    assert len(await phone.ask("IdentityStreets")) == 23
    assert waited < 2 * PATIENCE


async def test_servers_that_hang_are_away_too(own: Own) -> None:
    """A server that accepts and never answers is worse than one that is gone."""
    for name in ("redis", "database"):
        go_on = stopped(own, "valkey" if name == "redis" else "postgres")
        try:
            said, seconds = await own.not_ready()
            assert said[name] == "away"
            assert seconds < SECONDS
        finally:
            go_on()
        await own.until_ready()


def stopped(own: Own, name: str) -> Callable[[], None]:
    """Stop a server's processes as a debugger does; the answer lets them go on."""
    parent = psutil.Process(own.processes[name].pid)
    family = [parent, *parent.children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)

    def go_on() -> None:
        for process in family:
            process.send_signal(signal.SIGCONT)
    return go_on


async def test_live_asks_nobody(own: Own) -> None:
    own.stop("valkey")
    async with httpx.AsyncClient(verify=False) as client:
        assert (await client.get(f"{own.served.origin}/health/live")).json() == {"status": "ok"}
    own.start("valkey")
    await own.until_ready()


async def test_a_session_survives_neither_lie_nor_outage(own: Own) -> None:
    """While Redis is away nobody is signed in or out by mistake: it is told as an outage."""
    phone = own.served.phone()
    await phone.sign_in("19900000001")
    own.stop("valkey")
    assert await phone.refused("IdentityDevices") == "UNAVAILABLE"
    own.start("valkey")
    await own.until_ready()
    assert len(await phone.ask("IdentityDevices")) == 1
