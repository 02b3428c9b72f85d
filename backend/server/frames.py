"""The websocket server: uvicorn's, with a door for frames that were made once and go to many (RFC 6455).

A frame of the server is not masked, and without compression the same bytes fit every socket: writing them to each
transport is all that an event costs. Who does not read is let go, so that nobody's memory is held by a slow phone.
"""

from __future__ import annotations

import struct
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

EXTENSION = "haian.line"
MOST_UNSENT = 64 * 1024
"""Bytes that may wait for a reader, beside what the system keeps for it."""
LONGEST_REASON = 123  # bytes: RFC 6455, 5.5
TOO_SLOW = (1013, "Too slow: come back and go on from the last cursor")


def frame_of(text: bytes) -> bytes:
    """A whole text message as one frame (RFC 6455, 5.2)."""
    size = len(text)
    if size < 126:
        return bytes((0x81, size)) + text
    return struct.pack(">BBH" if size < 65_536 else ">BBQ", 0x81, 126 if size < 65_536 else 127, size) + text


class Line(WebSocketsSansIOProtocol):
    """One websocket. The application finds it in its scope, as the extension `haian.line`."""

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
