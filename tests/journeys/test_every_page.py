"""Every page of the site: no violation of axe in either theme or in 长辈版, nothing wider than the phone, and no field
that a password manager fills unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect
from tests.journeys.browser import PATIENCE, Phones, opened_at
from tests.waiting import until_async

from haian.settings import PROJECT

BUILT = PROJECT / "frontend" / "built"
STAFF = {
    "/me/disputes": "desk", "/me/recovery-desk": "desk", "/me/phone-desk": "desk",
    "/me/staff": "manager", "/me/bursts": "manager", "/terms/desk": "manager", "/me/gates": "manager",
    "/work": "manager", "/me/clients": "developer", "/me/clients/new": "developer", "/me/clients/desk": "manager",
    "/me/mandate-desk": "desk", "/me/guardian-desk": "desk", "/me/guardian-desk/end": "desk",
    "/healthcare/staff": "registrar", "/onecode/manage": "manager", "/onecode/scenes/desk": "manager",
    "/certificates/desk": "desk", "/certificates/check": "manager",
    "/onecode/scan": "guard", "/parking/desk": "clerk", "/news/write": "editor",
    "/education/teacher": "teacher", "/education/written": "teacher", "/education/publish": "teacher",
}
RULES = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SETTLED = """() => ![...document.querySelectorAll("main .bones")].some((bones) => bones.checkVisibility())"""
FILLED = """() => [...document.querySelectorAll("input, textarea")].filter((one) => !one.readOnly
    && ["text", "tel", "email", "password", "number", "url", "textarea"].includes(one.type)
    && !["off", "tel-national", "one-time-code"].includes(one.getAttribute("autocomplete"))).map((one) => one.outerHTML)"""
"""Fields that do not say what may be put into them: the number of whose phone it is and a code, nothing else."""
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
        await until_async(has_settled, PATIENCE)
    except AssertionError:
        return [f"{route}: still waits after {PATIENCE} s"]
    return []


async def faults(page: Page, route: str) -> list[str]:
    """What axe has against the page, a line each."""
    found = await Axe().run(page, options=RULES)
    return [f"{route}: {violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:160]}"
            for violation in found.response["violations"]]


async def filled_unasked(page: Page, route: str) -> list[str]:
    return [f"{route}: without autocomplete: {field[:160]}" for field in await page.evaluate(FILLED)]


async def too_wide(page: Page, route: str) -> list[str]:
    """A line when the page is wider than the narrowest phone. Leaves the page as wide as it was."""
    before = page.viewport_size
    assert before
    await page.set_viewport_size({"width": NARROWEST, "height": before["height"]})

    async def is_narrow() -> bool:
        return bool(await page.evaluate("() => document.documentElement.clientWidth") == NARROWEST)
    await until_async(is_narrow, PATIENCE)
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
        found += await filled_unasked(pages[who], route)
        found += await too_wide(pages[who], route) if look != "dark" else []
    assert not found, "\n".join(found)


async def test_a_page_of_staff_says_to_anybody_else_that_it_is_not_theirs(phone_page: Phones) -> None:
    page = await phone_page("parent")
    for route in STAFF:
        assert not await waits_for_ever(page, route)
        await expect(page.locator("main .state").filter(visible=True), route).to_have_count(1)
        await expect(page.locator("main form"), route).to_have_count(0)
