"""Our own list of PostgreSQL connections: taken and given back without a round trip, each with its prepared statements.

asyncpg's pool shakes hands and resets at each turn; here whoever holds a connection leaves it as it was found.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from struct import pack
from typing import Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from haian.deadlines import Deadlines

MOST_STATEMENTS = 2000
"""Prepared statements of one connection: more than all trusted documents have; beyond it the oldest is forgotten."""
CONNECT_SECONDS = 5.0
STALE = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
"""A migration changed what a prepared statement gives."""


class Connection(asyncpg.Connection):
    """A connection that prepares each statement once, however long its text is. `calls`: what it has prepared in SQL."""

    __slots__ = ("calls", "prepared")
    prepared: dict[str, PreparedStatement]
    calls: set[str]

    async def rows(self, statement: str, values: Sequence[Any], first: Sequence[str] = ()) -> list[Any]:
        """The rows of a statement. One that a migration made stale is prepared anew; STALE within a transaction, which it
        ended. `first`: what to run before it in the same round trip, without parameters and rows; nothing runs behind what
        fails."""
        prepared = self.prepared.get(statement)
        if prepared is None:
            prepared = await self._keep(statement)
        try:
            if first:
                return await self._behind(first, prepared, values)
            return await prepared.fetch(*values)
        except STALE:
            self.prepared.clear()
            if self.is_in_transaction():
                raise
            return await (await self._keep(statement)).fetch(*values)

    async def _behind(self, first: Sequence[str], prepared: PreparedStatement, values: Sequence[Any]) -> list[Any]:
        """asyncpg waits for the answer to each of its messages; what leaves just before one is answered with it."""
        self._transport.write(b"".join(map(unsynced, first)))  # type: ignore[attr-defined]
        try:
            return list(await prepared.fetch(*values))
        except BaseException as error:
            if not getattr(error, "severity", ""):  # not PostgreSQL said so: `first` may wait for what ends it
                self.terminate()
            raise

    async def _keep(self, statement: str) -> PreparedStatement:
        if len(self.prepared) >= MOST_STATEMENTS:
            del self.prepared[next(iter(self.prepared))]
        prepared = self.prepared[statement] = await self.prepare(statement)
        return prepared

    async def settle(self, error: BaseException) -> None:
        """Leave nothing behind after `error`: a value refused before it was sent leaves PostgreSQL's timer for it going; a
        statement that nobody waits for any more ends with its connection (`client_connection_check_interval`)."""
        if isinstance(error, TimeoutError) or not isinstance(error, Exception):
            self.terminate()
        if self.is_closed() or not isinstance(error, (asyncpg.PostgresError, ValueError)):
            return
        try:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self.execute("SELECT 1")
        except asyncio.CancelledError:
            self.terminate()
            raise


def unsynced(statement: str) -> bytes:
    """Parse, Bind and Execute without a Sync (PostgreSQL's message protocol, "Pipelining"): it is run when one comes."""
    text = statement.encode()
    return (b"P" + pack("!i", len(text) + 8) + b"\0" + text + b"\0\0\0"
            b"B\0\0\0\x0c\0\0\0\0\0\0\0\0" b"E\0\0\0\x09\0\0\0\0\0")


class Connections:
    """At most `size` connections, made when needed; the last given back is the first taken, so that few are warm."""

    def __init__(self, make: Callable[[], Awaitable[Connection]], size: int, turn: float) -> None:
        self.make, self.size, self.turns = make, size, Deadlines(turn)
        self.made = 0
        self.free: list[Connection] = []
        self.waiting: deque[asyncio.Future[Connection | None]] = deque()

    def at_once(self) -> Connection | None:
        """A connection for the caller alone, where one is free."""
        while self.free:
            connection = self.free.pop()
            if not connection.is_closed():
                return connection
            self.made -= 1
        return None

    async def take(self) -> Connection:
        """A connection for the caller alone. TimeoutError after `turn` seconds of waiting; what `make` raises."""
        while True:
            if connection := self.at_once():
                return connection
            if self.made < self.size:
                return await self._make()
            if given := await self._wait():
                return given

    async def _make(self) -> Connection:
        self.made += 1
        try:
            return await self.make()
        except BaseException:
            self._lose()
            raise

    async def _wait(self) -> Connection | None:
        """The connection that somebody gives back, or None where there is room for a new one."""
        turn, deadline = asyncio.get_running_loop().create_future(), self.turns.begin()
        self.waiting.append(turn)
        try:
            return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # it came at the moment when nobody waited any more
                self.give(turn.result()) if turn.result() else self._wake(None)
            if isinstance(error, asyncio.CancelledError) and deadline.is_mine():
                raise TimeoutError from None
            raise
        finally:
            deadline.over = True

    async def rows(self, connection: Connection, statement: str, values: Sequence[Any]) -> list[Any]:
        """Rows by a connection that was taken, and is given back as it was: every tap comes by here."""
        try:
            return await connection.rows(statement, values)
        except BaseException as error:
            await connection.settle(error)
            raise
        finally:
            self.give(connection)

    def give(self, connection: Connection) -> None:
        """The next in turn has it."""
        if connection.is_closed():
            self._lose()
        elif not self._wake(connection):
            self.free.append(connection)

    def _lose(self) -> None:
        self.made -= 1
        self._wake(None)

    def _wake(self, connection: Connection | None) -> bool:
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    async def close(self) -> None:
        """Close those that are free; one in use ends with its user."""
        self.size = 0
        while self.free:
            connection = self.free.pop()
            try:
                await connection.close(timeout=1)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                connection.terminate()


def maker(url: str, settings: dict[str, str], patience: float | None,
          ready: Callable[[Connection], Awaitable[None]]) -> Callable[[], Awaitable[Connection]]:
    """What makes connections to `url`. `patience`: the seconds after which a server has stopped answering; `ready` prepares
    each for its use."""
    async def make() -> Connection:
        connection = await asyncpg.connect(
            url, timeout=CONNECT_SECONDS, command_timeout=patience, server_settings=settings, connection_class=Connection,
            statement_cache_size=MOST_STATEMENTS, max_cached_statement_lifetime=0, max_cacheable_statement_size=0)
        connection.prepared, connection.calls = {}, set()
        try:
            await ready(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection
    return make
