"""Every page of the site: no violation of axe in either theme or in 长辈版, and nothing wider than the phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page
from tests.journeys.browser import Phones, opened_at
from tests.waiting import until_async

from haian.settings import PROJECT

BUILT = PROJECT / "frontend" / "built"
STAFF = {
    "/healthcare/staff": "registrar", "/onecode/scan": "guard", "/parking/desk": "clerk", "/news/write": "editor",
    "/education/teach": "teacher", "/education/class": "teacher", "/education/write": "teacher",
}
RULES = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SETTLED = """() => ![...document.querySelectorAll("main .bones")].some((bones) => bones.checkVisibility())"""
WIDTH = "() => [document.documentElement.scrollWidth, innerWidth]"


def routes(prefix: str = "") -> list[str]:
    """Every route that was built, in one language."""
    found = (file.parent.relative_to(BUILT) for file in BUILT.rglob("index.html"))
    names = sorted({"/" if route == Path() else f"/{route}" for route in found})
    english = [name for name in names if name == "/en" or name.startswith("/en/")]
    return english if prefix else [name for name in names if name not in english]


async def waits_for_ever(page: Page, route: str) -> list[str]:
    """Opens the page; a line when its answers do not come."""
    await opened_at(page, route)

    async def has_settled() -> bool:
        return bool(await page.evaluate(SETTLED))
    try:
        await until_async(has_settled, 5)
    except AssertionError:
        return [f"{route}: still waits after 5 s"]
    return []


async def faults(page: Page, route: str) -> list[str]:
    """What axe has against the page, a line each."""
    found = await Axe().run(page, options=RULES)
    return [f"{route}: {violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:160]}"
            for violation in found.response["violations"]]


@pytest.mark.parametrize(("look", "language"), [("light", ""), ("dark", ""), ("elder", ""), ("light", "en")])
async def test_axe_finds_nothing_against_any_page(phone_page: Phones, look: str, language: str) -> None:
    pages: dict[str, Page] = {}
    found: list[str] = []
    for route in routes(language):
        who = STAFF.get(route.removeprefix("/en"), "parent")
        if who not in pages:
            pages[who] = await phone_page(who, dark=look == "dark", elder=look == "elder", locale=language or "zh")
        found += await waits_for_ever(pages[who], route)
        found += await faults(pages[who], route)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("elder", [False, True])
async def test_no_page_is_wider_than_a_phone_of_320_pixels(phone_page: Phones, elder: bool) -> None:
    pages: dict[str, Page] = {}
    wide: list[str] = []
    for route in routes():
        who = STAFF.get(route, "parent")
        if who not in pages:
            pages[who] = await phone_page(who, width=320, elder=elder)
        await waits_for_ever(pages[who], route)
        width, screen = await pages[who].evaluate(WIDTH)
        wide += [f"{route}: {width}"] if width > max(screen, 320) else []
    assert not wide, "\n".join(wide)
