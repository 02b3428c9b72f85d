"""Journey: a guard reads a code where there is no network, and signs out before it is settled: what waits is said, staying
changes nothing, and what is left is handed in by whoever signs in there next, who sees nothing of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route, async_playwright, expect
from tests.clients import DOCUMENTS, Served
from tests.journeys.browser import AWAY, Phones, new_resident, opened_at, picture, sign_in
from tests.journeys.camera import decoded, write_video
from tests.journeys.sealed import nothing_sealed_on, sealed_on
from tests.journeys.sizes import LARGE, USUAL, small, switched
from tests.journeys.test_grandmother import number_of
from tests.journeys.test_show_and_scan import fresh_code, looking_at, passes_without_a_network
from tests.waiting import until_async

from haian.demo import demo_id

SETTLES = DOCUMENTS["OnecodeSettle"].id
EQUIPPED = """() => new Promise((resolve) => {
    const asked = indexedDB.open("haian.offline", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
    asked.onsuccess = () => {
        const keys = asked.result.transaction("kept").objectStore("kept").getAllKeys();
        keys.onsuccess = () => (asked.result.close(), resolve(["kit", "sealing"].every((key) => keys.result.includes(key))));
    }; })"""
SETTLED = "SELECT verifier_id, verdict FROM onecode.scan WHERE holder_id = $1 AND settled_at IS NOT NULL"


async def refuse_to_settle(route: Route) -> None:
    await (route.abort("connectionreset") if SETTLES in (route.request.post_data or "") else route.continue_())


async def equipped(guard: Page) -> None:
    """The phone has what it needs at a gate without a network: the page, and the keys. Its camera has read what it sees."""
    verdict = guard.get_by_role("alert").locator("b")
    await expect(verdict).to_have_text("通过", timeout=20_000)
    await guard.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await opened_at(guard, "/onecode/scan")
    await expect(verdict).to_have_text("不通过", timeout=20_000)  # the same code again

    async def is_equipped() -> bool:
        return bool(await guard.evaluate(EQUIPPED))
    await until_async(is_equipped, 30)


@asynccontextmanager
async def guard_at_the_gate(inside: Served, name: str, video: Path) -> AsyncIterator[Page]:
    """A guard whose camera looks at `video`."""
    async with async_playwright() as playwright, looking_at(playwright, video) as browser:
        phones = Phones(browser, inside, name)
        phones.allow(*AWAY)
        guard = await phones("guard", "/onecode/scan")
        await equipped(guard)
        yield guard
        await phones.put_away(failed=False)


async def test_a_guard_signs_out_while_a_scan_waits(
        phone_page: Phones, inside: Served, tmp_path: Path, request: Any) -> None:
    phone_page.allow(*AWAY)
    citizen = await new_resident(inside, "陈晚码")
    holder = await phone_page(citizen, "/onecode")
    video = write_video(decoded(await fresh_code(holder)), tmp_path / "camera.y4m")
    async with guard_at_the_gate(inside, request.node.name, video) as guard:
        await passes_without_a_network(guard, holder, video)
        await guard.context.route("**/graphql", refuse_to_settle)
        for page in (guard, holder):
            await page.context.set_offline(False)
        await opened_at(guard, "/me")
        await stays(guard)
        await leaves(guard)
        assert await sealed_on(guard) == 1
        assert not await inside.platform.db.fetch(SETTLED, citizen)
        await hands_in(guard, inside, lambda: nothing_sealed_on(guard))
    late = holder.locator(".scan-row", has_text="离线扫的，后来补记")
    await expect(late).to_have_count(1)
    [scan] = await inside.platform.db.fetch(SETTLED, citizen)
    assert tuple(scan) == (demo_id("citizen:guard"), "ACCEPTED")


async def asked_to_leave(guard: Page) -> Any:
    await guard.get_by_role("button", name="退出登录").click()
    dialog = guard.get_by_role("dialog", name="退出登录")
    await expect(dialog).to_contain_text("您离线扫的码还有 1 条没能补记")
    await expect(dialog).to_contain_text("下次有人在这里登录就自动补记，别人看不到内容")
    return dialog


async def stays(guard: Page) -> None:
    """Who would rather stay is where they were, signed in, and what waits goes on waiting. The question fits any phone."""
    dialog = await asked_to_leave(guard)
    assert not (found := await small(guard, USUAL)), found
    await switched(guard, elder=True)
    for width in (320, 390):
        await guard.set_viewport_size({"width": width, "height": 700})
        assert not (found := await small(guard, LARGE)), found
        await guard.screenshot(path=picture(f"guard-leaves-{width}"))
    await switched(guard, elder=False)
    await dialog.get_by_role("button", name="再想想").click()
    await expect(dialog).to_be_hidden()
    await expect(guard.get_by_role("button", name="退出登录")).to_be_enabled()
    await opened_at(guard, "/onecode/scan")
    await expect(guard.get_by_text("1 条离线扫码还没补记")).to_be_visible()
    await opened_at(guard, "/me")


async def leaves(guard: Page) -> None:
    await (await asked_to_leave(guard)).get_by_role("button", name="退出登录").click()
    await expect(guard).to_have_url(re.compile("/$"))
    await expect(guard.get_by_role("link", name="立即登录")).to_be_visible()


async def hands_in(guard: Page, inside: Served, done: Callable[[], Awaitable[bool]]) -> None:
    """Somebody else signs in on that phone, as people do: what waits there is handed in, and they are told nothing."""
    next_one = await new_resident(inside, "程接班")
    await opened_at(guard, "/sign-in?next=/me")
    await sign_in(guard, await number_of(inside, next_one))
    await until_async(done, 30)
    await expect(guard.locator(".toast")).to_have_count(0)
    await expect(guard.get_by_text("没能补记")).to_be_hidden()
    await guard.get_by_role("button", name="退出登录").click()  # nothing waits of theirs
    await expect(guard).to_have_url(re.compile("/$"))
