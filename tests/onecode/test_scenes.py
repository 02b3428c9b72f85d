"""Scenes 场景 are data: what each post asks of a code, on which ground, for how long."""

from __future__ import annotations

from uuid import UUID

import asyncpg
from tests.clients import Served
from tests.onecode.test_scan import scan, shown

from server.apps import registry

WANTED = {"residential_gate", "parking_entry", "hospital_check_in", "school_pick_up", "hall_queue", "library_loan",
          "bus_ride", "park_entry", "community_canteen", "show_papers"}


async def test_ten_scenes_and_each_says_its_ground_and_asks_what_somebody_provides(shared: Served) -> None:
    rows = await shared.platform.db.fetch("SELECT * FROM onecode.scene")
    assert {row["id"] for row in rows} >= WANTED
    provided = set(registry().facts)
    for row in rows:
        assert set(row["facts"] + row["beyond"]) <= provided, row["id"]
        assert row["ground_zh"], row["id"]
        assert row["ground_en"], row["id"]
        assert row["source"].startswith("《"), row["id"]
        assert row["retention_days"] <= 180


async def test_a_gate_with_two_scenes_asks_in_the_one_that_its_guard_chose(served: Served) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    duties = await guard.ask("OnecodeDuties")
    assert [(duty["scene"]["name"], duty["served"]) for duty in duties] == [("小区门禁", True), ("共享车位入场", False)]
    assert (await guard.ask("OnecodeServe", duty=duties[1]["id"]))["scene"]["id"] == "parking_entry"
    check = await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
    assert check["verdict"] == "NOT_ENTITLED", "no space is booked"
    assert set(shown(check)) == {"name", "parking.booking_here"}


async def test_nobody_serves_a_scene_that_does_not_run_at_their_own_post(shared: Served) -> None:
    guard, verifier, resident = [await shared.signed_in(who) for who in ("guard", "verifier", "resident")]
    other = next(duty["id"] for duty in await verifier.ask("OnecodeDuties") if duty["scene"]["name"] == "图书馆借阅")
    assert await guard.refused("OnecodeServe", duty=other) == "NOT_FOUND"
    assert await resident.refused("OnecodeServe", duty=other) == "FORBIDDEN"
    assert await resident.ask("OnecodeDuties") == []
    assert (await guard.ask("OnecodePost"))["scene"]["id"] == "residential_gate"


async def test_each_scene_of_the_demo_shows_what_its_fact_providers_say(shared: Served) -> None:
    verifier, elder, parent = [await shared.signed_in(who) for who in ("verifier", "elder", "parent")]
    rows = await shared.platform.db.fetch("SELECT shown FROM identity.citizen_number WHERE citizen_id = $1", UUID(elder.id))
    number, seen = rows[0]["shown"], {}
    for duty in await verifier.ask("OnecodeDuties"):
        await verifier.ask("OnecodeServe", duty=duty["id"])
        who = parent if duty["scene"]["name"] == "校园接送" else elder
        check = await scan(verifier, (await who.ask("OnecodeIssue"))["text"])
        seen[duty["scene"]["name"]] = (check["verdict"], shown(check))
    assert seen == {
        "校园接送": ("ACCEPTED", {"name": "张*梅", "education.fetches": seen["校园接送"][1]["education.fetches"]}),
        "政务大厅取号": ("ACCEPTED", {"name": "李*福", "id_number": number}),
        "办事亮证": ("ACCEPTED", {"name": "李*福", "id_number": number, "adult": True}),
        "图书馆借阅": ("ACCEPTED", {"name": "李*福", "adult": True}),
        "公交乘车": ("ACCEPTED", {"senior": True}),
        "景区入园": ("ACCEPTED", {"senior": True, "resident_of_district": True}),
        "社区食堂": ("ACCEPTED", {"name": "李*福", "senior": True, "resident": True}),
    }
    assert "张*海" in seen["校园接送"][1]["education.fetches"]
    assert "1954" not in number


async def test_a_scene_that_has_ended_is_not_served_and_stays_in_the_history(
        served: Served, migration_owner: asyncpg.Connection) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
    await migration_owner.execute("UPDATE onecode.scene SET until = $1 WHERE role = 'property_guard'",
                                  served.platform.clock.now())
    code = (await holder.ask("OnecodeIssue"))["text"]
    assert await guard.refused("OnecodeScan", code=code, nonce="12345678") == "FORBIDDEN"
    assert "residential_gate" not in {scene["id"] for scene in await holder.ask("OnecodeScenes")}
    assert (await holder.ask("OnecodeScans", first=1))["edges"][0]["node"]["scene"]["name"] == "小区门禁"


async def test_everybody_may_read_where_codes_are_asked_for_and_on_which_ground(shared: Served) -> None:
    found = {scene["id"]: scene for scene in await shared.phone().ask("OnecodeScenes")}
    assert set(found) >= WANTED
    gate = found["residential_gate"]
    assert (gate["asks"], gate["needs"], gate["retentionDays"]) == (["姓名", "本社区居民"], ["本社区居民"], 30)
    assert "九百四十二条" in gate["source"]
