"""Equal reads that are asked for at one moment are one statement: each has its own answer, and nobody another's error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio
from tests.waiting import until_async

from haian.db import Database
from haian.errors import Unavailable
from haian.settings import Settings
from haian.together import MOST, Together, together

TWICE = "SELECT to_json(2 * $1::int8)"


class Slow:
    """Rows of a statement, given when it is told to. `asked`: for which values, together or alone."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.may = asyncio.Event()

    async def fetch(self, statement: str, *values: Any) -> Any:
        self.asked.append(values)
        await self.may.wait()
        if statement == TWICE:
            return [(2 * values[0],)]
        if 0 in values[0]:
            raise asyncpg.DataError("zero")
        if -1 in values[0]:
            raise Unavailable
        return [(n, 2 * value) for n, value in enumerate(values[0], 1)]


@pytest.fixture(autouse=True)
def statements_take_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow it is here: as many go together as ever."""
    monkeypatch.setattr("haian.together.perf_counter", lambda: 0.0)


@pytest_asyncio.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    db = await Database.open(settings.database_url, readers=2, writers=1)
    yield db
    await db.close()


async def begun(together: Together, *values: int) -> list[asyncio.Task[Any]]:
    tasks = [asyncio.create_task(together.json(TWICE, (value,))) for value in values]
    await asyncio.sleep(0)
    return tasks


async def test_who_asks_while_an_equal_statement_runs_goes_with_the_others_after_it() -> None:
    slow = Slow()
    tasks = await begun(Together(slow), 1, 2, 3)
    assert slow.asked == [(1,)]
    slow.may.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6]
    assert slow.asked == [(1,), ([2, 3],)]


async def test_a_full_statement_waits_for_nobody() -> None:
    slow = Slow()
    tasks = await begun(Together(slow), *range(1, MOST + 3))
    await asyncio.sleep(0)
    assert slow.asked == [(1,), (list(range(2, MOST + 2)),)]
    slow.may.set()
    assert await asyncio.gather(*tasks) == [2 * n for n in range(1, MOST + 3)]


async def test_nobody_waits_long_for_a_statement_that_hangs() -> None:
    slow = Slow()
    tasks = await begun(Together(slow), 1, 2)

    async def has_gone() -> bool:
        return slow.asked == [(1,), ([2],)]
    await until_async(has_gone)
    slow.may.set()
    await asyncio.gather(*tasks)


async def test_what_fails_together_is_asked_for_apart() -> None:
    slow = Slow()
    tasks = await begun(Together(slow), 1, 0, 3)
    slow.may.set()
    assert await asyncio.gather(*tasks) == [2, 0, 6]
    assert slow.asked == [(1,), ([0, 3],), (0,), (3,)]


async def test_that_the_database_is_away_is_heard_at_once_by_all() -> None:
    """They have waited for it once."""
    slow = Slow()
    first, *others = await begun(Together(slow), 1, -1, 3)
    slow.may.set()
    assert await first == 2
    assert [type(each) for each in await asyncio.gather(*others, return_exceptions=True)] == [Unavailable, Unavailable]
    assert slow.asked == [(1,), ([-1, 3],)]


async def test_nobody_who_waited_is_left_behind_when_fewer_can_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("haian.together.perf_counter", count().__next__)  # each statement takes whole seconds
    slow, first_may = Slow(), asyncio.Event()
    others, slow.may = slow.may, first_may
    tasks = await begun(Together(slow), 1, 2, 3, 4)
    slow.may = others
    first_may.set()
    assert await tasks[0] == 2
    await asyncio.sleep(0)
    assert slow.asked == [(1,), ([2],), ([3],), ([4],)]
    others.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8]


async def test_who_goes_is_missed_by_nobody_and_what_nobody_waits_for_is_cancelled() -> None:
    slow = Slow()
    both = Together(slow)
    first, second, third, *rest = await begun(both, *range(1, MOST + 2))
    await asyncio.sleep(0)
    second.cancel()
    slow.may.set()
    assert await third == 6
    slow.may.clear()
    [alone] = await begun(both, 1)
    crowd = await begun(both, *range(2, MOST + 2))
    await asyncio.sleep(0)
    for each in (*crowd, alone):
        each.cancel()
    await asyncio.gather(first, second, *rest, alone, *crowd, return_exceptions=True)
    assert both.crowds[TWICE].running == 0


async def test_each_has_the_answer_to_its_own_values(db: Database) -> None:
    statement = """SELECT CASE WHEN $2::text <> '' THEN (SELECT json_build_array($1::uuid, $2::text, count(*)
        FILTER (WHERE n % $3::int8 = 0)) FROM generate_series(1, $3::int8) n) END"""
    asked = [(f"00000000-0000-7000-8000-{n:012}", "" if n == 5 else f"第{n}人", n + 1) for n in range(30)]
    answers = await asyncio.gather(*(db.json(statement, *values) for values in asked))
    assert answers == [await db.json(statement, *values) for values in asked]
    assert answers[5] is None
    assert answers[7] == '["00000000-0000-7000-8000-000000000007", "第7人", 1]'.encode()


async def test_only_who_asked_for_what_fails_hears_of_it(db: Database) -> None:
    found = await asyncio.gather(*(db.json("SELECT to_json(12 / $1::int8)", n) for n in (1, 2, 0, 3)),
                                 return_exceptions=True)
    assert [*found[:2], found[3]] == [b"12", b"6", b"4"]
    assert isinstance(found[2], asyncpg.DivisionByZeroError)


async def test_lists_of_any_texts_go_together(db: Database) -> None:
    asked: list[list[str] | None] = [["a", "b"], [], None, ["", "NULL", "null"], ['"', "\\", "{,}", "'", "停车\n"], ["a"]]
    found = await asyncio.gather(*(db.json("SELECT to_json($1::text[])", each) for each in asked))
    assert [each if each is None else orjson.loads(each) for each in found] == asked


@pytest.mark.parametrize("statement", ["SELECT 1", "SELECT $1", "SELECT $1::text || '$2'", "SELECT $1 || $1::text"])
def test_what_does_not_name_its_types_goes_alone(statement: str) -> None:
    assert not together(statement)
