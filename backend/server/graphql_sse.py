"""GraphQL over Server-Sent Events: a connection for each operation, or one for all of a client's.

Protocol: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. The one connection is reserved by PUT, opened by
GET, fed by POST and relieved by DELETE, each of which may reach another process: what is posted goes through Redis to the
one that holds the connection. A reservation belongs to the session that made it; its key and channel are made of both.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any

import orjson

from gateway.documents import Operation
from gateway.execution import Gateway
from haian.cache import LOST
from haian.call import Call, Platform
from haian.errors import PublicError
from server.caller import of_now
from server.incoming import BadRequest
from server.load import TimedOut
from server.streams import SILENCE, Ended, Event, answers, errors, lasting, patience_for, refused

TYPE = "text/event-stream"
TOKEN = b"x-graphql-event-stream-token"
RESERVED_SECONDS = 60
HELD_SECONDS = int(SILENCE * 4)
MOST_STREAMS = 32
WAITING = 100
ALIVE = b":\n\n"


class StreamUnknown(PublicError):
    """No event stream with this token is reserved by this session, or open where that is needed."""

    code = "STREAM_UNKNOWN"
    status = 404


class StreamTaken(PublicError):
    """The reservation has its connection already, or the operation's id is in use."""

    code = "STREAM_TAKEN"
    status = 409


class TooManyStreams(PublicError):
    """More operations at once than one connection carries; `limit` says how many."""

    code = "TOO_MANY_STREAMS"
    status = 429


def event(kind: bytes, data: bytes) -> bytes:
    """One event. A newline in finished JSON is only ever between its tokens."""
    return b"event: " + kind + b"\ndata: " + data.replace(b"\n", b" ") + b"\n\n"


async def distinct(platform: Platform, gateway: Gateway, operation: Operation, variables: dict[str, Any],
                   call: Call) -> AsyncIterator[bytes]:
    """The events of one operation on a connection of its own."""
    yield ALIVE
    try:
        found = answers(gateway, operation, variables, call)
        async with aclosing(lasting(found, platform, call, patience_for(operation, platform))) as events:  # type: ignore[type-var]
            async for answer in events:
                yield ALIVE if answer is None else event(b"next", answer)
    except Exception as error:
        sentence = refused(error, platform, call)
        yield event(b"next", errors(sentence))
    yield event(b"complete", b"")


def whole(answer: bytes) -> bytes:
    """The events of an operation that has one answer, which is there already."""
    return ALIVE + event(b"next", answer) + event(b"complete", b"")


async def failed(error: Exception, platform: Platform, call: Call) -> AsyncIterator[bytes]:
    """The events of an operation that was refused before it began: the protocol wants even that on the stream."""
    yield event(b"next", errors(refused(error, platform, call)))
    yield event(b"complete", b"")


class Reservation:
    """A client's one connection, as all processes know it."""

    def __init__(self, platform: Platform, call: Call, token: str) -> None:
        self.platform, self.redis, self.call = platform, platform.redis, call
        owner = f"{call.viewer.session or ''} {token}"
        self.key = f"haian:sse:{{{hashlib.sha256(owner.encode(errors='replace')).hexdigest()}}}"
        self.operations = f"{self.key}:operations"

    @classmethod
    async def make(cls, platform: Platform, call: Call) -> str:
        """A new reservation's token."""
        token = secrets.token_urlsafe(32)
        await platform.redis.set(cls(platform, call, token).key, "reserved", ex=RESERVED_SECONDS)
        return token

    async def take(self) -> None:
        """For a connection that opens. StreamUnknown, StreamTaken."""
        before = await self.redis.set(self.key, "held", xx=True, get=True, ex=HELD_SECONDS)
        if before is None:
            raise StreamUnknown
        if before != b"reserved":
            raise StreamTaken

    async def keep(self) -> None:
        """Say that the connection still lives. While Redis is away nobody can ask."""
        with suppress(*LOST):
            await self._keep()

    async def _keep(self) -> None:
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.expire(self.key, HELD_SECONDS)
            pipe.expire(self.operations, HELD_SECONDS)
            await pipe.execute()

    async def give_up(self) -> None:
        with suppress(*LOST):
            await self.redis.delete(self.key, self.operations)

    async def ended(self, id_: str) -> None:
        """An operation is over: its id is free."""
        with suppress(*LOST):
            await self.redis.srem(self.operations, id_)  # type: ignore[misc]

    async def post(self, given: dict[str, Any]) -> None:
        """Hand an operation to the connection. StreamUnknown, BadRequest, StreamTaken, TooManyStreams."""
        id_ = (given.get("extensions") or {}).get("operationId")
        if not isinstance(id_, str) or not 0 < len(id_) <= 100:
            raise BadRequest
        if await self.redis.get(self.key) != b"held":
            raise StreamUnknown
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.sadd(self.operations, id_)
            pipe.scard(self.operations)
            pipe.expire(self.operations, HELD_SECONDS)
            added, count, _ = await pipe.execute()
        if not added:
            raise StreamTaken
        if count > MOST_STREAMS:
            await self.ended(id_)
            raise TooManyStreams(limit=MOST_STREAMS)
        await self.redis.publish(self.key, orjson.dumps({"type": "operation", "id": id_, "given": given}))

    async def stop(self, id_: str | None) -> None:
        """End an operation. StreamUnknown, BadRequest."""
        if not id_:
            raise BadRequest
        if await self.redis.get(self.key) != b"held":
            raise StreamUnknown
        await self.redis.publish(self.key, orjson.dumps({"type": "stop", "id": id_}))


class Connection:
    """The one connection of a client: its operations run here, their events leave in one line."""

    def __init__(self, reservation: Reservation, gateway: Gateway) -> None:
        self.reservation, self.gateway = reservation, gateway
        self.platform, self.call = reservation.platform, reservation.call
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(WAITING)

    async def events(self) -> AsyncIterator[bytes]:
        """Everything that leaves, until the session ends or the client leaves. StreamUnknown, StreamTaken."""
        yield ALIVE
        try:
            async with aclosing(lasting(self._told(), self.platform, self.call)) as events:  # type: ignore[type-var]
                async for told in events:
                    if told is None:
                        await self.reservation.keep()
                    yield ALIVE if told is None else told
        except Ended as ended:
            for id_ in list(self.tasks):
                yield self._next(id_, errors(refused(ended, self.platform, self.call)))
                yield event(b"complete", orjson.dumps({"id": id_}))
        finally:
            for task in self.tasks.values():
                task.cancel()
            await asyncio.gather(*self.tasks.values(), return_exceptions=True)
            await self.reservation.give_up()

    async def _told(self) -> AsyncIterator[bytes]:
        """What the operations say, until nobody gives orders any more."""
        async with self.platform.hub.listen(self.reservation.key) as orders:
            listening = asyncio.create_task(self._listen(orders))
            leaving = asyncio.ensure_future(self.waiting.get())
            try:
                while not listening.done():
                    await asyncio.wait({leaving, listening}, return_when=asyncio.FIRST_COMPLETED)
                    if leaving.done():
                        yield leaving.result()
                        leaving = asyncio.ensure_future(self.waiting.get())
                listening.result()
            finally:
                listening.cancel()
                leaving.cancel()

    async def _listen(self, orders: asyncio.Queue[dict[str, Any] | None]) -> None:
        while (order := await orders.get()) is not None:
            match order.get("type"):
                case "operation" if order["id"] not in self.tasks:
                    self.tasks[order["id"]] = asyncio.create_task(self._run(order["id"], order["given"]))
                case "stop" if task := self.tasks.get(order["id"]):
                    task.cancel()

    async def _run(self, id_: str, given: dict[str, Any]) -> None:
        call = Call(self.platform, self.call.viewer, sets_cookies=False)
        try:
            call.viewer = await of_now(call.viewer, self.platform)
            operation = self.gateway.find(given, call)
            variables = given.get("variables") or {}
            async with (asyncio.timeout(patience_for(operation, self.platform)),
                        aclosing(answers(self.gateway, operation, variables, call)) as found):  # type: ignore[type-var]
                async for answer in found:
                    await self.waiting.put(self._next(id_, answer))
        except asyncio.CancelledError:
            raise
        except TimeoutError:
            await self.waiting.put(self._next(id_, errors(refused(Ended(TimedOut()), self.platform, call))))
        except Exception as error:
            await self.waiting.put(self._next(id_, errors(refused(error, self.platform, call))))
        finally:
            self.tasks.pop(id_, None)
            await self.reservation.ended(id_)
        await self.waiting.put(event(b"complete", orjson.dumps({"id": id_})))

    def _next(self, id_: str, answer: Event) -> bytes:
        return event(b"next", b'{"id":' + orjson.dumps(id_) + b',"payload":' + (answer or b"null") + b"}")
