"""What the tests of onecode need beside the fixtures of all."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio
from tests.clients import Served


@pytest_asyncio.fixture
async def migration_owner(served: Served) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the owner of all tables: for what no citizen may do, such as ending a post."""
    connection = await asyncpg.connect(served.platform.settings.database_migration_url)
    yield connection
    await connection.close()
