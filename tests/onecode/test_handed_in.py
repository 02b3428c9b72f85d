"""What a guard left sealed on a phone is handed in by whoever signs in there next, who learns nothing of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from tests.clients import Phone, Served
from tests.onecode import device
from tests.onecode.test_offline import carrying

Worker = Callable[[], Awaitable[None]]


async def sealed(reader: Phone, said: dict[str, Any]) -> str:
    return device.sealed(await reader.ask("OnecodeKeptKey"), said)


async def scans(served: Served) -> list[tuple[str, str, bool]]:
    rows = await served.platform.db.fetch(
        "SELECT verifier_id, outcome, settled_at IS NOT NULL AS late FROM onecode.scan WHERE NOT demo ORDER BY at, id")
    return [(str(row["verifier_id"]), row["outcome"], row["late"]) for row in rows]


async def test_it_is_settled_as_its_readers_once_and_who_hands_it_in_learns_nothing(served: Served, worker: Worker) -> None:
    holder, guard, next_ = [await served.signed_in(who) for who in ("resident", "guard", "registrar")]
    phone, codes = await carrying(holder)
    texts = [phone.show(code, served.platform.clock.epoch()) for code in codes]
    post = (await guard.ask("OnecodePost"))["post"]
    left = [await sealed(guard, said) for said in (
        {"code": texts[0], "verdict": "ACCEPTED", "post": post, "key": str(uuid4())},
        {"code": texts[0], "verdict": "ACCEPTED", "post": post, "key": str(uuid4())},
        {"code": texts[1], "verdict": "ACCEPTED", "post": "elsewhere", "key": str(uuid4())},
        {"code": texts[2], "verdict": "ACCEPTED", "post": post})]
    answer = await next_.send("OnecodeHandIn", who=guard.id, sealed=left)
    assert answer.json() == {"data": {"onecodeHandIn": [True, True, True, False]}}
    assert await scans(served) == [(guard.id, "ACCEPTED", True), (guard.id, "USED", True)]
    assert await next_.ask("OnecodeHandIn", who=guard.id, sealed=left[:2]) == [True, True], "sent again"
    assert len(await scans(served)) == 2
    await worker()
    inbox = (await guard.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert [edge["node"]["type"] for edge in inbox].count("onecode.handed_in") == 2
    assert "3 条离线扫码" in str(inbox)
    assert "2 条有问题" in str(inbox)


async def test_what_its_reader_did_not_seal_is_nothing(shared: Served) -> None:
    holder, guard, other = [await shared.signed_in(who) for who in ("resident", "guard", "registrar")]
    phone, codes = await carrying(holder)
    before = await scans(shared)
    said = {"code": phone.show(codes[0], shared.platform.clock.epoch()), "verdict": "ACCEPTED", "key": str(uuid4())}
    forged = [await sealed(other, said), "AAAA", "é", ""]
    assert await other.ask("OnecodeHandIn", who=guard.id, sealed=forged) == [True] * 4
    assert await other.ask("OnecodeHandIn", who=str(uuid4()), sealed=[await sealed(guard, said)]) == [True]
    assert await other.ask("OnecodeHandIn", who=holder.id, sealed=[await sealed(holder, said)]) == [True], "no verifier"
    odd = [await sealed(guard, wrong) for wrong in ({}, said | {"code": 7}, said | {"key": None}, said | {"key": ""})]
    assert await other.ask("OnecodeHandIn", who=guard.id, sealed=odd) == [True] * 4, "it holds up nothing else there"
    for wrong in ([], ["A"] * 21, ["A" * 2049]):
        assert await other.refused("OnecodeHandIn", who=guard.id, sealed=wrong) == "INVALID_ARGUMENT"
    assert await shared.phone().refused("OnecodeHandIn", who=guard.id, sealed=["A"]) == "UNAUTHENTICATED"
    assert await scans(shared) == before
