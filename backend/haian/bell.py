"""The bell that wakes the worker when a transaction left events: rung after its commit, however many in a moment, once.

A NOTIFY inside a transaction would hold PostgreSQL's one lock for it while the commit reaches the disk, and all who book
would stand in one line. Whoever dies between commit and bell is made good by the worker, which looks every five seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from haian.errors import Unavailable

MOMENT = 0.02
"""Seconds between two rings of one process."""
log = structlog.get_logger()


class Bell:
    """`strike` wakes the worker; Unavailable when it cannot."""

    def __init__(self, strike: Callable[[], Awaitable[object]]) -> None:
        self.strike = strike
        self.is_wanted = False
        self.ringing: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """At once, or when the moment since the last ring is over."""
        self.is_wanted = True
        if self.ringing is None or self.ringing.done():
            self.ringing = asyncio.create_task(self._ring())

    async def _ring(self) -> None:
        while self.is_wanted:
            await self._strike()
            await asyncio.sleep(MOMENT)

    async def _strike(self) -> None:
        self.is_wanted = False
        try:
            await self.strike()
        except asyncio.CancelledError:
            self.is_wanted = True  # perhaps nobody heard it
            raise
        except Unavailable:
            log.warning("bell.unheard")

    async def close(self) -> None:
        """What was wanted last is still rung."""
        if self.ringing:
            self.ringing.cancel()
            await asyncio.wait({self.ringing})
        if self.is_wanted:
            await self._strike()
