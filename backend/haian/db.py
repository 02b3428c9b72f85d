"""PostgreSQL: one pool that reads as a read-only role, one that writes as one mini-app at a time.

The login role can do nothing by itself (NOINHERIT): a write takes the mini-app's role for its transaction, so a mistake
in one mini-app cannot reach another's schema.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson

from haian.errors import Unavailable
from haian.migrate import role_of

SESSION = {"timezone": "UTC", "jit": "off", "statement_timeout": "15000", "idle_in_transaction_session_timeout": "30000"}
LOST = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, TimeoutError)
UNSTORABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
"""A text that PostgreSQL cannot keep: one with a NUL in it."""


def is_mistake(error: BaseException) -> bool:
    """A value that does not fit its parameter: asyncpg calls it an InterfaceError too, but nobody is away."""
    return isinstance(error, ValueError)


def lost(error: Exception) -> Exception:
    """What a caller is told of an error that is in LOST."""
    return error if is_mistake(error) else Unavailable()


class Database:
    """The connections of one process. `Unavailable` when PostgreSQL does not answer."""

    def __init__(self, reading: asyncpg.Pool, writing: asyncpg.Pool) -> None:
        self.reading, self.writing = reading, writing

    @classmethod
    async def open(cls, url: str, readers: int = 8, writers: int = 8) -> Database:
        async def codecs(connection: Any) -> None:
            for name in ("json", "jsonb"):
                await connection.set_type_codec(name, schema="pg_catalog", format="text", decoder=orjson.loads,
                                                encoder=lambda value: orjson.dumps(value).decode())

        async def as_reader(connection: Any) -> None:
            await codecs(connection)
            await connection.execute("SET ROLE haian_read; SET default_transaction_read_only = on")

        async def nothing(connection: Any) -> None:
            """asyncpg would send a reset query on each release: a second round trip on every statement."""

        async def pool(size: int, init: Any) -> asyncpg.Pool:
            return await asyncpg.create_pool(
                url, min_size=1, max_size=size, init=init, reset=nothing, server_settings=SESSION, timeout=5)
        return cls(await pool(readers, as_reader), await pool(writers, codecs))

    async def close(self) -> None:
        await self.reading.close()
        await self.writing.close()

    async def fetch(self, statement: str, *values: Any) -> Sequence[asyncpg.Record]:
        """Rows of one reading statement; asked once more where the connection had died in the pool."""
        for last in (False, True):
            try:
                async with self.reading.acquire(timeout=5) as connection:
                    return list(await connection.fetch(statement, *values))
            except LOST as error:
                if last or is_mistake(error):
                    raise lost(error) from error
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def transaction(self, role: str) -> AsyncIterator[Any]:
        """A transaction as `role`. Nothing of it is kept when the body raises."""
        try:
            async with self.writing.acquire(timeout=5) as connection, connection.transaction():
                await connection.execute(f"SET LOCAL ROLE {role}")
                yield connection
        except LOST as error:
            raise lost(error) from error

    def writing_as(self, noun: str) -> Any:
        """A transaction that may write one noun's schema."""
        return self.transaction(role_of(noun))
