"""质疑: a line of the ledger is questioned, answered in 5 working days; what is late is the district's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.clients import Phone, Served, new_number

from consent.questions import tell_late
from consent.working_days import due, is_working
from haian.clock import SHANGHAI
from haian.demo import demo_id


async def looked_at(served: Served, role: str = "property_guard", office: str = "property", actor: str = "guard") -> Phone:
    """Somebody new in whose ledger is a look."""
    phone = await served.signed_in(new_number())
    await look(served, phone, role, office, actor)
    return phone


async def look(served: Served, phone: Phone, role: str = "property_guard", office: str = "property",
               actor: str = "guard") -> None:
    async with served.platform.writing("parking") as tx:
        tx.viewer = tx.viewer._replace(id=demo_id(f"citizen:{actor}"))
        await tx.audit("BOOKINGS_SEEN", UUID(phone.id), role=role, ground="service",
                       office=demo_id(f"organisation:{office}"))


async def lines(phone: Phone, kind: str = "OFFICIAL") -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await phone.ask("ConsentLedger", kind=kind, first=100))["edges"]]


async def ask(phone: Phone, text: str = "为什么看我的预约？", **variables: Any) -> Any:
    return await phone.ask("ConsentAsk", entry=(await lines(phone))[0]["id"], text=text, key=str(uuid4()), **variables)


async def desk(phone: Phone) -> dict[str, dict[str, Any]]:
    found = await phone.ask("ConsentDeskQuestions", first=100)
    return {edge["node"]["id"]: edge["node"] for edge in found["edges"]}


async def inbox(phone: Phone) -> list[str]:
    return [edge["node"]["title"] for edge in (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]]


async def test_a_manager_answers_what_a_citizen_asks_and_both_see_it(served: Served, worker: Any) -> None:
    phone, manager = await looked_at(served), await served.signed_in("manager")
    earliest = due(served.platform.clock.now(), 5)
    made = await ask(phone)
    assert (made["organisation"], made["late"], made["answer"]) == ("海岸物业服务中心（演示）", False, None)
    assert earliest <= datetime.fromisoformat(made["dueAt"]) <= due(served.platform.clock.now(), 5)
    await worker()
    assert "有市民质疑一条记录" in await inbox(manager)
    seen = (await desk(manager))[made["id"]]
    assert (seen["line"]["action"], seen["line"]["actorName"]) == ("BOOKINGS_SEEN", "赵建国")
    assert (seen["text"], seen["late"]) == ("为什么看我的预约？", False)
    await manager.ask("ConsentAnswer", id=made["id"], text="核对今天入场的车辆。")
    await worker()
    assert "您的质疑有答复了" in await inbox(phone)
    [mine] = [edge["node"] for edge in (await phone.ask("ConsentQuestions"))["edges"]]
    assert mine["answer"] == "核对今天入场的车辆。"
    assert (await lines(phone))[-1]["question"]["answer"] == mine["answer"]
    assert {"QUESTION_SEEN", "QUESTION_ANSWERED"} <= {line["action"] for line in await lines(phone)}
    assert made["id"] not in await desk(manager)
    assert await manager.refused("ConsentAnswer", id=made["id"], text="再答一次。") == "CONSENT_ANSWERED_ALREADY"


async def test_a_line_is_questioned_once_and_by_its_citizen_alone(served: Served) -> None:
    phone, stranger = await looked_at(served), await served.signed_in(new_number())
    entry, key = (await lines(phone))[0]["id"], str(uuid4())
    first = await phone.ask("ConsentAsk", entry=entry, text="谁看的？", key=key)
    assert await phone.ask("ConsentAsk", entry=entry, text="谁看的？", key=key) == first
    assert await phone.refused("ConsentAsk", entry=entry, text="谁看的？", key=str(uuid4())) == "CONSENT_ASKED_ALREADY"
    assert await stranger.refused("ConsentAsk", entry=entry, text="谁看的？", key=str(uuid4())) == "NOT_FOUND"
    own = (await lines(phone, "MYSELF"))[0]["id"]
    assert await phone.refused("ConsentAsk", entry=own, text="谁看的？", key=str(uuid4())) == "CONSENT_OWN_DOING"
    assert await phone.refused("ConsentAsk", entry=entry, text=" 谁 ", key=str(uuid4())) == "CONSENT_QUESTION_INVALID"
    assert (await stranger.ask("ConsentQuestions"))["edges"] == []


async def test_a_question_is_about_all_looks_alike_and_later_ones_may_be_questioned_anew(served: Served) -> None:
    phone = await looked_at(served)
    await look(served, phone)
    [before] = await lines(phone)
    made = await ask(phone)
    [asked] = (await phone.ask("ConsentQuestions"))["edges"]
    line = asked["node"]["line"]
    assert (before["times"], line["action"], line["actorRole"], line["at"]) \
        == (2, "BOOKINGS_SEEN", "property_guard", before["at"])
    assert line["actorName"] == "赵*国", "masked, as in the ledger"
    served.platform.clock.move(timedelta(seconds=1))
    await look(served, phone)
    [later] = await lines(phone)
    assert (later["times"], later["question"]["id"]) == (3, made["id"])
    again = await ask(phone, "怎么又看？")
    assert again["id"] != made["id"] and (await lines(phone))[0]["question"]["id"] == again["id"]


async def test_only_a_manager_of_that_organisation_answers_and_never_for_what_was_their_own(served: Served) -> None:
    phone, guard = await looked_at(served), await served.signed_in("guard")
    made = await ask(phone)
    assert await guard.refused("ConsentDeskQuestions") == "FORBIDDEN"
    assert await guard.refused("ConsentAnswer", id=made["id"], text="没事。") == "FORBIDDEN"
    other = await manager_of(served, "school")
    assert made["id"] not in await desk(other)
    assert await other.refused("ConsentAnswer", id=made["id"], text="没事。") == "NOT_FOUND"
    own = await ask(await looked_at(served, "manager", "property", "manager"))
    manager = await served.signed_in("manager")
    assert own["id"] not in await desk(manager)
    assert await manager.refused("ConsentAnswer", id=own["id"], text="没事。") == "NOT_FOUND"


async def test_what_has_no_manager_and_what_is_late_is_the_districts(served: Served, worker: Any) -> None:
    phone, district = await looked_at(served, "registrar", "hospital", "registrar"), await served.signed_in("manager")
    unmanaged = await ask(phone)
    assert unmanaged["id"] in await desk(district)
    school, asked = await manager_of(served, "school"), await looked_at(served, "teacher", "school", "teacher")
    late = await ask(asked)
    assert late["id"] in await desk(school) and late["id"] not in await desk(district)
    served.platform.clock.move(datetime.fromisoformat(late["dueAt"]) - served.platform.clock.now() + timedelta(minutes=1))
    await tell_late(served.platform)
    await tell_late(served.platform)
    await worker()
    assert (await desk(district))[late["id"]]["late"] is True
    assert (await inbox(asked)).count("质疑转到区里处理") == 1
    assert "质疑逾期没有答复" in await inbox(district)


async def manager_of(served: Served, organisation: str) -> Phone:
    phone = await served.signed_in(new_number())
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("INSERT INTO staff.membership (citizen_id, organisation_id, role, during) "
                                 "VALUES ($1, $2, 'manager', tstzrange($3, NULL))", UUID(phone.id),
                                 demo_id(f"organisation:{organisation}"), served.platform.clock.now() - timedelta(days=1))
    return phone


@pytest.mark.parametrize(("asked", "answered"), [
    ("2026-11-23T09:00", "2026-11-30T18:00"),   # a Monday: five working days on
    ("2026-11-27T23:59", "2026-12-04T18:00"),   # Friday night
    ("2026-09-24T10:00", "2026-10-09T18:00"),   # 中秋 and 国庆 between
    ("2026-10-09T10:00", "2026-10-15T18:00"),   # Saturday 10 October is worked
    ("2027-02-04T10:00", "2027-02-15T18:00"),   # 春节
    ("2031-09-30T10:00", "2031-10-10T18:00"),   # of a year that nothing is known of
])
def test_five_working_days(asked: str, answered: str) -> None:
    at = datetime.fromisoformat(asked).replace(tzinfo=SHANGHAI)
    assert due(at, 5) == datetime.fromisoformat(answered).replace(tzinfo=SHANGHAI)


def test_no_year_raises() -> None:
    assert [is_working(datetime(year, 10, 1).date()) for year in (1990, 2027, 2050)] == [False, False, False]
