"""Every statement of every trusted document uses an index, so that a request costs the same in a small town and in a large.

The plans are those that PostgreSQL chose while the documents were run, at a twentieth of the district (10,000 citizens, all
else in proportion, and beside it what years of use leave: `years.sql`) with fresh statistics. That stands for the whole: a
statement that asks for one citizen's rows costs the logarithm of a table by index and its length without, so what is
cheaper by index here is so by twenty times as much there. Both kinds of plans are looked at, since PostgreSQL may choose
either for a prepared statement: for the values that were given, and for any. A small table that is no exception below must
be filled by `years.sql`: PostgreSQL reads a small table whole, whatever indexes there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from graphql import OperationType
from tests.explained import Explained, explaining
from tests.gateway.everything import EXAMPLES, Ask, asking, change_everything, read_everything, signed_in
from tests.gateway.test_permissions import GATEWAY
from tests.servers import NOW, Servers, copy_template, environment, run_command

from haian.demo import demo_id
from haian.settings import Settings
from search import service
from server.platform import opened

CITIZENS = 10_000
SMALL = {
    "onecode.verifier": "the gates of a district: some thousands",
    "identity.division": "the 23 streets and 376 communities of the district",
    "identity.organisation": "hospitals, schools, property companies: some hundreds, of which one division has a few",
    "healthcare.hospital": "the hospitals of the district: some tens",
    "healthcare.department": "the departments of those: some hundreds",
    "onecode.scene": "the scenes 场景 in which codes are read: a handful",
    "onecode.motion": "what officials have proposed about scenes: a few a year",
    "onecode.assignment": "which scenes run at which gate: as many as there are gates",
    "certificates.kind": "the kinds of certificates: some tens",
    "certificates.status_version": "one number: what all status lists say has changed so often",
    "identity.index_key": "the keys by which numbers are found: one for each change of the key",
    "certificates.claim": "what each kind says: a handful",
    "certificates.scene": "the scenes in which a certificate replaces paper: some tens",
    "staff.role": "the roles that organisations have: a handful",
    "oauth.client": "the mini-apps of all developers: 20 at most of each organisation",
    "consent.terms": "the versions of the terms: one in a year or so",
    "consent.terms_proposal": "what was proposed for them: some in a year",
}
"""The tables that do not grow with the number of citizens, and may be read whole."""
YEARS = Path(__file__).with_name("years.sql")


@dataclass(frozen=True)
class District:
    """A database of that size."""

    name: str
    settings: Settings
    admin: asyncpg.Connection
    log: Path
    ids: dict[str, str]


@pytest_asyncio.fixture(scope="module")
async def district(servers: Servers, admin: asyncpg.Connection, template: str) -> AsyncIterator[District]:
    name = await copy_template(admin, template)
    variables = environment(servers, name) | {"REDIS_URL": servers.valkey.url(7)}
    run_command("demo", variables | {"HAIAN_CITIZENS": str(CITIZENS)})
    settings = Settings(env="test", state=servers.state, now=NOW, database_url=servers.url_of(name),
                        database_migration_url=servers.owner_url_of(name), redis_url=variables["REDIS_URL"]).with_keys()
    async with opened(settings, patience=0) as platform:
        await service.refresh(platform)
    connection = await asyncpg.connect(servers.owner_url_of(name))
    await connection.execute(YEARS.read_text(encoding="utf-8").replace("$many", str(CITIZENS)))
    await connection.execute("SET default_statistics_target = 1000")  # of all rows, not of some that chance chose
    await connection.execute("VACUUM ANALYZE")
    ids = {what: str(await connection.fetchval(statement)) for what, statement in EXAMPLES.items()}
    await connection.close()
    yield District(name, settings, admin, servers.postgres.log, ids)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def timeless(answer: Any) -> Any:
    """Without the server's time, which goes on."""
    return {name: {**value, "now": None} if isinstance(value, dict) and "now" in value else value
            for name, value in answer.items()}


def at_once(ask: Ask) -> Ask:
    """Ask three times at once: all but the first go together, as one statement for many, and get the same."""
    async def asked(who: str, document: str, **variables: Any) -> Any:
        first, *others = await asyncio.gather(*(ask(who, document, **variables) for _ in range(3)))
        assert all(timeless(other) == timeless(first) for other in others), document
        return first
    return asked


def read_whole(found: list[Explained]) -> dict[str, str]:
    """The growing tables that were read whole, each with a statement that did."""
    return {table: each.statement[:2000] for each in found for table in sorted(each.whole_tables() - SMALL.keys())
            if not table.startswith(("pg_", "information_schema"))}


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_no_query_of_a_trusted_document_reads_a_whole_table_that_grows(district: District, mode: str) -> None:
    async with explaining(district.admin, district.name, district.log, plan_cache_mode=mode) as log:
        async with opened(district.settings) as platform:
            asked = await read_everything(at_once(asking(platform, await signed_in(platform))), district.ids)
    queries = {o.name for o in GATEWAY.documents.by_name.values() if o.type is OperationType.QUERY}
    assert asked == queries
    found = log.explained()
    assert len(found) > len(queries)
    assert sum('"#each"' in each.statement for each in found) > len(queries) / 2
    assert read_whole(found) == {}


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_no_change_by_a_trusted_document_reads_a_whole_table_that_grows(district: District, mode: str) -> None:
    done: set[str] = set()
    async with explaining(district.admin, district.name, district.log, plan_cache_mode=mode) as log:
        async with opened(district.settings) as platform:
            await platform.redis.flushdb()  # nobody asked for a code yet
            viewers = await signed_in(platform)
            await change_everything(asking(platform, viewers, done), platform, viewers, district.ids)
    changes = {o.name for o in GATEWAY.documents.by_name.values() if o.type is OperationType.MUTATION}
    assert done >= changes
    assert read_whole(log.explained()) == {}


async def test_a_whole_table_that_is_read_is_found_also_inside_a_function(district: District) -> None:
    owner = await asyncpg.connect(district.settings.database_migration_url)
    await owner.execute("""CREATE FUNCTION haian.longest() RETURNS int LANGUAGE plpgsql AS
                           $$ BEGIN RETURN (SELECT max(length(lot)) FROM parking.space); END $$""")
    await owner.close()
    async with explaining(district.admin, district.name, district.log) as log:
        owner = await asyncpg.connect(district.settings.database_migration_url)
        await owner.fetch("SELECT count(*) FROM identity.citizen WHERE level = 'VERIFIED'")
        await owner.fetch("SELECT * FROM identity.citizen WHERE id = $1", demo_id("citizen:parent"))
        await owner.fetch("SELECT * FROM healthcare.hospital")
        await owner.fetch("SELECT haian.longest()")
        await owner.close()
    assert read_whole(log.explained()).keys() == {"identity.citizen", "parking.space"}
