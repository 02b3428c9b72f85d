"""停用: a holder stops all their codes from any device; PostgreSQL remembers it, whatever Redis forgets."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.clients import Phone, Served
from tests.consent.test_ledger import lines
from tests.onecode.test_scan import kept, scan, scans_of


async def suspended(phone: Phone) -> bool:
    return (await phone.ask("OnecodeMine"))["onecodeState"]["suspendedSince"] is not None


async def test_a_code_that_is_stopped_passes_nowhere_and_another_device_may_stop_it(served: Served, worker: Any) -> None:
    lost, other = await served.signed_in("resident"), await served.signed_in("resident")
    guard = await served.signed_in("guard")
    code = (await lost.ask("OnecodeIssue"))["text"]
    assert (await other.ask("OnecodeSuspend"))["suspendedSince"]
    check = await scan(guard, code)
    assert (check["verdict"], check["facts"], check["withheld"]) == ("SUSPENDED", [], [])
    before = await kept(served)
    assert await lost.refused("OnecodeIssue") == "ONECODE_SUSPENDED"
    assert await kept(served) == before, "what may not be shown is not kept"
    assert await suspended(lost)
    mine = (await other.ask("OnecodeScans", first=1))["edges"][0]["node"]
    assert (mine["verdict"], mine["facts"]) == ("SUSPENDED", [])
    await worker()
    newest = (await other.ask("MessagesInbox"))["messagesInbox"]["edges"][0]["node"]
    assert newest["title"] == "有人出示了您停用的码"
    assert [line["reason"] for line in await lines(other, kind="SCAN")][:1] == ["SUSPENDED"]


async def test_a_redis_that_lost_everything_has_lost_no_suspension(served: Served) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    code = (await holder.ask("OnecodeIssue"))["text"]
    kept = {key: await served.platform.redis.dump(key) for key in await served.platform.redis.keys("haian:code:*")}
    await holder.ask("OnecodeSuspend")
    await served.platform.redis.flushdb()
    for key, value in kept.items():
        await served.platform.redis.restore(key, 60_000, value)
    guard = await served.signed_in("guard")
    assert (await scan(guard, code))["verdict"] == "SUSPENDED"


async def test_whoever_stopped_while_redis_was_away_passes_nowhere_and_is_told_so_soon(served: Served, worker: Any) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    await holder.ask("OnecodeIssue")
    redis, [state] = served.platform.redis, await served.platform.redis.keys("haian:onecode:state:*")
    assert 0 < await redis.ttl(state) <= 3600
    await holder.ask("OnecodeSuspend")
    await redis.set(state, 1, ex=3600)
    assert (await scan(guard, (await holder.ask("OnecodeIssue"))["text"]))["verdict"] == "SUSPENDED"
    await worker()
    assert await holder.refused("OnecodeIssue") == "ONECODE_SUSPENDED", "the event has told Redis"
    await redis.delete(state)
    assert await holder.refused("OnecodeIssue") == "ONECODE_SUSPENDED", "nothing is known, so PostgreSQL is asked"


async def test_what_is_resumed_is_told_and_its_new_codes_pass(served: Served, worker: Any) -> None:
    holder, guard = await served.signed_in("resident"), await served.signed_in("guard")
    await asyncio.gather(*(holder.ask("OnecodeSuspend") for _ in range(3)))
    await asyncio.gather(*(holder.ask("OnecodeResume") for _ in range(3)))
    assert not await suspended(holder)
    check = await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
    assert check["verdict"] == "ACCEPTED"
    said = [line["action"] for line in await lines(holder)]
    assert (said.count("CODE_SUSPENDED"), said.count("CODE_RESUMED")) == (1, 1), "done twice, it was done once"
    await worker()
    assert await holder.ask("MessagesUnread") == 1


async def test_another_citizens_code_is_not_mine_to_stop(served: Served) -> None:
    holder, other, guard = [await served.signed_in(who) for who in ("resident", "elder", "guard")]
    await other.ask("OnecodeSuspend")
    code = (await holder.ask("OnecodeIssue"))["text"]
    assert (await scan(guard, code))["verdict"] == "ACCEPTED"
    assert len(await scans_of(served, code)) == 1
    assert await served.phone().refused("OnecodeSuspend") == "UNAUTHENTICATED"
