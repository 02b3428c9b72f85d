"""Journey: a teacher publishes a notice, open phones show it, a guardian confirms, the teacher's page counts it, live."""

from __future__ import annotations

import re
from uuid import UUID

from playwright.async_api import Page, expect
from tests.classroom import add_child, add_class, add_guardian, enrol
from tests.clients import Served
from tests.journeys.browser import AWAY, Phones, new_resident, opened_at, picture, started

TITLE = "明天带彩纸和剪刀"


async def family(inside: Served, class_: UUID, name: str) -> tuple[UUID, UUID]:
    """A child in the class, with mother and father."""
    child = await add_child(inside, name)
    await enrol(inside, class_, child)
    mother, father = await new_resident(inside, "林妈妈"), await new_resident(inside, "林爸爸")
    await add_guardian(inside, mother, child)
    await add_guardian(inside, father, child, "FATHER")
    return mother, father


async def writes(teacher: Page, class_: UUID) -> None:
    """Types a notice, leaves, comes back to the draft, asks for confirmation and sends it."""
    await teacher.get_by_label("标题").fill(TITLE)
    await teacher.get_by_role("textbox", name="正文").fill("美术课要用。\n\n没有的同学老师会准备。")
    await opened_at(teacher, "/education/teacher")
    await opened_at(teacher, f"/education/publish?class={class_}")
    await expect(teacher.get_by_label("标题")).to_have_value(TITLE)
    await expect(teacher.get_by_role("textbox", name="正文")).to_have_value(re.compile("老师会准备"))
    await teacher.get_by_label("需要家长确认吗").select_option(label="要确认，截止 明天 20:00")
    await teacher.get_by_role("button", name="发给全班家长").click()
    await expect(teacher).to_have_url(re.compile(f"/education/teacher\\?class={class_}"))


async def test_confirm_notice(phone_page: Phones, inside: Served) -> None:
    class_ = await add_class(inside)
    mother, father = await family(inside, class_, "林小舟")
    await family(inside, class_, "林小帆")
    hers = await phone_page(mother, "/education")
    await expect(hers.get_by_text("老师发的通知会出现在这里")).to_be_visible()
    teacher = await phone_page("teacher", f"/education/publish?class={class_}", width=1024)
    await writes(teacher, class_)
    notice = hers.get_by_role("link", name=re.compile(TITLE))
    await expect(notice).to_contain_text(re.compile("明天 20:00.*林小舟"))
    await hers.screenshot(path=picture("education-inbox"))
    await teacher.get_by_role("link", name=re.compile(TITLE)).click()
    tally = teacher.get_by_role("status").filter(has_text="已确认")
    await expect(tally).to_have_text(re.compile(r"^0 / 2 已确认"))
    his = await phone_page(father, "/")
    await his.get_by_role("link", name=re.compile(TITLE)).click()
    await notice.click()
    await expect(hers.get_by_text("老师会准备")).to_be_visible()
    await hers.get_by_role("button", name="看过了，确认").click()
    await expect(hers.get_by_text("您已确认")).to_be_visible()
    await expect(hers.get_by_role("button", name="看过了，确认")).to_have_count(0)
    await expect(tally).to_have_text(re.compile(r"^1 / 2 已确认"))
    await expect(his.get_by_text(re.compile("妈妈 *确认"))).to_be_visible()
    await teacher.screenshot(path=picture("education-written"))


async def opened(phone_page: Phones, inside: Served) -> tuple[Page, Page]:
    """The teacher's list with a notice that she wrote, and the mother's phone, which has it open."""
    class_ = await add_class(inside)
    mother, _ = await family(inside, class_, "林小舟")
    teacher = await phone_page("teacher", f"/education/publish?class={class_}", width=1024)
    await writes(teacher, class_)
    hers = await phone_page(mother, "/education")
    await hers.get_by_role("link", name=re.compile(TITLE)).click()
    return teacher, hers


async def test_a_tap_in_the_lift_is_kept_and_the_teacher_hears_of_it_later(phone_page: Phones, inside: Served) -> None:
    phone_page.allow(*AWAY)
    teacher, hers = await opened(phone_page, inside)
    button = hers.get_by_role("button", name="看过了，确认")
    await expect(button).to_be_enabled()
    await hers.context.set_offline(True)
    await button.click()
    await expect(hers.locator(".note-wait")).to_have_text(re.compile("已记下，联网后自动提交"))
    await expect(button).to_be_disabled()
    await teacher.get_by_role("link", name=re.compile(TITLE)).click()
    tally = teacher.get_by_role("status").filter(has_text="已确认")
    await expect(tally).to_have_text(re.compile(r"^0 / 1 已确认"))
    await hers.context.set_offline(False)
    await expect(tally).to_have_text(re.compile(r"^1 / 1 已确认"))
    await started(hers)
    await expect(hers.get_by_text("您已确认")).to_be_visible()


async def test_a_withdrawal_shows_on_the_phone_that_has_the_notice_open(phone_page: Phones, inside: Served) -> None:
    teacher, hers = await opened(phone_page, inside)
    await expect(hers.get_by_role("button", name="看过了，确认")).to_be_visible()
    await teacher.get_by_role("link", name=re.compile(TITLE)).click()
    await teacher.get_by_text("撤回这条通知").click()
    await teacher.get_by_label("撤回的原因").fill("日期写错了")
    await teacher.get_by_role("button", name="撤回", exact=True).click()
    await expect(hers.get_by_role("heading", name="老师撤回了这条通知")).to_be_visible()
    await expect(hers.get_by_text("日期写错了")).to_be_visible()
    await expect(hers.get_by_role("button", name="看过了，确认")).to_have_count(0)
