"""Transactions that meet: a third holds what they need, so that each waits with what it has taken by then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
from tests.waiting import until_async, waiting

from haian.call import Call, Platform
from haian.viewer import Viewer

Act = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def holding(platform: Platform, *statements: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else's transaction that has run these, and is undone at the end. It would rather wait than be undone."""
    other = await asyncpg.connect(platform.settings.database_migration_url)
    await other.execute("SET deadlock_timeout = '1min'")
    try:
        async with other.transaction():
            for statement in statements:
                await other.execute(statement)
            yield other
            raise Undone
    except Undone:
        pass
    finally:
        await other.close()


class Undone(Exception):
    pass


async def meet(platform: Platform, held: str, *acts: Act) -> list[Any]:
    """What each came to, of acts that all were on their way when what they need was held: each begins when the one before
    waits."""
    async with holding(platform, held):
        acting = await begun(platform, *acts)
    return await asyncio.gather(*acting)


async def begun(platform: Platform, *acts: Act) -> list[asyncio.Task[Any]]:
    """Acts that wait now, one begun after the other."""
    async def wait(many: int) -> bool:
        return await waiting(platform.db) == many
    acting: list[asyncio.Task[Any]] = []
    before = await waiting(platform.db)
    for act in acts:
        acting.append(asyncio.ensure_future(act()))
        await until_async(partial(wait, before + len(acting)), 60)
    return acting


async def goes_by_id(platform: Platform, table: str, ids: Sequence[UUID], act: Act, *,
                     moved: Sequence[str] = ("id = id",)) -> None:
    """`act` takes hold of these rows in the order of their ids, wherever they lie: while it waits for the first it holds
    none of the others, so nobody who has another waits for it. `moved`: what puts a row behind the others in the indexes
    too."""
    first, *others = sorted(ids)
    owner = await asyncpg.connect(platform.settings.database_migration_url)
    for change in moved:  # it lies behind the others then
        await owner.execute(f"UPDATE {table} SET {change} WHERE id = $1", first)
    async with holding(platform, f"SELECT FROM {table} WHERE id = '{first}' FOR UPDATE"):
        [acting] = await begun(platform, act)
        free = await owner.fetch(f"SELECT id FROM {table} WHERE id = ANY($1) FOR UPDATE SKIP LOCKED", others)
        assert len(free) == len(others)
    await acting
    await owner.close()


def of(platform: Platform, citizen: UUID) -> Call:
    """What this citizen asks."""
    return Call(platform, Viewer(citizen, "0197a1b2-0000-7000-8000-000000000000"))
