"""PostgreSQL: one pool that reads as a read-only role, one that writes as one mini-app at a time.

The login role can do nothing by itself (NOINHERIT): a write takes the mini-app's role for its transaction, so a mistake
in one mini-app cannot reach another's schema.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import orjson

from haian.errors import Unavailable
from haian.migrate import role_of

SESSION = {"timezone": "UTC", "jit": "off", "idle_in_transaction_session_timeout": "30000"}
LOST = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.InsufficientResourcesError, TimeoutError,
        asyncpg.InternalClientError)
"""InternalClientError: the server's last word, "terminating connection", came while asyncpg was about to ask."""
AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError)
"""Why no new connection can be made."""
PATIENCE = 3.0
"""Seconds that a request waits for a database that is away: as long as one needs to start again after a crash."""
TURN = 15.0
"""Seconds that a request waits for its turn when all connections are in use."""
PROBE_SECONDS = 0.1
HANGS_AFTER = 5.0
"""Seconds beyond a statement's own patience after which its server must have stopped answering at all."""
UNSTORABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
"""A text that PostgreSQL cannot keep: one with a NUL in it."""


def is_mistake(error: BaseException) -> bool:
    """A value that does not fit its parameter: asyncpg calls it an InterfaceError too, but nobody is away."""
    return isinstance(error, ValueError)


def lost(error: Exception) -> Exception:
    """What a caller is told of an error that is in LOST."""
    return error if is_mistake(error) else Unavailable()


class Database:
    """The connections of one process. `Unavailable` when PostgreSQL does not answer.

    While it is away one probe asks whether it is back, and everybody waits for that: a thousand connections a second
    would only keep it from coming back.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.reading: asyncpg.Pool
        self.writing: asyncpg.Pool
        self._probe: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str, readers: int = 8, writers: int = 8, patience: float = 15) -> Database:
        """`patience`: the seconds after which a statement is cancelled; 0 for never."""
        async def codecs(connection: Any) -> None:
            for name in ("json", "jsonb"):
                await connection.set_type_codec(name, schema="pg_catalog", format="text", decoder=orjson.loads,
                                                encoder=lambda value: orjson.dumps(value).decode())

        async def as_reader(connection: Any) -> None:
            await codecs(connection)
            await connection.execute("SET ROLE haian_read; SET default_transaction_read_only = on")

        async def nothing(connection: Any) -> None:
            """asyncpg would send a reset query on each release: a second round trip on every statement."""

        settings = SESSION | {"statement_timeout": str(int(patience * 1000))}

        async def pool(size: int, init: Any) -> asyncpg.Pool:
            return await asyncpg.create_pool(
                url, min_size=1, max_size=size, init=init, reset=nothing, server_settings=settings, timeout=5,
                command_timeout=patience + HANGS_AFTER if patience else None)
        db = cls(url)
        db.reading, db.writing = await pool(readers, as_reader), await pool(writers, codecs)
        return db

    async def close(self) -> None:
        if self._probe:
            self._probe.cancel()
        await self.reading.close()
        await self.writing.close()

    @asynccontextmanager
    async def connection(self, pool: asyncpg.Pool) -> AsyncIterator[Any]:
        """A connection of a pool, waiting up to PATIENCE for a database that is away. An error in LOST when it stays so."""
        until = asyncio.get_running_loop().time() + PATIENCE
        while True:
            if self.is_away:
                await self._back(until)
            try:
                connection = await pool.acquire(timeout=TURN)
                break
            except TimeoutError:  # an OSError too, but one that asking whether the database is there does not mend
                raise
            except AWAY:
                self._probe = asyncio.create_task(probe(self.url)) if not self.is_away else self._probe
                await self._back(until)
        try:
            yield connection
        except (asyncpg.PostgresError, ValueError):
            with suppress(*LOST):  # a value refused before it was sent leaves PostgreSQL's timer for it going
                await connection.execute("SELECT 1")
            raise
        except asyncio.CancelledError:
            connection.terminate()
            raise
        finally:
            await pool.release(connection)

    @property
    def is_away(self) -> bool:
        """Whether PostgreSQL refused the last new connection, and is being asked whether it is back."""
        return self._probe is not None and not self._probe.done()

    async def _back(self, until: float) -> None:
        """Waits for the probe. TimeoutError when that takes too long."""
        assert self._probe
        async with asyncio.timeout_at(until):
            await asyncio.shield(self._probe)

    async def fetch(self, statement: str, *values: Any) -> Sequence[asyncpg.Record]:
        """Rows of one reading statement; asked once more where the connection had died in the pool."""
        for last in (False, True):
            try:
                async with self.connection(self.reading) as connection:
                    return list(await connection.fetch(statement, *values))
            except LOST as error:
                if last or is_mistake(error) or isinstance(error, TimeoutError):
                    raise lost(error) from error
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def transaction(self, role: str) -> AsyncIterator[Any]:
        """A transaction as `role`. Nothing of it is kept when the body raises."""
        try:
            async with self.connection(self.writing) as connection, connection.transaction():
                await connection.execute(f"SET LOCAL ROLE {role}")
                yield connection
        except LOST as error:
            raise lost(error) from error

    def writing_as(self, noun: str) -> Any:
        """A transaction that may write one noun's schema."""
        return self.transaction(role_of(noun))


async def probe(url: str) -> None:
    """Returns when PostgreSQL takes connections again."""
    while True:
        with suppress(*LOST):
            connection = await asyncpg.connect(url, timeout=2)
            connection.terminate()
            return
        await asyncio.sleep(PROBE_SECONDS)
