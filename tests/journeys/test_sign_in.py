"""Journey: a resident who is a stranger wants something personal, signs in, and is where the wish began."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect
from tests.journeys.browser import opened_at, sign_in, started


async def test_sign_in_and_return(page: Page) -> None:
    await expect(page.get_by_role("link", name="立即登录")).to_be_visible()
    await opened_at(page, "/parking/mine")
    await page.get_by_role("link", name=re.compile("登录")).click()
    await started(page)
    await sign_in(page, "resident")
    await expect(page).to_have_url(re.compile("/parking/mine$"))
    await expect(page.locator("main").get_by_text("还没有车位预约")).to_be_visible()
