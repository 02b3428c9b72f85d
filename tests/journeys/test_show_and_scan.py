"""Journey: a resident shows the code, a guard's camera reads it off the screen, and the resident sees by whom, live."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Playwright, async_playwright, expect
from tests.clients import Served
from tests.journeys.browser import Phones, new_resident, opened_at
from tests.journeys.camera import decoded, write_video

from server.browser import chromium


@asynccontextmanager
async def looking_at(playwright: Playwright, video: Path) -> AsyncIterator[Browser]:
    """A Chromium whose camera sees a video."""
    browser = await playwright.chromium.launch(executable_path=chromium(), args=[
        "--no-sandbox", "--lang=zh-CN", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={video}"])
    try:
        yield browser
    finally:
        await browser.close()


async def fresh_code(phone: Page) -> bytes:
    """A screenshot of the phone with a code that was issued just now."""
    picture = phone.locator(".code-picture")
    before = await picture.get_attribute("data-code")
    await phone.get_by_role("button", name="换一个").click()
    await expect(picture).not_to_have_attribute("data-code", before or "")
    return await phone.screenshot()


async def test_show_and_scan(phone_page: Phones, inside: Served, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    holder = await phone_page(await new_resident(inside, "陈小码"), "/onecode")
    await expect(holder.locator(".code-who")).to_have_text("陈*码")
    await expect(holder.get_by_text("还没有人扫过您的码")).to_be_visible()
    async with async_playwright() as playwright:
        video = write_video(decoded(await fresh_code(holder)), tmp_path / "camera.y4m")
        async with looking_at(playwright, video) as browser:
            phones = Phones(browser, inside, f"{request.node.name}-guard")
            guard = await phones("guard", "/onecode/scan")
            await passes(guard, holder)
            await is_refused_a_second_time(guard, holder)
            await phones.put_away(failed=False)


async def passes(guard: Page, holder: Page) -> None:
    """The guard sees the verdict and exactly what the gate asks; the holder hears who, where and what they saw."""
    verdict = guard.get_by_role("alert")
    await expect(verdict).to_contain_text("通过", timeout=20_000)
    await expect(verdict.locator("b")).to_have_text("通过")
    assert [await term.inner_text() for term in await verdict.locator("dt").all()] == ["姓名", "本社区居民"]
    assert [await value.inner_text() for value in await verdict.locator("dd").all()] == ["陈*码", "是"]
    newest = holder.locator(".scan-row").first
    await expect(newest).to_contain_text(re.compile("刚刚.*东门.*赵\\*国"))
    await expect(newest).to_contain_text("看到了：姓名本社区居民")
    await expect(holder.get_by_text("已通过")).to_be_visible()


async def is_refused_a_second_time(guard: Page, holder: Page) -> None:
    """The same picture before the camera of a page that was opened anew: a code is good for once."""
    await opened_at(guard, "/onecode/scan")
    verdict = guard.get_by_role("alert")
    await expect(verdict.locator("b")).to_have_text("不通过", timeout=20_000)
    await expect(verdict).to_contain_text("已经用过")
    await expect(verdict.locator("dd")).to_have_count(0)
    await expect(holder.locator(".scan-row").first).to_contain_text("没有看到您的任何信息")


async def test_a_citizen_without_a_post_is_led_to_the_own_code(phone_page: Phones) -> None:
    page = await phone_page("parent", "/onecode/scan")
    await expect(page.get_by_role("heading", name="这是工作人员用的页面")).to_be_visible()
    await page.get_by_role("link", name="出示我的码").click()
    await expect(page.locator(".code-picture")).to_be_visible()


async def test_a_code_outlives_the_network_for_its_seconds_and_comes_back(phone_page: Phones, inside: Served) -> None:
    phone_page.allow("net::ERR_", "WebSocket", "Failed to fetch")
    page = await phone_page(await new_resident(inside, "林小海"), "/onecode")
    await expect(page.locator(".code-picture")).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.get_by_role("timer")).to_contain_text("网络断开，这个码还能用")
    await expect(page.locator(".code-gone")).to_contain_text("没有网络", timeout=40_000)
    await page.context.set_offline(False)
    await expect(page.locator(".code-picture")).to_be_visible(timeout=15_000)
