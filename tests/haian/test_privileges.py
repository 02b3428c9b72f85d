"""What the database itself refuses: the ledger is append-only, a role writes its own schema, the login can do nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from haian.call import Call, Platform
from haian.migrate import role_of
from haian.viewer import Viewer
from server.apps import NOUNS

ROLES = ["haian_app", "haian_read", "haian_writer", "haian_worker", "haian_retention", *map(role_of, NOUNS)]
CHANGES = ["UPDATE haian.audit SET reason = 'x'", "DELETE FROM haian.audit", "TRUNCATE haian.audit",
           "UPDATE haian.audit_rest SET reason = 'x'", "DELETE FROM haian.audit_rest", "DROP TABLE haian.audit_rest",
           "ALTER TABLE haian.audit DETACH PARTITION haian.audit_rest", "UPDATE haian.audit_seal SET lines = 0",
           "DELETE FROM haian.audit_seal", "TRUNCATE haian.audit_seal", "UPDATE haian.audit_sealing SET sealed_to = '0'",
           "DELETE FROM haian.audit_sealing",
           "SELECT haian.add_seal('DROPPED', '2027-01-01', 0, '', '2027-01-01')"]
REFUSED = asyncpg.InsufficientPrivilegeError


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def login(servers: object, admin: asyncpg.Connection, template: str) -> AsyncIterator[asyncpg.Connection]:
    """The product's login on a database of its own; each test sets the role that it needs."""
    from tests.servers import Servers, copy_template
    assert isinstance(servers, Servers)
    name = await copy_template(admin, template)
    connection = await asyncpg.connect(servers.url_of(name))
    yield connection
    await connection.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def as_role(login: asyncpg.Connection, role: str, statement: str) -> None:
    """Run a statement as a role; undone in any case."""
    transaction = login.transaction()
    await transaction.start()
    try:
        await login.execute(f"SET LOCAL ROLE {role}")
        await login.execute(statement)
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("statement", CHANGES)
@pytest.mark.parametrize("role", ROLES)
async def test_the_ledger_is_append_only(login: asyncpg.Connection, role: str, statement: str) -> None:
    with pytest.raises(REFUSED):
        await as_role(login, role, statement)


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_writes_the_ledger_but_through_its_function(login: asyncpg.Connection, role: str) -> None:
    with pytest.raises(REFUSED):
        await as_role(login, role, "INSERT INTO haian.audit (at, actor_role, action) VALUES (now(), 'a', 'LIES')")


@pytest.mark.parametrize("table", ["haian.outbox", "haian.idempotency"])
@pytest.mark.parametrize("role", ["haian_app", "haian_read", *map(role_of, NOUNS)])
async def test_mini_apps_reach_the_kernels_tables_through_functions_only(
        login: asyncpg.Connection, role: str, table: str) -> None:
    for statement in (f"SELECT FROM {table}", f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"):
        with pytest.raises(REFUSED):
            await as_role(login, role, statement)


async def test_each_role_writes_its_own_schema_and_touches_no_other(login: asyncpg.Connection) -> None:
    tables = await login.fetch("SELECT n.nspname AS schema, c.relname AS name, c.oid FROM pg_class c "
                               "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = ANY($1)",
                               list(NOUNS))
    assert {table["schema"] for table in tables} == set(NOUNS)
    for noun in NOUNS:
        for table in tables:
            for verb in ("SELECT", "INSERT", "UPDATE", "DELETE"):
                may = await login.fetchval("SELECT has_table_privilege($1::name, $2::oid, $3)", role_of(noun),
                                           table["oid"], verb)
                assert may == (table["schema"] == noun), (noun, verb, table["name"])


async def test_no_role_owns_or_creates_anything(login: asyncpg.Connection) -> None:
    for role in ROLES:
        for schema in ("public", "haian", *NOUNS):
            with pytest.raises(REFUSED):
                await as_role(login, role, f"CREATE TABLE {schema}.stray ()")


async def test_the_login_itself_reads_nothing(login: asyncpg.Connection) -> None:
    names = await login.fetch("SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname = ANY($1) "
                              "UNION SELECT schemaname || '.' || viewname FROM pg_views WHERE schemaname = ANY($1)",
                              ["haian", *NOUNS])
    assert len(names) > 10
    for row in names:
        with pytest.raises(REFUSED):
            await login.fetch(f"SELECT FROM {row['name']} LIMIT 1")


async def test_the_reading_role_writes_nothing_and_sees_no_secret(login: asyncpg.Connection) -> None:
    for statement in ("DELETE FROM identity.citizen", "INSERT INTO messages.news DEFAULT VALUES",
                      "SELECT sealed FROM identity.citizen_number", "SELECT digest FROM identity.number_index",
                      "SELECT session FROM identity.device", "SELECT haian.emit('a.b', NULL, '{}', now())",
                      "SELECT haian.record(NULL, 'x', NULL, 'X', NULL, '{}', '', now())"):
        with pytest.raises(REFUSED):
            await as_role(login, "haian_read", statement)


async def test_functions_of_the_kernel_cannot_be_led_astray_by_a_search_path(login: asyncpg.Connection) -> None:
    paths = await login.fetch("SELECT p.proname, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
                              "WHERE n.nspname = ANY($1) AND p.prosecdef", ["haian", *NOUNS])
    assert len(paths) >= 5
    assert [row["proname"] for row in paths if not (row["proconfig"] or [""])[0].startswith("search_path=")] == []


async def test_no_login_is_a_superuser_or_passes_row_security(login: asyncpg.Connection) -> None:
    rows = await login.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND "
                             "(rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication)", ROLES)
    assert rows == []


async def test_the_reading_pool_is_read_only(kernel: Platform) -> None:
    with pytest.raises((REFUSED, asyncpg.ReadOnlySQLTransactionError)):
        await kernel.db.fetch("DELETE FROM messages.news")


async def test_a_write_in_one_nouns_role_cannot_reach_another(kernel: Platform) -> None:
    with pytest.raises(REFUSED):
        async with Call(kernel, Viewer(uuid4())).writing("messages") as tx:
            await tx.value("DELETE FROM identity.citizen")
