"""Journey of a thief: the token of somebody's page state, without their cookie, reveals nothing of them."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, WebSocket, expect
from tests.journeys.browser import Phones, opened_at


def overheard(page: Page) -> list[str]:
    """Everything that the page's websockets are sent, and their addresses."""
    heard: list[str] = []

    def listen(socket: WebSocket) -> None:
        heard.append(socket.url)
        socket.on("framereceived", lambda frame: heard.append(str(frame)))
    page.on("websocket", listen)
    return heard


@pytest.mark.parametrize("thief", ["elder", None])
async def test_a_state_token_reveals_nothing(phone_page: Phones, thief: str | None) -> None:
    owner = await phone_page("resident", "/me/name")
    await expect(owner.locator(".facts dd").first).to_have_text("王*燕")
    token = await owner.evaluate("sessionStorage.token")
    await owner.close()

    page = await phone_page(thief)
    await page.add_init_script(f"sessionStorage.setItem('token', {json.dumps(token)});"
                               "if (!localStorage.getItem('haian.who')) localStorage.setItem('haian.who', '\"somebody\"');")
    heard = overheard(page)
    await opened_at(page, "/me/name")
    if thief:
        await expect(page.locator(".facts dd").first).to_have_text("李*福")
    else:
        asked = page.get_by_role("link", name="登录")  # on this page, or at sign-in, whichever the page hears of first
        await expect(asked.or_(page.get_by_role("heading", name="登录海岸通"))).to_be_visible()
    assert any(token in said for said in heard), "the stolen token was not used"
    assert not any(what in said for what in ("王海燕", "王*燕", "haian_session") for said in heard)
