"""Journey: somebody looks at a doctor's times, a neighbour takes the last place, and the page shows it by itself."""

from __future__ import annotations

from playwright.async_api import expect
from tests.clients import Phone, Served
from tests.healthcare.clinic import book, session
from tests.journeys.browser import Phones, new_resident, session_of


async def neighbour(inside: Served) -> Phone:
    citizen, phone = await new_resident(inside), inside.phone()
    phone.http.cookies.set("haian_session", await session_of(inside, citizen))
    phone.id = str(citizen)
    return phone


async def test_a_time_that_a_neighbour_takes_is_full_on_the_page(phone_page: Phones, inside: Served) -> None:
    _, (first, other) = await session(inside, 1, 1)
    [row] = await inside.platform.db.fetch("SELECT doctor_id::text FROM healthcare.slot WHERE id = $1::text::uuid", first)
    page = await phone_page(path=f"/healthcare/doctor?id={row[0]}")
    free, full = page.locator("a.slot"), page.locator(".slot-shut").get_by_text("约满")
    await expect(free).to_have_count(2)
    await book(await neighbour(inside), first)
    await expect(full).to_be_visible()
    await expect(free).to_have_count(1)
    await expect(free).to_have_attribute("href", f"/healthcare/book?slot={other}")
    await expect(page.locator("a.chip.on")).to_contain_text("1")
