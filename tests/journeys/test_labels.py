"""A parking space is known by its label, and B-101 is read in one piece, however narrow the phone."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect
from tests.clients import Served
from tests.journeys.browser import Phones, new_resident, opened_at
from tests.journeys.parking import booking_path, checked_space, lent, open_booking, type_plate

NARROW, WIDE, STEP = 240, 520, 2  # px
TORN = """([label, narrow, wide, step]) => {
    const main = document.querySelector("main"), range = document.createRange(), texts = [], torn = [];
    const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) if (walk.currentNode.data.includes(label)) texts.push(walk.currentNode);
    for (let width = narrow; width < wide; width += step) {
        main.style.width = width + "px";
        for (const text of texts) {
            range.setStart(text, text.data.indexOf(label));
            range.setEnd(text, text.data.indexOf(label) + label.length);
            if (new Set([...range.getClientRects()].map((box) => box.top)).size > 1) torn.push(width);
        }
    }
    main.style.width = "";
    return torn;
}"""


async def torn(page: Page, path: str, label: str) -> list[str]:
    """The widths at which a label is torn apart on a page that shows it."""
    await opened_at(page, path)
    await expect(page.locator("main").get_by_text(re.compile(label)).first).to_be_visible()
    widths: list[int] = await page.evaluate(TORN, [label, NARROW, WIDE, STEP])
    return [f"{path}: at {widths} px"] if widths else []


@pytest.mark.parametrize("elder", [False, True], ids=["usual", "large"])
async def test_a_label_is_in_one_piece_at_any_width(phone_page: Phones, inside: Served, elder: bool) -> None:
    owner_id, label, plate = await new_resident(inside, "车主"), f"L-101{elder:d}", f"鲁BL101{elder:d}"
    offer, begins = await lent(inside, await checked_space(inside, owner_id, label, "西区地下停车场"), 1)
    holder = await phone_page(await new_resident(inside), elder=elder)
    await open_booking(holder, offer, begins)
    found = await torn(holder, booking_path(offer, begins), label)
    await type_plate(holder, plate)
    await holder.get_by_role("button", name="确认预约").click()
    await expect(holder).to_have_url(re.compile("/parking/mine"))
    for path in ("/parking/mine", *(() if elder else ("/",))):
        found += await torn(holder, path, label)
    for sought in ("B-101", "ZZ-909"):  # one that is found, and one that is not
        found += await torn(holder, "/search?q=" + sought, sought)
    owner = await phone_page(owner_id, elder=elder)
    for path in ("/parking/share", "/messages"):
        found += await torn(owner, path, label)
    assert not found, "\n".join(found)
