"""Equal reads that are asked for at the same moment, by different citizens, travel to PostgreSQL as one statement.

A statement of a plan costs PostgreSQL more to begin and to end than to run. So while one runs, those who ask for the same
wait until it is over, or until so many wait as go together, and are asked for as one: a row of values each, an answer each.
Where nobody else asks nobody waits, nor anywhere longer than LONG. What goes wrong together is asked for apart, so that
nobody has another's error; that the database is away is everybody's.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from time import perf_counter
from typing import Any, Protocol

import structlog

from haian.errors import Unavailable

MOST = 12
"""Answers of one statement: more would make it little cheaper."""
LONG = 0.02
"""Seconds that a statement for many should not take longer than, and for which anybody waits for one that runs."""
KEPT = 1000
PARAMETER = re.compile(r"\$(\d+)(?:::(\w+(?:\[\])?))?")
APART = object()
"""In place of an answer: together it went wrong."""
log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Asking:
    """One who waits for an answer, and since it is asked for: by which task, for whom else."""

    values: Sequence[Any]
    answer: asyncio.Future[Any]
    task: asyncio.Task[None] | None = None
    beside: Sequence[Asking] = ()


@dataclass(slots=True, eq=False)
class Crowd:
    """All who ask for one statement now. `each`: the seconds that an answer took last; `late`: when nobody waits longer."""

    statement: str
    running: int = 0
    each: float = 0.0
    waiting: deque[Asking] = field(default_factory=deque)
    late: asyncio.TimerHandle | None = None

    @property
    def room(self) -> int:
        """How many go together."""
        return min(MOST, 1 + int(LONG / self.each)) if self.each else MOST

    def leaving(self) -> list[Asking]:
        """Those who go next, if they still want to."""
        found: list[Asking] = []
        while self.waiting and len(found) < self.room:
            if not (asking := self.waiting.popleft()).answer.done():
                found.append(asking)
        return found


class Source(Protocol):
    """A database."""

    async def fetch(self, statement: str, *values: Any) -> Sequence[Any]:
        """Rows of one reading statement."""


class Together:
    """What is asked of one database."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.crowds: dict[str, Crowd] = {}

    async def json(self, statement: str, values: Sequence[Any]) -> Any:
        """The one value of a statement that is `SELECT` with one expression."""
        crowd = self._crowd(statement)
        if crowd.running and together(statement):
            answer = await self._waited(crowd, values)
            return answer if answer is not APART else (await self.source.fetch(statement, *values))[0][0]
        crowd.running += 1
        began = perf_counter()
        try:
            return (await self.source.fetch(statement, *values))[0][0]
        finally:
            self._over(crowd, began, 1)

    def _crowd(self, statement: str) -> Crowd:
        crowd = self.crowds.get(statement)
        if crowd is None:
            crowd = self.crowds[statement] = Crowd(statement)
            if len(self.crowds) > KEPT:
                del self.crowds[next(iter(self.crowds))]
        return crowd

    async def _waited(self, crowd: Crowd, values: Sequence[Any]) -> Any:
        loop = asyncio.get_running_loop()
        asking = Asking(values, loop.create_future())
        crowd.waiting.append(asking)
        if len(crowd.waiting) >= crowd.room:
            self._go(crowd)
        elif crowd.late is None:
            crowd.late = loop.call_later(LONG, self._go, crowd)
        try:
            return await asking.answer
        except asyncio.CancelledError:
            if asking.task and all(each.answer.done() for each in asking.beside):
                asking.task.cancel()
            raise

    def _go(self, crowd: Crowd) -> None:
        """All who waited are asked for."""
        if crowd.late:
            crowd.late.cancel()
            crowd.late = None
        while asked := crowd.leaving():
            crowd.running += 1
            task = asyncio.get_running_loop().create_task(self._ask(crowd.statement, asked))
            task.add_done_callback(partial(self._over, crowd, perf_counter(), len(asked)))
            for asking in asked:
                asking.task, asking.beside = task, asked

    async def _ask(self, statement: str, asked: Sequence[Asking]) -> None:
        try:
            columns = zip(*(asking.values for asking in asked), strict=True)
            for nth, answer in await self.source.fetch(together(statement), *map(column, columns)):
                if not (waits := asked[nth - 1].answer).done():
                    waits.set_result(answer)
        except Unavailable:
            for asking in asked:
                if not asking.answer.done():
                    asking.answer.set_exception(Unavailable())
        except Exception as error:  # told to those who then ask apart
            log.info("together.apart", error=type(error).__name__)
        finally:
            for asking in asked:
                if not asking.answer.done():
                    asking.answer.set_result(APART)

    def _over(self, crowd: Crowd, began: float, many: int, _: Any = None) -> None:
        crowd.running -= 1
        crowd.each = (perf_counter() - began) / many
        self._go(crowd)


@lru_cache(KEPT)
def together(statement: str) -> str:
    """The same for many at once: each parameter an array, each place of it the column of a row. Nothing for a statement
    that has no parameters, or one whose type it does not say."""
    named = PARAMETER.findall(statement)
    if not named or not all(type_ for _, type_ in named):
        return ""
    found = {int(number): type_ for number, type_ in named}
    numbers = range(1, len(found) + 1)
    columns = ", ".join(f'"{n}"' for n in numbers)
    arrays = ", ".join(f"${n}::{'text' if found[n].endswith(']') else found[n]}[]" for n in numbers)
    one = PARAMETER.sub(r'"#each"."\1"::\2', statement)
    return f'SELECT "#each"."#", ({one}) FROM unnest({arrays}) WITH ORDINALITY "#each"({columns}, "#")'


def column(values: tuple[Any, ...]) -> list[Any]:
    """The values of one parameter. PostgreSQL has no arrays of arrays of different lengths: a list travels as its text
    (Arrays, 8.15.2)."""
    return [listed(value) if isinstance(value, list) else value for value in values]


def listed(texts: list[str]) -> str:
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in escaped) + "}"
