"""Live events: one connection a process; who is too slow is dropped, after a restart of Redis all are told to read again."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.servers import running, temporary_state
from tests.waiting import until_async

from haian.cache import connect, connect_for_messages
from haian.live import QUEUE, Hub, publish
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey


async def heard(queue: asyncio.Queue[dict[str, Any] | None]) -> Any:
    return await asyncio.wait_for(queue.get(), 60)


async def subscribed(redis: Any, channel: str) -> None:
    async def there() -> bool:
        return bool((await redis.pubsub_numsub(channel))[0][1])
    await until_async(there)


async def unsubscribed(redis: Any, channel: str) -> None:
    async def gone() -> bool:
        return not (await redis.pubsub_numsub(channel))[0][1]
    await until_async(gone)


async def test_what_is_published_reaches_every_listener_of_its_channel_and_no_other(hub: Hub, redis: Any) -> None:
    async with hub.listen("a") as first, hub.listen("a") as second, hub.listen("b") as other:
        await subscribed(redis, "a")
        await publish(redis, "a", {"n": 1})
        assert await heard(first) == await heard(second) == {"n": 1}
        assert other.empty()


async def test_one_subscription_serves_all_listeners_and_ends_with_the_last(hub: Hub, redis: Any) -> None:
    async with hub.listen("a"):
        async with hub.listen("a"):
            await subscribed(redis, "a")
            assert (await redis.pubsub_numsub("a"))[0][1] == 1
        await publish(redis, "a", {})
        assert (await redis.pubsub_numsub("a"))[0][1] == 1
    await unsubscribed(redis, "a")
    assert "a" not in hub.listeners


async def test_listeners_that_come_and_go_quickly_leave_a_working_subscription(hub: Hub, redis: Any) -> None:
    """Leaving unsubscribes while somebody new arrives: the new one still hears."""
    async def visit() -> None:
        async with hub.listen("a"):
            await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.gather(visit(), visit())
        async with hub.listen("a") as queue:
            await subscribed(redis, "a")
            await publish(redis, "a", {"n": 1})
            assert await heard(queue) == {"n": 1}


async def test_a_listener_arriving_while_the_last_one_leaves_still_hears(hub: Hub, redis: Any) -> None:
    for _ in range(20):
        leaving = hub.listen("a")
        await leaving.__aenter__()
        arriving = hub.listen("a")
        _, queue = await asyncio.gather(leaving.__aexit__(None, None, None), arriving.__aenter__())
        await subscribed(redis, "a")
        await publish(redis, "a", {"n": 2})
        assert await heard(queue) == {"n": 2}
        await arriving.__aexit__(None, None, None)


async def test_a_listener_that_is_too_slow_is_dropped_and_the_others_are_not(hub: Hub, redis: Any) -> None:
    async with hub.listen("a") as slow, hub.listen("a") as quick:
        await subscribed(redis, "a")
        got = []
        for number in range(QUEUE + 1):
            await publish(redis, "a", {"n": number})
            got.append(await heard(quick))
        assert [message["n"] for message in got] == list(range(QUEUE + 1))
        assert await heard(slow) is None, "it is told that it is over, and nothing stale before"


async def test_what_is_no_json_ends_nothing(hub: Hub, redis: Any) -> None:
    async with hub.listen("a") as queue:
        await subscribed(redis, "a")
        await redis.publish("a", b"\xff not json")
        await publish(redis, "a", {"n": 1})
        assert await heard(queue) == {"n": 1}


async def test_stopping_ends_every_listener(redis_url: str) -> None:
    messages = connect_for_messages(redis_url)
    hub = Hub(messages)
    await hub.start()
    async with hub.listen("a") as queue:
        await hub.stop()
        assert await heard(queue) is None
    await messages.aclose()


async def test_after_a_restart_of_redis_listeners_are_told_to_read_again_and_hear_on() -> None:
    with temporary_state() as folder, ExitStack() as stack:
        state = open_state(Path(folder))
        valkey = Valkey(state, stack.enter_context(locked(state)))
        redis, messages = connect(valkey.url(), 4), connect_for_messages(valkey.url())
        hub = Hub(messages)
        with running(valkey):
            await hub.start()
            listening = hub.listen("a")
            queue = await listening.__aenter__()
            await subscribed(redis, "a")
        with running(valkey):
            assert await heard(queue) == {"type": "resync"}
            await subscribed(redis, "a")
            await publish(redis, "a", {"n": 1})
            assert await heard(queue) == {"n": 1}
            await listening.__aexit__(None, None, None)
            await hub.stop()
        await messages.aclose()
        await redis.aclose()


async def test_who_arrives_while_redis_is_away_hears_when_it_is_back() -> None:
    with temporary_state() as folder, ExitStack() as stack:
        state = open_state(Path(folder))
        valkey = Valkey(state, stack.enter_context(locked(state)))
        redis, messages = connect(valkey.url(), 4), connect_for_messages(valkey.url())
        hub = Hub(messages)
        with running(valkey):
            await hub.start()
        listening = hub.listen("late")
        try:
            queue = await asyncio.wait_for(listening.__aenter__(), 60)
        except Exception as error:
            raise AssertionError("whoever asks while Redis is away should be served when it is back") from error
        with running(valkey):
            await subscribed(redis, "late")
            await publish(redis, "late", {"n": 1})
            while (message := await heard(queue)) == {"type": "resync"}:
                pass
            assert message == {"n": 1}
            await listening.__aexit__(None, None, None)
            await hub.stop()
        await messages.aclose()
        await redis.aclose()
