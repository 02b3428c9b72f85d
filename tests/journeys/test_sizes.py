"""Every page that a demo account can reach, and what its links lead to: in 长辈版 nothing is below 60 px to tap or 18 px to
read, in the usual version nothing below 44 px to tap, and nowhere does what is tapped lie over something else."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import Page, ViewportSize
from tests.journeys.browser import Phones
from tests.journeys.sizes import LARGE, USUAL, small, switched
from tests.journeys.test_every_page import STAFF, routes, waits_for_ever

PHONE, NARROW = ViewportSize(width=390, height=844), ViewportSize(width=320, height=700)
NOBODY = ""
BESIDE = [("resident", "/parking/share"), ("resident", "/me"), ("elder", "/me"), ("guard", "/work"),
          ("parent", "/search?q=医院"), *((NOBODY, route) for route in ("/", "/elder", "/sign-in", "/me", "/messages"))]
"""What looks otherwise to these than to whom the route is opened for."""
LINKS = """() => [...document.querySelectorAll("main a[href*='?']")].map((link) => link.href)
    .filter((href) => href.startsWith(location.origin + "/")).map((href) => href.slice(location.origin.length))"""
TAB = 48

Visit = tuple[str, str]  # who, where


async def test_nothing_is_too_small_on_any_page(phone_page: Phones) -> None:
    found: list[str] = []
    known: set[str] = set()
    visits = [(STAFF.get(route, "parent"), route) for route in routes()] + BESIDE
    while visits:
        visits.sort()
        half = len(visits) // 2
        led = await asyncio.gather(*[walk(phone_page, part, found) for part in (visits[:half], visits[half:])])
        visits = [visit for each in led for visit in each if is_new(visit[1], known)]
    assert not found, "\n".join(sorted(found))


async def walk(phones: Phones, visits: list[Visit], found: list[str]) -> list[Visit]:
    """Measures each page, in `found`. What its links lead to."""
    led: list[Visit] = []
    page: Page | None = None
    for at, (who, where) in enumerate(visits):
        if page is None or who != visits[at - 1][0]:
            if page:
                await page.close()
            page = await phones(who or None)
        troubles = await waits_for_ever(page, where)
        led += [(who, link) for link in await page.evaluate(LINKS)]
        troubles += await measured(page)
        found += [f"{where} ({who}): {trouble}" for trouble in troubles]
    return led


async def measured(page: Page) -> list[str]:
    """What is too small in the usual version, and in the large one on a phone and on a narrow one."""
    found = await small(page, USUAL)
    await switched(page, elder=True)
    for screen in (NARROW, PHONE):
        await page.set_viewport_size(screen)
        found += [f"长辈版 {screen['width']}: {line}" for line in await small(page, LARGE)]
    await switched(page, elder=False)
    return found


def is_new(link: str, known: set[str]) -> bool:
    """Whether no page of this path and these parameters was opened; from now on one was."""
    parts = urlsplit(link)
    key = " ".join([parts.path, *sorted(name for name, _ in parse_qsl(parts.query))])
    fresh = key not in known and parts.path != "/sign-in"
    known.add(key)
    return fresh


async def test_a_tab_is_larger_than_what_else_is_tapped(phone_page: Phones) -> None:
    page = await phone_page(path="/services", width=NARROW["width"])
    for tab in await page.locator(".tabs-usual .tab").all():
        box = await tab.bounding_box()
        assert box and min(box["width"], box["height"]) >= TAB, box
