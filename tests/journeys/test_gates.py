"""Journey: a manager registers a gate, the district approves it, and the manager is shown the code for its key."""

from __future__ import annotations

from uuid import uuid4

from playwright.async_api import expect
from tests.journeys.browser import Phones


async def test_a_gate_is_registered_approved_and_given_a_code_for_its_key(phone_page: Phones) -> None:
    place = f"南门 {uuid4().hex[:6]}"
    manager = await phone_page("manager", "/me/gates", width=1024)
    await manager.get_by_label("位置").fill(place)
    await manager.get_by_role("button", name="提交审批").click()
    line = manager.locator(".pick-row").filter(has_text=place)
    await expect(line).to_contain_text("等审批")

    district = await phone_page("desk", "/me/gates")
    await district.locator(".pick-row").filter(has_text=place).click()
    await district.get_by_role("button", name="批准", exact=True).click()
    await expect(district.locator(".pick-row").filter(has_text=place)).to_contain_text("等登记密钥")

    await manager.reload()
    await line.click()
    await manager.get_by_role("button", name="生成登记码").click()
    await expect(manager.get_by_role("img", name="设备登记码的二维码")).to_be_visible()
    await manager.get_by_label("原因").fill("试用结束")
    await manager.get_by_role("button", name="停用这台设备").click()
    await expect(line).to_contain_text("已停用")
