"""How much one process takes on: so many requests at once, so many more that wait, and nobody for long.

What is beyond is refused before anything was done for it, so that what is answered is answered soon (docs/limits.md). A long
queue is no overload, for a rush passes. One that stands is: that was never short for a whole interval, and does not shrink
(after "Controlled Delay Active Queue Management", RFC 8289). Then few may wait, and the more are refused, the fewer are
worked on at once: these get nearly as much done, each sooner.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import islice
from typing import Protocol

from haian.deadlines import Deadlines
from haian.errors import PublicError
from haian.settings import Settings

AGAIN_SECONDS = 1
INTERVAL = 1 / 10
"""The part of the patience from one look at the queue to the next."""
FEWEST = 4
"""So many may wait under any load, so that where one leaves there is a next. A queue of so many is short."""
SHRINKS = 7 / 8
"""A queue that shrinks to so small a part from one look to the next is a rush that passes."""
RARE = 20
"""Where one is refused of so many answered, the load can be borne again: those just came at one moment."""
MANY, ROOM = 3 / 4, 3 / 8
"""As many are worked on at once as ever, until more than a quarter are refused; then in proportion, to so small a part.
12 who ask for little get two thirds as much done as 32, each in half the time; fewer leave the process idle in between."""
AT_ONCE, MOMENT = 200, 0.005
"""Refusals in so many seconds. One costs a fifth of what the smallest answer does, mostly the kernel's writing: however many
come, the answers keep a part of the time."""


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


class Refused(Protocol):
    """A client's connection with a refusal. Until it is said the client asks for nothing else by it: who is too many waits
    for a place where waiting costs nothing."""

    def say(self) -> None:
        """It is its turn."""


class Load:
    """The requests of one process. `most`: worked on at once; `most_waiting`: waiting beside them, each at most `patience`
    seconds; `seconds`: how long one may take, waiting included; `body_seconds`: its body before that.
    `writes`: mutations have a load of their own, so that a rush for one row, each waiting for the other, holds up nobody who
    reads. `least`: worked on at once however far the load is beyond capacity; of mutations no fewer than ever. `room`,
    `bound`: worked on and waiting at most as things are. Since the last look so many `left` and were `refused`; so many
    waited `before`, and when they were fewest (`shortest`). `coming`: passed the door, yet to enter. `refusals`: finished
    HTTP refusals by language, as the endpoint says them; `counter` counts them."""

    def __init__(self, most: int, most_waiting: int, patience: float = 1, seconds: float = 12,
                 body_seconds: float = 10) -> None:
        self.most, self.most_waiting, self.patience, self.seconds = most, most_waiting, patience, seconds
        self.least = max(1, int(most * ROOM))
        self.answering, self.reading = Deadlines(seconds), Deadlines(body_seconds)
        self.running, self.coming = 0, 0
        self.waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self.look: asyncio.TimerHandle | None = None
        self.room, self.bound, self.is_beyond = most, most_waiting, False
        self.left = self.refused = self.shortest = self.before = 0
        self.refusals: dict[str, bytes] = {}
        self.counter: Callable[[int], None] = lambda _: None
        self.writes: Load | None = None
        self.unsaid: dict[Refused, None] = {}
        self.said = self.turned_away = 0
        self.more: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, settings: Settings) -> Load:
        bounds = settings.most_waiting, settings.queue_seconds, settings.request_seconds, settings.body_seconds
        load = cls(settings.most_running, *bounds)
        load.writes = cls(settings.most_running, *bounds)
        load.writes.least = load.writes.most
        return load

    def lane(self, writes: bool) -> Load:
        """Where a request waits for its turn."""
        return self.writes if writes and self.writes else self

    @property
    def takes_mutations(self) -> bool:
        """Whether there is room for a mutation, also where there is none for other requests."""
        return self.writes is not None and not self.writes.is_full

    @property
    def is_full(self) -> bool:
        return self.running >= self.room and len(self.waiting) >= self.bound

    @property
    def is_shut(self) -> bool:
        """For who stands at the door: those who have just passed it will be inside."""
        return self.running + len(self.waiting) + self.coming >= self.room + self.bound

    def enters(self) -> bool:
        """Whether it is one's turn at once; `leave` has to follow."""
        if self.running >= self.room:
            return False
        self.running += 1
        return True

    async def enter(self) -> None:
        """Returns when it is one's turn; `leave` has to follow. Overloaded."""
        if self.enters():
            return
        loop = asyncio.get_running_loop()
        if self.is_full:
            self.refused += 1
            raise Overloaded
        turn: asyncio.Future[None] = loop.create_future()
        self.waiting.append((loop.time(), turn))
        if self.look is None:
            self._watch(loop)
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
        """Who came first is next."""
        self.left += 1
        while self.waiting and self.running <= self.room:
            _, turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                break
        else:
            self.running -= 1
        self.shortest = min(self.shortest, len(self.waiting))

    def refusal(self, language: bytes) -> bytes:
        """A finished HTTP refusal; nothing before the endpoint said one."""
        return self.refusals.get("en" if language[:2].lower() == b"en" else "zh", b"")

    def refuse(self, refused: Refused) -> None:
        """Let it say so: at once, or where so many have just done so, a moment later."""
        self.turned_away += 1
        self.refused += 1
        if self.more is None:
            self._moment()
        if self.said < AT_ONCE:
            self.said += 1
            refused.say()
        else:
            self.unsaid[refused] = None

    def _moment(self) -> None:
        """One begins in which somebody is refused."""
        loop = asyncio.get_running_loop()
        self.more = loop.call_later(MOMENT, self._say_more)
        self.counter(self.turned_away)
        self.turned_away = 0

    def _say_more(self) -> None:
        """A moment is over."""
        told = list(islice(self.unsaid, AT_ONCE))
        self.more, self.said = None, len(told)
        for refused in told:
            del self.unsaid[refused]
            refused.say()
        if told or self.turned_away:
            self._moment()

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on, to the next look."""
        self.left = self.refused = 0
        self.before = self.shortest = len(self.waiting)
        self.look = loop.call_later(self.patience * INTERVAL, self._judge)

    def _judge(self) -> None:
        """What was since the last look tells whether the load is beyond capacity, and how far. Then nobody waits longer than
        from one look to the next."""
        loop, longest, self.look = asyncio.get_running_loop(), self.patience, None
        self.room, self.bound, self.is_beyond = self.most, self.most_waiting, self._stands()
        if self.is_beyond:
            answered = self.left / (self.left + self.refused) if self.refused else 1
            self.room = max(self.least, int(self.most * min(1, answered / MANY)))
            self.bound, longest = min(self.most_waiting, FEWEST), self.patience * INTERVAL
        self._let_in()
        if self.is_beyond or self.waiting:
            self._watch(loop)
        self._send_away(loop.time() - longest)

    def _let_in(self) -> None:
        """Where there is more room than before, those who wait have it before who comes now."""
        while self.waiting and self.running < self.room:
            _, turn = self.waiting.popleft()
            if not turn.done():
                self.running += 1
                turn.set_result(None)

    def _stands(self) -> bool:
        """Whether the load is beyond capacity. Where nobody left, only those who waited too long tell."""
        if not self.left:
            return self.refused > 0 or (self.is_beyond and len(self.waiting) > 0)
        shrinks = len(self.waiting) <= self.before * SHRINKS
        return (self.shortest > FEWEST and not shrinks) or self.refused * RARE > self.left

    def _send_away(self, since: float) -> None:
        """Refuse those who have waited since then or longer."""
        while self.waiting and (self.waiting[0][1].done() or self.waiting[0][0] <= since):
            _, turn = self.waiting.popleft()
            if not turn.done():
                self.refused += 1
                turn.set_exception(Overloaded())
        self.shortest = min(self.shortest, len(self.waiting))
