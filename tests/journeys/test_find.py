"""Journey: what somebody looks for is found while they type; what an editor publishes is there at once."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect
from tests.clients import Served
from tests.journeys.browser import Phones, new_resident, opened_at
from tests.journeys.test_every_page import faults, too_wide, waits_for_ever

from haian.ids import new_id


async def test_look_for_something_from_home(phone_page: Phones) -> None:
    page = await phone_page(path="/")
    await page.get_by_role("searchbox").fill("医院")
    await page.get_by_role("button", name="搜索").click()
    await expect(page).to_have_url(re.compile("/search"))
    main = page.locator("main")
    await expect(main.get_by_role("heading", name="医院", exact=True)).to_be_visible()
    field = page.get_by_role("searchbox")
    await field.fill("chewei")
    await expect(main.get_by_role("link", name="车位共享", exact=True)).to_be_visible()
    await expect(page).to_have_url(re.compile("q=chewei"))
    await field.fill("没有这样的东西")
    await expect(main.get_by_text("没有找到")).to_be_visible()
    await expect(main.get_by_role("link", name="打 12345 问问")).to_be_visible()
    await field.fill("")
    await expect(main.get_by_text("大家在找")).to_be_visible()
    await main.locator("a.pick").first.click()
    await expect(main.locator("a.row").first).to_be_visible()


async def test_a_link_that_leads_nowhere_says_so_and_leads_back(phone_page: Phones) -> None:
    for locale, home in (("zh", "回首页"), ("en", "Go home")):
        page = await phone_page(path="/services", locale=locale)
        await page.evaluate("() => history.pushState({}, '', location.pathname + '/nowhere')")
        await page.evaluate("() => dispatchEvent(new PopStateEvent('popstate'))")
        await page.locator("main").get_by_role("link", name=home).click()
        await expect(page.get_by_role("searchbox")).to_be_visible()


async def test_search_in_english_and_in_the_large_version(phone_page: Phones) -> None:
    english = await phone_page(path="/search?q=parking", locale="en")
    await expect(english.locator("main").get_by_role("heading", name="Services")).to_be_visible()
    large = await phone_page(path="/search", elder=True)
    await expect(large.get_by_role("button", name="说话搜索")).to_be_visible()


async def test_news_is_published_read_found_and_withdrawn(phone_page: Phones) -> None:
    title = f"唐岛湾步道维护{new_id().hex[-6:]}"
    waiting = await phone_page(path="/news")
    editor = await phone_page("editor", "/news/write", width=1024)
    await editor.get_by_label("标题").fill("短")
    await editor.get_by_role("button", name="发布").click()
    await expect(editor.get_by_role("alert")).to_contain_text("2 到 80 个字")
    await editor.get_by_label("标题").fill(title)
    await editor.get_by_role("textbox", name="正文").fill("本周三夜间维护，请绕行。")
    await editor.get_by_label("街道").select_option(label="长江路街道")
    await editor.get_by_role("button", name="发布").click()
    await expect(editor).to_have_url(re.compile("/news$"))
    await expect(waiting.locator("main").get_by_role("link", name=re.compile(title))).to_be_visible()
    reader = await phone_page(path="/news")
    await reader.get_by_label("街道").select_option(label="长江路街道")
    await reader.locator("main").get_by_role("link", name=re.compile(title)).click()
    await expect(reader.get_by_role("heading", name=title)).to_be_visible()
    await expect(reader.get_by_text("本周三夜间维护，请绕行。")).to_be_visible()
    finder = await phone_page(path=f"/search?q={title[-6:]}")
    await expect(finder.locator("main").get_by_role("link", name=re.compile("唐岛湾步道维护"))).to_be_visible()
    await opened_at(editor, "/news/write")
    mine = editor.locator(".row", has_text=title)
    await mine.get_by_role("button", name="撤下").click()
    await mine.get_by_role("button", name="确定").click()
    await expect(editor.locator(".row", has_text=title)).to_have_count(0)
    await opened_at(reader, "/news")
    await expect(reader.locator("main a.row").first).to_be_visible()
    await expect(reader.get_by_text(title)).to_have_count(0)


async def test_a_resident_is_no_editor(phone_page: Phones) -> None:
    page = await phone_page("resident", "/news/write")
    await expect(page.get_by_text("这里是公告编辑的工作台")).to_be_visible()


async def test_messages_come_by_themselves_and_are_read_by_a_tap(phone_page: Phones, inside: Served) -> None:
    citizen = await new_resident(inside)
    page = await phone_page(citizen, "/messages")
    await expect(page.get_by_text("还没有消息")).to_be_visible()
    badge = page.locator(".tabs-usual .tab-dot")
    await expect(badge).to_have_count(0)
    for number in (1, 2):
        async with inside.platform.db.writing_as("identity") as connection:
            await connection.execute("SELECT haian.emit($1, $2, $3, $4)", "identity.signed_in", citizen,
                                     {"id": str(new_id()), "device": f"手机{number}"}, inside.platform.clock.now())
        await expect(badge).to_have_text(str(number))
    rows = page.locator("main .message")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("手机2")
    await rows.first.click()
    await expect(page).to_have_url(re.compile("/me/devices$"))
    await page.go_back()
    await expect(badge).to_have_text("1")
    await expect(page.locator("main .message-new")).to_have_count(1)
    await page.get_by_role("button", name="全部已读").click()
    await expect(badge).to_have_count(0)
    await expect(page.locator("main .message-new")).to_have_count(0)


@pytest.mark.parametrize("look", ["light", "dark", "elder"])
async def test_axe_finds_nothing_against_these_pages_when_they_are_full(
        phone_page: Phones, inside: Served, look: str) -> None:
    citizen = await new_resident(inside)
    async with inside.platform.db.writing_as("identity") as connection:
        await connection.execute("SELECT haian.emit($1, $2, $3, $4)", "identity.signed_in", citizen,
                                 {"id": str(new_id()), "device": "手机"}, inside.platform.clock.now())
    page = await phone_page(citizen, "/messages", dark=look == "dark", elder=look == "elder")
    await expect(page.locator("main .message")).to_have_count(1)
    news = (await inside.phone().ask("MessagesNews"))["edges"][0]["node"]["id"]
    found = await faults(page, "/messages")
    searches = ("/search?q=医院", "/search?q=医院&kind=doctor", "/search?q=没有这样的东西")
    for route in (*searches, f"/news?id={news}", "/news?id=gone"):
        found += await waits_for_ever(page, route)
        found += await faults(page, route)
        found += await too_wide(page, route)
    assert not found, "\n".join(found)
