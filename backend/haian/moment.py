"""Decisions that are asked for at the same moment, by different citizens, share one transaction: one BEGIN, one commit and
flush of the log for all.

A moment's decisions are asked of the database in one statement, which decides each as if it came alone, and says what it
refuses. Who is refused by an error has done nothing: the others are decided again without them. What goes wrong together is
done apart, each in a transaction of its own, so that nobody has another's error; that the database is away is everybody's.
Where nobody else asks nobody waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from haian.clock import Clock
from haian.connections import STALE
from haian.db import Database
from haian.errors import KeyReused, NotCovered, PublicError, Unavailable
from haian.migrate import role_of
from haian.transaction import Answer, Key, Transaction, leave
from haian.viewer import Viewer

MOST = 16
"""Decisions of one moment."""
LONG = 0.02
"""Seconds for which anybody waits for a moment that runs."""
PATIENCE = 500
"""Milliseconds that a moment of many waits for a lock: who alone wants what somebody holds for longer waits for it alone."""
CLAIM = "SELECT n, asked, answered FROM haian.claim_keys($1, $2::uuid[], $3::text[], $4::bytea[], $5)"
log = structlog.get_logger()


class Wish(NamedTuple):
    """One of a moment's decisions: in whose name, on what. `about`: what its noun knows of it beside; no part of what was
    asked with the key, and the same where it is decided again."""

    tx: Transaction
    given: Mapping[str, Any]
    about: Any = None


@dataclass(frozen=True)
class Decision:
    """A decision that many may ask for at once. `scope`: what who acts for another must be allowed, "" where nobody does.
    `ask` asks the database for all at once, and gives a row for each wish, in their order. `tell` says what a row means: the
    answer, with lines and events; or raises the error of one for whom nothing was written."""

    operation: str
    noun: str
    scope: str
    ask: Callable[[Sequence[Wish]], Awaitable[Sequence[Any]]]
    tell: Callable[[Wish, Any], Awaitable[Answer]]


@dataclass(slots=True, eq=False)
class Asking:
    """One who waits for an answer; with whom, by which task, since it is decided."""

    viewer: Viewer
    key: Key
    given: Mapping[str, Any]
    about: Any
    answer: asyncio.Future[tuple[Answer, set[UUID]]]
    task: asyncio.Task[None] | None = None
    beside: Sequence[Asking] = ()


class Apart(Exception):
    """Together it went wrong."""


@dataclass(eq=False)
class Moment:
    """Who asks for one decision now, in one process. `keys`: those that are under way, each until when; who comes with the
    same meets its answer."""

    decision: Decision
    db: Database
    clock: Clock
    running: int = 0
    waiting: deque[Asking] = field(default_factory=deque)
    late: asyncio.TimerHandle | None = None
    keys: dict[tuple[str, str], asyncio.Future[None]] = field(default_factory=dict)

    async def decide(self, viewer: Viewer, key: Key, given: Mapping[str, Any],
                     about: Any = None) -> tuple[Answer, set[UUID]]:
        """The answer, and whose things were touched. Errors of the decision; KeyReused; NotCovered; Unavailable."""
        named = (key.citizen, key.key)
        while named in self.keys:
            await asyncio.shield(self.keys[named])
        over = self.keys[named] = asyncio.get_running_loop().create_future()
        try:
            return await self._decided(viewer, key, given, about)
        finally:
            del self.keys[named]
            over.set_result(None)

    async def _decided(self, viewer: Viewer, key: Key, given: Mapping[str, Any], about: Any) -> tuple[Answer, set[UUID]]:
        asking = Asking(viewer, key, given, about, asyncio.get_running_loop().create_future())
        self.waiting.append(asking)
        if not self.running or len(self.waiting) >= MOST:
            self._go()
        elif self.late is None:
            self.late = asyncio.get_running_loop().call_later(LONG, self._go)
        try:
            return await asking.answer
        except Apart:
            alone = Asking(viewer, key, given, about, asyncio.get_running_loop().create_future())
            await self._decide([alone])
            return alone.answer.result()
        except asyncio.CancelledError:
            if asking.task and all(each.answer.done() for each in asking.beside):
                asking.task.cancel()
            raise

    def _go(self) -> None:
        """The next moment, of who still waits."""
        if self.late:
            self.late.cancel()
            self.late = None
        asked: list[Asking] = []
        while self.waiting and len(asked) < MOST:
            if not (asking := self.waiting.popleft()).answer.done():
                asked.append(asking)
        if asked:
            self.running += 1
            task = asyncio.get_running_loop().create_task(self._run(asked))
            task.add_done_callback(self._over)
        if self.waiting:
            self.late = asyncio.get_running_loop().call_later(LONG, self._go)

    def _over(self, _: asyncio.Task[None]) -> None:
        self.running -= 1
        if self.waiting:
            self._go()

    async def _run(self, asked: list[Asking]) -> None:
        task = asyncio.current_task()
        for each in asked:
            each.task, each.beside = task, asked
        try:
            await self._decide(asked)
        except Exception as error:
            alone = len(asked) == 1 or isinstance(error, Unavailable)
            if not alone:
                log.info("moment.apart", operation=self.decision.operation, many=len(asked), error=type(error).__name__)
            for each in asked:
                if not each.answer.done():
                    each.answer.set_exception(Apart() if not alone else Unavailable() if len(asked) > 1 else error)

    async def _decide(self, asked: Sequence[Asking]) -> None:
        """One transaction for all who still wait, begun anew without who is refused by an error. Raises what goes wrong."""
        wishes: list[Wish] = []
        found: list[Any] = []
        async with self.db.work(role_of(self.decision.noun)) as work:
            if len(asked) > 1:
                work.wait_at_most(PATIENCE)
            while asked := [each for each in asked if not each.answer.done()]:
                now = self.clock.now()
                wishes = [Wish(Transaction(work, each.viewer, now), each.given, each.about) for each in asked]
                found = await self._found(asked, wishes)
                if not any(isinstance(each, PublicError) for each in found):
                    await leave([wish.tx for wish in wishes])
                    break
                await work.undo()
                refuse(asked, found)
        for each, wish, answer in zip(asked, wishes, found, strict=False):
            if not each.answer.done():
                each.answer.set_result((answer, wish.tx.touched))
        if asked and any(wish.tx.events for wish in wishes):
            self.db.bell.ring()

    async def _found(self, asked: Sequence[Asking], wishes: Sequence[Wish]) -> list[Answer | PublicError]:
        """Their answers; once more where a migration changed what a statement gives."""
        try:
            return await self._answers(asked, wishes)
        except STALE:
            await wishes[0].tx.work.undo()
            for wish in wishes:
                wish.tx.lines, wish.tx.events, wish.tx.answered = [], [], {}
            return await self._answers(asked, wishes)

    async def _answers(self, asked: Sequence[Asking], wishes: Sequence[Wish]) -> list[Answer | PublicError]:
        found: list[Any] = [None if await wish.tx.may(self.decision.scope) else NotCovered() for wish in wishes]
        await self._claim(asked, wishes, found)
        new = [n for n, answer in enumerate(found) if answer is None]
        rows = await self.decision.ask([wishes[n] for n in new]) if new else []
        for n, row in zip(new, rows, strict=True):
            try:
                found[n] = await self.decision.tell(wishes[n], row)
            except PublicError as refusal:
                found[n] = refusal
            else:
                wishes[n].tx.answered = asked[n].key.answered(found[n])
        return found

    async def _claim(self, asked: Sequence[Asking], wishes: Sequence[Wish], found: list[Any]) -> None:
        """Whose key is not new has the first answer, or is refused."""
        keys = [each.key for each, answer in zip(asked, found, strict=True) if answer is None]
        if not keys:
            return
        places = [n for n, answer in enumerate(found) if answer is None]
        for n, before, answered in await wishes[0].tx.rows(
                CLAIM, self.decision.operation, [key.citizen for key in keys], [key.key for key in keys],
                [key.asked for key in keys], wishes[0].tx.now):
            if before is not None:  # else it was forgotten meanwhile
                found[places[n - 1]] = dict(answered) if before == keys[n - 1].asked else KeyReused()


def refuse(asked: Sequence[Asking], found: Sequence[Any]) -> None:
    """Who is refused by an error is told at once."""
    for each, refusal in zip(asked, found, strict=True):
        if isinstance(refusal, PublicError) and not each.answer.done():
            each.answer.set_exception(refusal)
