"""Journey: a slow phone. The page is drawn and does not answer yet; what is typed and tapped meanwhile is not lost."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect
from tests.clients import Served, new_number
from tests.journeys.browser import Phones, new_resident, opened_at
from tests.journeys.parking import COMMUNITY

from haian.ids import new_id


async def drawn(page: Page, path: str) -> asyncio.Event:
    """Opens a page whose scripts arrive when the event is set."""
    arrives = asyncio.Event()

    async def late(route: Route) -> None:
        await arrives.wait()
        await route.continue_()
    await page.context.route("**/assets/*.js", late)
    await page.goto(path, wait_until="commit")
    return arrives


@pytest.mark.parametrize("by", ["tap", "Enter"])
async def test_who_types_and_sends_before_the_page_answers_is_sent_a_code_once(phone_page: Phones, by: str) -> None:
    page, number = await phone_page(), new_number()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    arrives = await drawn(page, "/sign-in?next=/me")
    await page.get_by_label("手机号").fill(number)
    for _ in range(2):  # who sees nothing happen does it again
        if by == "tap":
            await page.locator("button[type=submit]").click()
        else:
            await page.get_by_label("手机号").press("Enter")
    await expect(page.locator("button[type=submit]")).to_have_attribute("aria-busy", "true")
    assert urlsplit(page.url).query == "next=/me", "what was typed is in no address"
    arrives.set()
    await expect(page.locator(".sent")).to_contain_text(re.sub(r"(...)(....)(....)", r"\1 \2 \3", number))
    await expect(page.locator(".note b.num")).to_have_text(re.compile(r"^\d{6}$"))
    assert len(asked) == 1


async def test_who_wants_the_large_version_before_the_page_answers_has_it(phone_page: Phones) -> None:
    page = await phone_page()
    arrives = await drawn(page, "/")
    await page.get_by_role("link", name="长辈版").click()
    await expect(page).to_have_url(re.compile("/elder$"))
    await expect(page.locator("html")).to_have_attribute("data-elder", "")
    arrives.set()
    await page.get_by_role("link", name="回到常规版").first.click()
    await expect(page).to_have_url(re.compile(r"//[^/]+/$"))
    await expect(page.locator("html")).not_to_have_attribute("data-elder", re.compile(""))


async def test_what_is_chosen_before_the_page_answers_is_chosen(phone_page: Phones) -> None:
    page = await phone_page()
    arrives = await drawn(page, "/settings")
    await page.locator("label", has_text="深色").click()
    arrives.set()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_role("radio", name="深色")).to_be_checked()


class Late:
    """An event socket from which a page hears nothing until it goes on."""

    def __init__(self) -> None:
        self.held: list[tuple[WebSocketRoute, str | bytes]] = []
        self.is_late = True

    def __call__(self, socket: WebSocketRoute) -> None:
        def hear(said: str | bytes) -> None:
            self.held.append((socket, said)) if self.is_late else socket.send(said)
        socket.connect_to_server().on_message(hear)

    def go_on(self) -> None:
        self.is_late = False
        for socket, said in self.held:
            socket.send(said)


async def test_what_is_chosen_before_the_page_knows_who_i_am_stays(phone_page: Phones, inside: Served) -> None:
    page, events = await phone_page(await resident_with_a_message(inside)), Late()
    await page.route_web_socket(re.compile("/_event/"), events)
    await opened_at(page, "/parking")
    field = page.get_by_label("哪个社区")
    other = await field.locator("option").last.get_attribute("value") or ""
    assert other != COMMUNITY
    await field.select_option(other)
    events.go_on()
    await expect(page.locator(".tabs-usual .tab-dot")).to_have_text("1")  # now it knows
    await expect(field).to_have_value(other)


async def resident_with_a_message(inside: Served) -> UUID:
    citizen = await new_resident(inside)
    async with inside.platform.db.writing_as("identity") as connection:
        await connection.execute("SELECT haian.emit($1, $2, $3, $4)", "identity.signed_in", citizen,
                                 {"id": str(new_id()), "device": "手机"}, inside.platform.clock.now())
    return citizen
