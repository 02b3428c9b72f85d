"""The one command: a first start, a later one, and every process of it killed in turn."""

from __future__ import annotations

import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from redis import Redis
from tests.processes import until_gone
from tests.product import Product, running_product
from tests.servers import NOW, Servers, temporary_state
from tests.waiting import until

from haian.demo import ACCOUNTS
from server.console import SAY

MARKS = {"PostgreSQL": "bin/postgres", "Valkey": "valkey-server", "web": "server web", "worker": "server worker",
         "verifier": "server verifier"}


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """One state folder for the module: later tests start on what earlier ones left."""
    with temporary_state() as folder:
        yield folder


@pytest.fixture(scope="module")
def running(state: Path) -> Iterator[Product]:
    """The product after its first start."""
    with running_product(state) as product:
        yield product


def is_ready(product: Product) -> bool:
    """Whether it says that it is."""
    try:
        with urllib.request.urlopen(f"{product.url}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def pids(product: Product) -> dict[str, int]:
    """The direct children by name."""
    return {name: product.launcher.child(mark) for name, mark in MARKS.items()}


async def test_a_first_start_tells_all_that_a_visitor_needs(running: Product) -> None:
    said = running.launcher.said
    assert running.url.replace("127.0.0.1", "localhost") in said, "passkeys know no numbered address"
    assert all(account.phone in said for account in ACCOUNTS)
    for code in ("step_database", "step_migrate", "step_demo", "step_web"):
        assert SAY(code) in said
    assert is_ready(running)


def test_only_the_owner_may_change_tables(running: Product) -> None:
    for name in ("web", "worker"):
        env = psutil.Process(pids(running)[name]).environ()
        assert "DATABASE_MIGRATION_URL" not in env
        assert "haian_app@" in env["DATABASE_URL"]


@pytest.mark.parametrize("name", list(MARKS))
async def test_a_killed_process_comes_back_and_nothing_is_lost(running: Product, name: str) -> None:
    connection = await asyncpg.connect(running.migration_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS public.kept (name text)")
    await connection.execute("INSERT INTO public.kept VALUES ($1)", name)
    await connection.close()
    with Redis.from_url(running.redis_url) as redis:
        redis.set(f"test:{name}", name)
    before = pids(running)
    os.kill(before[name], signal.SIGKILL)
    until_gone([before[name]])
    until(lambda: all(running.launcher.children(mark) for mark in MARKS.values()) and is_ready(running))
    after = pids(running)
    assert {other for other in MARKS if before[other] != after[other]} == {name}
    connection = await asyncpg.connect(running.migration_url)
    assert await connection.fetchval("SELECT count(*) FROM public.kept WHERE name = $1", name) == 1
    await connection.close()
    with Redis.from_url(running.redis_url) as redis:
        assert redis.get(f"test:{name}") == name.encode()
    assert running.launcher.process.poll() is None


def test_a_killed_launcher_leaves_no_process(state: Path, running: Product) -> None:
    below = running.launcher.descendants()
    assert len(below) > len(MARKS)
    running.launcher.process.kill()
    running.launcher.process.wait()
    until_gone(below)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_later_start_repeats_nothing_and_a_stop_leaves_nothing(
        state: Path, running: Product, number: signal.Signals) -> None:
    if running.launcher.process.poll() is None:
        running.launcher.stop()
    with running_product(state, since=running.since) as again:
        assert SAY("step_migrate") not in again.launcher.said
        assert SAY("step_build") not in again.launcher.said
        below = again.launcher.descendants()
        assert again.launcher.stop(number) == 0
        until_gone(below)
        assert again.launcher.said.rstrip().endswith(SAY("stopped"))
        assert "Traceback" not in again.launcher.said


async def test_named_servers_are_used_and_none_is_started(
    servers: Servers, admin: asyncpg.Connection, template: str, redis_url: str
) -> None:
    await admin.execute(f"CREATE DATABASE elsewhere TEMPLATE {template}")
    given = {
        "DATABASE_URL": servers.url_of("elsewhere"),
        "DATABASE_MIGRATION_URL": servers.owner_url_of("elsewhere"),
        "REDIS_URL": redis_url,
    }
    with temporary_state() as folder, running_product(folder, NOW, None, **given) as product:
        below = " ".join(product.launcher.descendants().values())
        assert "postgres" not in below
        assert "valkey" not in below
        assert is_ready(product)
        assert product.launcher.stop() == 0
        assert not (folder / "postgres").exists()
    await admin.execute("DROP DATABASE elsewhere WITH (FORCE)")
