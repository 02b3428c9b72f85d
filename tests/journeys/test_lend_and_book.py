"""Journey: an owner lends a space, a neighbour finds and books it, the owner sees the plate at once; somebody else who
wanted it too is told what else is free. A clerk checks a new space."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect
from tests.clients import Served
from tests.journeys.browser import Phones, new_resident, opened_at, picture
from tests.journeys.parking import COMMUNITY, booked, checked_space, lent, open_booking, type_plate


async def lend_tomorrow(owner: Page) -> None:
    """The whole of tomorrow's daytime, as the form proposes it."""
    await owner.get_by_text("共享一段时间").click()
    await owner.locator(".chip", has_text="明天").click()
    await owner.get_by_label("从几点").select_option("8:00")
    await owner.get_by_label("到几点").select_option("20:00")
    await expect(owner.locator(".window-sum")).to_have_text("明天 08:00–20:00 共 12 小时")
    await owner.screenshot(path=picture("lend-form"), full_page=True)
    await owner.get_by_role("button", name="开始共享").click()
    await expect(owner.locator(".rows").get_by_text("明天 08:00–20:00")).to_be_visible()


async def find_tomorrow(page: Page, label: str) -> None:
    """From the question to the booking page of one space."""
    await expect(page.get_by_label("哪个社区")).to_be_visible()
    await page.get_by_label("哪个社区").select_option(COMMUNITY)
    await page.locator(".chip", has_text="明天").click()
    await page.get_by_label("从几点").select_option("18:00")
    await page.get_by_label("到几点").select_option("20:00")
    await page.get_by_role("button", name="找车位").click()
    await expect(page.get_by_text("明天 18:00–20:00")).to_be_visible()
    await page.get_by_role("link", name=re.compile(label)).click()
    await expect(page.locator("p.large")).to_have_text("明天 18:00–20:00")


async def test_lend_find_book_see_cancel(phone_page: Phones, inside: Served) -> None:
    owner_id = await new_resident(inside, "车主")
    await checked_space(inside, owner_id, "J-101", cents=0)
    owner = await phone_page(owner_id, "/parking/share")
    await expect(owner.get_by_text("还没有共享的时间")).to_be_visible()
    await lend_tomorrow(owner)

    neighbour = await phone_page(await new_resident(inside), "/parking")
    rival = await phone_page(await new_resident(inside, "另一位邻居"), "/parking")
    for page in (neighbour, rival):
        await find_tomorrow(page, "J-101")
        await type_plate(page, "鲁BJ1010" if page is neighbour else "鲁BJ2020")
    await neighbour.screenshot(path=picture("book-form"), full_page=True)
    await neighbour.get_by_role("button", name="确认预约").click()
    await expect(neighbour).to_have_url(re.compile("/parking/mine"))
    await expect(neighbour.get_by_text("鲁BJ1010")).to_be_visible()

    await expect(owner.get_by_text("鲁BJ1010")).to_be_visible()  # live: nobody touched the owner's phone
    await owner.screenshot(path=picture("share-live"), full_page=True)

    await rival.get_by_role("button", name="确认预约").click()
    await expect(rival.get_by_role("heading", name="刚刚被别人约走了")).to_be_visible()
    others = rival.locator(".rows a")
    await expect(others.first).to_be_visible()
    await rival.screenshot(path=picture("taken"), full_page=True)
    await others.first.click()
    await expect(rival.locator("p.large")).to_have_text("明天 18:00–20:00")
    await expect(rival.get_by_role("heading", name="刚刚被别人约走了")).to_be_hidden()

    await neighbour.get_by_role("button", name="取消预约").click()
    await neighbour.get_by_role("dialog").get_by_role("button", name="确定").click()
    await expect(neighbour.get_by_text("已取消").first).to_be_visible()
    await expect(owner.get_by_text("鲁BJ1010")).to_be_hidden()
    assert await booked(inside, "鲁BJ1010") == []


async def test_a_short_plate_and_a_window_twice_are_told_beside_the_field(phone_page: Phones, inside: Served) -> None:
    owner_id = await new_resident(inside, "车主")
    space = await checked_space(inside, owner_id, "J-102")
    offer, begins = await lent(inside, space, 1)
    owner = await phone_page(owner_id, "/parking/share")
    await owner.get_by_text("共享一段时间").click()
    await owner.locator(".chip", has_text="明天").click()
    await owner.get_by_role("button", name="开始共享").click()
    await expect(owner.locator(".window .note-bad")).to_have_text("这段时间已经共享过了，请换一个时间。")
    neighbour = await phone_page(await new_resident(inside))
    await open_booking(neighbour, offer, begins)
    await neighbour.get_by_role("button", name="确认预约").click()
    await expect(neighbour.locator(".field .note-bad")).to_have_text("号牌还没输完整")


async def test_a_stranger_signs_in_and_is_back_at_the_space(phone_page: Phones, inside: Served) -> None:
    space = await checked_space(inside, await new_resident(inside, "车主"), "J-103")
    offer, begins = await lent(inside, space, 1)
    stranger = await phone_page(path="/")
    await open_booking(stranger, offer, begins)
    await type_plate(stranger, "鲁BJ3030")
    await stranger.get_by_role("button", name="确认预约").click()
    await expect(stranger).to_have_url(re.compile("/sign-in"))
    assert f"offer%3D{offer}" in stranger.url


async def test_a_clerk_checks_a_new_space(phone_page: Phones, inside: Served) -> None:
    owner = await phone_page(await new_resident(inside, "新车主"))
    await opened_at(owner, f"/parking/register?street={COMMUNITY[:9]}")
    await owner.locator("form").nth(1).get_by_label("哪个社区").select_option(COMMUNITY)
    await owner.get_by_label("停车场").fill("地面停车场")
    await owner.get_by_label("车位号").fill("J-104")
    await owner.get_by_role("button", name="登记车位").click()
    await expect(owner).to_have_url(re.compile("/parking/share$"))
    await expect(owner.get_by_text("等待核实")).to_be_visible()
    clerk = await phone_page("clerk", "/parking/desk", width=1024)
    mine = clerk.locator("article", has_text="J-104")
    await expect(mine).to_contain_text("新车主")
    await clerk.screenshot(path=picture("desk"), full_page=True)
    await mine.get_by_role("button", name="通过", exact=True).click()
    await expect(mine).to_be_hidden()
    await expect(owner.get_by_text("可以共享")).to_be_visible()
    await expect(owner.get_by_text("共享一段时间")).to_be_visible()


async def test_a_guard_sees_the_cars_and_decides_nothing(phone_page: Phones, inside: Served) -> None:
    guard = await phone_page("guard", "/parking/desk")
    await expect(guard.get_by_role("heading", name="今天可以停的车")).to_be_visible()
    await expect(guard.get_by_role("heading", name="待核实的车位")).to_be_hidden()
    resident = await phone_page("resident", "/parking/desk")
    await expect(resident.get_by_role("heading", name="今天可以停的车")).to_be_hidden()
    await expect(resident.get_by_text("您没有权限查看或办理这一项。")).to_be_visible()
