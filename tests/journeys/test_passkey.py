"""Journeys: from the first sign-in to 实名 with a passkey; and a lost phone, after which nothing is lost."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

from playwright.async_api import Page, expect
from tests.clients import Served, new_number
from tests.journeys.browser import Phones, agree, opened_at, told

from haian.ids import new_id
from identity.demo import number

AUTHENTICATOR = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                 "isUserVerified": True, "automaticPresenceSimulation": True}


def named(inside: Served) -> str:
    """The product under the name that this machine has for itself: an address of digits has no passkeys."""
    return inside.origin.replace("127.0.0.1", "localhost")


async def with_authenticator(page: Page) -> None:
    """The phone has a finger's print that is right whenever it is asked for."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


async def code_entered(page: Page, phone: str) -> None:
    """The number, and the code that a demo shows."""
    await page.get_by_label("手机号").fill(phone)
    await page.locator("button[type=submit]").click()
    shown = page.locator(".note b.num")
    await expect(shown).to_have_text(re.compile(r"^\d{6}$"))
    await page.locator("#code").fill(await shown.inner_text())


async def citizen_of(inside: Served, phone: str) -> UUID:
    async with inside.platform.db.writing_as("identity") as connection:
        found: UUID = await connection.fetchval("SELECT id FROM identity.citizen WHERE phone = $1", phone)
    return found


async def test_from_the_first_sign_in_to_a_real_name_with_a_passkey(phone_page: Phones, inside: Served) -> None:
    phone, home = new_number(), named(inside)
    page = await phone_page()
    await with_authenticator(page)
    await opened_at(page, f"{home}/sign-in?next=/me/name")
    await code_entered(page, phone)
    await agree(page)
    await expect(page).to_have_url(re.compile("/me/name$"))
    await page.get_by_label("姓名").fill("陈小北")
    await page.locator("#number").fill(number(date(1993, 4, 5), 600 + new_id().int % 300))
    await page.get_by_role("button", name="提交核验").click()
    await expect(page.get_by_role("heading", name="已实名")).to_be_visible()
    await page.get_by_role("link", name="设置通行密钥和恢复码").click()
    await page.get_by_role("button", name="添加通行密钥").click()
    await told(page, "通行密钥已添加")
    await expect(page.locator(".passkey")).to_have_count(1)
    await page.context.clear_cookies()
    await opened_at(page, f"{home}/sign-in?next=/me/devices")
    await page.get_by_role("button", name="用通行密钥登录").click()
    await expect(page).to_have_url(re.compile("/me/devices$"))
    await expect(page.locator("main").get_by_text("本机")).to_be_visible()


async def test_a_lost_phone_and_nothing_is_lost(phone_page: Phones, inside: Served) -> None:
    phone = new_number()
    old = await phone_page(path="/sign-in?next=/me/security")
    await code_entered(old, phone)
    await agree(old)
    await old.get_by_role("button", name="生成恢复码").click()
    await expect(old.locator(".code-list li")).to_have_count(10)
    codes = await old.locator(".code-list li").all_inner_texts()
    await old.get_by_role("button", name="我已经存好了").click()
    citizen = await citizen_of(inside, phone)
    async with inside.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET level = 'VERIFIED', name = '陈小北' WHERE id = $1", citizen)
    new = await phone_page(path="/sign-in?next=/me/security")
    await code_entered(new, phone)
    await expect(new.get_by_role("heading", name=re.compile("新设备"))).to_be_visible()
    await new.get_by_role("textbox", name="恢复码").fill("0000-0000-0000-0000")
    await new.get_by_role("button", name="用恢复码登录").click()
    await expect(new.get_by_role("alert")).to_contain_text("恢复码不对")
    await new.get_by_role("textbox", name="恢复码").fill(codes[0])
    await new.get_by_role("button", name="用恢复码登录").click()
    await expect(new).to_have_url(re.compile("/me/security$"))
    await expect(new.locator("main").get_by_text("9", exact=True)).to_be_visible()
    await opened_at(new, "/me/devices")
    rows = new.locator("main .row")
    await expect(rows).to_have_count(2)
    await new.get_by_role("button", name=re.compile("退出其他所有设备")).click()
    await new.get_by_role("button", name="确定").click()
    await expect(old).to_have_url(re.compile("/sign-in"))
    await expect(rows).to_have_count(1)
    assert await citizen_of(inside, phone) == citizen
