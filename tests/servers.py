"""Real servers for the tests: one PostgreSQL and one Valkey for the whole run, a fresh database for each test."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from haian.settings import PROJECT
from server.embedded.postgres import Postgres
from server.embedded.process import Server, wait_until_ready
from server.embedded.state import locked, open_state, socket_folder
from server.embedded.valkey import Valkey
from server.reach import LOGIN

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}  # not for crash tests
TEMPLATE = "haian_template"
DEMO_TEMPLATE = "haian_demo_template"
NOW = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)  # a Monday, 9 in the morning in Qingdao: no test depends on its day
PATIENT: dict[str, Any] = {"queue_seconds": 60.0, "request_seconds": 60.0, "body_seconds": 60.0}
"""That a machine is busy is no fault of what is tested; what ends in time has settings of its own."""
NUMBERS = itertools.count(1)
AGREES = """
    CREATE FUNCTION consent.agrees() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN
        INSERT INTO consent.acceptance SELECT NEW.id, 1, NEW.created_at, NEW.id
        WHERE coalesce(NEW.born < '2013-01-01', true); RETURN NULL; END $$;
    CREATE TRIGGER agrees AFTER INSERT ON identity.citizen FOR EACH ROW EXECUTE FUNCTION consent.agrees()"""
"""Whoever comes to a test and is no child has agreed to the first terms; consent/test_terms.py has those who have not."""


@contextmanager
def temporary_state() -> Iterator[Path]:
    """A state folder that PostgreSQL can walk to as `nobody`, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="haian-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder.resolve()
    finally:
        shutil.rmtree(socket_folder(folder.resolve()), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    """A server that accepts connections within the block."""
    process = server.spawn()
    try:
        wait_until_ready(server, process)
        yield process
    finally:
        process.send_signal(server.stop_signal)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()


@dataclass(frozen=True)
class Servers:
    """Both servers and their state folder."""

    state: Path
    postgres: Postgres
    valkey: Valkey

    def url_of(self, database: str) -> str:
        """The address of a database for the product's login."""
        return self.postgres.url(LOGIN, database)

    def owner_url_of(self, database: str) -> str:
        """The address of a database for the owner of the tables."""
        return self.postgres.url("postgres", database)


@contextmanager
def running_servers() -> Iterator[Servers]:
    """Both servers, fast rather than safe: they only have to live as long as the tests."""
    with ExitStack() as stack:
        state = open_state(stack.enter_context(temporary_state()))
        lock = stack.enter_context(locked(state))
        servers = Servers(state, Postgres(state, lock, FAST), Valkey(state, lock))
        stack.enter_context(running(servers.valkey))
        stack.enter_context(running(servers.postgres))
        yield servers


def run_command(name: str, env: dict[str, str]) -> None:
    """Runs `python -m server <name>` as a person would. AssertionError with what it said when it fails."""
    argv = [sys.executable, "-m", "server", name]
    result = subprocess.run(argv, env=os.environ | env, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


async def make_template(servers: Servers, admin: asyncpg.Connection) -> str:
    """A migrated database to copy, made once for all tests."""
    await admin.execute(f"CREATE ROLE {LOGIN} LOGIN NOSUPERUSER NOINHERIT")
    await admin.execute(f"CREATE DATABASE {TEMPLATE}")
    run_command("migrate", environment(servers, TEMPLATE))
    owner = await asyncpg.connect(servers.owner_url_of(TEMPLATE))
    await owner.execute(AGREES)
    await owner.close()
    return TEMPLATE


async def make_demo_template(servers: Servers, admin: asyncpg.Connection) -> str:
    """The template with 演示数据 in it, all of which was there before a test begins, however long it took to load."""
    await admin.execute(f"CREATE DATABASE {DEMO_TEMPLATE} TEMPLATE {TEMPLATE}")
    loaded = NOW - timedelta(minutes=5)
    run_command("demo", environment(servers, DEMO_TEMPLATE) | {"HAIAN_NOW": loaded.isoformat()})
    return DEMO_TEMPLATE


def environment(servers: Servers, database: str) -> dict[str, str]:
    """The settings of a command on one of our databases."""
    return {
        "HAIAN_ENV": "test",
        "HAIAN_STATE": str(servers.state),
        "HAIAN_NOW": NOW.isoformat(),
        "DATABASE_URL": servers.url_of(database),
        "DATABASE_MIGRATION_URL": servers.owner_url_of(database),
        "REDIS_URL": servers.valkey.url(),
    }  # fmt: skip


async def copy_template(admin: asyncpg.Connection, template: str) -> str:
    """A new database that is like the template, and its name."""
    name = f"haian_{next(NUMBERS)}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    return name
