"""A client's connection: one that sends its head, or reads its answer, too slowly is ended; and under a load beyond capacity
a request is refused here, before anything is made of it."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
"""From the first byte, or the opening of the connection, to the end of a request's head; of a request
that is refused, to its end."""
PATH = b"/graphql"
READ_SECONDS = 20.0
"""For which a client may read nothing of an answer that does not fit into the buffers between."""


class Patient(HttpToolsProtocol):
    """uvicorn's, which waits for ever for the head of a request and for a client that stopped reading."""

    late: asyncio.TimerHandle | None = None
    stuck: asyncio.TimerHandle | None = None
    platform: Any = None
    is_partial = True
    is_refused = False
    unsaid = b""
    """The refusal of the last request, until it is its turn to be said; `stays`: whether the connection outlives it."""
    stays = True
    unread = 0
    was_used = False
    """Since the time of an idle connection began, for a refusal that did not begin it anew."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.late = self.loop.call_later(HEAD_SECONDS, transport.abort)

    def on_message_begin(self) -> None:
        self.is_partial = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.say()
        self._unset_keepalive_if_required()
        if refusal := self._refusal():
            self.refuse(refusal)
        else:
            self.arrived()
            self.proceed()

    def arrived(self) -> None:
        """So much of a request has come that its time is over."""
        self.is_partial = False
        if self.late:
            self.late.cancel()
            self.late = None

    def refuse(self, refusal: bytes) -> None:
        """A request whose head has come, and for which there is no room: its body is read, and forgotten."""
        self.is_refused, self.unsaid, self.headers = True, refusal, []
        self.load.refuse(self)

    def say(self) -> None:
        """What is unsaid: when it is its turn, or another request comes behind it."""
        if self.unsaid and not self.transport.is_closing():
            self.transport.write(self.unsaid)
            self.unsaid = b""
            self._part()

    def _part(self) -> None:
        """With a request that was refused, once it has come whole and has been told."""
        if self.is_refused or self.unsaid or self.timeout_keep_alive_task:
            return
        if self.stays:
            self.on_response_complete()
        else:
            self.transport.close()

    @property
    def is_idle(self) -> bool:
        """Whether all that came was answered, and nothing came since; who does not read what it was told is not."""
        return bool(self.timeout_keep_alive_task) and not self.unsaid and not self.flow.write_paused

    @property
    def load(self) -> Any:
        """The load of this process; None before it has started."""
        self.platform = self.platform or getattr(getattr(self.config.app, "state", None), "platform", None)
        return self.platform and self.platform.services["load"]

    def proceed(self) -> None:
        """A request whose head has come, and that is taken."""
        super().on_headers_complete()

    def _refusal(self) -> bytes:
        """What to say where there is no room for a request; nothing where there is, or where another is still answered."""
        load = self.load
        if not load or not load.is_shut or self.url.partition(b"?")[0] != PATH or self.parser.should_upgrade():
            return b""
        if self.cycle and not self.cycle.response_complete:
            return b""
        return bytes(load.refusal(next((value for name, value in self.headers if name == b"accept-language"), b"")))

    def on_body(self, body: bytes) -> None:
        if not self.is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.is_refused:
            super().on_message_complete()
            return
        self.arrived()
        self.is_refused, self.stays = False, self.parser.should_keep_alive()
        self._part()

    def shutdown(self) -> None:
        self.say()
        super().shutdown()

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
        if self.was_used:
            self.was_used = False
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
            return
        if self.transport.get_write_buffer_size():
            self._watch()
        super().timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self.late, self.stuck):
            if timer:
                timer.cancel()
        super().connection_lost(exc)
