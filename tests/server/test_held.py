"""Each column that is kept is in its citizen's own file, or it is said why not: a new one makes somebody decide."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import asyncpg
import orjson
import pytest_asyncio
from tests.clients import Served

from consent import store_held
from consent.my_data import held
from haian.call import Call
from haian.demo import ACCOUNTS, demo_id
from haian.errors import LOCALES
from haian.reads import Fragment
from haian.viewer import Viewer
from server.apps import registry

APPS = registry().apps
LEFT_OUT = {what: why for app in APPS for what, why in app.providers.leaves_out.items()}
NOT_HELD = {table for app in APPS for table in app.providers.not_held}
COLUMNS = """SELECT c.oid::regclass::text AS table, a.attname::text AS column FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\\_%'
          AND n.nspname <> 'information_schema'"""
USED = """SELECT DISTINCT a.attrelid::regclass::text AS table, a.attname::text AS column FROM pg_depend d
    JOIN pg_rewrite w ON w.oid = d.objid AND d.classid = 'pg_rewrite'::regclass AND w.ev_class = 'asked'::regclass
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0"""


@pytest_asyncio.fixture
async def owner(shared: Served) -> AsyncIterator[asyncpg.Connection]:
    """Of the database, in a transaction that leaves nothing."""
    owner = await asyncpg.connect(shared.platform.settings.database_migration_url)
    transaction = owner.transaction()
    await transaction.start()
    yield owner
    await transaction.rollback()
    await owner.close()


async def told(owner: asyncpg.Connection) -> set[str]:
    """What the exports read, as PostgreSQL knows it of a view that says the same; by what rows are found counts."""
    reads = [read for app in APPS for read in app.providers.export.values()] + list(store_held.LEDGER.values())
    found: set[str] = set()
    for read in reads:
        assert isinstance(read, Fragment)
        await owner.execute(f"CREATE TEMP VIEW asked AS {read.render(lambda _: 'gen_random_uuid()')}")
        found |= {".".join(row) for row in await owner.fetch(USED)}
        await owner.execute("DROP VIEW asked")
    return found


async def test_each_column_is_in_the_file_of_its_citizen_or_named_with_the_reason_why_not(owner: asyncpg.Connection) -> None:
    columns = {(row["table"], ".".join(row)) for row in await owner.fetch(COLUMNS)}
    tables, exported = {table for table, _ in columns}, await told(owner)
    assert tables >= NOT_HELD
    undecided = {column for table, column in columns
                 if column not in exported and not {column, table} & LEFT_OUT.keys() and table not in NOT_HELD}
    assert undecided == set()
    twice = {what for what in LEFT_OUT if what in exported or what in NOT_HELD or what.rpartition(".")[0] in NOT_HELD}
    assert twice == set()
    assert set(LEFT_OUT) <= tables | {column for _, column in columns}, "what is not there any more needs no reason"


async def test_what_is_sealed_is_opened(owner: asyncpg.Connection) -> None:
    """A seal in an export would be a riddle to its citizen."""
    for app in APPS:
        sealed = {name for name, read in app.providers.export.items()
                  if isinstance(read, Fragment) and re.search(r"\bsealed\b", read.text)}
        assert sealed == set(app.providers.opens), app.noun


def test_reasons_are_told_in_both_languages() -> None:
    assert all(why[locale] for why in LEFT_OUT.values() for locale in LOCALES)


async def test_nobody_elses_id_phone_or_number_is_in_it(served: Served) -> None:
    """Of everybody of the demo, who have met each other at desks, at gates and in families."""
    platform = served.platform
    known = await platform.db.fetch("SELECT id::text, phone FROM haian.citizen")
    for account in ACCOUNTS:
        me = demo_id(f"citizen:{account.key}")
        call = Call(platform, Viewer(me))
        holds: list[object] = [await held(call, app, me) for app in APPS]
        holds += [[dict(row) for row in await call.rows(read(me))] for read in store_held.LEDGER.values()]
        text = orjson.dumps(holds, default=str).decode()
        others = [row for row in known if row["id"] != str(me)]
        assert str(me) in text
        assert [row for row in others if row["id"] in text or (row["phone"] and row["phone"] in text)] == [], account.key
