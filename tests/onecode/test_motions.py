"""Scenes begin and end as data, by two officials of the district."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.clients import Phone, Served
from tests.onecode.test_scan import scan, shown

DRAFT = {"id": "swimming_pool", "nameZh": "游泳馆", "nameEn": "Swimming pool", "post": "property property_guard",
         "facts": ["adult", "resident"], "demands": ["resident"], "groundZh": "确认是本社区居民", "retentionDays": 7,
         "groundEn": "To see who lives here", "source": "《个人信息保护法》第十三条第一款第二项", "reason": "新开的游泳馆"}


async def propose(phone: Phone, **changed: Any) -> Any:
    return await phone.ask("OnecodeProposeScene", **{**DRAFT, **changed}, key=str(uuid4()))


async def ids(phone: Phone) -> set[str]:
    return {scene["id"] for scene in await phone.ask("OnecodeScenes")}


async def test_a_scene_begins_when_a_second_official_agrees_and_runs_without_a_program(served: Served) -> None:
    manager, desk, holder, guard = [await served.signed_in(who) for who in ("manager", "desk", "resident", "guard")]
    made = await propose(manager)
    assert "swimming_pool" not in await ids(holder)
    assert await manager.refused("OnecodeDecideScene", id=made["id"], agree=True) == "ONECODE_SCENE_SECOND_PERSON"
    assert (await desk.ask("OnecodeDecideScene", id=made["id"], agree=True))["agreed"] is True
    assert "swimming_pool" in await ids(holder)
    [office] = await manager.ask("OnecodeDesks")
    await manager.ask("OnecodeAssign", organisation=office["id"], place="东门", scenes=["swimming_pool"])
    check = await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
    assert (check["verdict"], shown(check)) == ("ACCEPTED", {"adult": True, "resident": True})
    assert await desk.refused("OnecodeDecideScene", id=made["id"], agree=False) == "ONECODE_MOTION_DECIDED"
    end = await desk.ask("OnecodeProposeEnd", scene="swimming_pool", reason="停业", key=str(uuid4()))
    assert await desk.refused("OnecodeDecideScene", id=end["id"], agree=True) == "ONECODE_SCENE_SECOND_PERSON"
    await manager.ask("OnecodeDecideScene", id=end["id"], agree=True)
    assert "swimming_pool" not in await ids(holder)
    assert (await guard.ask("OnecodePost"))["scene"]["id"] == "residential_gate", "the usual one again"
    assert (await holder.ask("OnecodeScans", first=1))["edges"][0]["node"]["scene"]["name"] == "游泳馆"
    assert await manager.refused("OnecodeProposeScene", **DRAFT, key=str(uuid4())) == "ONECODE_SCENE_TAKEN"
    async with served.platform.db.writing_as("onecode") as connection:  # what is left of two who propose it at once
        late = await connection.fetchval("""INSERT INTO onecode.motion (kind, scene_id, scene, reason, asked_by, asked_at)
            SELECT kind, scene_id, scene, reason, asked_by, asked_at FROM onecode.motion WHERE id = $1 RETURNING id""",
            made["id"])
    assert await desk.refused("OnecodeDecideScene", id=str(late), agree=True) == "ONECODE_SCENE_TAKEN"
    assert (await desk.ask("OnecodeDecideScene", id=str(late), agree=False))["agreed"] is False, "it can still be declined"


async def test_what_is_declined_changes_nothing_and_one_thing_is_proposed_at_a_time(shared: Served) -> None:
    manager, desk = await shared.signed_in("manager"), await shared.signed_in("desk")
    made = await manager.ask("OnecodeProposeEnd", scene="bus_ride", reason="试一试", key=str(uuid4()))
    again = {"scene": "bus_ride", "reason": "再试", "key": str(uuid4())}
    assert await desk.refused("OnecodeProposeEnd", **again) == "ONECODE_MOTION_OPEN"
    assert (await desk.ask("OnecodeDecideScene", id=made["id"], agree=False))["agreed"] is False
    assert "bus_ride" in await ids(manager)


async def waiting(phone: Phone) -> int:
    """Motions that wait for who asks."""
    desks = (await phone.ask("HomeDesks"))["homeDesks"]
    return int(next(desk["waiting"] for desk in desks if desk["link"] == "/onecode/scenes/desk"))


async def test_what_is_open_stays_before_them_however_much_was_decided_since(served: Served) -> None:
    manager, desk = await served.signed_in("manager"), await served.signed_in("desk")
    before = await waiting(desk)
    made = await propose(manager)
    async with served.platform.db.writing_as("onecode") as connection:
        await connection.execute("""
            INSERT INTO onecode.motion (kind, scene_id, scene, reason, asked_by, asked_at, decided_by, decided_at, agreed)
            SELECT kind, scene_id || n, scene, reason, asked_by, asked_at + interval '1 minute', $2,
                   asked_at + interval '2 minutes', false
            FROM onecode.motion, generate_series(1, 50) n WHERE id = $1""", made["id"], UUID(desk.id))
    assert (await desk.ask("OnecodeSceneDesk"))["onecodeMotions"][0]["id"] == made["id"]
    assert await waiting(desk) == before + 1


@pytest.mark.parametrize("wrong", [
    {"id": "Pool!"}, {"facts": ["adult", "everything"]}, {"demands": ["phone"]}, {"beyond": ["adult"]}, {"nameZh": "游"},
    {"retentionDays": 0}, {"retentionDays": 1096}, {"codeSeconds": 61}, {"source": "  "}, {"post": "property mayor"},
    {"reason": " "}, {"offline": "OFFLINE", "facts": ["adult", "id_number"], "demands": []}])
async def test_a_draft_that_is_wrong_names_what_is(shared: Served, wrong: dict[str, Any]) -> None:
    manager = await shared.signed_in("manager")
    assert await manager.refused("OnecodeProposeScene", **{**DRAFT, **wrong}, key=str(uuid4())) == "INVALID_ARGUMENT"


async def test_only_officials_of_the_district_propose_and_decide(shared: Served) -> None:
    for who in ("guard", "registrar", "resident"):
        phone = await shared.signed_in(who)
        assert await phone.refused("OnecodeProposeScene", **DRAFT, key=str(uuid4())) == "FORBIDDEN"
        assert await phone.refused("OnecodeSceneDesk") == "FORBIDDEN"
