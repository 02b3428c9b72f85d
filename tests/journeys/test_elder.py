"""Journey: 长辈版 from home, a parking space booked in it: every target is 60 px, every text 18 px, and the way back to the
usual version is always in sight."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect
from tests.clients import Served
from tests.journeys.browser import Phones, new_resident, picture
from tests.journeys.parking import COMMUNITY, booked, checked_space, lent, type_plate
from tests.journeys.sizes import LARGE, small


async def fits(page: Page, name: str) -> None:
    """This page is for somebody who sees and taps less finely."""
    way_back = page.get_by_role("link", name="回到常规版").first
    await expect(way_back).to_be_in_viewport()
    await page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await expect(way_back).to_be_in_viewport()
    await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(path=picture(f"elder-{name}"), full_page=True)
    for width in (320, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        assert not (found := await small(page, LARGE)), f"{name} at {width} px:\n" + "\n".join(found)


async def test_book_a_space_in_the_version_for_the_old(phone_page: Phones, inside: Served) -> None:
    space = await checked_space(inside, await new_resident(inside, "车主"), "E-101", cents=0)
    await lent(inside, space, 1)
    page = await phone_page(await new_resident(inside, "李奶奶"), "/")
    await page.get_by_role("link", name="长辈版").click()
    await expect(page).to_have_url(re.compile("/elder$"))
    await expect(page.get_by_text("12345").first).to_be_visible()
    await fits(page, "home")

    await page.get_by_role("link", name=re.compile("车位")).click()
    await page.get_by_label("哪个社区").select_option(COMMUNITY)
    await page.locator(".chip", has_text="明天").click()
    await expect(page.get_by_label("从几点")).to_have_value("9")  # today's late hours are not tomorrow's
    await fits(page, "find")
    await page.get_by_role("button", name="找车位").click()
    await expect(page.get_by_role("link", name=re.compile("E-101"))).to_be_visible()
    await fits(page, "found")

    await page.get_by_role("link", name=re.compile("E-101")).click()
    await expect(page.locator("p.large")).to_contain_text("明天")
    await page.get_by_role("button", name=re.compile("^车牌号")).click()
    await fits(page, "plate")
    await page.get_by_role("button", name=re.compile("^车牌号")).click()
    await type_plate(page, "鲁BE1010")
    await page.get_by_role("button", name="确认预约").click()
    await expect(page).to_have_url(re.compile("/parking/mine"))
    await expect(page.get_by_text("鲁BE1010")).to_be_visible()
    await fits(page, "mine")
    assert len(await booked(inside, "鲁BE1010")) == 1

    await page.get_by_role("link", name="回到常规版").first.click()
    await expect(page).to_have_url(re.compile(r"//[^/]+/$"))
    await expect(page.locator("html")).not_to_have_attribute("data-elder", re.compile(""))


@pytest.mark.parametrize("version", ["usual", "large"])
async def test_the_code_is_one_tap_from_every_tab(phone_page: Phones, inside: Served, version: str) -> None:
    page = await phone_page(await new_resident(inside, "王奶奶"), "/services", elder=version == "large")
    bar = page.locator(".tabs-elder" if version == "large" else ".tabs-usual")
    tabs = bar.get_by_role("link")
    await expect(tabs).to_have_count(3 if version == "large" else 5)
    for tab in [await link.get_attribute("href") or "" for link in await tabs.all()]:
        await bar.locator(f"a[href='{tab}']").click()
        await expect(page).to_have_url(re.compile(re.escape(tab) + "$"))
        code = page.locator("a[href='/onecode']").filter(visible=True).first
        await expect(code).to_be_in_viewport()
        await code.click()
        await expect(page.locator(".code-frame")).to_be_visible()
