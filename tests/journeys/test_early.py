"""Journey: a slow phone. The page is drawn and does not answer yet; what is typed and tapped meanwhile is not lost."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Route, expect
from tests.clients import new_number
from tests.journeys.browser import Phones


async def drawn(page: Page, path: str) -> asyncio.Event:
    """Opens a page whose scripts arrive when the event is set."""
    arrives = asyncio.Event()

    async def late(route: Route) -> None:
        await arrives.wait()
        await route.continue_()
    await page.context.route("**/assets/*.js", late)
    await page.goto(path, wait_until="commit")
    return arrives


@pytest.mark.parametrize("by", ["tap", "Enter"])
async def test_who_types_and_sends_before_the_page_answers_is_sent_a_code_once(phone_page: Phones, by: str) -> None:
    page, number = await phone_page(), new_number()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    arrives = await drawn(page, "/sign-in?next=/me")
    await page.get_by_label("手机号").fill(number)
    for _ in range(2):  # who sees nothing happen does it again
        if by == "tap":
            await page.locator("button[type=submit]").click()
        else:
            await page.get_by_label("手机号").press("Enter")
    await expect(page.locator("button[type=submit]")).to_have_attribute("aria-busy", "true")
    assert urlsplit(page.url).query == "next=/me", "what was typed is in no address"
    arrives.set()
    await expect(page.locator(".sent")).to_contain_text(re.sub(r"(...)(....)(....)", r"\1 \2 \3", number))
    await expect(page.locator(".note b.num")).to_have_text(re.compile(r"^\d{6}$"))
    assert len(asked) == 1


async def test_what_is_chosen_before_the_page_answers_is_chosen(phone_page: Phones) -> None:
    page = await phone_page()
    arrives = await drawn(page, "/settings")
    await page.locator("label", has_text="深色").click()
    arrives.set()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_role("radio", name="深色")).to_be_checked()
