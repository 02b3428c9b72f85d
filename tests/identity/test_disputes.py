"""A number that two gave: an officer settles whose it is, both hear of it, neither of whom; each look is in the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from tests.clients import Phone, Served, new_number
from tests.identity.authority import authority, known_to, number_of

from haian import steps

WHY = "当面核对了身份证原件"


@dataclass
class Case:
    """Two who gave one number, and the officer."""

    served: Served
    holder: Phone
    claimant: Phone
    officer: Phone
    number: str
    id: str = ""

    async def settle(self, outcome: str, reason: str = WHY) -> Any:
        return await self.officer.ask("IdentitySettleDispute", id=self.id, outcome=outcome, reason=reason)

    async def levels(self) -> list[str]:
        return [(await phone.ask("IdentityNaming"))["level"] for phone in (self.holder, self.claimant)]

    async def told(self, phone: Phone) -> str:
        """The newest message."""
        newest = (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"][0]["node"]
        return str(newest["title"])

    async def acts(self, phone: Phone) -> list[Any]:
        return [edge["node"] for edge in (await phone.ask("ConsentLedger"))["edges"]]


async def may_again(served: Served, phone: Phone) -> None:
    """A second factor was given on this phone just now."""
    device = next(device["id"] for device in await phone.ask("IdentityDevices") if device["current"])
    await steps.confirm(served.platform, device)


async def give(phone: Phone, number: str) -> str:
    return str((await phone.ask("IdentityVerify", name="陈小北", number=number))["__typename"])


@pytest_asyncio.fixture
async def case(served: Served) -> AsyncIterator[Case]:
    with authority() as url:
        known_to(served.platform, url)
        holder, claimant = [await served.signed_in(new_number()) for _ in range(2)]
        made = Case(served, holder, claimant, await served.signed_in("desk"), number_of(601))
        await may_again(served, made.officer)
        assert [await give(holder, made.number), await give(claimant, made.number)] == ["Citizen", "IdentityDisputed"]
        [edge] = (await made.officer.ask("IdentityDisputes"))["edges"]
        made.id = edge["node"]["id"]
        yield made


@pytest.mark.parametrize("outcome, levels, messages", [
    ("HOLDER", ["VERIFIED", "UNVERIFIED"], ["核实完毕", "实名没有通过核实"]),
    ("CLAIMANT", ["UNVERIFIED", "VERIFIED"], ["您的实名已取消", "实名成功"]),
    ("NEITHER", ["UNVERIFIED", "UNVERIFIED"], ["您的实名已取消", "实名没有通过核实"]),
])
async def test_a_settlement_moves_the_number_and_both_are_told(
        case: Case, worker: Callable[[], Awaitable[None]], outcome: str, levels: list[str], messages: list[str]) -> None:
    found = await case.settle(outcome)
    assert (found["outcome"], found["reason"]) == (outcome, WHY) and found["settledAt"]
    assert await case.levels() == levels
    await worker()
    assert [await case.told(phone) for phone in (case.holder, case.claimant)] == messages
    assert (await case.officer.ask("IdentityDisputes"))["edges"] == []
    shown = [(await phone.ask("IdentityViewer"))["identityViewer"]["maskedNumber"] for phone in (case.holder, case.claimant)]
    assert [number is not None for number in shown] == [level == "VERIFIED" for level in levels]


async def test_who_was_refused_may_give_a_number_again_and_who_lost_it_too(case: Case) -> None:
    await case.settle("NEITHER")
    assert await give(case.claimant, number_of(602)) == "Citizen"
    assert await give(case.holder, case.number) == "Citizen"


async def test_opening_it_is_in_the_ledgers_of_both_before_the_answer(case: Case) -> None:
    """The list shows nobody, so it leaves nothing."""
    assert all(line["action"] != "DISPUTE_SEEN" for line in await case.acts(case.holder))
    found = await case.officer.ask("IdentityDispute", id=case.id)
    assert found["holder"]["name"] == found["claimedName"] == "陈小北" and found["holder"]["verifiedAt"]
    for phone in (case.holder, case.claimant):
        [line] = [line for line in await case.acts(phone) if line["action"] == "DISPUTE_SEEN"]
        assert (line["actorRole"], line["organisation"], line["ground"]) == (
            "identity_officer", "青岛西海岸新区管委会（演示）", "duty")
        assert set(line["fields"]) == {"name", "phone", "born", "level", "verifiedAt"}


async def test_neither_side_finds_the_other_in_what_it_may_read(case: Case, worker: Callable[[], Awaitable[None]]) -> None:
    await case.officer.ask("IdentityDispute", id=case.id)
    await case.settle("CLAIMANT")
    await worker()
    for phone, other in ((case.holder, case.claimant), (case.claimant, case.holder)):
        number = (await other.ask("IdentityViewer"))["identityViewer"]["maskedPhone"]
        documents = ("IdentityNaming", "MessagesInbox", "ConsentLedger", "IdentityViewer")
        read = [await phone.ask(document) for document in documents]
        assert other.id not in str(read) and number not in str(read)


async def test_to_settle_it_wants_a_second_factor_that_is_recent(case: Case) -> None:
    case.served.platform.clock.move(timedelta(minutes=6))
    refused = await case.officer.refused("IdentitySettleDispute", id=case.id, outcome="CLAIMANT", reason=WHY)
    assert refused == "STEP_UP_NEEDED"
    assert await case.levels() == ["VERIFIED", "UNVERIFIED"]


@pytest.mark.parametrize("who", ["resident", "registrar", "clerk", "manager"])
async def test_only_an_officer_sees_or_settles_it(case: Case, who: str) -> None:
    phone = await case.served.signed_in(who)
    assert await phone.refused("IdentityDisputes") == "FORBIDDEN"
    assert await phone.refused("IdentityDispute", id=case.id) == "FORBIDDEN"
    assert await phone.refused("IdentitySettleDispute", id=case.id, outcome="CLAIMANT", reason=WHY) == "FORBIDDEN"
    assert await case.levels() == ["VERIFIED", "UNVERIFIED"]


async def test_an_officer_settles_nothing_of_their_own(case: Case) -> None:
    async with case.served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.dispute SET claimant_id = $1::text::uuid", case.officer.id)
    assert (await case.officer.ask("IdentityDisputes"))["edges"] == []
    assert await case.officer.refused("IdentityDispute", id=case.id) == "NOT_FOUND"
    assert await case.officer.refused("IdentitySettleDispute", id=case.id, outcome="CLAIMANT", reason=WHY) == "NOT_FOUND"


async def test_it_is_settled_once(case: Case) -> None:
    answers = await asyncio.gather(*(case.officer.send(
        "IdentitySettleDispute", id=case.id, outcome=outcome, reason=WHY) for outcome in ("HOLDER", "CLAIMANT", "NEITHER")))
    codes = [answer.json().get("errors", [{"extensions": {"code": "done"}}])[0]["extensions"]["code"] for answer in answers]
    assert sorted(codes) == ["IDENTITY_DISPUTE_SETTLED", "IDENTITY_DISPUTE_SETTLED", "done"]


@pytest.mark.parametrize("reason", ["", "   ", "核对", "好" * 201, "核对了\x00原件"])
async def test_what_it_rests_on_must_be_said(case: Case, reason: str) -> None:
    refused = await case.officer.refused("IdentitySettleDispute", id=case.id, outcome="HOLDER", reason=reason)
    assert refused == "IDENTITY_DISPUTE_REASON_INVALID"
    assert len((await case.officer.ask("IdentityDisputes"))["edges"]) == 1


async def test_of_three_who_give_one_number_the_last_disputes_it_with_whom_it_went_to(case: Case) -> None:
    third = await case.served.signed_in(new_number())
    assert await give(third, case.number) == "IdentityDisputed"
    await case.settle("CLAIMANT")
    [edge] = (await case.officer.ask("IdentityDisputes"))["edges"]
    case.id = edge["node"]["id"]
    await case.settle("CLAIMANT")
    assert await case.levels() == ["UNVERIFIED", "UNVERIFIED"]
    assert (await third.ask("IdentityNaming"))["level"] == "VERIFIED"
    async with case.served.platform.db.writing_as("identity") as connection:
        assert await connection.fetchval("SELECT count(*) FROM identity.dispute WHERE sealed IS NOT NULL") == 0
