"""Journey: a resident who is a stranger wants something personal, signs in, and is where the wish began."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect
from tests.clients import Served
from tests.journeys.browser import Phones, new_resident, opened_at, sign_in, started


async def test_sign_in_and_return(page: Page) -> None:
    await expect(page.get_by_role("link", name="立即登录")).to_be_visible()
    await opened_at(page, "/parking/mine")
    await page.get_by_role("link", name=re.compile("登录")).click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    await started(page)
    await sign_in(page, "resident")
    await expect(page).to_have_url(re.compile("/parking/mine$"))
    await expect(page.locator("main").get_by_text("还没有车位预约")).to_be_visible()


async def test_a_wrong_code_says_so_and_nothing_typed_is_lost(phone_page: Phones) -> None:
    page = await phone_page(path="/sign-in?next=/me/devices")
    await page.get_by_label("手机号").fill("13800000008")
    await page.locator("button[type=submit]").click()
    shown = page.locator(".note b.num")
    await expect(shown).to_have_text(re.compile(r"^\d{6}$"))
    right = await shown.inner_text()
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    await page.locator("#code").fill(wrong)
    await expect(page.get_by_role("alert")).to_contain_text("验证码")
    await expect(page.locator("#code")).to_have_value(wrong)
    await expect(page.locator(".sent")).to_contain_text("138 0000 0008")
    await page.keyboard.type(right)  # in the place of the wrong one
    await expect(page).to_have_url(re.compile("/me/devices$"))
    await expect(page.locator("main").get_by_text("本机")).to_be_visible()


async def test_a_device_ended_elsewhere_is_signed_out_at_once(phone_page: Phones, inside: Served) -> None:
    citizen = await new_resident(inside)
    lost = await phone_page(citizen, "/messages")
    kept = await phone_page(citizen, "/me/devices")
    await expect(lost.locator("main").get_by_text("还没有消息")).to_be_visible()
    rows = kept.locator("main .row")
    await expect(rows).to_have_count(2)
    await kept.get_by_role("button", name="退出", exact=True).click()
    await kept.get_by_role("button", name="确定").click()
    await expect(lost).to_have_url(re.compile(r"/sign-in\?ended=1&next=/messages"))
    await expect(rows).to_have_count(1)
    await opened_at(lost, "/me/devices")
    await expect(lost.get_by_role("heading", name="请先登录")).to_be_visible()
