"""Requests to stop: Ctrl-C, SIGTERM and the closing of the terminal, heard without polling."""

from __future__ import annotations

import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """The operator wants to stop while the start is still going on. No Exception, so that nothing swallows it."""


class StopSignals:
    """Counts requests. While `interrupts`, the first one is raised as StopRequested wherever the start is.

    Ctrl-C after another request forces. A repeated SIGHUP or SIGTERM does not: shells and supervisors send them twice.
    """

    def __init__(self) -> None:
        self.requests = 0
        self.forced = False
        self.interrupts = True
        self.awake, self.waker = socket.socketpair()
        self.awake.setblocking(False)
        self.waker.setblocking(False)

    def hear(self, number: int, frame: FrameType | None) -> None:
        """The handler of a request."""
        self.forced = self.forced or (self.requests > 0 and number == signal.SIGINT)
        self.requests += 1
        if self.interrupts and self.requests == 1:
            raise StopRequested

    def wait(self, seconds: float | None) -> None:
        """Returns when a request came, a child ended or the time is over."""
        select.select([self.awake], [], [], seconds)
        with suppress(BlockingIOError):
            while self.awake.recv(64):
                pass

    @contextmanager
    def heard(self) -> Iterator[StopSignals]:
        """Hears requests within the block. Main thread only."""
        before = {number: signal.signal(number, self.hear) for number in REQUESTS}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)
        waker_before = signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)
        try:
            yield self
        finally:
            signal.set_wakeup_fd(waker_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            self.awake.close()
            self.waker.close()
