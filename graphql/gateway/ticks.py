"""The server's time, for phones whose own clock is off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import strawberry
from strawberry import Info

from haian import fields
from haian.call import Call
from haian.errors import InvalidArgument
from haian.rules import PUBLIC

MOST = 240
APART = 0.25
"""Seconds: four ticks tell a countdown to the release 放号 how far off the phone is, and how long a message takes."""


@strawberry.type
class Subscription:
    @fields.subscription(allow=PUBLIC)
    async def live_ticks(self, info: Info[Call, None], count: int = 4) -> AsyncIterator[datetime]:
        """The server's time, now and every quarter of a second, `count` times (1 to 240); then it ends."""
        if not 1 <= count <= MOST:
            raise InvalidArgument(argument="count")
        for number in range(count):
            await asyncio.sleep(APART if number else 0)
            yield info.context.clock.now()
