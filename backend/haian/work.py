"""Work in the database as one role: begun with its first statement and committed with its last, no round trip for either.

What goes with BEGIN and COMMIT is text without parameters: it calls statements that the connection has prepared, and each
value is written as hexadecimal digits, which no value can end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from asyncpg import InFailedSQLTransactionError

from haian.connections import STALE, Connection

CALLS = {
    "claim": """(bytea, bytea, bytea, bytea, bytea) AS SELECT FROM haian.claim_key(convert_from($1, 'UTF8')::uuid,
        convert_from($2, 'UTF8'), convert_from($3, 'UTF8'), $4, convert_from($5, 'UTF8')::timestamptz)""",
    "leave": "(bytea) AS SELECT haian.leave(convert_from($1, 'UTF8')::jsonb)",
}
"""What may be called with BEGIN or COMMIT."""


class Work:
    """A transaction of one connection that begins when there is something to do. `in_bulk`: its statements are planned for
    their values, as one that touches many rows should be; a tap's are planned once for all."""

    def __init__(self, connection: Connection, role: str, in_bulk: bool = False) -> None:
        self.connection = connection
        self.beginning = ["BEGIN", f"SET LOCAL ROLE {role}", *["SET LOCAL plan_cache_mode = auto"] * in_bulk]
        self.is_begun = False

    def _begun(self) -> list[str]:
        """What goes before the first statement; nothing goes before another."""
        first = [] if self.is_begun else self.beginning
        self.is_begun = True
        return first

    async def begin(self) -> None:
        """Before what does not go by `rows`."""
        if not self.is_begun:
            await self._send([])

    async def rows(self, statement: str, values: Sequence[Any]) -> list[Any]:
        """The rows of a statement. One that this connection does not know has to be prepared as the role."""
        if statement not in self.connection.prepared:
            await self.begin()
        first = self._begun()
        try:
            return await self.connection.rows(statement, values, first)
        except STALE:
            if not first:
                raise
            await self.undo()
            return await self.rows(statement, values)

    def wait_at_most(self, milliseconds: int) -> None:
        """LockNotAvailableError where another holds what is wanted for longer."""
        self.beginning.append(f"SET LOCAL lock_timeout = {milliseconds}")

    async def call(self, name: str, *values: bytes | str) -> int:
        """Call one of CALLS; how many rows it gave."""
        return int((await self._send([await self._called(name, values)])).rpartition(" ")[2])

    async def commit(self, name: str = "", *values: bytes | str) -> None:
        """Commit, after a last call where there is one. Work that did not begin leaves nothing to commit.
        InFailedSQLTransactionError after a statement whose failure nobody took back: PostgreSQL calls that no error."""
        last = [await self._called(name, values)] if name else []
        if (last or self.is_begun) and await self._send([*last, "COMMIT"]) == "ROLLBACK":
            self.is_begun = False
            raise InFailedSQLTransactionError("a statement failed outside a savepoint")

    async def undo(self) -> None:
        """As if nothing had begun."""
        if self.is_begun:
            await self.connection.execute("ROLLBACK")
            self.is_begun = False

    async def _called(self, name: str, values: tuple[bytes | str, ...]) -> str:
        if name not in self.connection.calls:
            await self.connection.execute(f"PREPARE {name} {CALLS[name]}")
            self.connection.calls.add(name)
        return f"EXECUTE {name} ({', '.join(map(literal, values))})"

    async def _send(self, statements: list[str]) -> str:
        """All statements in one message, after BEGIN where they are the first; how the last ended: "SELECT 1"."""
        return str(await self.connection.execute("; ".join([*self._begun(), *statements])))


def literal(value: bytes | str) -> str:
    """A value in the text of a statement."""
    return f"'\\x{(value.encode() if isinstance(value, str) else value).hex()}'"
