"""graphql-transport-ws: operations over a websocket, behind the same sign-in as everything else.

Protocol: enisdenjo/graphql-ws PROTOCOL.md, version 5. A plain ASGI application on `server.frames.Line`: a socket costs one
sleeping task, its subscriptions none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from graphql import OperationType
from prometheus_client import Gauge

from gateway.execution import Gateway
from gateway.limits import LARGEST_BODY, is_shaped
from gateway.live import Stream
from gateway.masking import as_public, said
from haian.call import Call, Platform
from haian.errors import PublicError
from haian.viewer import ANONYMOUS
from server.admission import kind_of
from server.caller import BadOrigin, call_of, check_origin, of_now
from server.endings import SESSION_ENDED, Endings
from server.frames import EXTENSION, Line, frame_of
from server.incoming import Incoming, Receive, Scope, Send
from server.observing import named

log = structlog.get_logger()
PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0
MOST_STREAMS = 50
MOST_FRAMES = 100
"""Operation ids whose frames of one answer are kept: libraries number theirs, or make each up."""
TRY_AGAIN = (1013, "Try again later")
SOCKETS = Gauge("haian_live_sockets", "Websockets held by this process")
PONG = frame_of(b'{"type":"pong"}')
ACK = frame_of(b'{"type":"connection_ack"}')


class Closed(Exception):
    """The connection ends with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def graphql_ws(scope: Scope, receive: Receive, send: Send, platform: Platform, gateway: Gateway) -> None:
    """One websocket: any number of operations, until it closes or its session ends."""
    named()
    await receive()
    incoming = Incoming.of(scope)
    try:
        check_door(incoming, platform)
    except BadOrigin:
        await send({"type": "websocket.close", "code": 4403, "reason": "Forbidden"})
        return
    spoken = PROTOCOL in scope.get("subprotocols", [])
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL if spoken else None, "headers": []})
    line: Line = scope["extensions"][EXTENSION]
    line.settle()
    conversation = Conversation(line, platform, gateway, incoming)
    del incoming  # its headers, once the conversation has begun
    if not spoken:
        line.end(4406, "Subprotocol not acceptable")
    elif await conversation.admit():
        await conversation.hold(receive)


def check_door(incoming: Incoming, platform: Platform) -> None:
    """BadOrigin for a page of another site. A program has neither Origin nor cookie, so it has nothing to be misused; it
    may say who it is when it begins."""
    if b"origin" in incoming.headers or b"cookie" in incoming.headers:
        check_origin(incoming, platform.settings)


class Conversation:
    """The state of one websocket."""

    def __init__(self, line: Line, platform: Platform, gateway: Gateway, incoming: Incoming) -> None:
        self.line, self.platform, self.gateway = line, platform, gateway
        self.incoming: Incoming | None = incoming
        self.viewer = ANONYMOUS
        self.unwatch: Callable[[], None] = nobody_watches
        self.streams: dict[str, asyncio.Task[None] | Stream] = {}

    async def admit(self) -> bool:
        """Learn who speaks, and watch that session. False where the connection was closed for it: 4401, or 1013 while
        nobody can say."""
        assert self.incoming
        try:
            self.viewer = (await call_of(self.incoming, self.platform)).viewer
            endings: Endings = self.platform.services["endings"]
            self.unwatch()
            self.unwatch = endings.watch(self.viewer, self.line.end)
            if not await endings.is_over(self.viewer):
                return True
            self.line.end(*SESSION_ENDED)
        except Exception as error:
            away = as_public(error).code in ("UNAVAILABLE", "RATE_LIMITED")
            log.warning("socket.refused", error=type(error).__name__)
            self.line.end(*(TRY_AGAIN if away else (4401, "Unauthorized")))
        self.unwatch()
        return False

    async def hold(self, receive: Receive) -> None:
        """Answer until one side leaves. Its streams end with it."""
        late = asyncio.get_running_loop().call_later(INIT_SECONDS, self._late)
        SOCKETS.inc()
        try:
            while (event := await receive())["type"] == "websocket.receive":
                await self._take(message_of(event))
        except Closed as closed:
            self.line.end(closed.code, closed.reason)
        finally:
            SOCKETS.dec()
            late.cancel()
            self.unwatch()
            for stream in list(self.streams.values()):
                leave(stream)

    def _late(self) -> None:
        if self.incoming:
            self.line.end(4408, "Connection initialisation timeout")

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._begin(message)
            case "ping":
                self.line.push(PONG)
            case "pong":
                pass
            case "complete" if isinstance(message.get("id"), str):
                if stream := self.streams.pop(message["id"], None):
                    leave(stream)
            case "subscribe":
                self._subscribe(message)
            case _:
                raise Closed(4400, "Invalid message")

    async def _begin(self, message: dict[str, Any]) -> None:
        """`payload.authorization`: an access token, from a program that can set no header."""
        if self.incoming is None:
            raise Closed(4429, "Too many initialisation requests")
        payload = message.get("payload") or {}
        token = payload.get("authorization") or payload.get("Authorization") if isinstance(payload, dict) else None
        if isinstance(token, str):
            self.incoming.headers[b"authorization"] = token.encode(errors="replace")
            if not await self.admit():
                return
        self.incoming = None
        self.line.push(ACK)

    def _subscribe(self, message: dict[str, Any]) -> None:
        id_, payload = message.get("id"), message.get("payload")
        if self.incoming:
            raise Closed(4401, "Unauthorized")
        if not isinstance(id_, str) or not id_ or not isinstance(payload, dict) or not is_shaped(payload):
            raise Closed(4400, "Invalid message")
        if id_ in self.streams:
            raise Closed(4409, f"Subscriber for {id_[:50]} already exists")
        if len(self.streams) >= MOST_STREAMS:
            raise Closed(4429, "Too many subscriptions")
        self.streams[id_] = asyncio.create_task(Operation(self, id_).run(payload))


class Operation:
    """One operation of a websocket: where its answers go."""

    __slots__ = ("conversation", "id", "over")

    def __init__(self, conversation: Conversation, id_: str) -> None:
        self.conversation, self.id, self.over = conversation, id_, False

    async def run(self, payload: dict[str, Any]) -> None:
        talk = self.conversation
        call, services = Call(talk.platform, talk.viewer, sets_cookies=False), talk.platform.services
        try:
            await services["admission"].again(call.viewer, kind_of(talk.gateway.lookup.meant(payload)))
            call.viewer = await of_now(call.viewer, talk.platform)
            operation, variables = talk.gateway.find(payload, call), payload.get("variables") or {}
            if operation.type is OperationType.SUBSCRIPTION:
                stream = await talk.gateway.live.open(operation, variables, call, self)
                if not self.over:
                    talk.streams[self.id] = stream
            else:
                async with services["load"].turn():
                    answer = await talk.gateway.run(operation, variables, call)
                self.next(answer)
                self.end(None)
        except Exception as error:
            refusal = as_public(error)
            if refusal.code == "INTERNAL":
                log.error("socket.failed", exc_info=error)
            self.end(refusal)

    def next(self, answer: bytes) -> None:
        self.conversation.line.push(FRAMES.of(self.id, answer))

    def end(self, refusal: PublicError | None) -> None:
        """The id is free again before the client can know it."""
        talk, self.over = self.conversation, True
        talk.streams.pop(self.id, None)
        said_: dict[str, Any] = {"id": self.id, "type": "complete"}
        if refusal:
            sentence = said(refusal, talk.platform.registry.catalogue, talk.viewer.locale)
            said_ = {"id": self.id, "type": "error", "payload": [sentence]}
        talk.line.push(frame_of(orjson.dumps(said_, default=str)))


class Frames:
    """The frames of the answer that is being handed out: one for each operation id, and most clients use the same."""

    def __init__(self) -> None:
        self.answer, self.made = b"", dict[str, bytes]()

    def of(self, id_: str, answer: bytes) -> bytes:
        if answer is not self.answer:
            self.answer, self.made = answer, {}
        frame = self.made.get(id_)
        if frame is None:
            frame = frame_of(b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(id_), answer))
            if len(self.made) < MOST_FRAMES:
                self.made[id_] = frame
        return frame


FRAMES = Frames()


def nobody_watches() -> None:
    """Before it is known who speaks."""


def leave(stream: asyncio.Task[None] | Stream) -> None:
    """End an operation whose client does not want it any more."""
    if isinstance(stream, asyncio.Task):
        stream.cancel()
    else:
        stream.close()


def message_of(event: Scope) -> dict[str, Any]:
    """A message of the protocol. Closed with 4400 for anything else."""
    text = event.get("text") or ""
    try:
        message = orjson.loads(text if len(text) <= LARGEST_BODY else b"")
    except ValueError:
        raise Closed(4400, "Invalid message") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closed(4400, "Invalid message")
    return message
