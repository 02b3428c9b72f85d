"""How much one process takes on: so many requests at once, so many more that wait, and nobody for long.

What is beyond is refused before anything was done for it, so that what is answered is answered as quickly as ever. After
"Fail at Scale" (Maurer, ACM Queue 2015): who came first is next; but once somebody has waited too long, which is a load
beyond capacity, the newest is, since the oldest has perhaps been given up by its client, nobody waits longer than a moment,
and only so many as have their turn within it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from haian.deadlines import Deadlines
from haian.errors import PublicError
from haian.settings import Settings

LOOK_SECONDS = 0.05
AGAIN_SECONDS = 1
SHARE = 0.1
"""The part of the usual patience that is left under a load beyond capacity."""
FEWEST = 8
CALM_SECONDS = 0.5
"""After the last refusal it may be that the load is one that can be borne again."""


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
    """The requests of one process. `most`: worked on at once; `most_waiting`: waiting beside them, each at most `patience`
    seconds; `seconds`: how long one may take, waiting included; `body_seconds`: its body before that.
    `writes`: mutations have a load of their own, so that a rush for one row, each waiting for the other, holds up nobody who
    reads. `refusals`: finished HTTP refusals by language, as the endpoint says them; `counter` counts one."""

    def __init__(self, most: int, most_waiting: int, patience: float = 1, seconds: float = 12,
                 body_seconds: float = 10) -> None:
        self.most, self.most_waiting, self.patience, self.seconds = most, most_waiting, patience, seconds
        self.answering, self.reading = Deadlines(seconds), Deadlines(body_seconds)
        self.running, self.left = 0, 0
        self.waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self.look: asyncio.TimerHandle | None = None
        self.pressed, self.bound = -CALM_SECONDS, most_waiting
        self.refusals: dict[str, bytes] = {}
        self.counter: Callable[[], None] = lambda: None
        self.writes: Load | None = None

    @classmethod
    def of(cls, settings: Settings) -> Load:
        bounds = settings.most_waiting, settings.queue_seconds, settings.request_seconds, settings.body_seconds
        load = cls(settings.most_running, *bounds)
        load.writes = cls(max(1, settings.most_running // 2), *bounds)
        return load

    def lane(self, writes: bool) -> Load:
        """Where a request waits for its turn."""
        return self.writes if writes and self.writes else self

    @property
    def is_full(self) -> bool:
        return self.running >= self.most and len(self.waiting) >= self.bound

    async def enter(self) -> None:
        """Returns when it is one's turn; `leave` has to follow. Overloaded."""
        if self.running < self.most:
            self.running += 1
            return
        loop = asyncio.get_running_loop()
        if self.is_full:
            self.pressed = loop.time()
            raise Overloaded
        turn: asyncio.Future[None] = loop.create_future()
        self.look = self.look or loop.call_later(LOOK_SECONDS, self._send_away)
        self.waiting.append((loop.time(), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()
            raise

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One's turn, for what came over an open connection, and as much time as any request has. Overloaded, TimedOut."""
        await self.enter()
        try:
            async with asyncio.timeout(self.seconds) as time:
                yield
        except TimeoutError:
            if not time.expired():
                raise
            raise TimedOut from None
        finally:
            self.leave()

    def leave(self) -> None:
        """Who came first is next; under a load beyond capacity the newest."""
        self.left += 1
        is_beyond = asyncio.get_running_loop().time() - self.pressed <= CALM_SECONDS
        while self.waiting:
            _, turn = self.waiting.pop() if is_beyond else self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1
        if self.bound < self.most_waiting and not is_beyond:
            self.bound = self.most_waiting

    def refusal(self, language: bytes) -> bytes:
        """A finished HTTP refusal, which counts; nothing before the endpoint said one."""
        said = self.refusals.get("en" if language[:2].lower() == b"en" else "zh", b"")
        if said:
            self.pressed = asyncio.get_running_loop().time()
            self.counter()
        return said

    def _send_away(self) -> None:
        """Refuse those who waited too long, and under a load beyond capacity those to come who would."""
        self.look, now, longest = None, asyncio.get_running_loop().time(), self.patience
        while self.waiting and self.waiting[0][1].done():
            self.waiting.popleft()
        if self.waiting and now - self.waiting[0][0] > self.patience:
            self.pressed = now
        if now - self.pressed <= CALM_SECONDS:
            longest *= SHARE
            self.bound = min(self.most_waiting, max(FEWEST, int(self.left * longest / LOOK_SECONDS)))
        self.left = 0
        while self.waiting and (self.waiting[0][1].done() or now - self.waiting[0][0] > longest):
            _, turn = self.waiting.popleft()
            if not turn.done():
                self.pressed = now
                turn.set_exception(Overloaded())
        if self.waiting:
            self.look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._send_away)
