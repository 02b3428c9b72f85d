"""The ground of a run: embedded PostgreSQL and Valkey by the product's own launcher code, the data, and who plays.

The state folder is kept, so that a size is loaded once a day; the servers end with the run.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from haian.clock import Clock
from haian.settings import Settings
from identity import sessions
from identity.tokens import KeyRing, Tokens
from search.words import VERSION
from server.embedded.addresses import database_addresses
from server.embedded.postgres import Postgres
from server.embedded.process import Server, wait_until_ready
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey
from server.reach import ensure_database

SQL = Path(__file__).with_name("sql")
ISSUER = "http://127.0.0.1:18700"
LOADED = "bench-loaded.json"


@dataclass(frozen=True)
class Player:
    """Somebody whom the load generator plays, with an access token of this hour."""

    citizen: str
    session: str
    token: str


@dataclass(frozen=True)
class Ground:
    """Running servers with their data. `owner`: the address that may do everything."""

    state: Path
    env: dict[str, str]
    owner: str
    processes: dict[str, int]
    settings: Settings

    def sql(self, name: str, **words: Any) -> None:
        """Run a file of sql/ as the owner, a statement at a time where it vacuums."""
        asyncio.run(run_sql(self.owner, name, words))

    def rows(self, statement: str, *values: Any) -> list[Any]:
        async def ask() -> list[Any]:
            connection = await asyncpg.connect(self.owner)
            try:
                return list(await connection.fetch(statement, *values))
            finally:
                await connection.close()
        return asyncio.run(ask())

    def forget(self, pattern: str) -> None:
        """The keys of Valkey that match are gone."""
        redis = SyncRedis.from_url(self.env["REDIS_URL"])
        for key in redis.scan_iter(pattern, count=10_000):
            redis.unlink(key)
        redis.close()

    def players(self, table: str) -> list[Player]:
        """The players with new tokens, each signed in."""
        tokens = Tokens(KeyRing(self.settings.keys / "tokens"), ISSUER, Clock(None))
        found = [(str(row["id"]), str(row["session"])) for row in self.rows(f"SELECT * FROM bench.{table} ORDER BY n")]
        asyncio.run(sign_in(self.env["REDIS_URL"], found))
        return [Player(citizen, session, tokens.make(citizen, session)) for citizen, session in found]


async def run_sql(owner: str, name: str, words: dict[str, Any]) -> None:
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(f"${word}", str(value))
    connection = await asyncpg.connect(owner)
    try:
        for statement in text.split(";\n") if "VACUUM" in text else [text]:
            if statement.strip():
                await connection.execute(statement)
    finally:
        await connection.close()


async def sign_in(url: str, found: list[tuple[str, str]]) -> None:
    """Sessions as the product keeps them, and for the peers under a key of their own."""
    redis = Redis.from_url(url)
    for citizen, session in found:
        await sessions.begin(redis, f"bench-{session}", UUID(citizen), UUID(session))
        await redis.set(f"bench:session:{session}", citizen)
    await redis.aclose()


@contextmanager
def prepared(state: Path, citizens: int | None, players: int) -> Iterator[Ground]:
    """Yields the ground with its data; everything that was started ends behind it."""
    state = open_state(state, needed_megabytes=2000)
    with locked(state) as lock:
        valkey, postgres = Valkey(state, lock), Postgres(state, lock)
        servers: tuple[Server, ...] = (valkey, postgres)
        started = []
        try:
            for server in servers:
                started.append(server.spawn())
            for server, process in zip(servers, started, strict=True):
                wait_until_ready(server, process)
            ensure_database(postgres.url("postgres", "postgres"))
            env = environment(state, postgres, valkey, citizens)
            os.environ.update(env)
            ground = Ground(state, env, env["DATABASE_MIGRATION_URL"],
                            {"Valkey": started[0].pid, "PostgreSQL": started[1].pid}, Settings.from_env(keys=True))
            load(ground, citizens)
            ground.sql("seed", players=players)
            write_key(ground)
            yield ground
        finally:
            for process, server in zip(reversed(started), reversed(servers[:len(started)]), strict=True):
                process.send_signal(server.stop_signal)
            for process in started:
                process.wait(30)


def environment(state: Path, postgres: Postgres, valkey: Valkey, citizens: int | None) -> dict[str, str]:
    addresses = database_addresses(postgres)
    return {"HAIAN_STATE": str(state), "HAIAN_DEMO_SIZE": "district", "HAIAN_PUBLIC_ORIGINS": ISSUER,
            "HAIAN_CITIZENS": str(citizens or ""), "DATABASE_URL": addresses["database_url"],
            "DATABASE_MIGRATION_URL": addresses["database_migration_url"], "REDIS_URL": valkey.url(),
            "HAIAN_PROXIES": "127.0.0.1"}


def load(ground: Ground, citizens: int | None) -> None:
    """Tables, demo data and the search index, unless they were loaded today; statistics and visibility maps made anew."""
    stamp = ground.state / LOADED
    wanted = {"citizens": citizens, "day": f"{Clock(None).today():%Y-%m-%d}", "search": VERSION}
    server("migrate", ground)
    if stamp.exists() and json.loads(stamp.read_text()) == wanted:
        return
    began = time.monotonic()
    print(f"  loading {citizens or 'the district'} …", flush=True)
    server("demo", ground)
    subprocess.run([sys.executable, "-c", REFRESH], env=os.environ | ground.env, check=True)
    asyncio.run(vacuum(ground.owner))
    stamp.write_text(json.dumps(wanted))
    print(f"  loaded in {time.monotonic() - began:.0f} s", flush=True)


REFRESH = """
import asyncio
from haian.settings import Settings
from search.service import refresh
from server.platform import opened
async def main():
    async with opened(Settings.from_env(keys=True), patience=0) as platform:
        await refresh(platform)
asyncio.run(main())
"""


def server(command: str, ground: Ground) -> None:
    subprocess.run([sys.executable, "-m", "server", command], env=os.environ | ground.env, check=True,
                   stdout=subprocess.DEVNULL)


async def vacuum(owner: str) -> None:
    connection = await asyncpg.connect(owner)
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()


def write_key(ground: Ground) -> None:
    """The public key for the peers."""
    ring = KeyRing(ground.settings.keys / "tokens").load()
    pem = ring.keys[ring.newest].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (ground.state / "bench-key.pem").write_bytes(pem)
