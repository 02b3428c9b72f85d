"""graphql-transport-ws: subscriptions over a websocket, behind the same sign-in as everything else.

Protocol: https://github.com/graphql/graphql-over-http is for HTTP; this one is enisdenjo/graphql-ws PROTOCOL.md, version 5.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import orjson
import structlog
from graphql import OperationType
from litestar import WebSocket, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect
from redis.exceptions import RedisError

from gateway.execution import Gateway
from gateway.limits import LARGEST_BODY, check_variables, is_shaped
from gateway.masking import as_public, said
from haian.call import Call, Platform
from haian.live import SESSIONS_ENDED
from identity.sessions import is_alive
from server.caller import BadOrigin, call_of, check_origin, of_now
from server.incoming import Incoming

log = structlog.get_logger()
PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0
MOST_STREAMS = 32
LONGEST_REASON = 123  # bytes: RFC 6455, 5.5
AnySocket = WebSocket[Any, Any, Any]


class Closed(Exception):
    """The connection ends with a code of the protocol, or 4401: the session ended."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason.encode()[:LONGEST_REASON].decode(errors="ignore")


@websocket("/graphql")
async def graphql_ws(socket: AnySocket, platform: NamedDependency[Platform], gateway: NamedDependency[Gateway]) -> None:
    """One websocket: any number of operations, until it closes or its session ends."""
    try:
        incoming = Incoming(socket.scope)
        check_origin(incoming, platform.settings)
        call = await call_of(incoming, platform)
    except BadOrigin:
        await socket.close(code=4403, reason="Forbidden")
        return
    except Exception as error:
        away = as_public(error).code == "UNAVAILABLE"  # nobody was signed out: try again (RFC 6455 registry, 1013)
        log.warning("socket.refused", error=type(error).__name__)
        await socket.close(code=1013 if away else 4401, reason="Try again later" if away else "Unauthorized")
        return
    if PROTOCOL not in socket.scope.get("subprotocols", []):
        await socket.accept()
        await socket.close(code=4406, reason="Subprotocol not acceptable")
        return
    await socket.accept(subprotocols=PROTOCOL)
    await Conversation(socket, platform, gateway, call).hold()


class Conversation:
    """The state of one websocket."""

    def __init__(self, socket: AnySocket, platform: Platform, gateway: Gateway, call: Call) -> None:
        self.socket, self.platform, self.gateway, self.call = socket, platform, gateway, call
        self.streams: dict[str, asyncio.Task[None]] = {}
        self.ready = False

    async def hold(self) -> None:
        """Answer until one side leaves. Its own tasks end with it."""
        tasks: list[asyncio.Task[None]] = []
        try:
            async with self.platform.hub.listen(SESSIONS_ENDED) as ended:
                await self._check_session()
                tasks = [asyncio.create_task(self._watch(ended)), asyncio.create_task(self._listen())]
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        except Closed as closed:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self.socket.close(code=closed.code, reason=closed.reason)
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            tasks += self.streams.values()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _check_session(self) -> None:
        """The session may have ended while the socket was opening, when nobody listened yet."""
        viewer = self.call.viewer
        try:
            if viewer.session and not await is_alive(self.platform.redis, viewer.session, str(viewer.id)):
                raise Closed(4401, "Session ended")
        except (RedisError, OSError):
            raise Closed(1013, "Try again later") from None

    async def _watch(self, ended: asyncio.Queue[dict[str, Any] | None]) -> None:
        """End with 4401 as soon as the session ends, on whichever server that was; 1001 when this server goes. What was
        missed while Redis was away is asked for."""
        while (message := await ended.get()) is not None:
            if message.get("type") == "resync":
                await self._check_session()
            if self.call.viewer.session and message.get("session") == self.call.viewer.session:
                raise Closed(4401, "Session ended")
        raise Closed(1001, "Going away")

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                while not self.ready:
                    await self._take(await self._next())
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        while True:
            await self._take(await self._next())

    async def _next(self) -> dict[str, Any]:
        data = await self.socket.receive_data(mode="text")
        try:
            message = orjson.loads(data if len(data) <= LARGEST_BODY else b"")
        except ValueError:
            raise Closed(4400, "Invalid message") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(4400, "Invalid message")
        return message

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init" if self.ready:
                raise Closed(4429, "Too many initialisation requests")
            case "connection_init":
                self.ready = True
                await self._send({"type": "connection_ack"})
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "complete" if isinstance(message.get("id"), str):
                if task := self.streams.pop(message["id"], None):
                    task.cancel()
            case "subscribe":
                self._subscribe(message)
            case _:
                raise Closed(4400, "Invalid message")

    def _subscribe(self, message: dict[str, Any]) -> None:
        id_, payload = message.get("id"), message.get("payload")
        if not self.ready:
            raise Closed(4401, "Unauthorized")
        if not isinstance(id_, str) or not id_ or not isinstance(payload, dict) or not is_shaped(payload):
            raise Closed(4400, "Invalid message")
        if id_ in self.streams:
            raise Closed(4409, f"Subscriber for {id_[:50]} already exists")
        if len(self.streams) >= MOST_STREAMS:
            raise Closed(4429, "Too many subscriptions")
        self.streams[id_] = asyncio.create_task(self._stream(id_, payload))

    async def _stream(self, id_: str, payload: dict[str, Any]) -> None:
        call = Call(self.platform, self.call.viewer)
        try:
            call.viewer = await of_now(call.viewer, self.platform)
            await self._answer(id_, payload, call)
            await self._send({"id": id_, "type": "complete"})
        except asyncio.CancelledError:
            raise
        except Exception as error:
            refusal = as_public(error)
            if refusal.code == "INTERNAL":
                log.error("socket.failed", exc_info=error)
            sentence = said(refusal, self.platform.registry.catalogue, call.viewer.locale)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self._send({"id": id_, "type": "error", "payload": [sentence]})
        finally:
            self.streams.pop(id_, None)

    async def _answer(self, id_: str, payload: dict[str, Any], call: Call) -> None:
        check_variables(variables := payload.get("variables") or {})
        operation = self.gateway.find(payload, call)
        if operation.type is not OperationType.SUBSCRIPTION:
            await self._send_next(id_, await self.gateway.run(operation, variables, call))
            return
        if refusal := self.gateway.refuses_stream(operation, call):
            raise refusal
        async for answer in self.gateway.stream(operation, variables, call):
            await self._send_next(id_, answer)

    async def _send_next(self, id_: str, answer: bytes) -> None:
        await self._send({"id": id_, "type": "next", "payload": orjson.Fragment(answer)})

    async def _send(self, message: dict[str, Any]) -> None:
        await self.socket.send_data(orjson.dumps(message, default=str).decode(), mode="text")
