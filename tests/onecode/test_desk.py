"""The manager's desk: the flow at the gates as it happens, entries reviewed, scenes assigned, the day exported."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.clients import Served
from tests.identity.test_disputes import may_again
from tests.onecode.test_scan import scan

from haian.clock import SHANGHAI
from haian.demo import demo_id
from onecode.desk import as_csv

Worker = Callable[[], Awaitable[None]]
OFFICE = {"organisation": str(demo_id("organisation:property"))}
ELSEWHERE = {"organisation": str(demo_id("organisation:hospital"))}


def flow(found: Any) -> tuple[int, int]:
    return sum(hour["accepted"] for hour in found["onecodeHours"]), sum(hour["refused"] for hour in found["onecodeHours"])


async def test_the_flow_counts_what_passed_and_what_did_not_by_gate_and_hour_and_says_why(shared: Served) -> None:
    holder, guard, manager = [await shared.signed_in(who) for who in ("resident", "guard", "manager")]
    passed, refused = flow(await manager.ask("OnecodeFlow", **OFFICE))
    code = (await holder.ask("OnecodeIssue"))["text"]
    await scan(guard, code)
    await scan(guard, code)
    undone = await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
    await guard.ask("OnecodeUndo", scan=undone["id"], why="WRONG_PERSON")
    found = await manager.ask("OnecodeFlow", **OFFICE)
    assert flow(found) == (passed + 1, refused + 1), "what was taken back is neither"
    assert "东门" in {hour["place"] for hour in found["onecodeHours"]}, "there may be gates of others"
    assert "USED" in {why["verdict"] for why in found["onecodeRefusals"]}


async def test_a_manager_sees_their_own_organisation_and_no_other(shared: Served) -> None:
    manager, guard = await shared.signed_in("manager"), await shared.signed_in("guard")
    assert [desk["name"] for desk in await manager.ask("OnecodeDesks")] == ["海岸物业服务中心（演示）"]
    assert await manager.ask("OnecodeFlow", **ELSEWHERE) == {
        "onecodePlaces": [], "onecodeHours": [], "onecodeRefusals": []}
    assert (await manager.ask("OnecodeEntries", **ELSEWHERE))["edges"] == []
    assert await manager.refused("OnecodeAssign", **ELSEWHERE, place="东门", scenes=[]) == "FORBIDDEN"
    await may_again(shared, manager)
    assert await manager.refused("OnecodeExport", **ELSEWHERE, since="2027-03-01") == "FORBIDDEN"
    assert await guard.refused("OnecodeFlow", **OFFICE) == "FORBIDDEN"


async def test_whoever_looks_at_the_flow_hears_of_each_scan(served: Served, worker: Worker) -> None:
    holder, guard, manager = [await served.signed_in(who) for who in ("resident", "guard", "manager")]
    async with manager.live("OnecodeFlowChanges", **OFFICE) as answers:
        assert (await anext(answers))["onecodeFlowChanges"]["change"] == "READY"
        await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
        await worker()
        async with asyncio.timeout(5):
            assert (await anext(answers))["onecodeFlowChanges"]["change"] == "FLOW"
    async with manager.live("OnecodeFlowChanges", **ELSEWHERE) as answers:
        assert [answer async for answer in answers] == [None], "of another organisation nothing"


async def test_an_entry_is_reviewed_once_by_somebody_else_and_the_guard_is_told(served: Served, worker: Worker) -> None:
    guard, manager = await served.signed_in("guard"), await served.signed_in("manager")
    made = await guard.ask("OnecodeLetIn", cause="OTHER", people=1, words="送水工，没带手机", key=str(uuid4()))
    [edge] = (await manager.ask("OnecodeEntries", **OFFICE))["edges"]
    assert (edge["node"]["verifier"], edge["node"]["words"], edge["node"]["mine"]) == ("赵*国", "送水工，没带手机", False)
    assert await guard.refused("OnecodeReview", entry=made["id"], justified=True) == "FORBIDDEN"
    done = await manager.ask("OnecodeReview", entry=made["id"], justified=False, note="应先登记")
    assert (done["justified"], done["note"]) == (False, "应先登记")
    assert await manager.refused("OnecodeReview", entry=made["id"], justified=True) == "ONECODE_ENTRY_REVIEWED"
    await worker()
    told = [edge["node"] for edge in (await guard.ask("MessagesInbox"))["messagesInbox"]["edges"]]
    assert "应先登记" in next(one["body"] for one in told if one["type"] == "onecode.reviewed_against")
    lines = await served.platform.db.fetch("SELECT action FROM haian.audit WHERE subject_id = $1", demo_id("citizen:guard"))
    assert {"ENTRIES_SEEN", "ENTRY_REVIEWED"} <= {line["action"] for line in lines}


async def test_what_runs_at_a_gate_is_what_its_guard_may_serve(served: Served) -> None:
    guard, manager = await served.signed_in("guard"), await served.signed_in("manager")
    places = await manager.ask("OnecodeAssign", **OFFICE, place="东门", scenes=["parking_entry"])
    east = next(place for place in places if place["place"] == "东门")
    assert [scene["id"] for scene in east["scenes"]] == ["parking_entry"]
    assert (await guard.ask("OnecodePost"))["scene"]["id"] == "parking_entry"
    await manager.ask("OnecodeAssign", **OFFICE, place="东门", scenes=[])
    assert (await guard.ask("OnecodePost"))["scene"]["id"] == "residential_gate", "the usual one"
    for wrong in ("hospital_check_in", "no_such_scene"):
        refused = await manager.refused("OnecodeAssign", **OFFICE, place="东门", scenes=[wrong])
        assert refused == "ONECODE_SCENE_UNKNOWN"


async def test_an_export_wants_a_second_factor_is_audited_and_names_nobody(served: Served) -> None:
    holder, guard, manager = [await served.signed_in(who) for who in ("resident", "guard", "manager")]
    await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
    today = f"{served.platform.clock.today():%Y-%m-%d}"
    assert await manager.refused("OnecodeExport", **OFFICE, since=today) == "STEP_UP_NEEDED"
    await may_again(served, manager)
    text = await manager.ask("OnecodeExport", **OFFICE, since=today)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {(row["地点"], row["场景"], row["核验人"]) for row in rows} == {("东门", "小区门禁", "赵*国")}
    assert "通过" in {row["结果"] for row in rows}
    assert not [secret for secret in ("王海燕", "王*燕", "13800000001", holder.id) if secret in text]
    for wrong in ({"since": today, "days": 32}, {"since": "9999-12-31"}, {"since": "0001-01-01"}):
        assert await manager.refused("OnecodeExport", **OFFICE, **wrong) == "INVALID_ARGUMENT"
    [line] = await served.platform.db.fetch("SELECT actor_id, office FROM haian.audit WHERE action = 'SCANS_EXPORTED'")
    assert tuple(line) == (demo_id("citizen:manager"), demo_id("organisation:property"))


@pytest.mark.parametrize("place", ["=1+1", "+1", "-1", "@a", "\t=1"])
def test_nothing_in_an_export_is_a_formula(place: str) -> None:
    row = {"at": datetime(2027, 3, 1, tzinfo=SHANGHAI), "place": place, "name_zh": "门", "outcome": "USED", "undone": False,
           "masked_name": None}
    [_, said] = csv.reader(io.StringIO(as_csv([row])))
    assert said[1] == "'" + place
