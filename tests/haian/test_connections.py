"""Connections of our own: given back as they were found, replaced when they died, never waited for in vain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from tests.waiting import until_async

from haian import db as module
from haian.db import Database
from haian.errors import PublicError, Unavailable
from haian.settings import Settings

SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND datname = $1 AND pid <> pg_backend_pid()"


@pytest_asyncio.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database with one connection of each kind."""
    db = await Database.open(settings.database_url, readers=1, writers=1)
    yield db
    await db.close()


async def pid(db: Database) -> int:
    return int((await db.fetch("SELECT pg_backend_pid()"))[0][0])


async def test_json_is_the_bytes_that_postgresql_wrote(db: Database) -> None:
    """Spaces and the order of keys too: nobody took it apart."""
    statement = """SELECT ('{"b" : ' || $1::int8 || ',  "a": "' || $2::text || '"}')::json"""
    assert await db.json(statement, 7, "青岛") == '{"b" : 7,  "a": "青岛"}'.encode()


async def test_other_rows_come_as_values(db: Database) -> None:
    [row] = await db.fetch("""SELECT '{"a": [1]}'::jsonb AS kept, 1 AS one""")
    assert (row["kept"], row["one"]) == ({"a": [1]}, 1)


async def test_what_reads_cannot_write(db: Database) -> None:
    with pytest.raises(asyncpg.PostgresError):
        await db.fetch("DELETE FROM messages.news")


async def test_a_statement_that_nobody_waits_for_is_cancelled(
        db: Database, database: str, admin: asyncpg.Connection) -> None:
    asking = asyncio.create_task(db.fetch("SELECT pg_sleep(60)"))

    async def sleeps() -> bool:
        return bool(await admin.fetchval(SLEEPING, database))

    async def woke() -> bool:
        return not await sleeps()
    await until_async(sleeps)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await pid(db)
    await until_async(woke)


async def test_a_killed_connection_is_replaced_unseen(db: Database, admin: asyncpg.Connection) -> None:
    before = await pid(db)
    await admin.execute("SELECT pg_terminate_backend($1)", before)
    assert await pid(db) != before


async def test_who_waits_gets_the_connection_in_turn_and_the_departed_are_passed_over(db: Database) -> None:
    order: list[int] = []

    async def ask(number: int) -> None:
        await db.fetch("SELECT pg_sleep(0.02)")
        order.append(number)
    tasks = [asyncio.create_task(ask(number)) for number in range(6)]
    async with asyncio.timeout(60):
        while len(db.reading.waiting) < 5:
            await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 1, 3, 4, 5]
    assert (db.reading.made, len(db.reading.free)) == (1, 1)


async def test_nobody_waits_for_ever(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN", 0.05)
    db = await Database.open(settings.database_url, readers=1, writers=1)
    async with db.connection(db.reading):
        with pytest.raises(Unavailable):
            await db.fetch("SELECT 1")
    assert await pid(db)
    await db.close()


async def test_a_refusal_in_a_transaction_keeps_the_connection_and_nothing_else(db: Database) -> None:
    async with db.transaction("app_messages") as connection:
        before = await connection.fetchval("SELECT pg_backend_pid()")
    with pytest.raises(PublicError):
        async with db.transaction("app_messages") as connection:
            await connection.execute("SELECT haian.emit('messages.test', NULL, '{}', now())")
            raise PublicError
    async with db.transaction("haian_worker") as connection:
        assert await connection.fetchval("SELECT pg_backend_pid()") == before
        assert await connection.fetchval("SELECT count(*) FROM haian.outbox") == 0


async def test_a_transaction_that_is_not_waited_for_leaves_nothing(db: Database) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with db.transaction("app_messages") as connection:
            await connection.execute("SELECT haian.emit('messages.test', NULL, '{}', now())")
            written.set()
            await asyncio.Event().wait()
    writing = asyncio.create_task(write())
    await written.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    async with db.transaction("haian_worker") as connection:
        assert await connection.fetchval("SELECT count(*) FROM haian.outbox") == 0


async def test_a_statement_is_planned_anew_after_a_migration(db: Database, migration_url: str) -> None:
    owner = await asyncpg.connect(migration_url)
    await owner.execute("CREATE TABLE messages.kept (a int); GRANT SELECT ON messages.kept TO haian_read;"
                        "INSERT INTO messages.kept VALUES (1)")
    assert tuple((await db.fetch("SELECT * FROM messages.kept"))[0]) == (1,)
    await owner.execute("ALTER TABLE messages.kept ADD b text DEFAULT 'new'")
    assert tuple((await db.fetch("SELECT * FROM messages.kept"))[0]) == (1, "new")
    await owner.close()


async def test_statements_beyond_the_most_are_forgotten(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("haian.connections.MOST_STATEMENTS", 10)
    for number in range(30):
        assert (await db.fetch(f"SELECT {number}"))[0][0] == number
    [connection] = db.reading.free
    assert len(connection.prepared) == 10
