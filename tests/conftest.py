"""Fixtures for all tests. Servers are real; a test that asks for a database gets one of its own, migrated and empty."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck
from hypothesis import settings as property_settings
from tests.clients import Served, serving
from tests.product import Product, running_product
from tests.servers import (
    NOW,
    PATIENT,
    Servers,
    copy_template,
    make_demo_template,
    make_template,
    running_servers,
    temporary_state,
)
from xdist.scheduler import LoadScopeScheduling

from haian.call import Platform
from haian.logs import configure
from haian.outbox import deliver
from haian.settings import Settings
from server.platform import opened

OURS = re.compile(r"HAIAN_.*|DATABASE_(MIGRATION_|REPLICA_)?URL|REDIS_URL")
REDIS_NUMBER = 1
SHARED_REDIS_NUMBER = 2

# A busy machine is no fault of what is tested; what a test has from a fixture, all examples share. Each run tries the same
# examples, so that what fails is what somebody changed; `pytest --hypothesis-profile search` tries others.
SUPPRESSED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
property_settings.register_profile("search", deadline=None, suppress_health_check=SUPPRESSED)
property_settings.register_profile("haian", property_settings.get_profile("search"), derandomize=True, database=None)
property_settings.load_profile("haian")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/journeys --now 2026-12-31T21:40+08:00`: the journeys at another hour than the usual one."""
    parser.addoption("--now", default=NOW.isoformat(), help="what the clock of the journeys shows at their start")


class Groups(LoadScopeScheduling):
    """Whose tests one process runs, where there are several (decision 31)."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """A file, or all journeys: they share the product, which is costly to start."""
    return "tests/journeys" if nodeid.startswith("tests/journeys/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups:
    """xdist's own groups are marked in a test's name, which pytest 9.2 does not let it change."""
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest group begins first, the next longest beside it."""
    longest = ("tests/journeys", "tests/infra/test_scale.py")
    items.sort(key=lambda item: longest.index(group) if (group := group_of(item.nodeid)) in longest else len(longest))


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_the_shell() -> None:
    """A developer's own settings do not change what the tests see."""
    for name in list(os.environ):
        if OURS.fullmatch(name):
            del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """Logs as the product writes them; pytest shows them where a test fails."""
    configure("warning")


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey for the whole run, in a state folder of their own."""
    with running_servers() as servers:
        yield servers


@pytest_asyncio.fixture(scope="session")
async def admin(servers: Servers) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection, to make and drop databases with."""
    connection = await asyncpg.connect(servers.owner_url_of("postgres"))
    yield connection
    await connection.close()


@pytest_asyncio.fixture(scope="session")
async def template(servers: Servers, admin: asyncpg.Connection) -> str:
    """The name of a migrated database without rows of any test."""
    return await make_template(servers, admin)


@pytest_asyncio.fixture(scope="session")
async def demo_template(servers: Servers, admin: asyncpg.Connection, template: str) -> str:
    """The name of a migrated database with 演示数据."""
    return await make_demo_template(servers, admin)


@pytest_asyncio.fixture
async def database(admin: asyncpg.Connection, template: str) -> AsyncIterator[str]:
    """The name of a database that is this test's alone."""
    name = await copy_template(admin, template)
    yield name
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(servers: Servers, database: str) -> str:
    """The address of this test's database for the product's login."""
    return servers.url_of(database)


@pytest.fixture
def migration_url(servers: Servers, database: str) -> str:
    """The address of this test's database for the owner of its tables: for looking behind the scenes."""
    return servers.owner_url_of(database)


@pytest_asyncio.fixture
async def redis_url(servers: Servers) -> str:
    """The address of an empty Redis database."""
    from redis.asyncio import Redis

    url = servers.valkey.url(REDIS_NUMBER)
    async with Redis.from_url(url) as client:
        await client.flushdb()
    return url


@pytest.fixture
def settings(servers: Servers, database_url: str, migration_url: str, redis_url: str) -> Settings:
    """Settings of a test server on this test's own database."""
    given = Settings(
        env="test",
        now=NOW,
        state=servers.state,
        database_url=database_url,
        database_migration_url=migration_url,
        redis_url=redis_url,
    )
    return given.with_keys()


@pytest_asyncio.fixture
async def kernel(settings: Settings) -> AsyncIterator[Platform]:
    """What a process has open, on an empty database of this test's own."""
    async with opened(settings) as platform:
        yield platform


@pytest.fixture(scope="session")
def product(request: pytest.FixtureRequest) -> Iterator[Product]:
    """The one-command server with its demo data, for journeys: shared, so a journey leaves others' things alone."""
    now = datetime.fromisoformat(request.config.getoption("--now"))
    with temporary_state() as state, running_product(state, now, HAIAN_QUEUE_SECONDS="30") as product:
        yield product


@pytest_asyncio.fixture
async def served(servers: Servers, admin: asyncpg.Connection, demo_template: str, redis_url: str) -> AsyncIterator[Served]:
    """The product with 演示数据, on a database of this test's own. Move its clock with `served.platform.clock`."""
    name = await copy_template(admin, demo_template)
    given = Settings(env="test", now=NOW, state=servers.state, **PATIENT, database_url=servers.url_of(name),
                     database_migration_url=servers.owner_url_of(name), redis_url=redis_url)
    async with serving(given.with_keys()) as served:
        yield served
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture(scope="session")
async def shared(servers: Servers, admin: asyncpg.Connection, demo_template: str) -> AsyncIterator[Served]:
    """The product with 演示数据, one for all tests that leave things as they find them or use citizens of their own."""
    name = await copy_template(admin, demo_template)
    given = Settings(env="test", now=NOW, state=servers.state, **PATIENT, database_url=servers.url_of(name),
                     database_migration_url=servers.owner_url_of(name), redis_url=servers.valkey.url(SHARED_REDIS_NUMBER))
    async with serving(given.with_keys()) as served:
        yield served


@pytest_asyncio.fixture
async def platform(served: Served) -> Platform:
    """What the served product has open."""
    return served.platform


@pytest_asyncio.fixture
async def worker(platform: Platform) -> Callable[[], Awaitable[None]]:
    """Does what is due in the outbox, until nothing is left; nobody who hears of it fails."""
    async def work() -> None:
        while await deliver(platform):
            pass
        async with platform.db.transaction("haian_worker") as connection:
            assert not await connection.fetch("SELECT type FROM haian.outbox WHERE attempts > 0")
    return work
