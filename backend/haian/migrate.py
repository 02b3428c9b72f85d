"""Migrations: plain SQL files, forward only, one PostgreSQL schema for each capability and mini-app.

A file runs once, in its own transaction, in the order haian, capabilities, mini-apps, and is kept with its SHA-256:
a file that changed after it ran is refused. An advisory lock lets several servers start at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

LOCK = 370211
LOGIN = "haian_app"
"""The role that may take every other of the product's; a login of another name is its member."""
ROLES = Path(__file__).with_name("roles.sql")
LEDGER = """
CREATE SCHEMA IF NOT EXISTS haian;
CREATE TABLE IF NOT EXISTS haian.migration (
    noun text NOT NULL, name text NOT NULL, sha256 text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (noun, name))
"""


class MigrationChanged(Exception):
    """A migration that already ran was edited. Write a new one instead."""


@dataclass(frozen=True)
class Source:
    """The migrations of one noun: `folder/0001_….sql`."""

    noun: str
    folder: Path

    def files(self) -> Sequence[Path]:
        return sorted(self.folder.glob("[0-9]*.sql"))


KERNEL = Source("haian", Path(__file__).parent / "migrations")


def role_of(noun: str) -> str:
    """The database role that writes a noun's schema, and no other."""
    return f"app_{noun}"


def quoted(name: str) -> str:
    """A name of any signs in SQL."""
    return '"' + name.replace('"', '""') + '"'


async def migrate(url: str, sources: Iterable[Source], login: str = LOGIN) -> list[str]:
    """Bring the database up to date; returns what ran. `login`: the role that web and worker sign in as."""
    connection = await asyncpg.connect(url)
    ran: list[str] = []
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(ROLES.read_text(encoding="utf-8"))
        if login != LOGIN:
            await connection.execute(f"GRANT {LOGIN} TO {quoted(login)} WITH INHERIT FALSE, SET TRUE")
        await connection.execute(LEDGER)
        done = {(r["noun"], r["name"]): r["sha256"] for r in await connection.fetch("SELECT * FROM haian.migration")}
        for source in (KERNEL, *sources):
            await _prepare(connection, source.noun)
            for file in source.files():
                if await _apply(connection, source.noun, file, done):
                    ran.append(f"{source.noun}/{file.name}")
    finally:
        await connection.close()
    return ran


async def _prepare(connection: asyncpg.Connection, noun: str) -> None:
    """The schema of a noun and the role that writes it."""
    if noun == "haian":
        return
    role = role_of(noun)
    if not await connection.fetchval("SELECT to_regrole($1) IS NOT NULL", role):
        await connection.execute(f"CREATE ROLE {role} NOLOGIN IN ROLE haian_writer")
    await connection.execute(f"""
        CREATE SCHEMA IF NOT EXISTS {noun};
        GRANT {role} TO haian_app WITH INHERIT FALSE, SET TRUE;
        GRANT USAGE ON SCHEMA {noun} TO {role}, haian_read;
        ALTER DEFAULT PRIVILEGES IN SCHEMA {noun} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA {noun} GRANT SELECT ON TABLES TO haian_read""")


async def _apply(connection: asyncpg.Connection, noun: str, file: Path, done: dict[tuple[str, str], str]) -> bool:
    text = file.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    before = done.get((noun, file.name))
    if before == digest:
        return False
    if before is not None:
        raise MigrationChanged(f"{noun}/{file.name} was changed after it ran; write a new migration instead")
    async with connection.transaction():
        await connection.execute(text)
        await connection.execute(
            "INSERT INTO haian.migration (noun, name, sha256) VALUES ($1, $2, $3)", noun, file.name, digest)
    return True
