"""Journey: a citizen finds in the ledger the clerk who looked, for which office and why, and asks."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from playwright.async_api import Route, expect
from tests.clients import Served
from tests.journeys.browser import Phones, new_resident, opened_at
from tests.journeys.parking import checked_space, lent
from tests.oauth.program import REDIRECT, Program, answer_of

from haian.demo import demo_id


async def parked_today(inside: Served, holder: UUID) -> str:
    """A booking of today, at whatever hour this runs; returns its plate."""
    space, plate = await checked_space(inside, await new_resident(inside, "车主"), "W-901"), "鲁BW9010"
    offer, begins = await lent(inside, space, 0)
    async with inside.platform.db.writing_as("parking") as connection:
        await connection.execute(
            """INSERT INTO parking.booking (offer_id, space_id, holder_id, plate, during, price_cents, booked_at)
               VALUES ($1, $2, $3, $4, tstzrange($5::timestamptz, $6::timestamptz), 200, $7)""",
            offer, space, holder, plate, begins, begins + timedelta(hours=12), inside.platform.clock.now())
    return plate


async def test_a_citizen_finds_the_clerk_who_looked(phone_page: Phones, inside: Served) -> None:
    holder = await new_resident(inside, "宋海宁")
    plate = await parked_today(inside, holder)
    mine = await phone_page(holder, "/me/ledger")
    await expect(mine.get_by_text("还没有记录")).to_be_visible()

    desk = await phone_page("clerk", "/parking/desk", width=1024)
    await expect(desk.get_by_text(plate)).to_be_visible()

    await mine.reload()
    line = mine.locator(".row").filter(has_text="查看了我的车位预约").first
    await expect(line).to_contain_text("海岸物业服务中心")
    await expect(line).to_contain_text("物业管理员 吴*强")
    await expect(line).to_contain_text("车牌")
    await expect(line).to_contain_text("第 13 条")
    await mine.get_by_role("button", name="扫码").click()
    await expect(mine.get_by_text("这一类没有记录")).to_be_visible()
    await mine.get_by_role("button", name="工作人员").click()
    await expect(line).to_be_visible()

    await line.get_by_role("button", name="质疑这一条").click()
    await line.get_by_label("您的疑问").fill("我今天没有停车，为什么看？")
    await line.get_by_role("button", name="提交质疑").click()
    await expect(line).to_contain_text("等待答复")
    manager = await phone_page("manager", "/me/questions/desk", width=1024)
    await manager.locator(".pick-row").filter(has_text="我今天没有停车").click()
    await expect(manager.get_by_text("吴志强")).to_be_visible()
    await manager.get_by_role("textbox", name="答复").fill("核对当天入场的车辆，您约了车位。")
    await manager.get_by_role("button", name="发出答复").click()
    await expect(manager.locator(".pick-row").filter(has_text="我今天没有停车")).to_have_count(0)
    await mine.goto("/me/questions")
    await expect(mine.get_by_text("核对当天入场的车辆")).to_be_visible()


async def test_a_citizen_lets_a_mini_app_in_reads_what_it_saw_and_ends_it(phone_page: Phones, inside: Served) -> None:
    program, page = Program(inside), await phone_page(await new_resident(inside, "宋海安"))
    back = []

    async def callback(route: Route) -> None:
        back.append(route.request.url)
        await route.fulfill(body="ok")
    await page.route(f"{REDIRECT}**", callback)
    await opened_at(page, program.request())
    await expect(page.get_by_text("停车小助手 想用您的信息")).to_be_visible()
    await page.get_by_label("看车位预约").check()
    await page.get_by_role("button", name="同意", exact=True).click()
    await expect(page).to_have_url(re.compile(re.escape(REDIRECT)))
    program.token = (await program.exchange(answer_of(back[0])["code"])).json()
    assert (await program.by_access().ask("ParkingBookings"))["edges"] == []
    await opened_at(page, "/me/ledger")
    line = page.locator(".row").filter(has_text="看了您授权的信息").first
    await expect(line).to_contain_text("海风小程序工作室（演示） 小程序 停车小助手")
    await opened_at(page, "/me/devices")
    await page.locator(".device").filter(has_text="停车小助手").get_by_role("button", name="退出").click()
    await page.get_by_role("dialog").get_by_role("button").last.click()
    await expect(page.locator(".device").filter(has_text="停车小助手")).to_have_count(0)
    assert await program.by_access().refused("ParkingBookings") == "UNAUTHENTICATED"


async def test_a_manager_checks_who_looked_at_very_many_people(phone_page: Phones, inside: Served) -> None:
    now = inside.platform.clock.now()
    async with inside.platform.db.writing_as("staff") as connection:
        await connection.execute("""
            INSERT INTO staff.burst (citizen_id, organisation_id, roles, people, looks, since, until, raised_at, quiet_until)
            VALUES ($1, $2, '{property_clerk}', 212, 260, $3, $4, $4, $4)""",
            demo_id("citizen:clerk"), demo_id("organisation:property"), now - timedelta(minutes=9), now)
    page = await phone_page("manager", "/me/bursts")
    line = page.locator(".pick-row").filter(has_text="212 人")
    await expect(line).to_contain_text("待核对")
    await line.click()
    await expect(page.get_by_text("物业管理员")).to_be_visible()
    await page.get_by_text("核对过，是正常工作").click()
    await page.get_by_role("textbox", name="说明").fill("年检登记，和当天工作单对上了。")
    await page.get_by_role("button", name="记录结果").click()
    await expect(line).to_contain_text("正常")
    await expect(page.get_by_text("年检登记，和当天工作单对上了。")).to_be_visible()
