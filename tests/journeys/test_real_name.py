"""Journey: a newcomer signs in while many ask for codes (the browser works for it, unnoticed), mistypes, is real-named."""

from __future__ import annotations

import re

from playwright.async_api import expect
from tests.clients import Served, new_number
from tests.journeys.browser import Phones, agree

NEAR = "haian:rate:sms:all:easy"


async def test_a_newcomer_is_real_named(phone_page: Phones, inside: Served) -> None:
    page = await phone_page(path="/sign-in?next=/certificates")
    await inside.platform.redis.set(NEAR, 10**15)
    try:
        await page.get_by_label("手机号").fill(new_number())
        await page.locator("button[type=submit]").click()
        shown = page.locator(".note b.num")
        await expect(page.locator("#code")).to_be_visible()
    finally:
        await inside.platform.redis.delete(NEAR)
    await page.locator("#code").fill(await shown.inner_text())
    await agree(page)
    await page.get_by_role("link", name="去实名认证").click()
    main = page.locator("main")
    await main.get_by_label("姓名").fill("陈")
    await main.get_by_role("button", name="提交核验").click()
    await expect(main.get_by_role("alert")).to_have_text("至少写 2 个字")
    await main.get_by_role("button", name="通过").click()
    await expect(main.locator("#number")).to_have_value(re.compile(r"^\d{6} \d{8} \d{3}[\dX]$"))
    typed = await main.locator("#number").input_value()
    await main.locator("#number").fill(typed[:-1] + ("0" if typed[-1] != "0" else "1"))
    await main.get_by_role("button", name="提交核验").click()
    await expect(main.get_by_role("alert")).to_contain_text("18 位")
    await main.locator("#number").fill(typed.replace(" ", ""))
    await main.get_by_role("button", name="提交核验").click()
    await expect(main.get_by_role("heading", name="已实名")).to_be_visible()
    await expect(main).to_contain_text(f"370*************{typed[-2:]}")
    kept = await page.evaluate("() => JSON.stringify({...localStorage, ...sessionStorage})")
    assert typed.replace(" ", "")[4:] not in kept.replace(" ", "")
