"""Journey: an inspector asks whether somebody is 18; they claim their ID card, see that nothing else is asked, and tap."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.async_api import expect
from tests.journeys.browser import Phones


async def test_over_18_is_shown_without_the_birth_date(phone_page: Phones) -> None:
    desk = await phone_page("manager", "/certificates/check")
    await desk.get_by_role("button", name="售酒检查").click()
    code = desk.locator(".asking-code")
    await expect(code).to_have_attribute("data-code", re.compile("."))
    link = urlsplit(await code.get_attribute("data-code") or "")

    phone = await phone_page("registrar", "/certificates")
    row = phone.locator(".cert-row").filter(has_text="居民身份证")
    await row.get_by_role("button", name="领取").click()
    card = phone.locator(".cert").filter(has_text="居民身份证")
    await expect(card).to_be_visible()

    await phone.goto(f"{link.path}?{link.query}")
    await expect(phone.locator(".asked-list li")).to_have_text(["年满 18 岁"])
    await phone.get_by_role("button", name="同意出示").click()
    await expect(phone.get_by_role("heading", name="已出示")).to_be_visible()
    await expect(desk.locator(".verdict")).to_contain_text("查验通过")
    await expect(desk.locator(".facts dd")).to_have_text(["是"])
    await expect(desk.get_by_text("孙丽娜")).to_have_count(0)

    await phone.goto("/certificates")
    await card.click()
    await expect(phone.locator(".row").filter(has_text="年满 18 岁")).to_contain_text("青岛西海岸新区管委会")
    await phone.get_by_role("button", name="显示完整信息").click()
    await expect(phone.locator(".cert-claims")).to_contain_text("孙丽娜")
    await phone.get_by_role("button", name="马上遮住").click()
    await expect(phone.locator(".cert-claims")).to_contain_text("孙**")
