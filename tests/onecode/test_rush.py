"""Scans of one moment share a transaction: each comes to what it would have come to alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.clients import Served
from tests.crowd import crowd
from tests.onecode.test_scan import scan, scans_of
from tests.waiting import somebody_waits, until_async

from haian import codes, moment
from haian.call import Call
from haian.reads import sql
from haian.viewer import Viewer
from onecode import scanning, store
from onecode.models import Decision, Scan, Verdict

PASSED = {"ACCEPTED", "NOT_ENTITLED"}


async def issued(served: Served, many: int) -> list[str]:
    """Codes of so many residents."""
    phones = await crowd(served, many)
    return [(await phone.ask("OnecodeIssue"))["text"] for phone in phones]


def told(results: Sequence[Any]) -> list[str]:
    """What each came to: the verdict, or the code of a refusal."""
    return [each["verdict"] if isinstance(each, dict) else each.code for each in results]


async def test_each_of_many_codes_passes_once_whoever_reads_it_how_often(served: Served) -> None:
    shows = await issued(served, 24)
    guard, registrar = await served.signed_in("guard"), await served.signed_in("registrar")
    nonces = {(who.id, code): str(uuid4()) for who in (guard, registrar) for code in shows}
    asked = [(who, code) for code in shows for who in (guard, registrar, guard)]
    results = await asyncio.gather(*(scan(who, code, nonces[who.id, code]) for who, code in asked))
    for n, code in enumerate(shows):
        first, other, again = results[3 * n:3 * n + 3]
        assert first == again, "a repeat has the first answer"
        assert sorted(each["verdict"] in PASSED for each in (first, other)) == [False, True]
        used = first if first["verdict"] == "USED" else other
        assert used["facts"] == [] and used["firstPlace"]
        rows = await scans_of(served, code)
        assert sorted(str(row["id"]) for row in rows) == sorted({first["id"], other["id"]})
        [passed] = [row for row in rows if row["verdict"] in PASSED]
        assert {row["holder_id"] for row in rows} == {passed["holder_id"]}
    ids = [result["id"] for result in results]
    ledger = await served.platform.db.fetch("""
        SELECT a.object, a.subject_id = s.holder_id AND a.actor_id = s.verifier_id AS is_theirs
        FROM haian.audit a JOIN onecode.scan s ON s.id::text = a.object WHERE a.object = ANY($1)""", ids)
    assert sorted(row["object"] for row in ledger) == sorted(set(ids)), "a line each"
    assert all(row["is_theirs"] for row in ledger)


async def test_what_one_may_not_or_cannot_read_is_nobody_elses_affair(
        served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    guard, registrar, holder = [await served.signed_in(who) for who in ("guard", "registrar", "resident")]
    stopped, broken = await served.signed_in("elder"), await served.signed_in("parent")
    shows, nonce = await issued(served, 16), str(uuid4())
    bent = [(await phone.ask("OnecodeIssue"))["text"] for phone in (stopped, broken, holder)]
    await stopped.ask("OnecodeSuspend")

    def resident(citizen: UUID, organisation: UUID) -> Any: ...

    resident.__doc__ = f"1 / ({{citizen}} <> '{broken.id}'::uuid)::int = 1"
    facts = served.platform.registry.facts
    monkeypatch.setitem(facts, "resident", replace(facts["resident"], value=sql(resident)))
    assert (await scan(guard, bent[2], nonce))["verdict"] == "ACCEPTED"
    typed = [scan(guard, f"{n:08d}") for n in range(20)]
    wrong = [scan(guard, bent[0]), scan(guard, bent[1]), scan(guard, shows[0], nonce), scan(guard, "H1:" + "0" * 26)]
    right = [scan(registrar if n % 2 else guard, code) for n, code in enumerate(shows)]
    results = await asyncio.gather(*right, *wrong, *typed, return_exceptions=True)
    assert told(results[:16]) == ["ACCEPTED"] * 16
    assert told(results[16:20]) == ["SUSPENDED", "INTERNAL", "IDEMPOTENCY_KEY_REUSED", "EXPIRED"]
    tries = told(results[20:])
    assert set(tries) == {"EXPIRED", "RATE_LIMITED"} and tries.count("EXPIRED") >= 12
    assert await scans_of(served, bent[1]) == []


async def test_who_waits_for_another_scan_of_their_code_waits_alone(
        served: Served, monkeypatch: pytest.MonkeyPatch, migration_owner: asyncpg.Connection) -> None:
    monkeypatch.setattr(moment, "PATIENCE", 50)
    guard = await served.signed_in("guard")
    held, freed, *others = await issued(served, 12)
    organisation = (await served.platform.db.fetch("SELECT organisation_id FROM haian.membership WHERE citizen_id = $1",
                                                   UUID(guard.id)))[0][0]
    for code, verdict in ((held, "USED"), (freed, "NOT_ENTITLED")):
        unsettled = migration_owner.transaction()
        await unsettled.start()
        await migration_owner.execute("""INSERT INTO onecode.scan (at, scene_id, organisation_id, place, role, code, verdict)
            VALUES ($1, 'residential_gate', $2, '西门', 'property_guard', $3, 'ACCEPTED')""", served.platform.clock.now(),
            organisation, bytes.fromhex(codes.digest(code.removeprefix("H1:"))))
        mine, others = others[:5], others[5:]
        waits = asyncio.create_task(scan(guard, code))
        assert told(await asyncio.gather(*(scan(guard, each) for each in mine))) == ["NOT_ENTITLED"] * 5
        await until_async(lambda: somebody_waits(served.platform.db))
        await (unsettled.commit() if verdict == "USED" else unsettled.rollback())
        assert (await waits)["verdict"] == verdict


async def test_of_one_code_that_redis_gave_twice_in_a_moment_postgresql_lets_one_pass(served: Served) -> None:
    guard, holder = await served.signed_in("guard"), await served.signed_in("resident")
    call = Call(served.platform, Viewer(UUID(guard.id)))
    async with call.writing("onecode") as tx:
        post, code = await store.post_of(tx), codes.digest("twice")
        scans = [Scan(tx, post, code, Decision(Verdict.ACCEPTED, UUID(holder.id))) for _ in range(3)]
        await scanning.record(call, scans)
    assert [each.decision.verdict for each in scans] == [Verdict.ACCEPTED, Verdict.USED, Verdict.USED]
    assert {each.decision.first and each.decision.first.place for each in scans[1:]} == {"海岸物业服务中心（演示） 东门"}
    rows = await served.platform.db.fetch("SELECT verdict FROM onecode.scan WHERE code = $1 ORDER BY id",
                                          bytes.fromhex(code))
    assert [row["verdict"] for row in rows] == ["ACCEPTED", "USED", "USED"]
