"""Feeds: what is told is heard and kept, in one order and once; a place in a channel is an opaque cursor."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haian.errors import InvalidCursor
from haian.feeds import KEPT_SECONDS, MOST_KEPT, missed, stream_of, tell
from haian.live import Hub
from haian.positions import cursor_of, opened, place_of


async def say(redis: Any, *numbers: int) -> None:
    for number in numbers:
        await tell(redis, "news", uuid4(), {"n": number})


async def a_minute_ago(redis: Any) -> tuple[int, int]:
    now = await missed(redis, "news", None)
    return now.now[0] - 60_000, 0


async def test_what_is_told_is_heard_where_it_is_kept(hub: Hub, redis: Any) -> None:
    async with hub.listen("news") as queue:
        await say(redis, 1, 2)
        heard: list[Any] = [await asyncio.wait_for(queue.get(), 60) for _ in range(2)]
    kept = (await missed(redis, "news", await a_minute_ago(redis))).messages
    assert [message["n"] for message in kept] == [1, 2]
    assert [message["position"] for message in kept] == [message["position"] for message in heard]
    assert [opened(message["cursor"]) for message in heard] == [(hub.epoch, message["position"]) for message in kept]


async def test_who_joins_is_heard_by_redis_when_it_returns(hub: Hub, redis: Any) -> None:
    """Not a moment later: what is told between that and reading the stream would be lost."""
    for number in range(30):
        heard: list[Any] = []
        await hub.join(f"c{number}", heard.append)
        assert (await redis.pubsub_numsub(f"c{number}"))[0][1] == 1
        await hub.leave(f"c{number}", heard.append)


async def test_an_event_that_the_outbox_tells_twice_is_heard_and_kept_once(hub: Hub, redis: Any) -> None:
    again = uuid4()
    async with hub.listen("news") as queue:
        for event in (again, uuid4(), again, uuid4()):
            await tell(redis, "news", event, {"id": event})
        heard = [await asyncio.wait_for(queue.get(), 60) for _ in range(3)]
        assert queue.empty()
    assert len({message["id"] for message in heard if message}) == 3
    assert await redis.xlen(stream_of("news")) == 3


async def test_after_a_place_comes_what_was_told_since_in_its_order(redis: Any) -> None:
    await say(redis, *range(5))
    whole = await redis.xrange(stream_of("news"))
    milliseconds, number = whole[1][0].split(b"-")
    found = await missed(redis, "news", (int(milliseconds), int(number)))
    assert found.whole
    assert [message["n"] for message in found.messages] == [2, 3, 4]


async def test_a_place_that_is_kept_no_more_is_told_so(redis: Any) -> None:
    """Capped by number: whoever stood before the first that is kept has missed what nobody knows any more."""
    await say(redis, 0)
    first = (await redis.xrange(stream_of("news")))[0][0].split(b"-")
    await say(redis, *range(MOST_KEPT + 150))
    assert await redis.xlen(stream_of("news")) < MOST_KEPT + 150
    found = await missed(redis, "news", (int(first[0]), int(first[1])))
    assert (found.whole, found.messages) == (False, [])


async def test_a_place_older_than_a_day_is_told_so_even_where_nothing_is_kept(redis: Any) -> None:
    now = (await missed(redis, "news", None)).now[0]
    assert (await missed(redis, "news", (now - KEPT_SECONDS * 1000 + 60_000, 0))).whole
    assert not (await missed(redis, "news", (now - KEPT_SECONDS * 1000 - 60_000, 0))).whole


async def test_a_stream_ends_a_day_after_its_last_event(redis: Any) -> None:
    await say(redis, 1)
    assert KEPT_SECONDS - 60 <= await redis.ttl(stream_of("news")) <= KEPT_SECONDS


@given(st.text("0123456789abcdef", min_size=8, max_size=8), st.integers(0, 10**14), st.integers(0, 2**63))
def test_a_cursor_is_opened_as_it_was_made(epoch: str, milliseconds: int, number: int) -> None:
    assert opened(cursor_of(epoch, (milliseconds, number))) == (epoch, (milliseconds, number))
    assert place_of((milliseconds, number)) == f"{milliseconds}-{number}"


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_what_is_no_cursor_of_ours_is_refused_and_breaks_nothing(given_: str) -> None:
    try:
        epoch, position = opened(given_)
    except InvalidCursor:
        return
    assert opened(cursor_of(epoch, position)) == (epoch, position)


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "é", "\ud800", "LjEtMQ==x"])
def test_garbage_is_an_invalid_cursor(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        opened(cursor)
