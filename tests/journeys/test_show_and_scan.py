"""Journey: a resident shows the code, a guard's camera reads it off the screen, and the resident sees by whom, live; the
same without a network; and a visitor on a clean browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
import zxingcpp
from playwright.async_api import Browser, Page, Playwright, Route, async_playwright, expect
from tests.clients import DOCUMENTS, Served
from tests.journeys.browser import AWAY, PATIENCE, Phones, new_resident, opened_at, picture, session_of, told
from tests.journeys.camera import blank, decoded, write_video
from tests.journeys.sealed import KEEP, KEPT, nothing_sealed_on, sealed_on
from tests.waiting import until_async

from haian.demo import demo_id
from server.browser import chromium

STOPPED = """globalThis.Date = new Proxy(Date, {{
    get: (real, name) => name === "now" ? () => {at} : Reflect.get(real, name) }})"""
"""However long a machine takes from the picture to the camera, it is the same moment for the guard."""


@asynccontextmanager
async def looking_at(playwright: Playwright, video: Path) -> AsyncIterator[Browser]:
    """A Chromium whose camera sees a video."""
    browser = await playwright.chromium.launch(executable_path=chromium(), args=[
        "--no-sandbox", "--lang=zh-CN", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={video}"])
    try:
        yield browser
    finally:
        await browser.close()


async def fresh_code(phone: Page) -> bytes:
    """A screenshot of the phone with a code that was issued just now."""
    picture = phone.locator(".code-picture")
    await expect(picture).to_have_attribute("data-code", re.compile("."))
    before = await picture.get_attribute("data-code")
    await phone.get_by_role("button", name="换一个").click()
    await expect(picture).not_to_have_attribute("data-code", before or "")
    return await phone.screenshot()


def read_by_zxing(screenshot: bytes) -> str:
    """What ZXing, another reader than the page's, sees on a screenshot."""
    picture = decoded(screenshot)
    grey = memoryview(b"".join(picture.rows)).cast("B", (picture.height, picture.width))
    [found] = zxingcpp.read_barcodes(grey)
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    return str(found.text)


async def test_show_and_scan(phone_page: Phones, inside: Served, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    holder = await phone_page(await new_resident(inside, "陈小码"), "/onecode")
    for scheme in ("dark", "light"):
        await holder.emulate_media(color_scheme=cast(Any, scheme))
        shot = await fresh_code(holder)
        assert read_by_zxing(shot) == await holder.locator(".code-picture").get_attribute("data-code")
    await expect(holder.locator(".code-who")).to_have_text("陈*码")
    await expect(holder.get_by_text("还没有人扫过您的码")).to_be_visible()
    async with async_playwright() as playwright:
        video = write_video(blank(decoded(shot)), tmp_path / "camera.y4m")
        async with looking_at(playwright, video) as browser:
            phones = Phones(browser, inside, f"{request.node.name}-guard")
            guard = await phones("guard", "/onecode/scan")
            await expect(guard.get_by_text("对准一码通")).to_be_visible()
            write_video(decoded(await fresh_code(holder)), video)  # the guard is ready: a code is good for half a minute
            await passes(guard, holder)
            await stays_judged(guard)
            await takes_it_back(guard, holder)
            await is_refused_a_second_time(guard, holder)
            phones.allow(*AWAY)
            phone_page.allow(*AWAY)
            await passes_without_a_network(guard, holder, video)
            await leaves_with_unsettled_scans_and_returns(guard, holder, inside)
            await phones.put_away(failed=False)


async def passes(guard: Page, holder: Page) -> None:
    """The guard sees the verdict and exactly what the gate asks; the holder hears who, where and what they saw."""
    verdict = guard.get_by_role("alert")
    await expect(verdict).to_contain_text("通过")
    await expect(verdict.locator("b")).to_have_text("通过")
    await expect(verdict.locator("dt")).to_have_text(["姓名", "本社区居民"])
    await expect(verdict.locator("dd")).to_have_text(["陈*码", "是"])
    newest = holder.locator(".scan-row").first
    await expect(newest).to_contain_text(re.compile("刚刚.*东门.*赵\\*国"))
    await expect(newest).to_contain_text("看到了：姓名本社区居民")
    await told(holder, "已通过")


SLOW = """() => {
    const seen = CanvasRenderingContext2D.prototype, look = seen.getImageData, until = performance.now() + 3500;
    globalThis.looks = 0;
    seen.getImageData = function (...given) { return looks++, look.apply(this, given); };
    while (performance.now() < until);
}"""
"""A phone that does something else for longer than a code may be out of sight; then it counts its looks."""


async def stays_judged(guard: Page) -> None:
    """What a phone had no time to look at was not out of sight: the code that is still there is no other one."""
    await guard.evaluate(SLOW)

    async def has_looked() -> bool:
        return bool(await guard.evaluate("() => looks > 2"))
    await until_async(has_looked, PATIENCE)
    await expect(guard.get_by_role("alert").locator("b")).to_have_text("通过")


async def takes_it_back(guard: Page, holder: Page) -> None:
    """A wrong scan does not count, and its holder sees why."""
    await guard.get_by_role("button", name="扫错了？撤销").click()
    await guard.get_by_role("button", name="扫错了人").click()
    await expect(guard.get_by_role("alert").locator("b")).to_have_text("已撤销")
    await expect(holder.locator(".scan-row").first).to_contain_text("已撤销：扫错了人")


async def is_refused_a_second_time(guard: Page, holder: Page) -> None:
    """The same picture before the camera of a page that was opened anew: a code is good for once."""
    await guard.evaluate("navigator.serviceWorker.ready.then(() => true)")  # it keeps what is opened from now on
    await opened_at(guard, "/onecode/scan")
    verdict = guard.get_by_role("alert")
    await expect(verdict.locator("b")).to_have_text("不通过")
    await expect(verdict).to_contain_text("已经用过")
    await expect(verdict.locator("dd")).to_have_count(0)
    await expect(holder.locator(".scan-row").first).to_contain_text("没有看到您的任何信息")


async def passes_without_a_network(guard: Page, holder: Page, video: Path) -> None:
    """Neither has a network: the guard reads a code that the phone carries, and it is settled when there is one again."""
    await holder.get_by_role("button", name="出示离线码").click()
    await expect(holder.locator(".code-carried")).to_be_visible()
    await expect(holder.locator(".code-picture:visible")).to_be_visible()
    for page in (guard, holder):
        await page.context.set_offline(True)
    await guard.goto("/")  # its camera looks away, while the picture changes; the offline page would go on by itself
    shot, at = await holder.screenshot(), await holder.evaluate("Date.now()")
    assert len(read_by_zxing(shot)) > 280
    write_video(decoded(shot), video)
    await guard.add_init_script(STOPPED.format(at=at))
    await guard.goto("/onecode/scan")
    verdict = guard.get_by_role("alert")
    await expect(verdict).to_contain_text("离线核验")
    await expect(verdict.locator("b")).to_have_text("通过")
    await expect(verdict.locator("dd")).to_have_text(["陈*码", "是"])
    await guard.get_by_role("button", name="下一位").click()
    await expect(guard.get_by_text("1 条离线扫码还没补记")).to_be_visible()


async def leaves_with_unsettled_scans_and_returns(guard: Page, holder: Page, inside: Served) -> None:
    """The server takes none yet: the guard signs out, and who uses the phone next hands in what is sealed there. What is not
    handed in is settled when the guard returns."""
    settles = DOCUMENTS["OnecodeSettle"].id

    async def refuse(route: Route) -> None:
        await (route.abort("connectionreset") if settles in (route.request.post_data or "") else route.continue_())
    await guard.context.route("**/graphql", refuse)
    for page in (guard, holder):
        await page.context.set_offline(False)
    await opened_at(guard, "/me")
    await guard.get_by_role("button", name="退出登录").click()
    dialog = guard.get_by_role("dialog", name="退出登录")
    await expect(dialog).to_contain_text("您离线扫的码还有 1 条没能补记")
    await dialog.get_by_role("button", name="退出登录").click()
    await expect(guard).to_have_url(re.compile("/$"))
    desk = await inside.signed_in("guard")
    before, after = await desk.ask("OnecodeDuties")
    await desk.ask("OnecodeServe", duty=after["id"])  # what was read before is settled in the scene of then
    late = holder.locator(".scan-row", has_text="离线扫的，后来补记")
    assert await sealed_on(guard) == 1
    await expect(late).to_have_count(0)
    kept = await guard.evaluate(KEPT)
    await signs_in_there(guard, inside, await new_resident(inside))
    await expect(late).to_be_visible()
    await until_async(lambda: nothing_sealed_on(guard), PATIENCE)
    await guard.evaluate(KEEP, kept)  # as where the answer was lost: the guard returns, and it is the same scan
    await guard.context.unroute("**/graphql")
    await signs_in_there(guard, inside, demo_id("citizen:guard"))
    await until_async(lambda: nothing_sealed_on(guard), PATIENCE)
    await expect(late).to_have_count(1)
    await desk.ask("OnecodeServe", duty=before["id"])
    [row] = await inside.platform.db.fetch(
        "SELECT scene_id, verdict FROM onecode.scan WHERE settled_at IS NOT NULL ORDER BY settled_at DESC LIMIT 1")
    assert tuple(row) == ("residential_gate", "ACCEPTED")


async def signs_in_there(page: Page, inside: Served, citizen: UUID) -> None:
    await page.context.add_cookies([{"name": "haian_session", "value": await session_of(inside, citizen),
                                     "url": inside.origin, "httpOnly": True, "sameSite": "Lax"}])
    await page.evaluate("who => localStorage.setItem('haian.who', JSON.stringify(who))", str(citizen))
    await opened_at(page, "/messages")


async def test_a_visitor_on_a_clean_browser_shows_a_code_and_the_host_sees_it(phone_page: Phones, inside: Served) -> None:
    host = await phone_page(await new_resident(inside, "周好客"), "/onecode/visitors/new")
    await host.get_by_label("访客怎么称呼").fill("刘远客")
    await host.get_by_role("button", name="生成链接").click()
    made = host.get_by_label("访客链接")
    await expect(made).to_have_value(re.compile("/onecode/visit#."))
    link = await made.input_value()
    stranger = await phone_page(path="/onecode/visit")
    await expect(stranger.get_by_role("heading", name="链接不完整或已失效")).to_be_visible()
    visitor = await phone_page(path=link.removeprefix(inside.origin))
    await expect(visitor.locator(".code-who")).to_have_text("刘远客")
    await expect(visitor.locator(".facts")).to_contain_text("周*客")
    picture = visitor.locator(".code-picture")
    await expect(picture).to_have_attribute("data-code", re.compile("."))
    code = await picture.get_attribute("data-code")
    guard = await inside.signed_in("guard")
    check = await guard.ask("OnecodeScan", code=code, nonce=str(uuid4()))
    assert (check["verdict"], check["facts"][0]["text"]) == ("ACCEPTED", "刘远客")
    await opened_at(host, "/onecode")
    await expect(host.locator(".scan-row").first).to_contain_text("访客：刘远客")
    await opened_at(host, "/onecode/visitors")
    await expect(host.locator(".facts")).to_contain_text("1 / 2")
    await host.get_by_role("button", name="结束邀请").click()
    await host.get_by_role("button", name="结束", exact=True).click()
    await expect(host.get_by_text("现在没有有效的邀请")).to_be_visible()


async def test_a_citizen_without_a_post_is_led_to_the_own_code(phone_page: Phones) -> None:
    page = await phone_page("parent", "/onecode/scan")
    await expect(page.get_by_role("heading", name="这是工作人员用的页面")).to_be_visible()
    await page.get_by_role("link", name="出示我的码").click()
    await expect(page.locator(".code-picture")).to_be_visible()


async def test_a_code_outlives_the_network_for_its_seconds_and_one_that_is_carried_follows(
        phone_page: Phones, inside: Served) -> None:
    phone_page.allow(*AWAY)
    page = await phone_page(await new_resident(inside, "林小海"), "/onecode")
    await page.get_by_role("button", name="出示离线码").click()
    await expect(page.locator(".code-carried")).to_be_visible()
    await page.get_by_role("button", name="公交乘车").click()
    await expect(page.locator(".code-picture:visible")).to_have_attribute("data-code", re.compile("^H2:.{278}$"))
    await page.screenshot(path=picture("offline-kinds"), full_page=True)
    await page.get_by_role("button", name="回到实时码").click()
    await expect(page.get_by_role("timer")).to_contain_text("自动换新")
    await fresh_code(page)  # it is good for a while yet
    await page.context.set_offline(True)
    await expect(page.get_by_role("timer")).to_contain_text("网络断开，这个码还能用")
    await expect(page.locator(".code-carried")).to_be_visible(timeout=2_000 * PATIENCE)
    await page.context.set_offline(False)
    await expect(page.get_by_role("timer")).to_contain_text("自动换新")


CARRIES = """() => new Promise((resolve) => {
    const asked = indexedDB.open("haian.offline", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
    asked.onsuccess = () => {
        const keys = asked.result.transaction("kept").objectStore("kept").getAllKeys();
        keys.onsuccess = () => (asked.result.close(), resolve(keys.result.filter((key) => key.startsWith("codes")).length));
    }; })"""


@pytest.mark.parametrize("knows", [True, False])
async def test_a_parent_shows_a_childs_code_where_there_is_no_network(
        phone_page: Phones, inside: Served, knows: bool) -> None:
    """In a lift many phones say for long that there is one."""
    phone_page.allow(*AWAY)
    page = await phone_page("parent", "/onecode")
    if not knows:
        await page.add_init_script("Object.defineProperty(Navigator.prototype, 'onLine', { get: () => true })")
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await opened_at(page, "/onecode")  # now it is kept for the time without a network
    child = page.locator(".code-pick", has_text="孩子").first
    await expect(child).to_be_visible()

    async def carried() -> bool:
        return bool(await page.evaluate(CARRIES) > 1)
    await until_async(carried, PATIENCE)
    name = await child.evaluate("element => element.firstChild.textContent")
    await page.context.set_offline(True)
    await page.reload()
    await page.locator(".code-pick", has_text=name).click()
    await expect(page.locator(".code-who")).to_have_text(name)
    await expect(page.locator(".code-carried")).to_be_visible()
    picture_ = page.locator(".code-picture:visible")
    await expect(picture_).to_have_attribute("data-code", re.compile("^H2:"))
    await page.screenshot(path=picture("offline-child"), full_page=True)
    guard = await inside.signed_in("guard")
    check = await guard.ask("OnecodeScan", code=await picture_.get_attribute("data-code"), nonce=str(uuid4()))
    assert (check["facts"][0]["text"], check["presenter"]) == (name, "张*梅")


async def test_what_is_carried_goes_with_a_suspension_and_others_come_when_the_code_is_in_use_again(
        phone_page: Phones, inside: Served) -> None:
    page = await phone_page(await new_resident(inside, "孙小停"), "/onecode")

    async def carried() -> str:
        """What stays the same of a batch."""
        await page.get_by_role("button", name="出示离线码").click()
        return str(await page.locator(".code-picture[data-code^='H2:']").get_attribute("data-code"))[:18]

    before = await carried()
    await page.get_by_role("button", name="停用我的码").click()
    await page.get_by_role("button", name="马上停用").click()
    await expect(page.get_by_role("heading", name="您的码已停用")).to_be_visible()
    await page.get_by_role("button", name="恢复使用").click()
    assert await carried() != before


async def test_the_holder_is_asked_for_more_at_the_scan_while_the_desk_waits(phone_page: Phones, inside: Served) -> None:
    holder = await phone_page(await new_resident(inside), "/onecode")
    desk = await phone_page("registrar", "/onecode/scan")
    digits = holder.locator(".code-short .num")
    await desk.get_by_role("button", name="扫不了").click()
    await fresh_code(holder)
    await desk.locator("#digits").fill(await digits.inner_text())
    await desk.get_by_role("button", name="核验", exact=True).click()
    await expect(desk.locator(".judged-word b")).to_have_text("码有效")  # nothing is booked for today
    await expect(desk.locator(".judged-facts")).to_contain_text("等待本人同意")
    await holder.get_by_role("button", name="只这一次").click()
    await expect(desk.locator(".judged-facts")).to_contain_text(re.compile(r"137\d{8}"))
    await expect(holder.locator(".scan-row").first).to_contain_text("手机号")
    await expect(desk.get_by_role("button", name="下一位")).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("button", name="扫不了")).to_be_focused()
