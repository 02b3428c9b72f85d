"""What healthcare offers others: search, home, a fact, my data; and demo data that rolls on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.clients import Phone, Served
from tests.healthcare.clinic import CHILD, HOSPITAL, book, live, remaining, session

from haian.demo import SIZES
from haian.transaction import statement_of
from search import service as search

WRONG = """SELECT count(*) FROM healthcare.slot s WHERE remaining <> capacity - (
    SELECT count(*) FROM healthcare.appointment a WHERE a.slot_id = s.id AND a.status <> 'cancelled')"""


async def rows(served: Served, read: Any, viewer: UUID | None = None) -> list[Any]:
    return list(await served.platform.db.fetch(*statement_of(read, viewer, served.platform.clock.now())))


async def found(phone: Phone, text: str) -> list[tuple[str, str]]:
    edges = (await phone.ask("SearchFind", text=text))["edges"]
    return [(edge["node"]["kind"], edge["node"]["link"]) for edge in edges]


def offers(served: Served) -> Any:
    return next(app for app in served.platform.registry.apps if app.noun == "healthcare").providers


async def test_two_characters_find_hospitals_departments_doctors_and_the_service(served: Served) -> None:
    await search.refresh(served.platform)
    phone = served.phone()
    assert ("hospital", f"/healthcare/hospital?id={HOSPITAL}") in await found(phone, "第一")
    assert "department" in {kind for kind, _ in await found(phone, "儿科")}
    assert "doctor" in {kind for kind, _ in await found(phone, "近视")}
    assert (await found(phone, "挂号"))[0] == ("service", "/healthcare")


async def test_home_shows_my_place_in_the_queue(served: Served) -> None:
    _, (slot,) = await session(served, 3)
    phone = await served.signed_in("parent")
    await book(phone, slot)
    made = await book(phone, slot, CHILD)
    things = [thing for thing in (await phone.ask("HomeThings"))["homeThings"] if thing["app"] == "healthcare"]
    assert [(thing["title"], thing["number"]) for thing in things] == [("儿科 · 海试", 1), ("张小海 · 儿科 · 海试", 2)]
    assert things[1]["link"] == f"/healthcare/appointment?id={made['id']}"
    assert (await served.phone().ask("HomeThings"))["homeThings"] == []


async def test_my_data_are_exported_and_forgotten_and_the_place_is_given_back(served: Served) -> None:
    _, (slot,) = await session(served, 2)
    phone = await served.signed_in("parent")
    await book(phone, slot)
    child = await book(phone, slot, CHILD)
    me = UUID(phone.id)
    mine = await rows(served, offers(served).export["appointments"](me), me)
    assert [(row["doctor"], row["status"]) for row in mine] == [("海试", "booked")]
    async with served.platform.db.writing_as("healthcare") as connection:
        await offers(served).erase(connection, me)
    assert await rows(served, offers(served).export["appointments"](me), me) == []
    left = await live(served, slot)
    assert [(str(row["id"]), row["booked_by"]) for row in left] == [(child["id"], None)]
    assert await remaining(served, slot) == 1


async def test_the_demo_rolls_on_by_the_day_and_changes_nothing_that_stands(served: Served) -> None:
    platform = served.platform

    async def reload() -> tuple[int, int, Any]:
        await offers(served).load_demo(platform, SIZES["demo"])
        assert (await platform.db.fetch(WRONG))[0][0] == 0
        return tuple((await platform.db.fetch("""SELECT (SELECT count(*) FROM healthcare.slot),
            (SELECT count(*) FROM healthcare.appointment), (SELECT max(day) FROM healthcare.slot)"""))[0])
    phone = await served.signed_in("parent")
    first = await reload()
    [slot] = await platform.db.fetch("""SELECT id FROM healthcare.slot WHERE open AND remaining > 0 AND starts_at > $1
                                        ORDER BY starts_at, id LIMIT 1""", platform.clock.now() + timedelta(days=10))
    made = await book(phone, str(slot["id"]))
    second = await reload()
    assert (second[0], second[1]) == (first[0], first[1] + 1)
    platform.clock.move(timedelta(days=5))
    third = await reload()
    assert third[0] > second[0] and third[2] > second[2]
    assert (await phone.ask("HealthcareAppointment", id=made["id"]))["status"] == "BOOKED"
    year = platform.clock.today().year
    platform.clock.move(timedelta(days=366))
    await reload()
    assert (await served.phone().ask("HealthcareHospital", id=str(HOSPITAL)))["departments"][0]["earliest"] > str(year + 1)
