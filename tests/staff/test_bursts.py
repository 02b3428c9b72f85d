"""异常查询: a burst of look-ups is reported to a manager once, who says what it was."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.clients import Phone, Served
from tests.consent.test_questions import inbox, manager_of
from tests.staff.office import appointed, lines, posts

from haian.demo import demo_id
from staff.bursts import search


async def look(served: Served, people: int, actor: str = "guard", role: str = "property_guard",
               office: str | None = "property") -> None:
    """Somebody looks at so many people, of whom nothing more is known here."""
    async with served.platform.writing("staff") as tx:
        tx.viewer = tx.viewer._replace(id=demo_id(f"citizen:{actor}"))
        for _ in range(people):
            await tx.audit("BOOKINGS_SEEN", uuid4(), role=role, office=demo_id(f"organisation:{office}") if office else None)


async def searching(served: Served, times: int = 1) -> None:
    """The worker of each of many machines searches at once; the threshold is 20."""
    platform = replace(served.platform, settings=served.platform.settings.model_copy(update={"burst_people": 20}))
    await asyncio.gather(*(search(platform) for _ in range(times)))


async def found(manager: Phone) -> list[Any]:
    return list(await manager.ask("StaffBursts"))


async def test_a_burst_is_reported_once_an_hour_however_many_search(served: Served, worker: Any) -> None:
    manager, clock = await served.signed_in("manager"), served.platform.clock
    await look(served, 19)
    await searching(served)
    assert await found(manager) == []
    await look(served, 1)
    await searching(served, times=4)
    [burst] = await found(manager)
    assert (burst["name"], burst["people"], burst["looks"], burst["roles"]) == ("赵建国", 20, 20, ["property_guard"])
    assert (burst["organisation"], burst["outcome"]) == ("海岸物业服务中心（演示）", None)
    await worker()
    assert (await inbox(manager)).count("有人短时间查看了很多人的信息") == 1
    assert await lines(served, str(demo_id("citizen:guard")), "LOOKS_REPORTED") == [("None", "system")]
    clock.move(timedelta(minutes=20))
    await look(served, 30)
    await searching(served, times=2)
    assert [each["people"] for each in await found(manager)] == [50], "counted on, not reported again"
    clock.move(timedelta(minutes=41))
    await look(served, 20)
    await searching(served, times=2)
    assert [each["people"] for each in await found(manager)] == [20, 50]


async def test_the_same_person_looked_at_often_is_no_burst_and_nor_is_what_one_does_for_oneself(served: Served) -> None:
    manager, whom = await served.signed_in("manager"), uuid4()
    async with served.platform.writing("staff") as tx:
        tx.viewer = tx.viewer._replace(id=demo_id("citizen:guard"))
        for _ in range(30):
            await tx.audit("BOOKINGS_SEEN", whom, role="property_guard")
            await tx.audit("CODE_ACCEPTED", uuid4(), role="property_guard")
            await tx.audit("SEEN_FOR", uuid4(), role="citizen")
    await searching(served)
    assert await found(manager) == []


async def test_what_happened_while_the_worker_was_away_is_found_when_it_is_back(served: Served) -> None:
    manager = await served.signed_in("manager")
    await searching(served)
    served.platform.clock.move(timedelta(hours=1))
    await look(served, 20)
    served.platform.clock.move(timedelta(hours=5))
    await searching(served)
    assert [each["people"] for each in await found(manager)] == [20]
    await searching(served)
    assert len(await found(manager)) == 1


async def test_a_manager_ends_the_post_by_which_was_looked_and_another_hears_that_it_is_done(served: Served) -> None:
    manager = await served.signed_in("manager")
    clerk = await appointed(served, manager, "resident", "property_clerk")
    served.platform.clock.move(timedelta(seconds=1))
    await look(served, 20, "resident", "property_clerk")
    await searching(served)
    [burst] = await found(manager)
    second = await manager_of(served, "property")
    assert await clerk.refused("StaffBursts") == "FORBIDDEN"
    answer = {"id": burst["id"], "note": "说不出在办什么事"}
    assert await second.refused("StaffAnswerBurst", **{**answer, "note": " "}, outcome="IN_ORDER") == "STAFF_REASON_MISSING"
    answers = await asyncio.gather(*(phone.send("StaffAnswerBurst", **answer, outcome="POST_ENDED")
                                     for phone in (manager, second)))
    codes = sorted(each.json()["errors"][0]["extensions"]["code"] if "errors" in each.json() else "" for each in answers)
    assert codes == ["", "STAFF_BURST_ANSWERED"]
    assert await posts(clerk) == []
    [seen] = await found(manager)
    assert (seen["outcome"], seen["note"]) == ("POST_ENDED", "说不出在办什么事")
    assert [role for _, role in await lines(served, clerk.id, "LOOKS_CHECKED")] == ["manager"]
    assert len(await lines(served, clerk.id, "POST_ENDED")) == 1


async def test_nobody_answers_for_themself_and_what_nobody_answers_is_the_districts(served: Served) -> None:
    district = await served.signed_in("manager")  # of the property company too
    school = await manager_of(served, "school")
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute(
            "UPDATE staff.membership SET citizen_id = $1 WHERE citizen_id = $2 AND organisation_id = $3",
            demo_id("citizen:editor"), demo_id("citizen:manager"), demo_id("organisation:property"))
    await look(served, 20, "editor", "manager")
    await look(served, 20, "teacher", "teacher", "school")
    await look(served, 20, "desk", "identity_officer", None)
    await searching(served)
    assert {each["roles"][0] for each in await found(district)} == {"manager", "identity_officer"}
    [late] = await found(school)
    own = await served.signed_in("editor")
    assert await found(own) == []
    assert await own.refused("StaffAnswerBurst", id=(await found(district))[0]["id"], outcome="IN_ORDER",
                             note="没事") == "NOT_FOUND"
    assert late["id"] not in {each["id"] for each in await found(district)}
    served.platform.clock.move(timedelta(days=3, minutes=1))
    await searching(served, times=2)
    assert late["id"] in {each["id"] for each in await found(district)}
    await district.ask("StaffAnswerBurst", id=late["id"], outcome="IN_ORDER", note="期末登记")
    assert (await found(school))[0]["outcome"] == "IN_ORDER"
