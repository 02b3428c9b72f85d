"""One mutation: one service call in one transaction, with what must leave with it or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson

from haian.clock import Clock
from haian.errors import InvalidArgument, KeyReused, Unauthenticated
from haian.reads import ALWAYS, Read
from haian.viewer import Viewer

Answer = dict[str, Any]
KEY = re.compile(r"[^\x00]{8,64}")


class Transaction:
    """A running transaction of `noun`, for `viewer`. `touched`: whose things it changes."""

    def __init__(self, connection: Any, noun: str, viewer: Viewer, clock: Clock) -> None:
        self.connection, self.noun, self.viewer, self.now = connection, noun, viewer, clock.now()
        self.touched: set[UUID] = {viewer.id} if viewer.id else set()

    async def rows(self, statement: str, *values: Any) -> Sequence[Any]:
        return list(await self.connection.fetch(statement, *values))

    async def row(self, statement: str, *values: Any) -> Any:
        """The first row, or None."""
        return await self.connection.fetchrow(statement, *values)

    async def value(self, statement: str, *values: Any) -> Any:
        return await self.connection.fetchval(statement, *values)

    async def read(self, read: Read) -> Sequence[Any]:
        """Rows of a declared read, seen from inside this transaction."""
        return await self.rows(*statement_of(read, self.viewer.id, self.now))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone alone, so that its refusal can still be recorded."""
        await self.connection.execute("SAVEPOINT inside")
        try:
            yield
        except Exception:
            await self.connection.execute("ROLLBACK TO SAVEPOINT inside; RELEASE SAVEPOINT inside")
            raise
        await self.connection.execute("RELEASE SAVEPOINT inside")

    async def emit(self, type_: str, citizen: UUID | None, **payload: Any) -> None:
        """An event that leaves after commit. `citizen`: whose phone hears of it; ids and plain values, never secrets."""
        self.touched |= {citizen} if citizen else set()
        await self.connection.execute("SELECT haian.emit($1, $2, $3, $4)", type_, citizen, plain(payload), self.now)

    async def emit_to(self, type_: str, citizens: Sequence[UUID], **payload: Any) -> None:
        """The same event for each of many, in one statement."""
        await self.connection.execute("SELECT haian.emit($1, who, $3, $4) FROM unnest($2::uuid[]) who",
                                      type_, citizens, plain(payload), self.now)

    async def audit(self, action: str, subject: UUID | None, *, role: str, object_: str | None = None,
                    fields: Sequence[str] = (), reason: str = "") -> None:
        """A line in the ledger of `subject`: who did what with it, in which role."""
        self.touched |= {subject} if subject else set()
        await self.connection.execute("SELECT haian.record($1, $2, $3, $4, $5, $6, $7, $8)", self.viewer.id, role,
                                      subject, action, object_, list(fields), reason, self.now)

    async def once(self, operation: str, key: str, given: Mapping[str, Any],
                   decide: Callable[[], Awaitable[Answer]]) -> Answer:
        """Decide once for each (citizen, operation, key): a repeat gets the first answer, KeyReused another input.
        InvalidArgument for a key that has not 8 to 64 characters."""
        if self.viewer.id is None:
            raise Unauthenticated
        if not KEY.fullmatch(key):
            raise InvalidArgument(argument="key")
        asked = hashlib.sha256(orjson.dumps(plain(given), option=orjson.OPT_SORT_KEYS)).digest()
        before = await self.row("SELECT * FROM haian.claim_key($1, $2, $3, $4, $5)",
                                self.viewer.id, operation, key, asked, self.now)
        if before is not None:
            if before["asked"] != asked:
                raise KeyReused
            return dict(before["answered"])
        answer = await decide()
        await self.connection.execute("SELECT haian.answer_key($1, $2, $3, $4)",
                                      self.viewer.id, operation, key, plain(answer))
        return answer


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what JSON has: ids and times become text."""
    return dict(orjson.loads(orjson.dumps(values, default=str)))


def statement_of(read: Read, viewer: UUID | None, now: Any) -> tuple[Any, ...]:
    """One read as a statement and its values."""
    fragment, values = read.fragment, [*read.binds()]
    numbers = {name: f"${i}::{type_}" for i, (name, type_) in enumerate(fragment.types.items(), 1)}
    for name, value in (("viewer", viewer), ("now", now)):
        if any(used == name for _, used in fragment.parts):
            values.append(value)
            numbers[name] = f"${len(values)}::{ALWAYS[name]}"
    text = fragment.render(numbers.__getitem__)
    return (text if fragment.is_select else f"SELECT {text} AS value", *values)
