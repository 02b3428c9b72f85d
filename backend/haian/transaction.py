"""One mutation: one service call in one transaction, with what must leave with it or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from haian.clock import Clock
from haian.db import Database
from haian.errors import InvalidArgument, KeyReused, Unauthenticated
from haian.links import as_whom, may
from haian.reads import ALWAYS, Read
from haian.viewer import Viewer
from haian.work import Work

Answer = dict[str, Any]
CLAIM = "SELECT asked, answered FROM haian.claim_key($1, $2, $3, $4, $5)"
KEY = re.compile(r"[^\x00]{8,64}")


class Key(NamedTuple):
    """A key of a citizen for one operation, with a hash of what was asked with it."""

    citizen: str
    operation: str
    key: str
    asked: bytes

    def answered(self, answer: Answer) -> Answer:
        """What is kept of it."""
        return {"citizen": self.citizen, "operation": self.operation, "key": self.key, "answer": answer}


def key_of(viewer: Viewer, operation: str, key: str, given: Mapping[str, Any]) -> Key:
    """For whom one acts is part of what is asked. Unauthenticated; InvalidArgument for a key that has not 8 to 64
    characters."""
    if viewer.id is None:
        raise Unauthenticated
    if not KEY.fullmatch(key):
        raise InvalidArgument(argument="key")
    meant = {**given, "for": str(viewer.subject)} if viewer.subject else given
    asked = hashlib.sha256(orjson.dumps(meant, default=str, option=orjson.OPT_SORT_KEYS)).digest()
    return Key(str(viewer.id), operation, key, asked)


class Transaction:
    """A running transaction, for `viewer`. `touched`: whose things it changes.

    Lines of the ledger, events and the answer to a key leave with the commit, in its round trip.
    """

    def __init__(self, work: Work, viewer: Viewer, now: datetime) -> None:
        self.work, self.viewer, self.now = work, viewer, now
        self.touched: set[UUID] = {citizen for citizen in (viewer.id, viewer.subject) if citizen}
        self.acting = ("", "")
        self.lines: list[Answer] = []
        self.events: list[Answer] = []
        self.answered: Answer = {}

    async def rows(self, statement: str, *values: Any) -> Sequence[Any]:
        return await self.work.rows(statement, values)

    async def row(self, statement: str, *values: Any) -> Any:
        """The first row, or None."""
        rows = await self.rows(statement, *values)
        return rows[0] if rows else None

    async def value(self, statement: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        rows = await self.rows(statement, *values)
        return rows[0][0] if rows else None

    async def read(self, read: Read) -> Sequence[Any]:
        """Rows of a declared read, seen from inside this transaction."""
        return await self.rows(*statement_of(read, self.viewer.linked, self.now, self.viewer.for_whom))

    async def may(self, scope: str) -> bool:
        """Whether the viewer, if they act for another, still may at this moment: what is done must not rest on what was
        allowed before the transaction began."""
        viewer = self.viewer
        if viewer.scopes is not None and scope not in viewer.scopes:
            return False
        if viewer.subject is None:
            self.acting = ("mini_app", scope) if viewer.client else ("", "")
            return True
        [[allowed]], [[role]] = await self.read(may(scope)), await self.read(as_whom())
        self.acting = (role, scope) if allowed else ("", "")
        return bool(allowed)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone alone, so that its refusal can still be recorded."""
        await self.work.begin()
        lines, events = len(self.lines), len(self.events)
        await self.work.connection.execute("SAVEPOINT inside")
        try:
            yield
        except Exception:
            del self.lines[lines:], self.events[events:]
            await self.work.connection.execute("ROLLBACK TO SAVEPOINT inside; RELEASE SAVEPOINT inside")
            raise
        await self.work.connection.execute("RELEASE SAVEPOINT inside")

    async def emit(self, type_: str, citizen: UUID | None, **payload: Any) -> None:
        """An event that leaves after commit. `citizen`: whose phone hears of it; ids and plain values, never secrets."""
        self.touched |= {citizen} if citizen else set()
        self.events.append({"type": type_, "citizen": citizen, "payload": payload})

    async def emit_to(self, type_: str, citizens: Sequence[UUID], **payload: Any) -> None:
        """The same event for each of many."""
        self.events += [{"type": type_, "citizen": citizen, "payload": payload} for citizen in citizens]

    async def audit(self, action: str, subject: UUID | None, *, role: str, object_: str | None = None,
                    fields: Sequence[str] = (), reason: str = "", ground: str = "", office: UUID | None = None) -> None:
        """A line in the ledger of `subject`: who did what with it, in which role and for which office, on which legal
        ground (a key of the client's texts). What a citizen does for another, after `may`, is a guardian's or delegate's."""
        self.touched |= {subject} if subject else set()
        acting, scope = self.acting if role == "citizen" else ("", "")
        self.line(action, subject, acting or role, object_=object_, fields=fields, reason=reason, ground=ground,
                  office=office, acting=scope)

    def line(self, action: str, subject: UUID | None, role: str, *, acting: str, office: UUID | None, ground: str,
             fields: Sequence[str], object_: str | None = None, reason: str = "") -> None:
        """A line of the ledger as it is written. `acting`: the scope by which somebody acted for another. What is done with
        a mini-app's token, the mini-app did, by consent."""
        actor, client = self.viewer.id, self.viewer.client
        if client:
            actor, role, ground, office = client.id, "mini_app", "consent", client.office
        self.lines.append({"actor": actor, "role": role, "subject": subject, "action": action, "object": object_,
                           "fields": list(fields), "reason": reason, "ground": ground, "office": office, "acting": acting})

    async def once(self, operation: str, key: str, given: Mapping[str, Any],
                   decide: Callable[[], Awaitable[Answer]]) -> Answer:
        """Decide once for each (citizen, operation, key): a repeat gets the first answer, KeyReused another input. For whom
        one acts is part of the input. Unauthenticated, InvalidArgument."""
        named = key_of(self.viewer, operation, key, given)
        if not await self.work.call("claim", *named, self.now.isoformat()):
            answer = await decide()
        elif before := await self.row(CLAIM, *named, self.now):
            if before["asked"] != named.asked:
                raise KeyReused
            return dict(before["answered"])
        else:  # who had the key was forgotten meanwhile
            answer = await decide()
        self.answered = named.answered(answer)
        return answer

    async def commit(self) -> None:
        """Commit with what leaves."""
        await leave([self])


async def leave(together: Sequence[Transaction]) -> None:
    """Commit what one or several did in one transaction of the database, with what each of them leaves."""
    lines = [line for tx in together for line in tx.lines]
    events = [event for tx in together for event in tx.events]
    answers = [tx.answered for tx in together if tx.answered]
    left = {name: found for name, found in (("lines", lines), ("events", events), ("answers", answers)) if found}
    work = together[0].work
    if left:
        await work.commit("leave", orjson.dumps({"at": together[0].now, **left}, default=str))
    else:
        await work.commit()


@asynccontextmanager
async def transaction(db: Database, role: str, viewer: Viewer, clock: Clock,
                      in_bulk: bool = False) -> AsyncIterator[Transaction]:
    """A transaction as `role` that is committed when the body ends, and leaves nothing when it raises."""
    async with db.work(role, in_bulk) as work:
        tx = Transaction(work, viewer, clock.now())
        yield tx
        await tx.commit()
    if tx.events:
        db.bell.ring()


def statement_of(read: Read, viewer: UUID | None, now: Any, subject: UUID | None = None) -> tuple[Any, ...]:
    """One read as a statement and its values. `subject`: for whom the viewer acts, if for another."""
    fragment, values = read.fragment, [*read.binds()]
    numbers = {name: f"${i}::{type_}" for i, (name, type_) in enumerate(fragment.types.items(), 1)}
    for name, value in (("viewer", viewer), ("now", now), ("subject", subject or viewer)):
        if any(used == name for _, used in fragment.parts):
            values.append(value)
            numbers[name] = f"${len(values)}::{ALWAYS[name]}"
    text = fragment.render(numbers.__getitem__)
    return (text if fragment.is_select else f"SELECT {text} AS value", *values)
