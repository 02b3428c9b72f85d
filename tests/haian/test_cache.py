"""Limits: so many at once, then one at a time, and the seconds to wait are true."""

from __future__ import annotations

import asyncio

import pytest

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


async def test_one_passes_when_its_time_has_come(kernel: Platform) -> None:
    assert (await passed(kernel, 5, 4, 0.8)).count(None) == 4
    await asyncio.sleep(0.25)
    assert (await passed(kernel, 3, 4, 0.8)).count(None) == 1


async def test_who_is_refused_is_not_set_back(kernel: Platform) -> None:
    await passed(kernel, 1, 1, 0.3)
    assert None not in await passed(kernel, 20, 1, 0.3)
    await asyncio.sleep(0.32)
    assert (await passed(kernel, 1, 1, 0.3)) == [None]


async def test_each_key_has_its_own_limit_and_is_forgotten(kernel: Platform) -> None:
    assert await passed(kernel, 1, 1, 300, "a") == await passed(kernel, 1, 1, 300, "b") == [None]
    assert 0 < await kernel.redis.ttl("haian:rate:a") <= 300


async def test_hundreds_of_callers_wait_for_a_connection_rather_than_fail(kernel: Platform) -> None:
    assert (await asyncio.gather(*(kernel.redis.get("nothing") for _ in range(500)))).count(None) == 500


async def test_many_in_a_short_time_are_told_to_wait_at_least_a_second(kernel: Platform) -> None:
    found = await passed(kernel, 40, 3000, 60)
    assert found.count(None) == 40
    with pytest.raises(RateLimited) as refused:
        for _ in range(3):
            await limit(kernel.line, "one", 1, 0.5)
    assert refused.value.details["retry_after"] == 1
