"""Load beyond capacity is refused early, in time and politely; what is taken on is answered, and nobody slow holds it up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from tests.clients import DOCUMENTS, Phone, Served, new_number
from tests.waiting import until_async

from server import connection, load
from server.load import Load, Overloaded

Bounded = Callable[..., Served]
STREETS = orjson.dumps({"documentId": DOCUMENTS["IdentityStreets"].id})
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'"


@pytest.fixture
def bounded(shared: Served, monkeypatch: pytest.MonkeyPatch) -> Bounded:
    """The shared product with bounds of this test's own."""
    def server(most: int = 32, most_waiting: int = 1000, **seconds: float) -> Served:
        monkeypatch.setitem(shared.platform.services, "load", Load(most, most_waiting, **seconds))
        return shared
    return server


@asynccontextmanager
async def locked(served: Served) -> AsyncIterator[None]:
    """The table of news is out of reach."""
    owner = await asyncpg.connect(served.platform.settings.database_migration_url)
    lock = owner.transaction()
    await lock.start()
    await owner.execute("LOCK TABLE messages.news IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        await lock.rollback()
        await owner.close()


async def statuses(asking: list[asyncio.Task[httpx.Response]]) -> Counter[int]:
    return Counter([answer.status_code for answer in await asyncio.gather(*asking)])


def ask(phone: Phone, document: str, times: int, **variables: Any) -> list[asyncio.Task[httpx.Response]]:
    return [asyncio.create_task(phone.send(document, **variables)) for _ in range(times)]


async def test_what_is_beyond_capacity_is_refused_at_once_and_the_rest_is_answered(shared: Served, bounded: Bounded) -> None:
    served = bounded(most=2, most_waiting=3)
    phone = served.phone()
    async with locked(shared):
        tasks = ask(phone, "MessagesNews", 12)
        await until_async(lambda: some_done(tasks, 7))
        refused = [task.result() for task in tasks if task.done()]
        assert (await phone.http.get("/health/ready")).status_code == 200
        assert (await phone.http.get("/metrics")).status_code == 200
    assert await statuses(tasks) == {200: 5, 503: 7}
    assert await statuses(ask(phone, "MessagesNews", 5)) == {200: 5}
    for answer in refused:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["errors"][0]["extensions"] == {"code": "OVERLOADED", "retryAfter": 1}


async def some_done(tasks: list[asyncio.Task[Any]], many: int) -> bool:
    return sum(task.done() for task in tasks) >= many


async def test_nobody_waits_for_long(shared: Served, bounded: Bounded) -> None:
    served = bounded(most=1, most_waiting=100, patience=0.1)
    async with locked(shared):
        tasks = ask(served.phone(), "MessagesNews", 20)
        await until_async(lambda: some_done(tasks, 19))
    assert await statuses(tasks) == {200: 1, 503: 19}


async def test_a_refusal_without_asking_anybody_is_a_whole_answer(shared: Served, bounded: Bounded) -> None:
    """From the second on it is said by the connection itself: the body is passed over, the connection goes on, it counts."""
    served = bounded(most=1, most_waiting=0)
    async with locked(shared):
        busy = ask(served.phone(), "MessagesNews", 1)
        await until_async(lambda: is_one(lambda: shared.platform.services["load"].running))
        before = await counted(served)
        reader, writer = await raw(served, *[head(served, len(STREETS)) + STREETS] * 3)
        said = [await reader.readuntil(b"}}]}") for _ in range(3)]
        assert await counted(served) == before + 3
        english = served.phone("en")
        assert [(await english.send("IdentityStreets")).status_code for _ in range(2)] == [503, 503]
        answer = await english.send("IdentityStreets")
    assert all(part.startswith(b"HTTP/1.1 503") and b"OVERLOADED" in part for part in said)
    assert answer.json()["errors"][0]["message"].startswith("Too many people")
    assert (answer.headers["cache-control"], answer.headers["retry-after"]) == ("no-store", "1")
    assert await statuses(busy) == {200: 1}
    writer.write(head(served, len(STREETS)) + STREETS)
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
    writer.close()


async def counted(served: Served) -> int:
    """The refusals that the metrics know of."""
    said = (await served.phone().http.get("/metrics")).text
    found = [line for line in said.splitlines() if line.startswith("litestar_requests_total") and 'status_code="503"' in line
             and 'path="/graphql"' in line]
    return int(float(found[0].rpartition(" ")[2])) if found else 0


async def test_a_rush_that_passes_is_answered_whole(bounded: Bounded) -> None:
    served = bounded(most=4)
    phones = [served.phone() for _ in range(5)]
    tasks = [task for phone in phones for task in ask(phone, "IdentityStreets", 40)]
    assert await statuses(tasks) == {200: 200}


async def entered(door: Load) -> str:
    try:
        await door.enter()
    except Overloaded:
        return "refused"
    return "in"


@pytest.mark.parametrize(("beyond", "expected"), [(False, [0, 1, 3]), (True, [3, 1, 0])])
async def test_who_came_first_is_next_and_beyond_capacity_the_newest(beyond: bool, expected: list[int]) -> None:
    door, order = Load(1, 10), list[int]()
    await door.enter()
    if beyond:
        door.pressed = asyncio.get_running_loop().time()

    async def come(number: int) -> None:
        await door.enter()
        order.append(number)
        door.leave()
    tasks = []
    for number in range(4):
        tasks.append(asyncio.create_task(come(number)))
        await asyncio.sleep(0)
    tasks[2].cancel()
    door.leave()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (order, door.running) == (expected, 0)


async def test_a_queue_that_moves_is_no_overload(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many as are worked on at once, for longer than anybody may wait: all have their turn."""
    monkeypatch.setattr(load, "LOOK_SECONDS", 0.005)
    door = Load(2, 100, patience=0.05)

    async def come() -> None:
        for _ in range(40):
            await door.enter()
            await asyncio.sleep(0.005)
            door.leave()
    await asyncio.gather(*(come() for _ in range(4)))
    assert (door.running, door.bound) == (0, 100)


async def test_while_the_queue_never_empties_a_moment_is_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(load, "CALM_SECONDS", 0.02)
    door, loop = Load(1, 100, patience=0.1), asyncio.get_running_loop()
    await door.enter()
    waited: list[float] = []

    async def come() -> None:
        begun = loop.time()
        assert await entered(door) == "refused"
        waited.append(loop.time() - begun)
    tasks = []
    for _ in range(40):
        tasks.append(asyncio.create_task(come()))
        await asyncio.sleep(0.01)
    await asyncio.gather(*tasks)
    assert waited[0] >= 0.1
    assert min(waited[20:]) < waited[0] / 2
    assert door.bound == load.FEWEST
    await asyncio.sleep(0.03)
    door.leave()
    assert (door.running, door.bound, await entered(door)) == (0, 100, "in")


async def test_a_turn_that_comes_to_somebody_who_just_left_goes_on() -> None:
    door = Load(1, 10)
    await door.enter()
    leaving, staying = asyncio.create_task(entered(door)), asyncio.create_task(entered(door))
    await asyncio.sleep(0)
    door.leave()
    staying.cancel()
    await asyncio.gather(staying, return_exceptions=True)
    assert await leaving == "in"
    assert door.running == 1


async def test_a_request_that_takes_too_long_is_stopped_and_its_sql_too(
        shared: Served, bounded: Bounded, admin: asyncpg.Connection) -> None:
    name = shared.platform.settings.database_url.partition("?")[0].rpartition("/")[2]

    async def nothing_waits() -> bool:
        return not await admin.fetchval(WAITING, name)
    served = bounded(seconds=0.3)
    phone = served.phone()
    async with locked(shared):
        answer = await phone.send("MessagesNews")
        await until_async(nothing_waits)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (504, "TIMEOUT")
    assert (await phone.send("MessagesNews")).status_code == 200


async def test_a_mutation_that_takes_too_long_leaves_nothing(shared: Served, bounded: Bounded) -> None:
    editor = await shared.signed_in("editor")
    news = {"topic": "NOTICE", "title": "停水通知", "body": "明天停水。", "key": f"late-{new_number()}"}
    served = bounded(seconds=0.3)
    moved = served.phone()
    moved.http.cookies = editor.http.cookies
    async with locked(shared):
        assert await moved.refused("MessagesPublishNews", **news) == "TIMEOUT"
    titles = [edge["node"]["title"] for edge in (await moved.ask("MessagesNews", first=50))["edges"]]
    assert "停水通知" not in titles
    assert (await moved.send("MessagesPublishNews", **news)).json()["data"]


async def test_those_who_wait_for_one_row_hold_up_nobody_who_reads(shared: Served, bounded: Bounded) -> None:
    editor = await shared.signed_in("editor")
    served = bounded(most=1, most_waiting=0)
    shared.platform.services["load"].writes = Load(1, 0)
    async with locked(shared):
        publishing = ask(editor, "MessagesPublishNews", 1, topic="NOTICE", title="停电", body="明天停电。", key="waits-1234")
        await until_async(lambda: is_one(lambda: shared.platform.services["load"].writes.running))
        assert await editor.refused("MessagesMarkRead") == "OVERLOADED"
        assert await statuses(ask(served.phone(), "IdentityStreets", 1)) == {200: 1}
    assert await statuses(publishing) == {200: 1}


async def raw(served: Served, *parts: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which so much was said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.origin.rpartition(":")[2]))
    for part in parts:
        writer.write(part)
    await writer.drain()
    return reader, writer


def head(served: Served, length: int) -> bytes:
    return (f"POST /graphql HTTP/1.1\r\nHost: x\r\nOrigin: {served.origin}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


async def test_slow_bodies_hold_nobody_up_and_are_ended(bounded: Bounded) -> None:
    served = bounded(most=1, most_waiting=0, body_seconds=0.4)
    slow = [await raw(served, head(served, 100), b'{"a') for _ in range(20)]
    assert (await served.phone().send("IdentityStreets")).status_code == 200
    for reader, writer in slow:
        said = await reader.read()
        assert said.startswith(b"HTTP/1.1 408") and b"BODY_TIMEOUT" in said
        writer.close()


async def test_a_head_that_does_not_come_to_its_end_is_not_waited_for(
        bounded: Bounded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    served = bounded()
    for said in ((), (b"POST /graphql HT",), (head(served, len(STREETS)), STREETS, b"GET / HTTP/1.1\r\nX-A: ")):
        reader, writer = await raw(served, *said)
        if len(said) == 3:
            assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            while True:
                await reader.readexactly(1)
        writer.close()


async def test_who_does_not_read_is_left(bounded: Bounded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 0.2)
    ended = 0
    lost = connection.Patient.connection_lost

    def counted(self: connection.Patient, exc: Exception | None) -> None:
        nonlocal ended
        ended += 1
        lost(self, exc)
    monkeypatch.setattr(connection.Patient, "connection_lost", counted)
    served = bounded()
    _, writer = await raw(served)
    for _ in range(3000):  # an answer is 1 KB: more than all buffers on the way hold
        writer.write(head(served, len(STREETS)) + STREETS)
    until_lost = asyncio.create_task(until_async(lambda: is_one(lambda: ended), 20))
    await until_lost
    assert (await served.phone().send("IdentityStreets")).status_code == 200
    writer.close()


async def is_one(count: Callable[[], int]) -> bool:
    return count() >= 1
