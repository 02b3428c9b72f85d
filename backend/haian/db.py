"""PostgreSQL: connections that read as a read-only role, others that write as one mini-app at a time.

The login role can do nothing by itself (NOINHERIT): a write takes the mini-app's role for its transaction, so a mistake
in one mini-app cannot reach another's schema.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import orjson
import structlog

from haian.bell import Bell
from haian.connections import Connection, Connections, maker
from haian.errors import TryAgain, Unavailable
from haian.migrate import role_of
from haian.together import Together
from haian.work import Work

SESSION = {"timezone": "UTC", "jit": "off", "idle_in_transaction_session_timeout": "30000",
           "client_connection_check_interval": "500"}
"""A statement whose asker has gone is cancelled within half a second (PostgreSQL 14, on Linux)."""
LOST = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.InsufficientResourcesError, TimeoutError,
        asyncpg.InternalClientError)
"""InternalClientError: the server's last word, "terminating connection", came while asyncpg was about to ask."""
CROSSED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""PostgreSQL has undone a transaction because of another: done again, it may well succeed."""
AWAY = (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError)
"""Why no new connection can be made."""
PATIENCE = 3.0
"""Seconds that a request waits for a database that is away: as long as one needs to start again after a crash."""
TURN = 15.0
"""Seconds that a request waits for its turn when all connections are in use."""
PROBE_SECONDS = 0.1
WAKE = "SELECT pg_notify('haian_outbox', '')"
"""The worker listens, and looks into the outbox."""
HANGS_AFTER = 5.0
"""Seconds beyond a statement's own patience after which its server must have stopped answering at all."""
REFUSED = (asyncpg.DataError, asyncpg.CardinalityViolationError, asyncpg.SyntaxOrAccessError)
"""What a compiled statement may be refused for because of its values: field by field it can be said of which."""
UNSTORABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
"""A text that PostgreSQL cannot keep: one with a NUL in it."""
log = structlog.get_logger()


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
        self.reading: Connections
        self.writing: Connections
        self.bell = Bell(lambda: self.fetch(WAKE))
        self.together = Together(self)
        self._probe: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str, readers: int = 8, writers: int = 8, patience: float = 15) -> Database:
        """`patience`: the seconds after which a statement is cancelled; 0 for never. Statements are planned once for all
        values: a compiled document, or a booking, takes longer to plan than to run."""
        db = await cls.open_reading(url, readers, patience)
        db.writing = Connections(made_by(url, patience, as_writer), writers, TURN)
        for connections in (db.reading, db.writing):
            connections.give(await connections.take())
        return db

    @classmethod
    async def open_reading(cls, url: str, readers: int, patience: float) -> Database:
        """A database that is only read, and that need not be there yet."""
        db, reads = cls(url), made_by(url, patience, as_reader)
        db.reading, db.writing = Connections(reads, readers, TURN), Connections(reads, 0, TURN)
        return db

    async def close(self) -> None:
        await self.bell.close()
        if self._probe:
            self._probe.cancel()
        await self.reading.close()
        await self.writing.close()

    async def _taken(self, connections: Connections) -> Connection:
        """A connection, waiting up to PATIENCE for a database that is away. An error in LOST when it stays so."""
        until = asyncio.get_running_loop().time() + PATIENCE
        while True:
            if self.is_away:
                await self._back(until)
            try:
                return await connections.take()
            except TimeoutError:  # an OSError too, but one that asking whether the database is there does not mend
                raise
            except AWAY:
                self._probe = asyncio.create_task(probe(self.url)) if not self.is_away else self._probe
                await self._back(until)

    @asynccontextmanager
    async def connection(self, connections: Connections) -> AsyncIterator[Connection]:
        """A connection that is given back as it was."""
        connection = await self._taken(connections)
        try:
            yield connection
        except BaseException as error:
            await connection.settle(error)
            raise
        finally:
            connections.give(connection)

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
        """Rows of one reading statement; asked once more where the connection had died while nobody used it."""
        for last in (False, True):
            try:
                connection = self.reading.at_once() or await self._taken(self.reading)
                return await self.reading.rows(connection, statement, values)
            except LOST as error:
                if last or is_mistake(error) or isinstance(error, TimeoutError):
                    raise lost(error) from error
        raise AssertionError("unreachable")

    async def json(self, statement: str, *values: Any) -> Any:
        """The one value of a reading statement: of a `json` the bytes, as PostgreSQL wrote them; of others what they are."""
        return await self.together.json(statement, values)

    async def described(self, statement: str) -> tuple[Sequence[asyncpg.Attribute], bytes]:
        """The columns that a reading statement would give, and its plan for any values (EXPLAIN, VERBOSE, as JSON); it is
        not run."""
        async with self.connection(self.reading) as connection:
            prepared = await connection.prepare(statement)
            nulls = ", ".join(["NULL"] * len(prepared.get_parameters()))
            plan = await connection.fetchval(
                f'EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE "{prepared.get_name()}" {f"({nulls})" if nulls else ""}')
            return prepared.get_attributes(), plan

    @asynccontextmanager
    async def work(self, role: str, in_bulk: bool = False) -> AsyncIterator[Work]:
        """Work as `role`, which the body commits. Nothing of it is kept when the body raises. TryAgain where it crossed
        another's: that is no fault of who asked, but one of ours, since all should wait in one order."""
        try:
            async with self.connection(self.writing) as connection:
                work = Work(connection, role, in_bulk)
                try:
                    yield work
                except Exception:
                    with suppress(*LOST):
                        await work.undo()
                    raise
        except CROSSED as error:
            log.error("db.crossed", role=role, error=type(error).__name__, detail=error.detail, context=error.context)
            raise TryAgain from error
        except LOST as error:
            raise lost(error) from error

    @asynccontextmanager
    async def transaction(self, role: str) -> AsyncIterator[Connection]:
        """A transaction as `role`. Nothing of it is kept when the body raises."""
        async with self.work(role, in_bulk=True) as work:
            await work.begin()
            yield work.connection
            await work.commit()

    def writing_as(self, noun: str) -> Any:
        """A transaction that may write one noun's schema."""
        return self.transaction(role_of(noun))


def made_by(url: str, patience: float,
            ready: Callable[[Connection], Awaitable[None]]) -> Callable[[], Awaitable[Connection]]:
    """What makes connections whose statements are planned once for all values, and cancelled after `patience` seconds."""
    settings = SESSION | {"statement_timeout": str(int(patience * 1000)), "plan_cache_mode": "force_generic_plan"}
    return maker(url, settings, patience + HANGS_AFTER if patience else None, ready)


async def as_reader(connection: Connection) -> None:
    """`jsonb` is read as values, `json` as the bytes that it is: nobody takes a finished answer apart."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", format="text", decoder=orjson.loads, encoder=encoded)
    await connection.set_type_codec("json", schema="pg_catalog", format="binary", decoder=bytes, encoder=bytes)
    await connection.execute("SET ROLE haian_read; SET default_transaction_read_only = on")


async def as_writer(connection: Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", format="text", decoder=orjson.loads, encoder=encoded)


def encoded(value: Any) -> str:
    return orjson.dumps(value).decode()


async def probe(url: str) -> None:
    """Returns when PostgreSQL takes connections again."""
    while True:
        with suppress(*LOST):
            connection = await asyncpg.connect(url, timeout=2)
            connection.terminate()
            return
        await asyncio.sleep(PROBE_SECONDS)
