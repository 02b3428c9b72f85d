"""What `brief=True` promises of a mutation: it changes nothing in PostgreSQL and waits for nobody's row."""

from __future__ import annotations

import asyncpg
import pytest
from tests.clients import Served
from tests.gateway.arguments import request_of
from tests.gateway.cast import MATRIX
from tests.gateway.test_matrix import ROOTS

from gateway.composition import brief

EVERY_TABLE = """SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"""


@pytest.mark.parametrize("name", sorted(brief(MATRIX.schema)))
async def test_what_is_brief_is_answered_while_nobody_may_write_or_lock_a_row(shared: Served, name: str) -> None:
    mutation = ROOTS["mutation"]
    assert mutation
    query, variables = request_of("mutation", name, mutation.fields[name])
    developer = await shared.signed_in("developer")
    owner = await asyncpg.connect(shared.platform.settings.database_migration_url)
    try:
        async with owner.transaction():
            await owner.execute(f"LOCK TABLE {await owner.fetchval(EVERY_TABLE)} IN EXCLUSIVE MODE")  # leaves plain reads
            answer = await developer.http.post("/graphql", json={"query": query, "variables": variables})
    finally:
        await owner.close()
    assert answer.json()["data"][name] and "errors" not in answer.json()
