"""Residents who book without pause and do not give up: each key is sent again until it is answered."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import orjson
from tests.clients import Phone

HOURS = 2
AGAIN_SECONDS = 0.1
AGAIN = {"UNAVAILABLE", "OVERLOADED", "TIMEOUT", "TRY_AGAIN"}
"""What a phone does not take for an answer: nothing was done, or nobody knows, and the key tells."""
Offer = tuple[str, datetime, datetime]


@dataclass
class Wish:
    """A booking that somebody wants: what is sent, and what the last answer to it was."""

    phone: Phone
    variables: dict[str, Any]
    begun: float
    tries: int = 0
    ended: float = 0.0
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def booking(self) -> str | None:
        """The id of the booking that the client was told of."""
        return self.answer.get("id")


@dataclass
class Load:
    """What all residents did. `refused`: the codes of answers that were no answer; `slowest`: one request, in seconds."""

    offers: Sequence[Offer]
    random: random.Random
    wishes: list[Wish] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    over: bool = False
    plates: Iterator[int] = field(default_factory=count)

    async def book(self, phone: Phone) -> None:
        """One resident: a wish after another, until the load is over and the last wish is answered."""
        while not self.over:
            wish = Wish(phone, self.wanted(), time.monotonic())
            await self.insist(wish)
            self.wishes.append(wish)

    def wanted(self) -> dict[str, Any]:
        """Two random hours of a random offer, for a plate and with a key of its own."""
        offer, opens, closes = self.random.choice(self.offers)
        latest = int((closes - opens) / timedelta(hours=1)) - HOURS
        begins = opens + timedelta(hours=self.random.randint(0, latest))
        return {"offer": offer, "startsAt": begins.isoformat(), "endsAt": (begins + timedelta(hours=HOURS)).isoformat(),
                "plate": f"鲁B{next(self.plates):05d}", "key": str(uuid4())}

    async def insist(self, wish: Wish) -> None:
        """Sends a wish until it is answered."""
        while not wish.answer:
            wish.tries += 1
            wish.answer = await self.attempt(wish)
            if not wish.answer:
                await asyncio.sleep(AGAIN_SECONDS * self.random.uniform(1, 3))
        wish.ended = time.monotonic()

    async def attempt(self, wish: Wish) -> dict[str, Any]:
        """The answer to one request; empty when there was none, which is noted."""
        begun = time.monotonic()
        try:
            response = await wish.phone.send("ParkingBookSpace", **wish.variables)
            return self.answered(response)
        except (httpx.TransportError, orjson.JSONDecodeError) as error:
            self.refused[type(error).__name__] += 1
            return {}
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)

    def answered(self, response: httpx.Response) -> dict[str, Any]:
        given = orjson.loads(response.content)
        if not given.get("errors"):
            return dict(given["data"]["parkingBookSpace"])
        code = str(given["errors"][0]["extensions"]["code"])
        if code in AGAIN:
            self.refused[f"{code} {response.status_code}"] += 1
            return {}
        return {"code": code}

    async def until_answered(self, since: float, seconds: float) -> float:
        """Waits for a wish made after `since` to be answered; when that was."""
        async with asyncio.timeout(seconds):
            while True:
                if ended := [wish.ended for wish in self.wishes[-60:] if wish.begun > since]:
                    return min(ended)
                await asyncio.sleep(0.01)
