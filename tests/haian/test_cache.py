"""Limits: so many at once, then one at a time, and the seconds to wait are true."""

from __future__ import annotations

import asyncio

from haian.cache import limit
from haian.call import Platform
from haian.errors import RateLimited


async def passed(platform: Platform, times: int, count: int, seconds: float, key: str = "test") -> list[int | None]:
    """None for each that passed, else how many seconds it was told to wait."""
    async def one() -> int | None:
        try:
            await limit(platform.line, key, count, seconds)
        except RateLimited as refused:
            return int(refused.details["retry_after"])
        return None
    return list(await asyncio.gather(*(one() for _ in range(times))))


async def test_exactly_so_many_pass_at_once(kernel: Platform) -> None:
    found = await passed(kernel, 50, 5, 300)
    assert found.count(None) == 5


async def test_the_seconds_to_wait_are_those_until_the_next(kernel: Platform) -> None:
    found = await passed(kernel, 6, 5, 300)
    assert [wait for wait in found if wait] == [60]


async def later(platform: Platform, seconds: float) -> None:
    """As if it were so much later: whoever is counted came so much earlier."""
    due = float(await platform.redis.get("haian:rate:test") or 0)
    await platform.redis.set("haian:rate:test", due - seconds * 1000, keepttl=True)


async def test_one_passes_when_its_time_has_come(kernel: Platform) -> None:
    assert (await passed(kernel, 5, 4, 400)).count(None) == 4
    await later(kernel, 120)
    assert (await passed(kernel, 3, 4, 400)).count(None) == 1


async def test_who_is_refused_is_not_set_back(kernel: Platform) -> None:
    await passed(kernel, 1, 1, 300)
    assert None not in await passed(kernel, 20, 1, 300)
    await later(kernel, 301)
    assert (await passed(kernel, 1, 1, 300)) == [None]


async def test_each_key_has_its_own_limit_and_is_forgotten(kernel: Platform) -> None:
    assert await passed(kernel, 1, 1, 300, "a") == await passed(kernel, 1, 1, 300, "b") == [None]
    assert 0 < await kernel.redis.ttl("haian:rate:a") <= 300


async def test_hundreds_of_callers_wait_for_a_connection_rather_than_fail(kernel: Platform) -> None:
    assert (await asyncio.gather(*(kernel.redis.get("nothing") for _ in range(500)))).count(None) == 500


async def test_many_in_a_short_time_are_told_to_wait_at_least_a_second(kernel: Platform) -> None:
    found = await passed(kernel, 40, 3000, 60)
    assert found.count(None) == 40
    assert await passed(kernel, 3, 1, 0.5, "one") == [None, 1, 1]
