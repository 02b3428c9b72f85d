"""A streaming copy of PostgreSQL that takes reads off the primary, as far as nobody can tell the difference.

What may be read there is at most BEHIND seconds old: the copy is asked four times a second how far it came, and used while
that is recent. Whoever wrote reads from the primary until the copy must have it (a mark in Redis, for every device of that
citizen); events are told when the copy has what they tell of. Audited reads, mutations and subscriptions never come here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from haian.db import LOST, Database, is_mistake
from haian.together import Together

log = structlog.get_logger()
BEHIND = 1.0
"""Seconds: older than this, the copy is not read."""
MARKED = 2.0
"""Seconds for which a citizen who wrote reads from the primary: longer than BEHIND, so that no gap is between them."""
EVERY = 0.25
POLL = 0.005
WRITTEN = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8 - 24"
"""What is written even where commits don't wait for it; it may stand after the 24 bytes with which the next page begins, but
no commit is as short as that."""
REPLAYED = "SELECT (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::int8"
ELSEWHERE = (*LOST, asyncpg.SerializationError, asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
"""What the primary may still answer: the copy is away, ended the statement to keep up, or has not seen a migration yet."""


class Reading(Protocol):
    """Where a call reads."""

    async def fetch(self, statement: str, *values: Any) -> Sequence[asyncpg.Record]:
        """Rows of one reading statement."""

    async def json(self, statement: str, *values: Any) -> Any:
        """The one value of a reading statement: of a `json` the bytes, as PostgreSQL wrote them."""


class Replica:
    """The copy at one address, and how far it is behind the primary."""

    def __init__(self, primary: Database, copy: Database) -> None:
        self.primary, self.copy = primary, copy
        self.as_of = float("-inf")
        self.together = Together(self)
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, primary: Database, url: str, readers: int, patience: float) -> Replica:
        """Whether or not the copy is there now."""
        replica = cls(primary, await Database.open_reading(url, readers, patience))
        replica._task = asyncio.create_task(replica._follow())
        return replica

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
        await self.copy.close()

    @property
    def is_near(self) -> bool:
        """Whether it has all that was committed up to BEHIND seconds ago."""
        return asyncio.get_running_loop().time() - self.as_of < BEHIND

    async def fetch(self, statement: str, *values: Any) -> Sequence[asyncpg.Record]:
        """Rows of one reading statement, of the primary where the copy cannot answer."""
        try:
            return await self._rows(statement, values)
        except ELSEWHERE as error:
            if is_mistake(error):
                raise
            self.as_of = float("-inf")
            return await self.primary.fetch(statement, *values)

    async def _rows(self, statement: str, values: Sequence[Any]) -> Sequence[asyncpg.Record]:
        """Of the copy alone, which nobody waits for: the primary is there."""
        return await self.copy.reading.rows(await self.copy.reading.take(), statement, values)

    async def json(self, statement: str, *values: Any) -> Any:
        return await self.together.json(statement, values)

    async def reach(self) -> None:
        """Returns when the copy has all that is committed now, or when that is too long ago for it to be read."""
        until = asyncio.get_running_loop().time() + BEHIND
        with suppress(*ELSEWHERE):
            written = (await self.primary.fetch(WRITTEN))[0][0]
            for _ in range(int(BEHIND / POLL)):
                if (await self._rows(REPLAYED, ()))[0][0] >= written:
                    return
                await asyncio.sleep(POLL)
        await asyncio.sleep(max(0.0, until - asyncio.get_running_loop().time()))

    async def _follow(self) -> None:
        """Note again and again up to when the copy has everything. What it has not reached yet is asked for once more."""
        written: deque[tuple[float, int]] = deque(maxlen=100)
        while True:
            try:
                now = asyncio.get_running_loop().time()
                written.append((now, (await self.primary.fetch(WRITTEN))[0][0]))
                reached = (await self._rows(REPLAYED, ()))[0][0] or 0
                while written and written[0][1] <= reached:
                    self.as_of = written.popleft()[0]
            except Exception as error:
                log.warning("replica.away", error=type(error).__name__)
            await asyncio.sleep(EVERY)


def mark_of(citizen: UUID) -> str:
    return f"haian:wrote:{citizen}"


async def mark(redis: Redis, citizens: Iterable[UUID]) -> None:
    """Something of these citizens has just changed."""
    with suppress(RedisError, OSError):
        await asyncio.gather(*(redis.set(mark_of(citizen), b"1", px=int(MARKED * 1000)) for citizen in citizens))


async def is_marked(redis: Redis, citizen: UUID) -> bool:
    """Whether they changed in the last moments; so it is where nobody can say."""
    try:
        return bool(await redis.exists(mark_of(citizen)))
    except (RedisError, OSError):
        return True
