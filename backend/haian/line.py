"""One connection to Valkey/Redis for what every request asks: the commands of one turn of the loop leave in one write.

No pool, no hand-over: 10 times the commands of a client that waits for each answer. Who wants transactions, blocking
commands or publish and subscribe uses `haian.cache.connect`.
"""

from __future__ import annotations

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import Any, TypeAlias, cast

import hiredis
from redis.asyncio.connection import parse_url
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisSlow

Part: TypeAlias = bytes | str | int | float
CONNECT_SECONDS = 5.0
HANGS_AFTER = 5.0
"""Seconds without any answer, while some are due, after which the server must have stopped answering."""
PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds between tries while it is away: together as long as one needs to start again after a crash."""


class Asking:
    """Commands that were asked together: `answers` is complete when `future` is done."""

    __slots__ = ("answers", "future", "left")

    def __init__(self, count: int, future: asyncio.Future[list[Any]]) -> None:
        self.answers: list[Any] = []
        self.left, self.future = count, future

    def take(self, answer: Any) -> bool:
        """Whether this was the last one."""
        self.answers.append(answer)
        self.left -= 1
        if self.left == 0 and not self.future.done():
            self.future.set_result(self.answers)
        return self.left == 0


class Wire(asyncio.Protocol):
    """One open connection."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.reader = hiredis.Reader(protocolError=RedisAway, replyError=ResponseError)
        self.due: deque[Asking] = deque()
        self.unsent: list[bytes] = []
        self.transport: asyncio.Transport | None = None
        self.heard = 0.0
        self.watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def ask(self, commands: Sequence[bytes]) -> asyncio.Future[list[Any]]:
        """The answers of packed commands, in their order; an error that Redis answers is one of them."""
        future: asyncio.Future[list[Any]] = self.loop.create_future()
        if not self.unsent:
            self.loop.call_soon(self._flush)
        if not self.due:
            self.heard = self.loop.time()
            self.watch = self.watch or self.loop.call_later(HANGS_AFTER, self._look)
        self.unsent += commands
        self.due.append(Asking(len(commands), future))
        return future

    def _flush(self) -> None:
        if self.transport and self.unsent:
            self.transport.write(b"".join(self.unsent))
        self.unsent = []

    def data_received(self, data: bytes) -> None:
        self.heard = self.loop.time()
        self.reader.feed(data)
        try:
            while (answer := self.reader.gets()) is not False:
                if self.due[0].take(answer):
                    self.due.popleft()
        except (RedisAway, IndexError):
            self.end(RedisAway("the server speaks another protocol"))

    def connection_lost(self, error: Exception | None) -> None:
        self.end(RedisAway("connection lost"))

    def _look(self) -> None:
        """End a connection on which nothing is heard any more."""
        self.watch = None
        if not self.due:
            return
        silent = self.loop.time() - self.heard
        if silent >= HANGS_AFTER:
            self.end(RedisSlow("no answer"))
        else:
            self.watch = self.loop.call_later(HANGS_AFTER - silent, self._look)

    def end(self, error: Exception) -> None:
        """Nobody waits for an answer of this connection any more."""
        if self.transport:
            self.transport.abort()
        if self.watch:
            self.watch.cancel()
        due, self.due = self.due, deque()
        for asking in due:
            if not asking.future.done():
                asking.future.set_exception(error)


class AnyLine(ABC):
    """To one Redis, or to a cluster (`haian.cluster`)."""

    @abstractmethod
    async def ask(self, *commands: bytes) -> list[Any]:
        """The answers of packed commands."""

    @abstractmethod
    async def close(self) -> None:
        """Nobody asks any more."""


class Line(AnyLine):
    """The connection of one process, opened when it is first needed and again when it was lost. `scripts` are loaded on each
    new connection."""

    def __init__(self, url: str, scripts: Sequence[str] = ()) -> None:
        self.options: dict[str, Any] = {**parse_url(url)}
        self.scripts = scripts
        self.wire: Wire | None = None
        self._connecting: asyncio.Task[Wire] | None = None

    async def ask(self, *commands: bytes) -> list[Any]:
        """The answers of packed commands, in one round trip. A connection that died is replaced and the commands are asked
        again, so they have to be such as may be. RedisAway or RedisSlow (both `haian.cache.LOST`) when it stays away;
        ResponseError where Redis answers one. Of no commands there is nothing to wait for."""
        if not commands:
            return []
        for pause in (*PAUSES, None):
            try:
                wire = self.wire if self.wire and self.wire.is_open else await self._connected()
                return checked(await wire.ask(commands), wire)
            except (RedisAway, OSError) as error:
                if pause is None:
                    raise RedisAway(str(error)) from error
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        if self._connecting:
            self._connecting.cancel()
        if self.wire:
            self.wire.end(RedisAway("closed"))

    async def _connected(self) -> Wire:
        """One connection is made for all who wait."""
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._connect())
            self._connecting.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> Wire:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                wire = await self._open()
                try:
                    checked(await wire.ask(self._greeting()), wire)
                except ResponseError as error:  # it is still loading, or the password is wrong
                    wire.end(RedisAway(str(error)))
                    raise RedisAway(str(error)) from error
        except TimeoutError:
            raise RedisSlow("no connection") from None
        self.wire = wire
        return wire

    async def _open(self) -> Wire:
        loop, given = asyncio.get_running_loop(), self.options
        if "path" in given:
            return (await loop.create_unix_connection(Wire, given["path"]))[1]
        secure = ssl.create_default_context(cafile=given.get("ssl_ca_certs")) if "connection_class" in given else None
        place = given.get("host", "localhost"), given.get("port", 6379)
        return (await loop.create_connection(Wire, *place, ssl=secure))[1]

    def _greeting(self) -> list[bytes]:
        given = self.options
        who = [given[name] for name in ("username", "password") if given.get(name)]
        return [*([packed("AUTH", *who)] if who else []), packed("SELECT", given.get("db", 0)),
                *(packed("SCRIPT", "LOAD", script) for script in self.scripts)]


def checked(answers: list[Any], wire: Wire) -> list[Any]:
    """The answers, none of which is an error. A server that forgot our scripts is greeted again."""
    for answer in answers:
        if isinstance(answer, ResponseError):
            if str(answer).startswith("NOSCRIPT"):
                wire.end(RedisAway("scripts were forgotten"))
                raise RedisAway(str(answer))
            raise answer
    return answers


def packed(*parts: Part) -> bytes:
    """A command as it travels (RESP2)."""
    command: bytes = hiredis.pack_command(parts)  # type: ignore[arg-type]
    return command
