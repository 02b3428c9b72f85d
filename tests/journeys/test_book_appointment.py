"""Journey: a mother finds a paediatrician, signs in, books for her child, sees the number, and cancels."""

from __future__ import annotations

import re
from uuid import UUID

from playwright.async_api import Page, expect
from tests.clients import Served
from tests.journeys.browser import Phones, agree, new_resident, sign_in, started

from haian.demo import demo_id
from haian.ids import new_id

DEPARTMENT = "皮肤科"  # of 演示第二医院: no other journey goes there


async def family(inside: Served) -> tuple[UUID, UUID]:
    """A mother and her child."""
    mother, child = await new_resident(inside, "林晓燕"), new_id()
    now = inside.platform.clock.now()
    async with inside.platform.db.writing_as("identity") as connection:
        await connection.execute("INSERT INTO identity.citizen (id, name, born, level, demo, created_at) "
                                 "VALUES ($1, '林小满', '2019-05-21', 'VERIFIED', true, $2)", child, now)
    async with inside.platform.db.writing_as("delegation") as connection:
        await connection.execute("INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until) "
                                 "VALUES ($1, $2, 'MOTHER', $3, $3::timestamptz + interval '5 years')", mother, child, now)
    return mother, child


async def to_a_slot(page: Page) -> str:
    """One tap a page, from the hospitals to a free time of the last day; returns the slot."""
    await page.get_by_role("link", name=re.compile("演示第二医院")).click()
    await page.get_by_role("link", name=re.compile(DEPARTMENT)).click()
    await page.get_by_role("link", name=re.compile("主任医师")).first.click()
    await expect(page.get_by_role("heading", name=re.compile("主任医师"))).to_be_visible()
    last = page.locator("a.chip").last
    await last.click()
    await expect(last).to_have_attribute("aria-current", "page")
    await page.locator("a.slot").first.click()
    await expect(page).to_have_url(re.compile(r"/healthcare/book\?slot="))
    return page.url.rpartition("slot=")[2]


async def places(inside: Served, slot: str) -> int:
    rows = await inside.platform.db.fetch("SELECT remaining FROM healthcare.slot WHERE id = $1", UUID(slot))
    return int(rows[0][0])


async def test_book_and_cancel_an_appointment_for_a_child(phone_page: Phones, inside: Served) -> None:
    mother, child = await family(inside)
    page = await phone_page(mother, "/healthcare")
    slot = await to_a_slot(page)
    before = await places(inside, slot)

    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_role("alert")).to_be_visible()  # nobody was chosen, and nothing was sent
    assert await places(inside, slot) == before
    await page.get_by_text("林小满").click()
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_role("heading", name="预约成功")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"^第 \d+ 号"))).to_be_visible()
    assert await places(inside, slot) == before - 1

    await page.goto("/healthcare/mine")
    ticket = page.locator("a.ticket")
    await expect(ticket).to_contain_text("林小满")
    await ticket.click()
    await page.get_by_role("button", name="取消预约").click()
    await page.get_by_role("button", name="确定取消").click()
    await expect(page.get_by_role("heading", name="已取消")).to_be_visible()
    assert await places(inside, slot) == before
    rows = await inside.platform.db.fetch("SELECT status FROM healthcare.appointment WHERE patient_id = $1", child)
    assert [row["status"] for row in rows] == ["cancelled"]


async def test_what_somebody_else_just_took_offers_the_next_times(phone_page: Phones, inside: Served) -> None:
    page = await phone_page(await new_resident(inside, "周海平"), "/healthcare")
    slot = await to_a_slot(page)
    left = await places(inside, slot)
    await expect(page.get_by_text("周海平")).to_be_visible()
    async with inside.platform.db.writing_as("healthcare") as connection:
        await connection.execute("UPDATE healthcare.slot SET remaining = 0 WHERE id = $1", UUID(slot))
    try:
        await page.get_by_role("button", name="确认预约").click()
        await expect(page.get_by_role("heading", name="刚刚约满了")).to_be_visible()
        await page.locator("a.row").first.click()
        await expect(page).not_to_have_url(re.compile(slot))
        await page.get_by_role("button", name="确认预约").click()
        await expect(page.get_by_role("heading", name="预约成功")).to_be_visible()
    finally:
        async with inside.platform.db.writing_as("healthcare") as connection:
            await connection.execute("UPDATE healthcare.slot SET remaining = $2 WHERE id = $1", UUID(slot), left)


async def test_a_stranger_signs_in_and_is_back_at_the_same_time(phone_page: Phones, inside: Served) -> None:
    page = await phone_page(path="/healthcare")
    slot = await to_a_slot(page)
    before = await places(inside, slot)
    await page.get_by_role("link", name="登录后预约").click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    await started(page)
    await sign_in(page, "13612340001")
    await expect(page.get_by_role("heading", name="请先看看服务协议")).to_be_visible()
    await page.get_by_role("button", name="暂不同意").click()
    await expect(page.get_by_role("link", name="下载全部数据，或注销账号")).to_be_visible()
    await page.get_by_role("button", name="关闭").click()
    await agree(page)
    assert page.url.endswith("/healthcare/book?slot=" + slot)
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_role("heading", name="需要先实名")).to_be_visible()
    assert await places(inside, slot) == before


async def test_the_desk_marks_who_came(phone_page: Phones, inside: Served) -> None:
    desk = await phone_page("registrar", "/healthcare/staff", width=1024)
    await expect(desk.get_by_role("heading", name="演示第一医院")).to_be_visible()
    rows = desk.locator(".pane-main .row").filter(has=desk.get_by_role("button", name="签到"))
    name = await rows.first.locator("b").nth(1).inner_text()
    await rows.first.get_by_role("button", name="签到").click()
    marked = desk.locator(".pane-main .row").filter(has_text=name.split()[0]).filter(has_text="已签到").first
    await expect(marked).to_be_visible()
    await marked.get_by_role("button", name="撤销").click()
    await expect(desk.locator(".pane-main .row").filter(has_text="已签到")).to_have_count(0)
    found = await inside.platform.db.fetch("SELECT count(*) FROM haian.audit WHERE action = 'APPOINTMENTS_SEEN' "
                                           "AND actor_id = $1", demo_id("citizen:registrar"))
    assert found[0][0] > 0
