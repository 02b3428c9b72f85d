"""Load beyond capacity is refused early, in time and politely; what is taken on is answered, and nobody slow holds it up."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from tests.clients import DOCUMENTS, Phone, Served, new_number
from tests.moved import in_moved_time
from tests.waiting import until_async

from haian.settings import Settings
from server import connection, load
from server.load import Load, Overloaded

Bounded = Callable[..., Served]
STREETS = orjson.dumps({"documentId": DOCUMENTS["IdentityStreets"].id})
MARK_READ = orjson.dumps({"documentId": DOCUMENTS["MessagesMarkRead"].id})
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
    served = bounded(most=2, most_waiting=3, patience=600, seconds=600)
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
    served = bounded(most=1, most_waiting=100, patience=0.1, seconds=600)
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
        await until_async(lambda: has_counted(served, before + 3))
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


async def test_refusals_take_no_more_than_their_part_of_a_moment(
        shared: Served, bounded: Bounded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes beyond is told in turn; at once where another request comes behind, for its answer has to wait."""
    monkeypatch.setattr(load, "AT_ONCE", 1)
    monkeypatch.setattr(load, "MOMENT", 3600)
    served, asking = bounded(most=1, most_waiting=0), head(shared, len(STREETS)) + STREETS
    bound = shared.platform.services["load"]

    async def one_more(several: int) -> Any:
        found = await raw(served, asking)
        await until_async(lambda: is_one(lambda: len(bound.unsaid) == several))
        return found
    async with locked(shared):
        busy = ask(served.phone(), "MessagesNews", 1)
        await until_async(lambda: is_one(lambda: bound.running))
        assert [(await served.phone().send("IdentityStreets")).status_code for _ in range(2)] == [503, 503]
        (_, gone), (first, writer), (second, last), (third, closing) = [await one_more(n) for n in range(1, 5)]
        gone.close()
        last.write(asking)
        assert (await second.readuntil(b"}}]}")).startswith(b"HTTP/1.1 503")
        for reader, left in ((first, 2), (second, 1), (third, 0)):
            while len(bound.unsaid) > left:
                bound._say_more()
            assert (await reader.readuntil(b"}}]}")).startswith(b"HTTP/1.1 503")
    bound.more.cancel()
    assert await statuses(busy) == {200: 1}
    for reader, each in ((first, writer), (second, last), (third, closing)):
        each.write(asking)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        each.close()


async def has_counted(served: Served, several: int) -> bool:
    return await counted(served) == several


async def counted(served: Served) -> int:
    """The refusals that the metrics know of."""
    said = (await served.phone().http.get("/metrics")).text
    found = [line for line in said.splitlines() if line.startswith("litestar_requests_total") and 'status_code="503"' in line
             and 'path="/graphql"' in line]
    return int(float(found[0].rpartition(" ")[2])) if found else 0


async def test_a_rush_that_passes_is_answered_whole(bounded: Bounded) -> None:
    served = bounded(most=4, patience=600, seconds=600)
    phones = [served.phone() for _ in range(5)]
    tasks = [task for phone in phones for task in ask(phone, "IdentityStreets", 40)]
    assert await statuses(tasks) == {200: 200}


async def entered(door: Load) -> str:
    try:
        await door.enter()
    except Overloaded:
        return "refused"
    return "in"


@pytest.mark.parametrize("beyond", [False, True])
@in_moved_time
async def test_who_came_first_is_next(beyond: bool) -> None:
    door, order = Load(1, 10), list[int]()
    await door.enter()
    if beyond:
        judged(door, answered=1, refused=1)

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
    assert (order, door.running) == ([0, 1, 3], 0)


def judged(door: Load, answered: int, refused: int, before: int = 0, shortest: int = 0, now: int = 0) -> tuple[int, int]:
    """How many are worked on and how many wait at most, where since the last look so many were answered and refused, and so
    many waited then, at the fewest, and now."""
    loop = asyncio.get_running_loop()
    door.waiting.extend((loop.time(), loop.create_future()) for _ in range(now))
    door.left, door.refused, door.before, door.shortest = answered, refused, before, shortest
    door._judge()
    return door.room, door.bound


@in_moved_time
async def test_a_queue_that_moves_is_no_overload() -> None:
    """Twice as many as are worked on at once, for longer than anybody may wait: all have their turn."""
    door, loop = Load(2, 100, patience=0.05), asyncio.get_running_loop()

    async def come() -> None:
        for _ in range(40):
            await door.enter()
            await asyncio.sleep(0.005)
            door.leave()
    await asyncio.gather(*(come() for _ in range(4)))
    assert loop.time() == pytest.approx(0.4)
    assert (door.running, door.bound) == (0, 100)


@in_moved_time
async def test_while_the_queue_never_empties_a_moment_is_all() -> None:
    """Where nobody leaves, the first wait as long as one may; who comes then for no longer than two looks at the queue."""
    door, loop = Load(1, 100, patience=0.5), asyncio.get_running_loop()
    await door.enter()
    waited = dict[int, float]()

    async def come(number: int) -> None:
        begun = loop.time()
        assert await entered(door) == "refused"
        waited[number] = loop.time() - begun
    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(come(number))
            await asyncio.sleep(0.01)
    assert waited[0] >= 0.5
    assert max(waited[number] for number in range(60, 100)) < 0.11
    assert door.bound == load.FEWEST
    await asyncio.sleep(0.15)
    door.leave()
    assert (door.running, door.bound, await entered(door)) == (0, 100, "in")


@pytest.mark.parametrize(("queue", "stands"), [
    ((20, load.FEWEST, 20), False), ((20, load.FEWEST + 1, 20), True), ((80, 50, 70), False), ((80, 50, 71), True)])
@in_moved_time
async def test_a_queue_stands_that_was_never_short_and_does_not_shrink(queue: tuple[int, int, int], stands: bool) -> None:
    """Where somebody left; else nothing is known of it."""
    assert judged(Load(32, 100), 50, 0, *queue) == (32, load.FEWEST if stands else 100)
    assert judged(Load(32, 100), 0, 0, *queue) == (32, 100)


@pytest.mark.parametrize(("answered", "refused", "room", "bound"), [
    (100, 100 // load.RARE, 32, 100), (100, 100 // load.RARE + 1, 32, load.FEWEST), (75, 25, 32, load.FEWEST),
    (50, 50, 21, load.FEWEST), (1, 99, 12, load.FEWEST), (0, 1, 12, load.FEWEST)])
@in_moved_time
async def test_the_more_are_refused_the_fewer_are_worked_on(answered: int, refused: int, room: int, bound: int) -> None:
    """Readers; of who changes something as many as ever."""
    door = Load.of(Settings(env="test", most_running=32, most_waiting=100))
    assert door.writes
    assert judged(door, answered, refused) == (room, bound)
    assert judged(door.writes, answered, refused) == (32, bound)


@in_moved_time
async def test_where_more_are_worked_on_again_those_who_waited_are_the_first() -> None:
    door = Load(4, 10)
    judged(door, answered=1, refused=99)
    assert (door.room, door.enters()) == (1, True)
    first, second = asyncio.create_task(entered(door)), asyncio.create_task(entered(door))
    await asyncio.sleep(0)
    judged(door, answered=1, refused=0)
    assert (await first, await second) == ("in", "in")
    assert (door.running, door.enters(), door.enters()) == (3, True, False)


class Process:
    """One that works on what it is asked for `EACH` seconds, one after the other, and waits for another as long again."""

    EACH, BURST = 0.001, 10

    def __init__(self, load: Load) -> None:
        self.load, self.free = load, 0.0
        self.answered: list[tuple[float, float]] = []
        self.refused: list[float] = []

    async def ask(self) -> None:
        loop = asyncio.get_running_loop()
        came = loop.time()
        if await entered(self.load) == "refused":
            self.refused.append(came)
            return
        self.free = max(self.free, loop.time()) + self.EACH
        await asyncio.sleep(self.free + self.EACH - loop.time())
        self.load.leave()
        self.answered.append((came, loop.time() - came))

    async def rush(self, times: float, until: float) -> None:
        """So many times what it bears, several at one moment."""
        async with asyncio.TaskGroup() as group:
            while asyncio.get_running_loop().time() < until:
                for _ in range(self.BURST):
                    group.create_task(self.ask())
                await asyncio.sleep(self.BURST * self.EACH / times)

    def seen(self, since: float, until: float) -> tuple[float, float, float]:
        """What was answered of all that it bears; the median and the longest time of one, in `EACH`."""
        found = sorted(took / self.EACH for came, took in self.answered if since <= came < until)
        return len(found) * self.EACH / (until - since), found[len(found) // 2], found[-1]


@in_moved_time
async def test_at_capacity_nearly_all_are_answered_and_far_beyond_each_is_sooner() -> None:
    """From a fifth of a second after it began; and a fifth of a second after it was over all is as usual."""
    process = Process(Load(32, 1000, patience=0.5))
    await process.rush(1.1, until=2)
    await process.rush(3, until=4)
    await process.rush(0.9, until=6)
    borne, median, longest = process.seen(0.2, 2)
    assert borne > 0.95 and median <= 32 + load.FEWEST and longest < 2 * 32
    borne, median, longest = process.seen(2.2, 4)
    assert borne > 0.95 and longest < 12 + 2 * load.FEWEST
    borne, median, longest = process.seen(4.2, 6)
    assert borne > 0.89 and longest < 2 * process.BURST
    assert max(process.refused) < 4.2


@in_moved_time
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
    bounded()
    assert (await phone.send("MessagesNews")).status_code == 200


async def test_a_mutation_that_takes_too_long_leaves_nothing(shared: Served, bounded: Bounded) -> None:
    editor = await shared.signed_in("editor")
    news = {"topic": "NOTICE", "title": f"停水通知 {new_number()}", "body": "明天停水。", "key": f"late-{new_number()}"}
    served = bounded(seconds=0.3)
    moved = served.phone()
    moved.http.cookies = editor.http.cookies
    async with locked(shared):
        assert await moved.refused("MessagesPublishNews", **news) == "TIMEOUT"
    bounded()
    titles = [edge["node"]["title"] for edge in (await moved.ask("MessagesNews", first=50))["edges"]]
    assert news["title"] not in titles
    assert (await moved.send("MessagesPublishNews", **news)).json()["data"]


async def test_those_who_wait_for_one_row_hold_up_nobody_who_reads(shared: Served, bounded: Bounded) -> None:
    editor = await shared.signed_in("editor")
    served = bounded(most=1, most_waiting=0)
    shared.platform.services["load"].writes = Load(1, 0)
    async with locked(shared):
        publishing = ask(editor, "MessagesPublishNews", 1, topic="NOTICE", title="停电", body="明天停电。", key=new_number())
        await until_async(lambda: is_one(lambda: shared.platform.services["load"].writes.running))
        assert await editor.refused("MessagesMarkRead") == "OVERLOADED"
        assert await statuses(ask(served.phone(), "IdentityStreets", 1)) == {200: 1}
    assert await statuses(publishing) == {200: 1}


async def test_where_there_is_no_room_to_read_there_still_is_to_change(shared: Served, bounded: Bounded) -> None:
    """A reader's crowd refuses no booking, in one piece or with its body behind its head; a body that has only begun tells
    nothing."""
    editor = await shared.signed_in("editor")
    served = bounded(most=1, most_waiting=0)
    shared.platform.services["load"].writes = Load(1, 0)
    async with locked(shared):
        reading = ask(served.phone(), "MessagesNews", 1)
        await until_async(lambda: is_one(lambda: shared.platform.services["load"].running))
        for _ in range(2):  # the second time by the connection itself
            assert await editor.refused("IdentityStreets") == "OVERLOADED"
            assert "data" in (await editor.send("MessagesMarkRead")).json()
        for said, status in ((MARK_READ, b"200"), (STREETS, b"503")):
            reader, writer = await raw(served, head(served, len(said), cookies(editor)))
            assert await editor.refused("IdentityStreets") == "OVERLOADED"
            writer.write(said)
            assert (await reader.readuntil(b"\r\n")).split()[1] == status
            writer.close()
        reader, writer = await raw(served, head(served, len(STREETS)) + STREETS[:9])
        assert (await reader.readuntil(b"}}]}")).startswith(b"HTTP/1.1 503")
        writer.close()
    assert await statuses(reading) == {200: 1}


async def raw(served: Served, *parts: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which so much was said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.origin.rpartition(":")[2]))
    for part in parts:
        writer.write(part)
    await writer.drain()
    return reader, writer


def head(served: Served, length: int, more: str = "") -> bytes:
    return (f"POST /graphql HTTP/1.1\r\nHost: x\r\nOrigin: {served.origin}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\n{more}\r\n").encode()


def cookies(phone: Phone) -> str:
    return "Cookie: " + "; ".join(f"{each.name}={each.value}" for each in phone.http.cookies.jar) + "\r\n"


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


async def test_a_body_for_which_there_is_no_room_is_not_waited_for(
        shared: Served, bounded: Bounded, monkeypatch: pytest.MonkeyPatch) -> None:
    served = bounded(most=1, most_waiting=0)
    async with locked(shared):
        busy = ask(served.phone(), "MessagesNews", 1)
        await until_async(lambda: is_one(lambda: shared.platform.services["load"].running))
        assert [(await served.phone().send("IdentityStreets")).status_code for _ in range(2)] == [503, 503]
        monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
        for writes in (None, Load(1, 0)):
            shared.platform.services["load"].writes = writes
            for begun in (b"", STREETS[:9]):
                reader, writer = await raw(served, head(served, len(STREETS)) + begun)
                with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                    while True:
                        await reader.readexactly(1)
                writer.close()
    assert await statuses(busy) == {200: 1}


async def test_who_does_not_read_is_left(bounded: Bounded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 0.2)
    """The buffers between them are made small: else they hold all that is said."""
    ended = set[int]()
    made, lost = connection.Patient.connection_made, connection.Patient.connection_lost

    def narrow(self: connection.Patient, transport: Any) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        made(self, transport)

    def counted(self: connection.Patient, exc: Exception | None) -> None:
        assert self.client
        ended.add(self.client[1])
        lost(self, exc)
    monkeypatch.setattr(connection.Patient, "connection_made", narrow)
    monkeypatch.setattr(connection.Patient, "connection_lost", counted)
    served = bounded()
    _, writer = await raw(served)
    port = writer.get_extra_info("sockname")[1]
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(1000):  # an answer is 1 KB
        writer.write(head(served, len(STREETS)) + STREETS)
    await until_async(lambda: is_one(lambda: port in ended))
    assert (await served.phone().send("IdentityStreets")).status_code == 200
    await until_async(lambda: is_one(lambda: not served.platform.services["load"].running))
    writer.close()


async def is_one(count: Callable[[], int]) -> bool:
    return count() >= 1
