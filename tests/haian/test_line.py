"""The one connection: answers belong to who asked, a lost connection is replaced, a silent server is given up."""

from __future__ import annotations

import asyncio

import pytest
import uvloop
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisSlow

from haian import line as module
from haian.cache import limit
from haian.call import Platform
from haian.line import Line, packed


async def test_everybody_has_their_own_answers(kernel: Platform) -> None:
    async def ask(number: int) -> None:
        key = f"test:{number}"
        assert await kernel.line.ask(packed("SET", key, number), packed("GET", key)) == [b"OK", str(number).encode()]
    await asyncio.gather(*map(ask, range(500)))


async def test_whoever_asks_nothing_waits_for_nothing(kernel: Platform) -> None:
    """As with a limit of 0, which is none."""
    async with asyncio.timeout(0.5):
        assert await kernel.line.ask() == []


async def test_who_leaves_takes_their_answer_along(kernel: Platform) -> None:
    leaving = [asyncio.create_task(kernel.line.ask(packed("ECHO", f"left {n}"))) for n in range(10)]
    await asyncio.sleep(0)
    for task in leaving[::2]:
        task.cancel()
    assert await kernel.line.ask(packed("ECHO", "stayed")) == [b"stayed"]
    found = await asyncio.gather(*leaving, return_exceptions=True)
    assert [answer for answer in found if isinstance(answer, list)] == [[f"left {n}".encode()] for n in range(1, 10, 2)]


async def test_all_commands_of_one_turn_are_one_write(kernel: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    await kernel.line.ask(packed("PING"))
    assert kernel.line.wire
    writes: list[bytes] = []
    real = kernel.line.wire.transport

    class Counted:
        def write(self, data: bytes) -> None:
            writes.append(data)
            assert real
            real.write(data)

        def is_closing(self) -> bool:
            return False
    monkeypatch.setattr(kernel.line.wire, "transport", Counted())
    await asyncio.gather(*(kernel.line.ask(packed("PING")) for _ in range(50)))
    assert len(writes) == 1


async def test_an_error_is_told_and_the_connection_goes_on(kernel: Platform) -> None:
    with pytest.raises(ResponseError):
        await kernel.line.ask(packed("GET", "a"), packed("NOTHING"))
    wire = kernel.line.wire
    assert await kernel.line.ask(packed("PING")) == [b"PONG"]
    assert kernel.line.wire is wire


async def test_a_killed_connection_is_replaced_unseen(kernel: Platform) -> None:
    await kernel.line.ask(packed("PING"))
    wire = kernel.line.wire
    await kernel.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    found = await asyncio.gather(*(kernel.line.ask(packed("ECHO", n)) for n in range(20)))
    assert found == [[str(n).encode()] for n in range(20)]
    assert kernel.line.wire is not wire


async def test_a_server_that_forgot_the_scripts_gets_them_again(kernel: Platform) -> None:
    await limit(kernel.line, "before", 1, 60)
    await kernel.redis.script_flush()
    await limit(kernel.line, "after", 1, 60)


async def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HANGS_AFTER", 0.05)
    silent = await asyncio.start_server(lambda reader, writer: reader.read(), "127.0.0.1", 0)
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
