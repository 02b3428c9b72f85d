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
    "/education/teacher": "teacher", "/education/written": "teacher", "/education/publish": "teacher",
}
RULES = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SETTLED = """() => ![...document.querySelectorAll("main .bones")].some((bones) => bones.checkVisibility())"""
NARROWEST = 320


def routes() -> list[str]:
    """Every route that was built, in Chinese: the English ones are the same pages."""
    found = (file.parent.relative_to(BUILT) for file in BUILT.rglob("index.html"))
    return sorted("/" if route == Path() else f"/{route}" for route in found if route.parts[:1] != ("en",))


async def waits_for_ever(page: Page, route: str) -> list[str]:
    """Opens the page; a line when its answers do not come."""
    if route == "/offline":  # needs no script at all
        await page.goto(route)
        return []
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


async def too_wide(page: Page, route: str) -> list[str]:
    """A line when the page is wider than the narrowest phone. Leaves the page as wide as it was."""
    before = page.viewport_size
    assert before
    await page.set_viewport_size({"width": NARROWEST, "height": before["height"]})
    width = await page.evaluate("() => document.documentElement.scrollWidth")
    await page.set_viewport_size(before)
    return [f"{route}: {width} px on a phone of {NARROWEST}"] if width > NARROWEST else []


@pytest.mark.parametrize("look", ["light", "dark", "elder"])
async def test_axe_finds_nothing_against_any_page_and_none_is_too_wide(phone_page: Phones, look: str) -> None:
    pages: dict[str, Page] = {}
    found: list[str] = []
    for route in routes():
        who = STAFF.get(route, "parent")
        if who not in pages:
            pages[who] = await phone_page(who, dark=look == "dark", elder=look == "elder")
        found += await waits_for_ever(pages[who], route)
        found += await faults(pages[who], route)
        found += await too_wide(pages[who], route) if look != "dark" else []
    assert not found, "\n".join(found)
