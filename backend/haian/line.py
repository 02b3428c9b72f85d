"""One connection to Valkey/Redis for what every request asks: the commands of one turn of the loop leave in one write.

No pool, no hand-over: 10 times the commands of a client that waits for each answer. Who wants transactions, blocking
commands or publish and subscribe uses `haian.cache.connect`.

What is asked by `look` may be known already (server-assisted client-side caching, RESP3): the server says on this very
connection when it changes, so each answer to a later command proves that until that command it had not.
"""

from __future__ import annotations

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
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
PROVED_SECONDS = 0.1
"""How long after the last proof that nothing changed what is known still counts."""
MOST_KEPT = 20_000
"""Keys whose values are kept; the one kept longest is forgotten first."""
CACHING = b"*3\r\n$6\r\nCLIENT\r\n$7\r\nCACHING\r\n$3\r\nYES\r\n"
"""The server is to tell when what the next command reads changes."""
TOGETHER, UNDER_WAY = 24, 2
"""So many commands leave at once, and so many loads of them are under way: while the server works at one, the next is made.
What is asked meanwhile waits here instead of there, since the server does one thing after the other, and costs one write."""
PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds between tries while it is away: together as long as one needs to start again after a crash."""


class Asking:
    """Commands that were asked together at a time: `future` is done with all answers. `key`: the second of them is its
    value, to be kept from the moment when it came: what is said after it is said of it. `is_last`: nothing left with it
    after it."""

    __slots__ = ("answers", "at", "count", "future", "is_last", "key")

    def __init__(self, count: int, future: asyncio.Future[list[Any]], at: float, key: bytes) -> None:
        self.answers: list[Any] = []
        self.count, self.future, self.at, self.key, self.is_last = count, future, at, key, False


class Wire(asyncio.Protocol):
    """One open connection."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.reader = hiredis.Reader(protocolError=RedisAway, replyError=ResponseError)
        self.due: deque[Asking] = deque()
        self.unsent: list[bytes] = []
        self.under_way, self.is_leaving = 0, False
        self.transport: asyncio.Transport | None = None
        self.heard = self.proved = 0.0
        self.kept: dict[bytes, Any] = {}
        self.watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def ask(self, commands: Sequence[bytes], key: bytes = b"") -> asyncio.Future[list[Any]]:
        """The answers of packed commands, in their order; an error that Redis answers is one of them. `key`: the second
        command reads it, and what it holds is kept for as long as nobody says that it changed."""
        future: asyncio.Future[list[Any]] = self.loop.create_future()
        now = self.loop.time()
        if not self.due:
            self.heard = now
            self.watch = self.watch or self.loop.call_later(HANGS_AFTER, self._look)
        self.unsent += commands
        self.due.append(Asking(len(commands), future, now, key))
        if len(self.unsent) >= TOGETHER:
            self._flush()
        else:
            self._leave()
        return future

    def _leave(self) -> None:
        """What is unsent leaves at the end of this turn, with what is asked until then."""
        if not self.is_leaving and self.under_way < UNDER_WAY:
            self.is_leaving = True
            self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self.is_leaving = False
        if self.transport and self.unsent and self.under_way < UNDER_WAY:
            self.transport.write(b"".join(self.unsent))
            self.unsent = []
            self.under_way += 1
            self.due[-1].is_last = True

    def data_received(self, data: bytes) -> None:
        self.heard = self.loop.time()
        self.reader.feed(data)
        take, due = self.reader.gets, self.due
        try:
            while (answer := take()) is not False:
                if type(answer) is hiredis.PushNotification:
                    self._forget(answer)
                    continue
                asking = due[0]
                asking.answers.append(answer)
                if asking.key and len(asking.answers) == 2:
                    self._keep(asking.key, answer)
                if len(asking.answers) == asking.count:
                    self._over(due.popleft())
        except (RedisAway, IndexError):
            self.end(RedisAway("the server speaks another protocol"))
        if self.unsent:
            self._leave()

    def _over(self, asking: Asking) -> None:
        """All answers have come."""
        self.proved = asking.at
        self.under_way -= asking.is_last
        if not asking.future.done():
            asking.future.set_result(asking.answers)

    def _keep(self, key: bytes, answer: Any) -> None:
        if not isinstance(answer, ResponseError):
            self.kept[key] = answer
            if len(self.kept) > MOST_KEPT:
                del self.kept[next(iter(self.kept))]

    def _forget(self, said: list[Any]) -> None:
        """What changed, or everything."""
        if said[0] == b"invalidate":
            if said[1] is None:
                self.kept.clear()
            for key in said[1] or ():
                self.kept.pop(key, None)

    def known(self, key: bytes) -> Any:
        """What a key holds, where that is proved; else None."""
        return self.kept.get(key) if self.loop.time() - self.proved < PROVED_SECONDS else None

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

    def known(self, key: bytes) -> Any:
        """What a key holds, if that was learnt by `look` and is proved to be still so; None where it has to be asked."""
        return None

    async def look(self, key: bytes, *commands: bytes) -> list[Any]:
        """What a key holds, to be known from now on, and the answers of other commands."""
        return await self.ask(packed("GET", key), *commands)

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
        if (wire := self.wire) and wire.is_open and commands:
            with suppress(RedisAway, OSError):
                return checked(await wire.ask(commands), wire)
        return await self._patiently(commands, b"") if commands else []

    def known(self, key: bytes) -> Any:
        return self.wire.known(key) if self.wire and self.wire.is_open else None

    async def look(self, key: bytes, *commands: bytes) -> list[Any]:
        """Where the server is to tell of the key already, it is not asked to again."""
        get = packed("GET", key)
        if (wire := self.wire) and wire.is_open and wire.kept.get(key) is not None:
            with suppress(RedisAway, OSError):
                return checked(await wire.ask((get, *commands)), wire)
        return (await self._patiently((CACHING, get, *commands), key))[1:]

    async def _patiently(self, commands: Sequence[bytes], key: bytes) -> list[Any]:
        for pause in (*PAUSES, None):
            try:
                wire = self.wire if self.wire and self.wire.is_open else await self._connected()
                return checked(await wire.ask(commands, key), wire)
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
        return [*([packed("AUTH", *who)] if who else []), packed("HELLO", 3), packed("CLIENT", "TRACKING", "ON", "OPTIN"),
                packed("SELECT", given.get("db", 0)),
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
