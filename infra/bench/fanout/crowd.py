"""Many websockets that speak graphql-transport-ws, as cheap for the client as can be: what is measured is the server."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

from gateway.documents import Documents

PROTOCOL = "graphql-transport-ws"
DOCUMENT = Documents.load().by_name["MessagesNewsChanges"]
AT_ONCE = 50
ADDRESSES = 20
"""127.0.0.1 to 127.0.0.20: one address has 28,000 ports for one server."""


def masked(text: str) -> bytes:
    """A client's text frame, with a mask of zeros."""
    data = text.encode()
    head = struct.pack(">BB", 0x81, 0x80 | len(data)) if len(data) < 126 else struct.pack(">BBH", 0x81, 0xFE, len(data))
    return head + bytes(4) + data


@dataclass
class Arrivals:
    """When each socket had the event that is being published."""

    expected: int = 0
    at: list[float] = field(default_factory=list)
    complete: asyncio.Future[None] | None = None
    closed: int = 0

    def begin(self) -> asyncio.Future[None]:
        self.at, self.complete = [], asyncio.get_running_loop().create_future()
        return self.complete

    def one(self) -> None:
        self.at.append(perf_counter())
        if len(self.at) == self.expected and self.complete and not self.complete.done():
            self.complete.set_result(None)


class Socket(asyncio.Protocol):
    """One subscriber. `subscribed` is done when the server has answered everything that it answers before an event."""

    def __init__(self, arrivals: Arrivals, payload: dict[str, object], port: int) -> None:
        self.arrivals, self.payload, self.port = arrivals, payload, port
        self.buffer, self.open = b"", False
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write((f"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\n"
                              f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                              f"Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.open:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head:
                raise ConnectionRefusedError(head.decode())
            self.buffer, self.open = rest, True
            self.transport.write(masked('{"type":"connection_init"}'))
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def _frame(self) -> tuple[int, bytes] | None:
        size, at = (self.buffer[1] & 127, 2) if len(self.buffer) >= 2 else (0, 2)
        if size == 126 and len(self.buffer) >= 4:
            size, at = int.from_bytes(self.buffer[2:4]), 4
        if len(self.buffer) < at + size or (size == 126 and at == 2) or len(self.buffer) < 2:
            return None
        kind, data, self.buffer = self.buffer[0] & 15, self.buffer[at:at + size], self.buffer[at + size:]
        return kind, data

    def _take(self, kind: int, data: bytes) -> None:
        if kind == 9:
            self.transport.write(bytes([0x8A, 0x80 | len(data)]) + bytes(4) + data)
        elif kind == 8:
            self.transport.close()
        elif b'"publishedAt"' in data:
            self.arrivals.one()
        elif b"connection_ack" in data:
            self.transport.write(masked(json.dumps({"id": "1", "type": "subscribe", "payload": self.payload})))
            self.transport.write(masked('{"type":"ping"}'))
        elif b"error" in data:
            raise ConnectionError(data.decode())
        elif not self.subscribed.done() and (b'"pong"' in data or b'"ready"' in data):
            self.subscribed.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self.arrivals.closed += 1
        if not self.subscribed.done():
            self.subscribed.set_exception(error or ConnectionResetError())


async def gathered(port: int, count: int, arrivals: Arrivals, payload: dict[str, object]) -> list[Socket]:
    """So many subscribers of one server."""
    loop, sockets = asyncio.get_running_loop(), list[Socket]()
    arrivals.expected = count
    while len(sockets) < count:
        some = [loop.create_connection(lambda: Socket(arrivals, payload, port), "127.0.0.1", port,
                                       local_addr=(f"127.0.0.{1 + number % ADDRESSES}", 0))
                for number in range(len(sockets), min(count, len(sockets) + AT_ONCE))]
        new = [protocol for _, protocol in await asyncio.gather(*some)]
        await asyncio.wait_for(asyncio.gather(*(socket.subscribed for socket in new)), 30)
        sockets += new
    return sockets
