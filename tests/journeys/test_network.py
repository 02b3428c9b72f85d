"""Journey: the network drops in the middle and comes back, servers die and come back: nothing is lost or done twice, what
was typed survives, and an open page catches up by itself."""

from __future__ import annotations

import os
import re
import signal
from datetime import datetime
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Page, Route, expect
from tests.clients import DOCUMENTS, Served
from tests.journeys.browser import AWAY, PATIENCE, Phones, new_resident, opened_at, picture, told
from tests.journeys.parking import booked, checked_space, lent, neighbour_books, open_booking, type_plate
from tests.product import Product
from tests.waiting import until_async

KEPT = "已记下，联网后自动提交。请不要重复提交。"
BOOK = DOCUMENTS["ParkingBookSpace"].id


def sends_booking(route: Route) -> bool:
    return BOOK in (route.request.post_data or "")


async def ready_to_book(phones: Phones, inside: Served, label: str, plate: str) -> Page:
    """A resident with a space and a plate, one tap before the booking."""
    phones.allow(*AWAY)
    space = await checked_space(inside, await new_resident(inside, "车主"), label)
    page = await phones(await new_resident(inside), "/parking")
    await open_booking(page, *await lent(inside, space, 1))
    await type_plate(page, plate)
    return page


async def is_booked_once(page: Page, inside: Served, plate: str) -> None:
    await expect(page).to_have_url(re.compile("/parking/mine"))
    await expect(page.get_by_text(plate)).to_have_count(1)
    assert len(await booked(inside, plate)) == 1


async def test_the_answer_is_lost_on_its_way(phone_page: Phones, inside: Served) -> None:
    page = await ready_to_book(phone_page, inside, "N-101", "鲁BN1010")
    bodies: list[str] = []

    async def lose_the_first(route: Route) -> None:
        if sends_booking(route):
            bodies.append(route.request.post_data or "")
        if len(bodies) == 1 and sends_booking(route):
            await route.fetch()  # the server did it
            await route.abort("internetdisconnected")  # and nobody heard
        else:
            await route.continue_()
    await page.context.route("**/graphql", lose_the_first)
    await page.get_by_role("button", name="确认预约").click()
    await is_booked_once(page, inside, "鲁BN1010")
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]  # the same key


async def test_no_network_at_the_tap(phone_page: Phones, inside: Served) -> None:
    page = await ready_to_book(phone_page, inside, "N-102", "鲁BN1020")
    await page.context.set_offline(True)
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text(KEPT)).to_be_visible()
    await expect(page.get_by_role("button", name="确认预约")).to_be_disabled()
    await expect(page.get_by_text("网络断开，已记下 1 项，联网后自动提交")).to_be_visible()
    await expect(page.get_by_role("button", name=re.compile("鲁BN1020"))).to_be_visible()
    await page.screenshot(path=picture("kept"), full_page=True)
    assert await booked(inside, "鲁BN1020") == []
    await page.context.set_offline(False)
    await is_booked_once(page, inside, "鲁BN1020")


async def test_the_page_is_left_and_the_tap_is_kept(phone_page: Phones, inside: Served) -> None:
    page = await ready_to_book(phone_page, inside, "N-103", "鲁BN1030")

    async def nothing_arrives(route: Route) -> None:
        await (route.abort("connectionreset") if sends_booking(route) else route.continue_())
    await page.context.route("**/graphql", nothing_arrives)
    await page.get_by_role("button", name="确认预约").click()
    await expect(page.get_by_text(KEPT)).to_be_visible()
    await opened_at(page, "/")  # another page, loaded anew
    await page.context.unroute("**/graphql")
    await told(page, "刚才记下的已提交成功")
    assert len(await booked(inside, "鲁BN1030")) == 1


async def test_what_was_typed_survives_a_reload(phone_page: Phones, inside: Served) -> None:
    page = await ready_to_book(phone_page, inside, "N-104", "鲁BN1040")
    await opened_at(page, page.url)
    await expect(page.get_by_role("button", name=re.compile("鲁BN1040"))).to_be_visible()


async def owner_watching(phones: Phones, inside: Served, label: str) -> tuple[Page, UUID, datetime]:
    """An owner whose open page shows a lent window, and the window."""
    phones.allow(*AWAY)
    owner_id = await new_resident(inside, "车主")
    offer, begins = await lent(inside, await checked_space(inside, owner_id, label), 1)
    owner = await phones(owner_id, "/parking/share")
    await expect(owner.get_by_text("明天 08:00–20:00")).to_be_visible()
    return owner, offer, begins


async def test_the_websocket_goes_and_the_page_catches_up(phone_page: Phones, inside: Served) -> None:
    owner, offer, begins = await owner_watching(phone_page, inside, "N-105")
    await owner.context.set_offline(True)  # Chromium closes open websockets too
    await expect(owner.get_by_text("网络断开，显示的可能不是最新内容")).to_be_visible()
    await neighbour_books(inside, offer, begins, "鲁BN1050")
    await expect(owner.get_by_text("鲁BN1050")).to_be_hidden()
    await owner.context.set_offline(False)
    await expect(owner.get_by_text("鲁BN1050")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize(("mark", "plate"), [
    ("server web", "鲁BN1060"), ("valkey-server", "鲁BN1070"), ("bin/postgres", "鲁BN1080")])
async def test_a_server_is_killed_and_the_page_catches_up(
        phone_page: Phones, inside: Served, product: Product, mark: str, plate: str) -> None:
    owner, offer, begins = await owner_watching(phone_page, inside, f"N-{plate[-3:]}")
    before = product.launcher.child(mark)
    os.kill(before, signal.SIGKILL)

    async def is_back() -> bool:
        try:
            async with httpx.AsyncClient(base_url=product.url, timeout=5) as http:
                good = (await http.get("/health/ready")).status_code == 200
        except httpx.TransportError:
            return False
        return good and product.launcher.children(mark) not in ([], [before])
    await until_async(is_back, 2 * PATIENCE)
    await neighbour_books(inside, offer, begins, plate)
    await expect(owner.get_by_text(plate)).to_be_visible(timeout=20_000)
