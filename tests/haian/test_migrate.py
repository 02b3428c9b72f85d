"""Migrations: once each, in order, whoever starts at the same time; a file that changed after it ran is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from tests.servers import Servers

from haian.call import Call, Platform
from haian.db import Database
from haian.migrate import MigrationChanged, Source, migrate, quoted
from haian.settings import PROJECT
from haian.viewer import Viewer
from server.apps import registry
from server.housekeeping import forget_keys, prepare_months
from server.migrate import login_of

KERNEL = [f"haian/{file.name}" for file in sorted((PROJECT / "backend" / "haian" / "migrations").glob("*.sql"))]


@pytest_asyncio.fixture
async def empty(servers: Servers, admin: asyncpg.Connection, template: str) -> AsyncIterator[str]:
    """The owner's address of a database in which nothing ran yet. (`template`: the roles are there.)"""
    await admin.execute("CREATE DATABASE haian_empty")
    yield servers.owner_url_of("haian_empty")
    await admin.execute("DROP DATABASE haian_empty WITH (FORCE)")


@pytest.fixture
def shop(tmp_path: Path) -> Source:
    """A noun with two migrations."""
    (tmp_path / "0001_thing.sql").write_text("CREATE TABLE shop.thing (id int PRIMARY KEY);")
    (tmp_path / "0002_more.sql").write_text("ALTER TABLE shop.thing ADD COLUMN name text;")
    return Source("shop", tmp_path)


async def test_two_servers_that_start_at_once_migrate_once(empty: str) -> None:
    ran = await asyncio.gather(*(migrate(empty, registry().migrations()) for _ in range(3)))
    assert sorted(map(len, ran))[:2] == [0, 0]
    assert max(map(len, ran)) == sum(len(source.files()) for source in registry().migrations()) + len(KERNEL)


async def test_a_login_of_another_name_reads_and_writes_but_owns_nothing(
        empty: str, servers: Servers, admin: asyncpg.Connection) -> None:
    login = 'kunde "x"'
    await admin.execute(f"CREATE ROLE {quoted(login)} LOGIN NOSUPERUSER NOINHERIT")
    try:
        for _ in range(2):
            await migrate(empty, registry().migrations(), login)
        db = await Database.open(empty.replace("postgres@", quote(login) + "@"), 1, 1)
        assert (await db.fetch("SELECT count(*) FROM haian.division"))[0][0] > 0
        async with db.writing_as("parking") as connection:
            assert await connection.fetchval("SELECT current_user || session_user") == "app_parking" + login
        async with db.connection(db.writing) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("SELECT FROM parking.space")
        await db.close()
    finally:
        await admin.execute(f"DROP ROLE {quoted(login)}")


@pytest.mark.parametrize(("url", "login"), [
    ("postgresql://haian@db/haian", "haian"), ("postgresql://a%40b:secret@db/haian", "a@b"),
    ("postgresql:///haian?host=/run/pg&user=c", "c"), ("postgresql://db/haian", "haian_app")])
def test_the_login_is_that_of_the_address(url: str, login: str) -> None:
    assert login_of(url) == login


async def test_each_file_runs_once_in_order_and_a_new_one_runs_alone(empty: str, shop: Source) -> None:
    assert await migrate(empty, [shop]) == [*KERNEL, "shop/0001_thing.sql", "shop/0002_more.sql"]
    assert await migrate(empty, [shop]) == []
    (shop.folder / "0003_last.sql").write_text("CREATE TABLE shop.last ();")
    assert await migrate(empty, [shop]) == ["shop/0003_last.sql"]


async def test_a_file_that_changed_after_it_ran_is_refused_by_name(empty: str, shop: Source) -> None:
    await migrate(empty, [shop])
    (shop.folder / "0001_thing.sql").write_text("CREATE TABLE shop.thing (id bigint PRIMARY KEY);")
    with pytest.raises(MigrationChanged, match=r"shop/0001_thing\.sql"):
        await migrate(empty, [shop])


async def test_a_file_that_fails_leaves_nothing_of_itself_and_runs_when_it_is_mended(empty: str, shop: Source) -> None:
    broken = shop.folder / "0003_broken.sql"
    broken.write_text("CREATE TABLE shop.half (); SELECT 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty, [shop])
    broken.write_text("CREATE TABLE shop.half ();")
    assert await migrate(empty, [shop]) == ["shop/0003_broken.sql"]


async def test_a_noun_gets_a_role_that_writes_its_schema(empty: str, shop: Source) -> None:
    await migrate(empty, [shop])
    connection = await asyncpg.connect(empty)
    try:
        assert await connection.fetchval("SELECT has_table_privilege('app_shop', 'shop.thing', 'INSERT')")
        assert not await connection.fetchval("SELECT has_table_privilege('haian_read', 'shop.thing', 'INSERT')")
        assert await connection.fetchval("SELECT has_table_privilege('haian_read', 'shop.thing', 'SELECT')")
    finally:
        await connection.execute("DROP OWNED BY app_shop; DROP ROLE app_shop")
        await connection.close()


async def test_the_ledger_has_a_partition_for_each_month_and_old_rows_move_into_it(
        kernel: Platform, migration_url: str) -> None:
    citizen = uuid4()
    async with Call(kernel, Viewer(citizen)).writing("messages") as tx:
        await tx.audit("SEEN", citizen, role="citizen")
    await asyncio.gather(prepare_months(kernel), prepare_months(kernel), return_exceptions=True)
    await prepare_months(kernel)
    owner = await asyncpg.connect(migration_url)
    try:
        now = kernel.clock.today()
        names = {row["relname"] for row in await owner.fetch("SELECT relname FROM pg_class WHERE relname ~ '^audit_2'")}
        assert f"audit_{now:%Y%m}" in names
        assert len({name for name in names if "pkey" not in name and "idx" not in name}) == 2
        assert await owner.fetchval("SELECT count(*) FROM haian.audit_rest") == 0
        assert await owner.fetchval("SELECT count(*) FROM haian.audit WHERE subject_id = $1", citizen) == 1
    finally:
        await owner.close()
    async with Call(kernel, Viewer(citizen)).writing("messages") as tx:
        await tx.audit("SEEN_AGAIN", citizen, role="citizen")


async def test_a_partition_of_the_ledger_is_as_closed_as_the_ledger(kernel: Platform) -> None:
    await prepare_months(kernel)
    name = f"haian.audit_{kernel.clock.today():%Y%m}"
    for role in ("haian_worker", "haian_read", "app_messages"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with kernel.db.transaction(role) as connection:
                await connection.execute(f"DELETE FROM {name}")


async def test_the_month_is_that_of_shanghai(kernel: Platform, migration_url: str) -> None:
    """New Year's Eve in UTC is already January here."""
    kernel.clock.move(datetime(2026, 12, 31, 17, tzinfo=UTC) - kernel.clock.now())
    await prepare_months(kernel)
    owner = await asyncpg.connect(migration_url)
    try:
        assert await owner.fetchval("SELECT to_regclass('haian.audit_202701') IS NOT NULL")
        assert await owner.fetchval("SELECT to_regclass('haian.audit_202702') IS NOT NULL")
    finally:
        await owner.close()


async def test_keys_are_kept_for_a_week(kernel: Platform, migration_url: str) -> None:
    from datetime import timedelta

    from tests.haian.test_transaction import Deciding, ask, call_of
    call, decide = call_of(kernel), Deciding()
    await ask(call, {}, decide)
    kernel.clock.move(timedelta(days=6, hours=23))
    await forget_keys(kernel)
    await ask(call, {}, decide)
    assert decide.times == 1
    kernel.clock.move(timedelta(hours=2))
    await forget_keys(kernel)
    await ask(call, {}, decide)
    assert decide.times == 2
