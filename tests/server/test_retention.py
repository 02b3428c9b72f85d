"""What was kept for as long as it says is deleted by the worker, in batches, found by an index; what is younger stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.clients import Served, new_number

from haian.registry import Retention
from server import housekeeping
from server.apps import registry
from server.housekeeping import forget_batch, forget_old

DECLARED = [(app.noun, each) for app in registry().apps for each in app.providers.retains]


async def left(served: Served, statement: str, *values: Any) -> list[Any]:
    async with served.platform.db.writing_as("onecode") as connection:
        return [row[0] for row in await connection.fetch(statement, *values)]


async def test_each_scene_keeps_its_scans_as_long_as_it_says(served: Served) -> None:
    now = served.platform.clock.now()
    async with served.platform.db.writing_as("onecode") as connection:
        await connection.execute("DELETE FROM onecode.scan")
        for scene, days in (("bus_ride", 7), ("hospital_check_in", 180)):
            for age in (days - 1, days + 1):
                await connection.execute(
                    """INSERT INTO onecode.scan (at, scene_id, organisation_id, place, role, code, verdict)
                       VALUES ($1, $2, uuidv7(), '', 'conductor', sha256($3::bytea), 'ACCEPTED')""",
                    now - timedelta(days=age), scene, f"{scene}{age}".encode())
    await forget_old(served.platform)
    kept = await left(served, "SELECT scene_id || ' ' || extract(day FROM $1 - at) FROM onecode.scan ORDER BY at", now)
    assert kept == ["hospital_check_in 179", "bus_ride 6"]
    served.platform.clock.move(timedelta(days=2))
    await forget_old(served.platform)
    assert await left(served, "SELECT id FROM onecode.scan") == []


async def test_messages_and_sign_ins_go_in_bounded_batches(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await served.signed_in(new_number())
    now = served.platform.clock.now()
    async with served.platform.db.writing_as("messages") as connection:
        await connection.execute("DELETE FROM messages.message")
        await connection.execute("""INSERT INTO messages.message (id, citizen_id, type, payload, at)
            SELECT uuidv7(), $1, 'identity.phone_changed', '{"tail": "1"}', $2::timestamptz - i * interval '1 hour'
            FROM generate_series(1, 7) i""", UUID(phone.id), now)
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    [messages] = [each for noun, each in DECLARED if noun == "messages"]
    served.platform.clock.move(timedelta(days=365, hours=-2, minutes=-30))
    assert [await forget_batch(served.platform, "messages", messages) for _ in range(3)] == [3, 2, 0]
    await forget_old(served.platform)
    [count] = await served.platform.db.fetch("SELECT count(*) FROM messages.message")
    assert count[0] == 2
    ended = await served.platform.db.fetch("SELECT id FROM identity.device WHERE citizen_id = $1", UUID(phone.id))
    assert len(ended) == 1, "its session runs still"


async def test_a_browser_is_known_as_long_as_a_sign_in_there_is_kept(served: Served) -> None:
    phone, known = await served.signed_in(new_number()), []
    await phone.ask("IdentitySignOut")
    for days in (183, 2):  # six months are 184 days at most
        served.platform.clock.move(timedelta(days=days))
        await forget_old(served.platform)
        async with served.platform.db.writing_as("identity") as connection:
            known += await connection.fetch("SELECT count(*) FROM identity.browser WHERE citizen_id = $1", UUID(phone.id))
    assert [each[0] for each in known] == [1, 0]


async def test_what_is_due_is_found_by_an_index(served: Served) -> None:
    url = served.platform.settings.database_migration_url
    connection = await asyncpg.connect(url)
    await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    for _, each in DECLARED:
        found = await connection.fetch(f"EXPLAIN {each.old}", served.platform.clock.now(), 1000)
        plan = "\n".join(row[0] for row in found)
        assert f"Seq Scan on {each.table.split('.')[1]} " not in plan and "Index Cond" in plan, (each.table, plan)
    await connection.close()


async def test_what_fails_holds_up_nobody_elses(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def fails(platform: Any, noun: str, each: Retention) -> int:
        asked.append(each.table)
        raise RuntimeError
    monkeypatch.setattr(housekeeping, "forget_batch", fails)
    await forget_old(shared.platform)
    assert asked == [each.table for _, each in DECLARED]


async def test_the_citizen_reads_what_is_kept_how_long_and_why(shared: Served) -> None:
    said = (await (await shared.signed_in(new_number())).ask("ConsentMyData"))["consentRetained"]
    assert [(each["what"], each["days"]) for each in said] == [(each.what["zh"], each.days) for _, each in DECLARED]
    assert {"onecode.scan", "messages.message", "identity.device"} <= {each.table for _, each in DECLARED}
    assert all(each["ground"] for each in said)
