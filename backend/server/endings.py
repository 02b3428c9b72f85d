"""What ends a connection that outlives its request: its session, on whichever server that ended, and this server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

import structlog

from haian.cache import LOST
from haian.call import Platform
from haian.live import SESSIONS_ENDED, Message
from haian.viewer import Viewer
from identity.sessions import is_alive

log = structlog.get_logger()
End: TypeAlias = Callable[[int, str], None]
SESSION_ENDED = (4401, "Session ended")
GOING_AWAY = (1001, "Going away")
AT_ONCE = 100


class Endings:
    """Ends each watched connection with a close code: 4401 when its session ends, 1001 when this server goes."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.watched: dict[str | None, dict[End, str]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.platform.hub.join(SESSIONS_ENDED, self._hear)

    def watch(self, viewer: Viewer, end: End) -> Callable[[], None]:
        """From now on `end(code, reason)` is called when the connection must go; it returns at once. What is returned is
        called when the connection went, any number of times."""
        ends = self.watched.setdefault(viewer.session, {})
        ends[end] = str(viewer.id)

        def unwatch() -> None:
            ends.pop(end, None)
            if not ends and self.watched.get(viewer.session) is ends:
                del self.watched[viewer.session]
        return unwatch

    async def is_over(self, viewer: Viewer) -> bool:
        """Whether the session ended, perhaps before anybody watched. An error in LOST where nobody can say."""
        return bool(viewer.session) and not await is_alive(self.platform.redis, viewer.session or "", str(viewer.id))

    def _hear(self, message: Message | None) -> None:
        if message is None:
            self.go()
        elif message.get("type") == "resync":
            self._asking = asyncio.get_running_loop().create_task(self._ask())
        elif session := message.get("session"):
            self._end(session, SESSION_ENDED)

    def go(self) -> None:
        """This server goes: whoever is connected finds another."""
        for session in list(self.watched):
            self._end(session, GOING_AWAY)

    def _end(self, session: str | None, why: tuple[int, str]) -> None:
        for end in list(self.watched.get(session, ())):
            end(*why)

    async def _ask(self) -> None:
        """While Redis was away sessions may have ended unheard: ask for each. Who can't be asked for is asked for at the
        next operation."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def ask(session: str, citizen: str) -> None:
            async with turns:
                if not await is_alive(self.platform.redis, session, citizen):
                    self._end(session, SESSION_ENDED)
        try:
            await asyncio.gather(*(ask(session, next(iter(ends.values())))
                                   for session, ends in list(self.watched.items()) if session and ends))
        except LOST as error:
            log.warning("endings.unasked", error=type(error).__name__)
