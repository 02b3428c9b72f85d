"""A grandmother lets her grandson act for her: at a desk, where he books her doctor at once; by a code that she told, which
counts a day later. Both see it, and she ends it."""

from __future__ import annotations

import re
from uuid import UUID

from playwright.async_api import Page, expect
from tests.clients import Served
from tests.journeys.browser import Phones, new_resident
from tests.waiting import until_async

from identity.sms import OutboxSender


async def number_of(inside: Served, citizen: UUID) -> str:
    [row] = await inside.platform.db.fetch("SELECT phone FROM haian.citizen WHERE id = $1", citizen)
    return str(row["phone"])


async def at_the_desk(page: Page, principal: str, delegate: str) -> None:
    await page.get_by_label("老人的手机号").fill(principal)
    await page.get_by_label("老人怎么称呼代办人").fill("孙子小林")
    await expect(page.get_by_role("status").filter(has_text="登记姓名")).to_contain_text("林*英")
    await page.get_by_label("代办人的手机号").fill(delegate)
    await page.get_by_text("挂号和取消").click()
    await page.get_by_role("button", name="本人在场，确认代办").click()
    await expect(page.get_by_role("heading", name="办好了")).to_be_visible()


async def book_the_first_doctor(page: Page) -> None:
    await page.get_by_role("link", name="预约挂号").first.click()
    await page.get_by_role("link", name=re.compile("演示中医医院")).click()
    await page.locator("main a.row").first.click()
    await page.get_by_role("link", name=re.compile("主任医师|副主任医师|主治医师")).first.click()
    await page.locator("a.chip").last.click()
    await page.locator("a.slot").first.click()
    await expect(page.get_by_text("林秀英")).to_be_visible()  # the one for whom he acts, and chosen: there is no other
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_role("heading", name="预约成功")).to_be_visible()


async def test_a_grandmother_is_helped_without_giving_her_phone_away(phone_page: Phones, inside: Served) -> None:
    grandmother, grandson = await new_resident(inside, "林秀英"), await new_resident(inside, "林小军")
    desk = await phone_page("desk", "/me/mandate-desk", width=1024)
    await at_the_desk(desk, await number_of(inside, grandmother), await number_of(inside, grandson))

    phone = await phone_page(grandson, "/me/delegate")
    await phone.get_by_role("button", name="替家人办事").click()
    bar = phone.locator(".acting")
    await expect(bar).to_contain_text("正在替 林秀英 办事")
    await book_the_first_doctor(phone)
    await expect(bar).to_contain_text("正在替 林秀英 办事")
    await phone.goto("/me")
    await expect(bar).to_contain_text("这一页是您自己的")

    hers = await phone_page(grandmother, "/healthcare/mine")
    await expect(hers.locator("a.ticket")).to_contain_text("林秀英")
    await hers.goto("/me/ledger")
    await expect(hers.get_by_text("受托人").first).to_be_visible()
    await hers.goto("/me/delegate")
    await hers.get_by_role("button", name="终止").click()
    await hers.get_by_role("button", name="确定").click()
    await expect(hers.get_by_text("已终止")).to_be_visible()

    phone_page.allow("ACTING_NOT_COVERED")
    await phone.goto("/healthcare/mine")
    await expect(phone.get_by_role("alert")).to_be_visible()
    await bar.get_by_role("button", name="换回自己").click()
    await expect(phone.get_by_text("现在没有人请您代办")).to_be_visible()
    await expect(bar).to_have_count(0)
    rows = await inside.platform.db.fetch(
        "SELECT patient_id, booked_by FROM healthcare.appointment WHERE patient_id = $1", grandmother)
    assert [(row["patient_id"], row["booked_by"]) for row in rows] == [(grandmother, grandson)]


async def test_a_code_that_she_told_counts_tomorrow_and_both_see_from_when(phone_page: Phones, inside: Served) -> None:
    grandmother, grandson = await new_resident(inside, "林秀英"), await new_resident(inside, "林小军")
    number, sms = await number_of(inside, grandmother), OutboxSender(inside.platform.redis)
    his = await phone_page(grandson, "/me/delegate/ask")
    await his.get_by_label("对方的手机号").fill(number)
    await his.get_by_text("挂号和取消").click()
    await his.get_by_role("button", name="下一步").click()
    await expect(his.get_by_text("确认以后等 24 小时才生效")).to_be_visible()
    await until_async(lambda: sms.last(number))
    await his.get_by_label("对方收到的验证码").fill(str(await sms.last(number)))
    await his.get_by_role("button", name="对方同意了，确认").click()
    mandate = his.locator(".mandate").filter(has_text="林秀英")
    await expect(mandate).to_contain_text(re.compile(r"明天\s?\d\d:\d\d 起生效"))
    await expect(mandate.get_by_role("button", name="替家人办事")).to_have_count(0)

    hers = await phone_page(grandmother, "/me/delegate")
    mandate = hers.locator(".mandate").filter(has_text="林小军")
    await expect(mandate).to_contain_text(re.compile(r"明天\s?\d\d:\d\d 起生效"))
    await expect(mandate).to_contain_text("不是您的意思")
    await mandate.get_by_role("button", name="终止").click()
    await hers.get_by_role("button", name="确定").click()
    await expect(hers.get_by_text("已终止")).to_be_visible()
    await expect(his.get_by_text("已终止")).to_be_visible()  # by itself: it was told
