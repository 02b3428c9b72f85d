"""The websocket server: uvicorn's, with a door for frames that were made once and go to many (RFC 6455).

A frame of the server is not masked, and without compression the same bytes fit every socket: writing them to each
transport is all that an event costs. Who does not read is let go, so that nobody's memory is held by a slow phone.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from prometheus_client import Counter
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

EXTENSION = "haian.line"
MOST_UNSENT = 64 * 1024
"""Bytes that may wait for a reader, beside what the system keeps for it."""
MOST_IN_SYSTEM = 64 * 1024
"""Bytes that the system may keep for a reader (socket(7): it takes twice as many)."""
LONGEST_REASON = 123  # bytes: RFC 6455, 5.5
DROPPED = Counter("haian_live_dropped", "Websockets that were closed because nobody read them")
TOO_SLOW = (1013, "Too slow: come back and go on from the last cursor")


def frame_of(text: bytes) -> bytes:
    """A whole text message as one frame (RFC 6455, 5.2)."""
    size = len(text)
    if size < 126:
        return bytes((0x81, size)) + text
    return struct.pack(">BBH" if size < 65_536 else ">BBQ", 0x81, 126 if size < 65_536 else 127, size) + text


class Inbox:
    """What one reader has not taken yet: of an `asyncio.Queue` what a socket needs, at a tenth of its memory."""

    __slots__ = ("messages", "reader")

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self.messages

    def put_nowait(self, message: Any) -> None:
        self.messages.append(message)
        if self.reader and not self.reader.done():
            self.reader.set_result(None)

    async def get(self) -> Any:
        while not self.messages:
            self.reader = asyncio.get_running_loop().create_future()
            await self.reader
            self.reader = None
        return self.messages.pop(0)


class NeverFull:
    """In place of an event that `send` waits for: what is sent by a line is never waited for."""

    async def wait(self) -> None: ...
    def set(self) -> None: ...
    def clear(self) -> None: ...


NEVER_FULL: Any = NeverFull()


class Line(WebSocketsSansIOProtocol):
    """One websocket. The application finds it in its scope, as the extension `haian.line`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.queue: Any = Inbox()
        self.writable = NEVER_FULL

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if tcp := transport.get_extra_info("socket"):
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_IN_SYSTEM)

    def settle(self) -> None:
        """The handshake is over: nobody asks for its headers again, and a socket is held for days."""
        kept: Any = (self.request.headers, self.response.headers, self.scope["headers"])
        for headers in kept:
            headers.clear()

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def push(self, frame: bytes) -> None:
        """Send a finished frame; a reader with too much unread is let go instead. Never waits."""
        if self.close_sent or self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size() > MOST_UNSENT:
            DROPPED.inc()
            self.end(*TOO_SLOW)
        else:
            self.transport.write(frame)

    def end(self, code: int, reason: str) -> None:
        """Close with a code. A peer who does not answer, or not even read that, is cut off after 10 seconds."""
        if self.close_sent or self.transport.is_closing():
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        try:
            self.conn.send_close(code, reason.encode()[:LONGEST_REASON].decode(errors="ignore"))
        except InvalidState:
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """A peer that answers no ping is gone, with what waits for it."""
        super().keepalive_timeout()
        self.transport.abort()
