"""Search at the size of the district: by index, and without keeping a reader waiting."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import pytest_asyncio
from tests.clients import Served

from haian.call import Platform
from haian.reads import Read, encode_cursor, sql
from haian.registry import MiniApp, Providers, Registry, SearchSource
from haian.transaction import statement_of
from search import service, store
from search.words import REACHED, asked

MANY = 3_000
OFTEN = ("停水", "通知", "停水通知", "号", "1", "tingshui", "ti",
         "通知 停水", "tong 号", "通知1 号", "轮渡 停水", "停水 轮渡")


@sql
def many_notices(count: int, word: str) -> Any:
    """SELECT 'notice' AS kind, n::text AS id, '/notices?id=' || n AS link, '' AS detail,
              (ARRAY['停水', '停电', '道路', '疫苗', '招生', '车位', '义诊', '放假'])[1 + n % 8]
              || (ARRAY['通知', '安排', '提示', '公示', '调整'])[1 + n / 8 % 5] || n || {word} AS title
       FROM generate_series(1, {count}) n
       UNION ALL SELECT 'notice', 'rare', '/notices?id=rare', '琅琊台码头的船票', '灵山岛轮渡时刻'"""


def holding(platform: Platform, rows: Read) -> Platform:
    """The platform whose only source reads these rows."""
    app = MiniApp("messages")
    app.__dict__["providers"] = Providers(search=(SearchSource("notice", lambda: rows),))
    return replace(platform, registry=Registry([app]))


@pytest_asyncio.fixture
async def large(served: Served) -> Platform:
    """A product whose index holds many notices."""
    platform = holding(served.platform, many_notices(MANY, "号"))
    await service.refresh(platform)
    return platform


def looking(text: str) -> tuple[Any, ...]:
    found = asked(text)
    read = store.find(found.grams, found.needles, found.lead, found.reach, ["notice"], None, "zh", first=20)
    return statement_of(read, None, None)


async def test_a_word_is_found_by_the_index(large: Platform) -> None:
    for text in ("轮渡", "lundu", "琅琊", "轮渡 船票", "轮"):
        statement, *values = looking(text)
        plan = (await large.db.json(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values)).decode()
        assert "entry_grams" in plan
        assert "Seq Scan" not in plan
        assert [row["title"] for row in await large.db.fetch(statement, *values)] == ["灵山岛轮渡时刻"]


async def test_a_page_reads_no_more_however_much_is_found(large: Platform) -> None:
    """A count looks at 101 times the reach, twice, of thousands that are found; a page at less, also one from the middle."""
    for text in OFTEN:
        found = asked(text)
        counted = store.kinds(found.grams, found.needles, found.lead, found.reach, ["notice"])
        for statement, *values in (looking(text), middle(text), statement_of(counted, None, None)):
            [explained] = json.loads(await large.db.json(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values))
            assert rows_read(explained["Plan"]) <= 2 * 101 * REACHED, text


def middle(text: str) -> tuple[Any, ...]:
    """A page that begins among names of seven characters."""
    found, cursor = asked(text), encode_cursor(json.dumps(["4", "7", "100"]))
    read = store.find(found.grams, found.needles, found.lead, found.reach, ["notice"], None, "zh", first=20, after=cursor)
    return statement_of(read, None, None)


def rows_read(plan: dict[str, Any]) -> float:
    """Rows that came from tables and indexes, those that did not fit included."""
    own = 0.0
    if "Index Name" in plan or "Relation Name" in plan:
        own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(rows_read(each) for each in plan.get("Plans", ()))


async def test_nobody_who_searches_waits_for_a_refresh(large: Platform) -> None:
    """While every row is written anew, a search sees the old words, at once; after it the new ones. What a search takes is
    told by the processor's time of this thread, which a busy machine does not lengthen, and by how many are answered."""
    refreshed = asyncio.create_task(service.refresh(holding(large, many_notices(MANY, "则"))))
    slowest, seen = 0.0, []
    while not refreshed.done():
        began = time.thread_time()
        seen.append(len(await large.db.fetch(*looking("停水安排8号"))))
        slowest = max(slowest, time.thread_time() - began)
        await asyncio.sleep(0.01)
    assert seen[0] == 1 and len(seen) > 10
    assert slowest < 0.5
    assert await large.db.fetch(*looking("停水安排8号")) == []
    assert len(await large.db.fetch(*looking("停水安排8则"))) == 1


async def test_refreshes_at_once_end_as_one(large: Platform) -> None:
    changed = holding(large, many_notices(100, "号"))
    await asyncio.gather(*(service.refresh(changed) for _ in range(3)))
    assert [tuple(row) for row in await large.db.fetch("SELECT count(*) FROM search.entry")] == [(101,)]
