"""The one connection: answers belong to who asked, a lost connection is replaced, a silent server is given up."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
import uvloop
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisSlow

from haian import line as module
from haian.cache import limit
from haian.call import Platform
from haian.line import Line, packed


@pytest.fixture
def line(kernel: Platform) -> Line:
    assert isinstance(kernel.line, Line)
    return kernel.line


async def test_everybody_has_their_own_answers(kernel: Platform) -> None:
    async def ask(number: int) -> None:
        key = f"test:{number}"
        assert await kernel.line.ask(packed("SET", key, number), packed("GET", key)) == [b"OK", str(number).encode()]
    await asyncio.gather(*map(ask, range(500)))


async def test_whoever_asks_nothing_waits_for_nothing(kernel: Platform) -> None:
    """As with a limit of 0, which is none."""
    async with asyncio.timeout(10):
        assert await kernel.line.ask() == []


async def test_who_leaves_takes_their_answer_along(kernel: Platform) -> None:
    leaving = [asyncio.create_task(kernel.line.ask(packed("ECHO", f"left {n}"))) for n in range(10)]
    await asyncio.sleep(0)
    for task in leaving[::2]:
        task.cancel()
    assert await kernel.line.ask(packed("ECHO", "stayed")) == [b"stayed"]
    found = await asyncio.gather(*leaving, return_exceptions=True)
    assert [answer for answer in found if isinstance(answer, list)] == [[f"left {n}".encode()] for n in range(1, 10, 2)]


@pytest.mark.parametrize(("many", "loads"), [(20, [20]), (100, [24, 24, 52])])
async def test_commands_of_one_turn_leave_together_and_what_comes_while_two_loads_are_under_way_when_one_is_done(
        line: Line, monkeypatch: pytest.MonkeyPatch, many: int, loads: list[int]) -> None:
    await line.ask(packed("PING"))
    assert line.wire
    writes: list[bytes] = []
    real = line.wire.transport

    class Counted:
        def write(self, data: bytes) -> None:
            writes.append(data)
            assert real
            real.write(data)

        def is_closing(self) -> bool:
            return False
    monkeypatch.setattr(line.wire, "transport", Counted())
    assert await asyncio.gather(*(line.ask(packed("PING")) for _ in range(many))) == [[b"PONG"]] * many
    assert [written.count(b"PING") for written in writes] == loads


async def test_an_error_is_told_and_the_connection_goes_on(line: Line) -> None:
    with pytest.raises(ResponseError):
        await line.ask(packed("GET", "a"), packed("NOTHING"))
    wire = line.wire
    assert await line.ask(packed("PING")) == [b"PONG"]
    assert line.wire is wire


async def test_a_killed_connection_is_replaced_unseen(kernel: Platform, line: Line) -> None:
    await line.ask(packed("PING"))
    wire = line.wire
    await kernel.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    found = await asyncio.gather(*(line.ask(packed("ECHO", n)) for n in range(20)))
    assert found == [[str(n).encode()] for n in range(20)]
    assert line.wire is not wire


async def test_a_server_that_forgot_the_scripts_gets_them_again(kernel: Platform) -> None:
    await limit(kernel.line, "before", 1, 60)
    await kernel.redis.script_flush()
    await limit(kernel.line, "after", 1, 60)


async def says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HANGS_AFTER", 0.05)
    silent = await asyncio.start_server(says_nothing, "127.0.0.1", 0)
    line = Line(f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}")
    with pytest.raises(RedisSlow):
        await line.ask(packed("PING"))
    silent.close()


async def test_one_that_is_away_is_told_after_a_few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.01, 0.01))
    tries = 0

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        writer.close()
    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    line = Line(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(RedisAway):
        await line.ask(packed("PING"))
    assert tries == 3
    server.close()


async def test_what_speaks_another_protocol_is_no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES", ())

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    line = Line(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(RedisAway):
        await line.ask(packed("PING"))
    server.close()


def test_it_works_on_the_loop_that_the_product_runs_on(redis_url: str) -> None:
    async def ask() -> object:
        line = Line(redis_url)
        found = await line.ask(packed("ECHO", "uvloop"))
        await line.close()
        return found
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(ask()) == [b"uvloop"]


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow it is here, what was just proved still is."""
    monkeypatch.setattr(module, "PROVED_SECONDS", 600)


@pytest.mark.usefixtures("proved")
async def test_what_was_looked_at_is_known_until_the_server_says_that_it_changed(kernel: Platform) -> None:
    line, key = kernel.line, b"test:looked"
    await kernel.redis.set(key, "first")
    assert line.known(key) is None
    assert await line.look(key, packed("ECHO", "beside")) == [b"first", b"beside"]
    assert line.known(key) == b"first"
    for change in (kernel.redis.set(key, "second"), kernel.redis.delete(key)):
        await line.look(key)
        await change
        await line.ask(packed("PING"))  # whatever was said before its answer has been heard
        assert line.known(key) is None
    await kernel.redis.set(key, "third")
    await line.look(key)
    await kernel.redis.flushdb()
    await line.ask(packed("PING"))
    assert line.known(key) is None


@pytest.mark.usefixtures("proved")
async def test_what_is_not_proved_any_more_is_not_known(kernel: Platform) -> None:
    line, key = cast(Line, kernel.line), b"test:proved"
    await kernel.redis.set(key, "here")
    await line.look(key)
    assert line.wire
    line.wire.proved -= module.PROVED_SECONDS
    assert line.known(key) is None
    await line.ask(packed("PING"))
    assert line.known(key) == b"here", "an answer to a later command proves that nothing was said to have changed"
    await kernel.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await line.ask(packed("PING"))
    assert line.known(key) is None, "a new connection heard nothing of before"


@pytest.mark.usefixtures("proved")
async def test_what_changed_before_all_was_answered_is_not_known() -> None:
    """Between two commands that were asked together the server may serve somebody else, and says so in between."""
    wire, key = module.Wire(), b"test:between"
    wire.ask([module.CACHING, packed("GET", key), packed("PING")], key)
    wire.data_received(b"+OK\r\n$4\r\nhere\r\n")
    wire.data_received(b">2\r\n$10\r\ninvalidate\r\n*1\r\n$12\r\ntest:between\r\n+PONG\r\n")
    assert wire.known(key) is None
    wire.ask([module.CACHING, packed("GET", key)], key)
    wire.data_received(b"+OK\r\n$5\r\nagain\r\n")
    assert wire.known(key) == b"again"


@pytest.mark.usefixtures("proved")
async def test_only_so_many_values_are_kept(kernel: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    await kernel.redis.mset({f"test:kept:{n}": n for n in range(5)})
    for number in range(5):
        await kernel.line.look(f"test:kept:{number}".encode())
    assert [kernel.line.known(f"test:kept:{n}".encode()) for n in range(5)] == [None, None, b"2", b"3", b"4"]
