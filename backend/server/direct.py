"""The short way from the wire to /graphql and back: a request that came whole, in one piece, and asks for one answer, is a
head and a body, and so is its answer. Nothing else is made of it: no ASGI scope, no cycle, no task of its own.

Every tap is such a request. All others go uvicorn's way, so does one that comes in pieces, or before another is answered.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any

import structlog
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from server.connection import PATH, Patient
from server.glance import Glance, language
from server.graphql_http import Endpoint, is_plain
from server.incoming import Incoming

log = structlog.get_logger()
FAILED = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

LONGEST_KEPT = 128
"""Bytes of X-Forwarded-For, of which anybody may send any, that are remembered."""
GLANCE = Glance()
NOBODY_WAITS = asyncio.Event()
"""For more of a request that came whole."""


class Exchange:
    """One request and its answer; to uvicorn a cycle, of which it wants to know whether it is over."""

    __slots__ = ("body", "disconnected", "incoming", "keep_alive", "message_event", "response_complete")

    def __init__(self, incoming: Incoming, keep_alive: bool) -> None:
        self.incoming, self.keep_alive = incoming, keep_alive
        self.body = bytearray()
        self.disconnected = self.response_complete = False
        self.message_event = NOBODY_WAITS


class Direct(Patient):
    """A client's connection, with one task for all its direct requests, one after the other."""

    endpoint: Endpoint | None = None
    address = ""
    is_proxy = False
    begun: Exchange | None = None
    """The direct request whose body is awaited."""
    held = b""
    """What to say to the request whose body is awaited, unless that names a mutation; `seen` of it."""
    seen = b""
    due: Exchange | None = None
    waiter: asyncio.Future[None] | None = None
    server_task: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        endpoint = getattr(self.config.app, "graphql", None)
        self.endpoint = endpoint if isinstance(endpoint, Endpoint) else None
        self.address = self.client[0] if self.client else ""
        proxy = self.config.loaded_app
        self.trusted = proxy.trusted_hosts if isinstance(proxy, ProxyHeadersMiddleware) else ()
        self.is_proxy = self.address in self.trusted

    def on_message_begin(self) -> None:
        """uvicorn's scope is made when it is wanted."""
        self.is_partial = True
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def _is_turned_away(self, data: bytes) -> bool:
        """Whether there is no room, and what came was refused for it without being taken apart."""
        load = self.load
        if load is None or not load.is_shut or not self.endpoint or not GLANCE.is_whole(data, PATH):
            return False
        refusal = load.refusal(language(data))
        if not refusal or (load.takes_mutations and self.endpoint.is_mutation(GLANCE.body)):
            return False
        self.unsaid, self.was_used = refusal, True
        load.refuse(self)
        return True

    def proceed(self) -> None:
        if self.endpoint and self.url == PATH and (exchange := self._exchange()):
            self.begun = exchange
        else:
            self._go_on()

    def refuse(self, refusal: bytes) -> None:
        """Mutations have a load of their own: whether it is one, its body tells."""
        if self.endpoint and self.url == PATH and self.load.takes_mutations:
            self.held, self.seen = refusal, b""
        else:
            super().refuse(refusal)

    def _is_taken(self) -> bool:
        """Whether the request that was held is a mutation; else it is refused."""
        refusal, self.held = self.held, b""
        if self.endpoint and self.endpoint.is_mutation(self.seen) and (exchange := self._exchange()):
            self.begun = exchange
            exchange.body += self.seen
            self.arrived()
            return True
        super().refuse(refusal)
        return False

    def _go_on(self) -> None:
        """By uvicorn's way, which wants a scope."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        HttpToolsProtocol.on_message_begin(self)
        self.url, self.expect_100_continue = url, expects
        self.headers += headers
        super().proceed()

    def _exchange(self) -> Exchange | None:
        """What may go the short way: a POST for one answer, the last one answered."""
        parser = self.parser
        if parser.get_method() != b"POST" or self.expect_100_continue or parser.should_upgrade():
            return None
        if self.cycle is not None and not self.cycle.response_complete:
            return None
        incoming = Incoming(self.headers, "POST", b"", self.address)
        if not is_plain(incoming):
            return None
        if self.is_proxy and b"x-forwarded-for" in incoming.headers:
            incoming.address = self._said_by_proxy()
        return Exchange(incoming, parser.get_http_version() != "1.0" and parser.should_keep_alive())

    def _said_by_proxy(self) -> str:
        said = b", ".join([value for name, value in self.headers if name == b"x-forwarded-for"])
        return (client_of if len(said) < LONGEST_KEPT else client_of.__wrapped__)(self.trusted, said) or self.address

    def on_body(self, body: bytes) -> None:
        if self.begun:
            self.begun.body += body
        elif self.held:
            self.seen += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.begun and not (self.held and self._is_taken()):
            super().on_message_complete()
            return
        self.load.coming += 1
        self.cycle = self.due = self.begun  # type: ignore[assignment]
        self.begun = None
        if self.server_task is None:
            self.server_task = self.loop.create_task(self._serve())
        elif self.waiter:
            self.waiter.set_result(None)
            self.waiter = None

    def data_received(self, data: bytes) -> None:
        if self.is_idle and self._is_turned_away(data):
            return
        super().data_received(data)
        if self.begun and not self.transport.is_closing():  # its body comes in pieces
            body, self.begun = self.begun.body, None
            self._go_on()
            if body:
                self.on_body(bytes(body))
        elif self.held and (self.seen or self.expect_100_continue):
            refusal, self.held = self.held, b""
            super().refuse(refusal)

    def handle_websocket_upgrade(self) -> None:
        """Nothing more comes by here, nor the end of the connection."""
        super().handle_websocket_upgrade()
        self._dismiss()

    async def _serve(self) -> None:
        """Answer what is due, and wait for the next. It ends with the connection."""
        task = asyncio.current_task()
        assert task
        while True:
            if not self.due:
                self.waiter = self.loop.create_future()
                await self.waiter
            exchange, self.due = self.due, None
            if exchange:
                self.tasks.add(task)
                try:
                    await self._answer(exchange, task)
                except BaseException:  # it was cancelled: there is no answer, and nobody to give the next
                    self.transport.close()
                    raise
                finally:
                    self.tasks.discard(task)
            if self.transport.is_closing():
                return

    async def _answer(self, exchange: Exchange, task: asyncio.Task[Any]) -> None:
        assert self.endpoint
        try:
            answer, body = await self.endpoint.whole(exchange.incoming, bytes(exchange.body), task)
        except Exception as error:
            log.error("graphql.broken", exc_info=error)
            exchange.keep_alive = False
            wire = FAILED
        else:
            if (b"connection", b"close") in answer.headers:
                exchange.keep_alive = False
            elif not exchange.keep_alive:
                answer.headers.append((b"connection", b"close"))
            answer.headers += self.server_state.default_headers
            lines = [b"%b: %b\r\n" % header for header in answer.headers]
            wire = b"".join((STATUS_LINE[answer.status], *lines, b"\r\n", body))
        if self.flow.write_paused and not exchange.disconnected:
            await self.flow.drain()
        exchange.response_complete = True
        if exchange.disconnected or self.transport.is_closing():
            return
        self.transport.write(wire)
        if exchange.keep_alive:
            self.on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._dismiss()

    def _dismiss(self) -> None:
        """End the task that waits for the next request."""
        if self.waiter:
            self.waiter.cancel()


@lru_cache(4096)
def client_of(trusted: Any, said: bytes) -> str:
    """The client that a trusted proxy names (X-Forwarded-For); nothing where it names none."""
    return str(trusted.get_trusted_client_address(said.decode("latin-1"))[0])
