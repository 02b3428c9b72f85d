"""申诉: a scan is questioned beside it, and answered by the manager of whoever made it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.clients import Phone, Served, new_number
from tests.onecode.test_scan import scan


async def beside(holder: Phone, check: dict[str, Any]) -> dict[str, Any] | None:
    """What stands beside a scan on the page of its holder."""
    found = await holder.ask("ConsentQuestionsAbout", things=[check["id"], str(uuid4())])
    return next((each for each in found if each["about"] == check["id"]), None)


async def test_a_scan_is_questioned_and_the_manager_of_its_organisation_answers(shared: Served) -> None:
    holder, guard = await shared.signed_in(new_number()), await shared.signed_in("guard")
    check = await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
    assert await beside(holder, check) is None
    made = await holder.ask("ConsentAskAbout", thing=check["id"], text="我没有进门，谁扫的？", key=str(uuid4()))
    assert (made["organisation"], made["answer"]) == ("海岸物业服务中心（演示）", None)
    manager = await shared.signed_in("manager")
    waiting = {edge["node"]["id"]: edge["node"] for edge in (await manager.ask("ConsentDeskQuestions", first=100))["edges"]}
    assert (waiting[made["id"]]["line"]["action"], waiting[made["id"]]["line"]["actorName"]) == ("CODE_REFUSED", "赵建国")
    await manager.ask("ConsentAnswer", id=made["id"], text="东门保安扫的，社区没有登记。")
    assert (await beside(holder, check) or {})["answer"] == "东门保安扫的，社区没有登记。"
    ledger = (await holder.ask("ConsentLedger", kind="SCAN"))["edges"]
    assert made["id"] in [edge["node"]["question"]["id"] for edge in ledger]


async def test_it_is_questioned_once_by_its_holder_and_only_what_was_done_to_them(shared: Served) -> None:
    holder, guard = await shared.signed_in(new_number()), await shared.signed_in("guard")
    check = await scan(guard, (await holder.ask("OnecodeIssue"))["text"])
    for who, thing in ((guard, check["id"]), (await shared.signed_in("elder"), check["id"]), (holder, str(uuid4()))):
        assert await who.refused("ConsentAskAbout", thing=thing, text="为什么？", key=str(uuid4())) == "NOT_FOUND"
    key = str(uuid4())
    first = await holder.ask("ConsentAskAbout", thing=check["id"], text="为什么？", key=key)
    assert await holder.ask("ConsentAskAbout", thing=check["id"], text="为什么？", key=key) == first
    assert await holder.refused("ConsentAskAbout", thing=check["id"], text="还是不明白。", key=str(uuid4())) \
        == "CONSENT_ASKED_ALREADY"
    assert await beside(guard, check) is None
