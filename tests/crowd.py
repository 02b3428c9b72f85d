"""Many residents at once, each with a session of their own, made without two hundred text messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import httpx
from tests.clients import Phone, Refused, Served

from haian.ids import new_id
from identity import sessions, store

T = TypeVar("T")


async def crowd(served: Served, many: int) -> list[Phone]:
    """So many signed-in residents, real-named as the demo's citizens are, who have agreed to the terms."""
    platform = served.platform
    phones = []
    limits = httpx.Limits(max_connections=many)
    shared = httpx.AsyncHTTPTransport(limits=limits)
    async with platform.writing("identity") as tx:
        for number in range(many):
            cookie = sessions.new_cookie()
            citizen: UUID = await tx.value(
                """INSERT INTO identity.citizen (id, name, phone, born, level, demo, created_at)
                   VALUES ($1, $2, $3, '1990-01-01', 'VERIFIED', true, $4) RETURNING id""",
                new_id(), f"群众{number}", f"139{number:08d}", tx.now)
            device = await store.add_device(tx, citizen, sessions.hash_of(cookie), "crowd")
            await sessions.begin(platform.redis, cookie, citizen, device)
            http = httpx.AsyncClient(base_url=served.origin, timeout=60, transport=shared,
                                     headers={"Origin": served.origin}, cookies={"haian_session": cookie})
            phones.append(Phone(served, http))
            phones[-1].id = str(citizen)
    async with platform.db.writing_as("consent") as connection:
        await connection.execute("""INSERT INTO consent.acceptance SELECT id, 1, $2, id FROM unnest($1::uuid[]) id
            ON CONFLICT DO NOTHING""", [phone.id for phone in phones], platform.clock.now())
    return phones


async def all_at_once(phones: Sequence[Phone], act: Callable[[Phone], Awaitable[T]]) -> list[Any]:
    """What each got, refusals included. Who finds no room (nothing was done) comes again, as a phone does."""
    async def until_let_in(phone: Phone) -> T:
        while True:
            try:
                return await act(phone)
            except Refused as refused:
                if refused.code != "OVERLOADED":
                    raise
            await asyncio.sleep(0.1)
    return await asyncio.gather(*(until_let_in(phone) for phone in phones), return_exceptions=True)


def codes(results: Sequence[Any]) -> list[str]:
    """The codes of those who were refused."""
    return [result.code for result in results if hasattr(result, "code")]
