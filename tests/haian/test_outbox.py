"""The outbox: told after commit, at least once, whoever crashes, and never of what did not happen."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from redis.exceptions import ConnectionError as RedisAway
from tests.processes import started
from tests.waiting import until_async

from haian import feeds, outbox
from haian.call import Call, Platform
from haian.registry import Event
from haian.viewer import Viewer
from server.outbox import act

Hear = Callable[[Platform, Event], Awaitable[None]]


@pytest_asyncio.fixture
async def owner(migration_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(migration_url)
    yield connection
    await connection.close()


class Hearer:
    """Hears everything; `fails` says how often an event fails before it is taken."""

    def __init__(self, fails: dict[str, int] | None = None, wait: float = 0.0) -> None:
        self.heard: list[str] = []
        self.fails, self.wait = fails or {}, wait

    async def __call__(self, platform: Platform, event: Event) -> None:
        name = event.payload["name"]
        if self.fails.get(name, 0):
            self.fails[name] -= 1
            raise LookupError(name)
        await asyncio.sleep(self.wait)
        self.heard.append(name)


@pytest.fixture
def hearing(kernel: Platform, monkeypatch: pytest.MonkeyPatch) -> Callable[[Hearer], Hearer]:
    def hear(hearer: Hearer) -> Hearer:
        monkeypatch.setattr(kernel.registry, "hearers", lambda event: [hearer])
        return hearer
    return hear


async def emit(platform: Platform, name: str, citizen: UUID | None = None, fail: bool = False) -> None:
    async with Call(platform, Viewer(uuid4())).writing("messages") as tx:
        await tx.emit("messages.test", citizen, name=name)
        if fail:
            raise LookupError


async def test_events_are_told_in_their_order_and_forgotten(kernel: Platform, hearing: Any, owner: Any) -> None:
    hearer = hearing(Hearer())
    for name in "abc":
        await emit(kernel, name)
    assert await outbox.deliver(kernel) == 3
    assert hearer.heard == ["a", "b", "c"]
    assert await owner.fetchval("SELECT count(*) FROM haian.outbox") == 0


async def test_the_event_of_a_transaction_that_was_rolled_back_is_never_told(kernel: Platform, hearing: Any) -> None:
    hearer = hearing(Hearer())
    with pytest.raises(LookupError):
        await emit(kernel, "undone", fail=True)
    assert await outbox.deliver(kernel) == 0
    assert hearer.heard == []


async def test_a_transaction_that_commits_late_is_not_passed_over(kernel: Platform, hearing: Any) -> None:
    hearer, emitted, go = hearing(Hearer()), asyncio.Event(), asyncio.Event()

    async def late() -> None:
        async with Call(kernel, Viewer(uuid4())).writing("messages") as tx:
            await tx.emit("messages.test", None, name="late")
            emitted.set()
            await go.wait()
    task = asyncio.create_task(late())
    await emitted.wait()
    await emit(kernel, "early")
    await outbox.deliver(kernel)
    assert hearer.heard == ["early"]
    go.set()
    await task
    await outbox.deliver(kernel)
    assert hearer.heard == ["early", "late"]


async def test_what_fails_is_tried_again_later_each_time_and_holds_nothing_up(
        kernel: Platform, hearing: Any, owner: asyncpg.Connection) -> None:
    hearer = hearing(Hearer({"bad": 2}))
    for name in ("bad", "good"):
        await emit(kernel, name)
    assert await outbox.deliver(kernel) == 2
    assert hearer.heard == ["good"]
    await owner.execute("UPDATE haian.outbox SET due = due + interval '1 hour'")  # however slow it is here
    assert await outbox.deliver(kernel) == 0
    waits = []
    for _ in range(2):
        waits.append(await owner.fetchval("UPDATE haian.outbox SET due = now() RETURNING attempts"))
        await outbox.deliver(kernel)
    assert waits == [1, 2]
    assert hearer.heard == ["good", "bad"]


async def test_a_wait_never_exceeds_ten_minutes(kernel: Platform, hearing: Any, owner: asyncpg.Connection) -> None:
    hearing(Hearer({"bad": 99}))
    await emit(kernel, "bad")
    await owner.execute("UPDATE haian.outbox SET attempts = 15")
    await outbox.deliver(kernel)
    assert 540 < await owner.fetchval("SELECT extract(epoch FROM due - now())::float FROM haian.outbox") <= 600


async def test_what_always_fails_is_a_dead_letter_and_can_be_sent_again(
        kernel: Platform, hearing: Any, owner: asyncpg.Connection) -> None:
    hearer = hearing(Hearer({"bad": outbox.MOST_TRIES}))
    await emit(kernel, "bad", uuid4())
    for _ in range(outbox.MOST_TRIES):
        assert await owner.fetchval("SELECT dead FROM haian.outbox_state()") == 0
        await owner.execute("UPDATE haian.outbox SET due = now()")
        await outbox.deliver(kernel)
    assert await owner.fetchval("SELECT (waiting, dead) FROM haian.outbox_state()") == (0, 1)
    [line] = await act(kernel.settings, retry=False)
    assert "messages.test" in line and "LookupError: bad" in line
    assert len(await act(kernel.settings, retry=True)) == 1
    await outbox.deliver(kernel)
    assert hearer.heard == ["bad"]
    assert await act(kernel.settings, retry=False) == []


async def test_a_server_that_is_away_makes_no_dead_letters(
        kernel: Platform, hearing: Any, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    hearing(Hearer())
    await emit(kernel, "mine", uuid4())
    with monkeypatch.context() as away:
        away.setattr(feeds, "tell", unreachable)
        for _ in range(3):
            before = await owner.fetchval("UPDATE haian.outbox SET due = now() RETURNING due")
            await outbox.deliver(kernel)
        assert await owner.fetchval("SELECT (attempts, due > $1) FROM haian.outbox", before) == (0, True)


async def unreachable(*_: Any) -> None:
    raise RedisAway


async def test_two_workers_share_the_work(kernel: Platform, hearing: Any) -> None:
    hearer = hearing(Hearer(wait=0.01))
    for number in range(20):
        await emit(kernel, str(number))
    counts = await asyncio.gather(*(outbox.deliver(kernel, 10) for _ in range(2)))
    assert counts == [10, 10]
    assert sorted(map(int, hearer.heard)) == list(range(20))


async def test_what_was_told_but_not_committed_is_told_again_and_shown_once(
        kernel: Platform, monkeypatch: pytest.MonkeyPatch, owner: asyncpg.Connection) -> None:
    """The worker dies between telling and committing: the inbox has the message once all the same."""
    citizen = uuid4()
    async with Call(kernel, Viewer(citizen)).writing("identity") as tx:
        await tx.emit("identity.signed_in", citizen, id=uuid4(), device="x")
    monkeypatch.setattr(outbox, "DONE", "SELECT 1 / (cardinality($1::uuid[]) - 1)")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await outbox.deliver(kernel)
    assert await owner.fetchval("SELECT count(*) FROM messages.message") == 1
    monkeypatch.undo()
    assert await outbox.deliver(kernel) == 1
    assert await owner.fetchval("SELECT count(*) FROM messages.message") == 1
    assert await owner.fetchval("SELECT count(*) FROM haian.outbox") == 0


async def test_a_worker_that_is_killed_leaves_its_events_to_the_next(
        kernel: Platform, owner: asyncpg.Connection, tmp_path: Path) -> None:
    """kill -9 while it tells: nothing is lost, and a new worker finishes within a moment."""
    settings = kernel.settings
    citizen = uuid4()
    env = {"HAIAN_ENV": "test", "HAIAN_STATE": str(settings.state), "DATABASE_URL": settings.database_url,
           "DATABASE_MIGRATION_URL": settings.database_migration_url, "REDIS_URL": settings.redis_url}

    async def messages() -> int:
        return int(await owner.fetchval("SELECT count(*) FROM messages.message"))
    held = owner.transaction()
    await held.start()
    await owner.execute("LOCK TABLE messages.message IN EXCLUSIVE MODE")
    with started(["-m", "server", "worker"], tmp_path / "first", **env) as worker:
        async with Call(kernel, Viewer(citizen)).writing("identity") as tx:
            await tx.emit("identity.signed_in", citizen, id=uuid4(), device="x")
        await until_async(lambda: waits_for_lock(kernel))
        worker.stop(signal.SIGKILL)
    await held.rollback()
    assert await messages() == 0
    with started(["-m", "server", "worker"], tmp_path / "second", **env) as worker:
        await until_async(messages)
        assert worker.stop(signal.SIGTERM) == 0
    assert await owner.fetchval("SELECT count(*) FROM haian.outbox") == 0


async def waits_for_lock(platform: Platform) -> bool:
    rows = await platform.db.fetch("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'messages.message'::regclass")
    return bool(rows)


async def test_a_phone_hears_of_what_is_its_citizens_and_no_more(kernel: Platform, hearing: Any) -> None:
    hearing(Hearer())
    mine, other = uuid4(), uuid4()
    async with kernel.hub.listen(f"haian:live:{mine}") as queue:
        await until_async(lambda: subscribed(kernel, f"haian:live:{mine}"))
        await emit(kernel, "of another", other)
        await emit(kernel, "mine", mine)
        await outbox.deliver(kernel)
        told = await asyncio.wait_for(queue.get(), 60)
    assert told is not None
    assert told["type"] == "messages.test"
    assert set(told) == {"id", "type", "subject", "at", "position", "cursor"}, "never the payload"


async def subscribed(platform: Platform, channel: str) -> bool:
    [(_, count)] = await platform.redis.pubsub_numsub(channel)
    return bool(count)
