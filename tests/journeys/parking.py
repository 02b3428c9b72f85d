"""What residents do with parking spaces, step by step, for the journeys that need it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
from playwright.async_api import Page, expect
from tests.clients import Phone, Served
from tests.journeys.browser import new_resident, opened_at, session_of

from haian.ids import new_id

COMMUNITY = "370211005001"
SPACE = """INSERT INTO parking.space (id, owner_id, community, lot, label, price_cents, status, registered_at)
           VALUES ($1, $2, $3, $4, $5, $7, 'APPROVED', $6)"""
OFFER = """INSERT INTO parking.offer (space_id, community, during)
           VALUES ($1, $2, tstzrange($3::timestamptz, $4::timestamptz)) RETURNING id"""
BOOKED = "SELECT b.id FROM parking.booking b WHERE b.plate = $1 AND b.status = 'BOOKED'"


async def checked_space(inside: Served, owner: UUID, label: str, lot: str = "地下停车场", cents: int = 200) -> UUID:
    """A space that the property office has checked. What costs nothing stands first in a list, on its first
    page however many others are lent."""
    async with inside.platform.db.writing_as("parking") as connection:
        await connection.execute(SPACE, space := new_id(), owner, COMMUNITY, lot, label, inside.platform.clock.now(),
                                 cents)
    return space


async def lent(inside: Served, space: UUID, day: int) -> tuple[UUID, datetime]:
    """A window of twelve hours from 8 o'clock, `day` days from today: its offer and its begin."""
    begins = inside.platform.clock.today() + timedelta(days=day, hours=8)
    async with inside.platform.db.writing_as("parking") as connection:
        offer: UUID = await connection.fetchval(OFFER, space, COMMUNITY, begins, begins + timedelta(hours=12))
    return offer, begins


def booking_path(offer: UUID, begins: datetime, hours: int = 3) -> str:
    """The address of the page that books so many hours of an offer."""
    asked = {"offer": str(offer), "community": COMMUNITY, "start": begins.isoformat(), "end": (
        begins + timedelta(hours=hours)).isoformat()}
    return "/parking/book?" + urlencode(asked)


async def open_booking(page: Page, offer: UUID, begins: datetime) -> None:
    """The booking page of an offer, its space shown."""
    await opened_at(page, booking_path(offer, begins))
    await expect(page.locator(".facts")).to_be_visible()


async def type_plate(page: Page, plate: str) -> None:
    """With the plate keyboard; 鲁B is there already."""
    await page.get_by_role("button", name=re.compile("^车牌号")).click()
    for sign in plate.removeprefix("鲁B"):
        await page.locator(".keys .key", has_text=re.compile(f"^{sign}$")).click()
    await page.get_by_role("button", name="完成").click()


async def booked(inside: Served, plate: str) -> list[str]:
    """The bookings that stand for a plate."""
    return [str(row["id"]) for row in await inside.platform.db.fetch(BOOKED, plate)]


async def neighbour_books(inside: Served, offer: UUID, begins: datetime, plate: str, hours: int = 3) -> None:
    """A neighbour books, from a phone that is not on stage."""
    cookie = await session_of(inside, await new_resident(inside))
    async with httpx.AsyncClient(base_url=inside.origin, headers={"Origin": inside.origin}, timeout=20,
                                 cookies={"haian_session": cookie}) as http:
        answer = await Phone(inside, http).ask(
            "ParkingBookSpace", offer=str(offer), startsAt=begins.isoformat(),
            endsAt=(begins + timedelta(hours=hours)).isoformat(), plate=plate, key=str(uuid4()))
    assert answer["__typename"] == "ParkingBooking", answer
