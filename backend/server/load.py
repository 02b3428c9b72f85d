"""How much one process takes on: so many requests at once, so many more that wait, and nobody for long.

What is beyond is refused before anything was done for it, so that what is answered is answered as quickly as ever. After
"Fail at Scale" (Maurer, ACM Queue 2015): the newest waits least, since the oldest has perhaps been given up by its client;
and while the queue never empties, nobody waits longer than a moment.
"""

from __future__ import annotations

import asyncio
from collections import deque

from haian.errors import PublicError
from haian.settings import Settings

PATIENCE = 3.0
"""Seconds that a request may wait for its turn in a rush that passes."""
BRIEF = 0.25
"""The same while there has been a queue for longer than that: a load beyond capacity."""
LOOK_SECONDS = 0.05
AGAIN_SECONDS = 1


class Overloaded(PublicError):
    """More requests than this process can answer. Nothing was done; try again after `retry_after` seconds."""

    code = "OVERLOADED"
    status = 503

    def __init__(self) -> None:
        super().__init__(retry_after=AGAIN_SECONDS)


class TimedOut(PublicError):
    """It took longer than a request may. Nothing of it is half done; whether all of it, a repeat with its key tells."""

    code = "TIMEOUT"
    status = 504


class Load:
    """The requests of one process. `most`: worked on at once; `most_waiting`: waiting beside them; `seconds`: how long one
    may take, waiting included; `body_seconds`: its body before that."""

    def __init__(self, most: int, most_waiting: int, seconds: float = 12, body_seconds: float = 10) -> None:
        self.most, self.most_waiting, self.seconds, self.body_seconds = most, most_waiting, seconds, body_seconds
        self.running = 0
        self.waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self.since = 0.0
        self.look: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, settings: Settings) -> Load:
        return cls(settings.most_running, settings.most_waiting, settings.request_seconds, settings.body_seconds)

    @property
    def is_full(self) -> bool:
        return self.running >= self.most and len(self.waiting) >= self.most_waiting

    async def enter(self) -> None:
        """Returns when it is one's turn; `leave` has to follow. Overloaded."""
        if self.running < self.most:
            self.running += 1
            return
        if self.is_full:
            raise Overloaded
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        if not self.waiting:
            self.since = loop.time()
            self.look = self.look or loop.call_later(LOOK_SECONDS, self._send_away)
        self.waiting.append((loop.time(), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()
            raise

    def leave(self) -> None:
        """The newest of those who wait is next."""
        while self.waiting:
            _, turn = self.waiting.pop()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1

    def _send_away(self) -> None:
        """Refuse those who waited too long."""
        self.look, now = None, asyncio.get_running_loop().time()
        longest = BRIEF if now - self.since > PATIENCE else PATIENCE
        while self.waiting and (self.waiting[0][1].done() or now - self.waiting[0][0] > longest):
            _, turn = self.waiting.popleft()
            if not turn.done():
                turn.set_exception(Overloaded())
        if self.waiting:
            self.look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._send_away)
