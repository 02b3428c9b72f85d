"""A client's connection: one that sends its head, or reads its answer, too slowly is ended; and under a load beyond capacity
a request is refused here, before anything is made of it, for a tenth of what an answer costs."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.load import Load

HEAD_SECONDS = 10.0
"""From the first byte, or the opening of the connection, to the end of a request's head."""
PATH = b"/graphql"
READ_SECONDS = 20.0
"""For which a client may read nothing of an answer that does not fit into the buffers between."""


class Patient(HttpToolsProtocol):
    """uvicorn's, which waits for ever for the head of a request and for a client that stopped reading."""

    late: asyncio.TimerHandle | None = None
    stuck: asyncio.TimerHandle | None = None
    is_partial = True
    is_refused = False
    unread = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.late = self.loop.call_later(HEAD_SECONDS, transport.abort)

    def on_message_begin(self) -> None:
        self.is_partial = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.is_partial = False
        if self.late:
            self.late.cancel()
            self.late = None
        self.is_refused = bool(refusal := self._refusal())
        if not self.is_refused:
            super().on_headers_complete()
            return
        self.transport.write(refusal)
        self.late = self.loop.call_later(HEAD_SECONDS, self.transport.abort)  # its body is read, and forgotten

    def _refusal(self) -> bytes:
        """What to say where there is no room for a request; nothing where there is, or where another is still answered."""
        platform = getattr(getattr(self.config.app, "state", None), "platform", None)
        load: Load | None = platform and platform.services["load"]
        if not load or not load.is_full or self.url.partition(b"?")[0] != PATH or self.parser.should_upgrade():
            return b""
        if self.cycle and not self.cycle.response_complete:
            return b""
        return load.refusal(next((value for name, value in self.headers if name == b"accept-language"), b""))

    def on_body(self, body: bytes) -> None:
        if not self.is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.is_refused:
            super().on_message_complete()
            return
        self.is_refused = False
        if self.late:
            self.late.cancel()
            self.late = None
        if self.parser.should_keep_alive():
            self.on_response_complete()
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.is_partial and not self.late and not self.transport.is_closing():
            self.late = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch()

    def _watch(self) -> None:
        """End it when nothing was read for READ_SECONDS; who reads slowly reads."""
        self.unread = self.transport.get_write_buffer_size()
        self.stuck = self.stuck or self.loop.call_later(READ_SECONDS, self._look)

    def _look(self) -> None:
        self.stuck, left = None, self.transport.get_write_buffer_size()
        if left >= self.unread:
            self.transport.abort()
        elif left:
            self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.stuck:
            self.stuck.cancel()
            self.stuck = None

    def timeout_keep_alive_handler(self) -> None:
        """Also the end of one that left a part of its last answer unread, which closing would wait for."""
        if self.transport.get_write_buffer_size():
            self._watch()
        super().timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self.late, self.stuck):
            if timer:
                timer.cancel()
        super().connection_lost(exc)
