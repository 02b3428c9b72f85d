"""登记儿童: a child that is new here is enrolled at the desk that attests its guardian, from the papers that lie there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.clients import PHONES, Phone, Served, new_number
from tests.delegation.family import acting

from haian import steps
from haian.demo import demo_id
from identity.demo import number

NEWBORN = number(date(2026, 12, 24), 301)
CHILDS_NUMBER = number(date(2017, 6, 1), 112)
"""That of the demo's child."""


def papers(**changed: Any) -> dict[str, Any]:
    return {"guardian": PHONES["resident"], "child": NEWBORN, "childName": "王小满", "kin": "MOTHER", "limits": [],
            "seen": "HOUSEHOLD_BOOK"} | changed


async def rows(served: Served, statement: str, *values: Any) -> list[Any]:
    async with served.platform.db.writing_as("identity") as connection:
        return list(await connection.fetch(statement, *values))


async def count(served: Served) -> list[int]:
    """How many citizens, numbers, disputes and attested guardianships there are."""
    tables = "identity.citizen", "identity.citizen_number", "identity.dispute"
    made = await served.platform.db.fetch("SELECT FROM delegation.guardianship WHERE attested_by IS NOT NULL")
    return [len(await rows(served, f"SELECT FROM {table}")) for table in tables] + [len(made)]


async def children(phone: Phone) -> list[str]:
    return [each["name"] for each in await phone.ask("DelegationPrincipals")]


async def lines(served: Served, citizen: UUID | str) -> dict[str, tuple[str, str, str]]:
    """Action -> role, reason, ground, of what is in somebody's ledger."""
    found = await served.platform.db.fetch(
        "SELECT action, actor_role, reason, ground FROM haian.audit WHERE subject_id = $1", UUID(str(citizen)))
    return {row["action"]: (row["actor_role"], row["reason"], row["ground"]) for row in found}


async def settle(served: Served, officer: Phone, outcome: str) -> None:
    """The one open dispute, by another officer than whose claim it is, who has shown a second factor."""
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("""INSERT INTO staff.membership (citizen_id, organisation_id, role, during)
            SELECT $1, organisation_id, role, during FROM staff.membership WHERE role = 'identity_officer'""",
                                 UUID(officer.id))
    device = next(device["id"] for device in await officer.ask("IdentityDevices") if device["current"])
    await steps.confirm(served.platform, device)
    [edge] = (await officer.ask("IdentityDisputes"))["edges"]
    await officer.ask("IdentitySettleDispute", id=edge["node"]["id"], outcome=outcome, reason="核对了双方的证件")


async def test_a_newborn_is_enrolled_with_its_guardian(served: Served) -> None:
    desk, mother = await served.signed_in("desk"), await served.signed_in("resident")
    made = await desk.ask("DelegationAttest", **papers())
    assert (made["guardian"], made["child"]) == ("王*燕", "王*满")
    assert made["until"].startswith("2044-12-23T16:00:00")
    assert await children(mother) == ["王小满"]
    [child] = await rows(served, "SELECT id, level, phone, born::text FROM identity.citizen WHERE name = '王小满'")
    assert (child["level"], child["phone"], child["born"]) == ("VERIFIED", None, "2026-12-24")
    told = ("desk_officer", "HOUSEHOLD_BOOK")
    assert await lines(served, child["id"]) == {"NAME_VERIFIED": (*told, "guardian"), "GUARDIAN_ATTESTED": (*told, "duty")}
    assert (await acting(mother, str(child["id"])).ask("HealthcareComing"))["edges"] == []
    assert (await lines(served, mother.id))["GUARDIAN_ATTESTED"] == (*told, "duty")
    for row in await rows(served, "SELECT t::text FROM identity.citizen_number t"):
        assert NEWBORN not in row[0] and NEWBORN.encode().hex() not in row[0]


async def test_who_is_enrolled_is_found_by_the_number_from_then_on(served: Served) -> None:
    desk, father = await served.signed_in("desk"), await served.signed_in("parent")
    await desk.ask("DelegationAttest", **papers())
    before = await count(served)
    await desk.ask("DelegationAttest", **papers(guardian=PHONES["parent"], kin="FATHER", childName=""))
    assert await count(served) == [*before[:3], before[3] + 1]
    assert "王小满" in await children(father)


async def test_the_account_of_a_childs_own_phone_gets_name_and_number(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    desk, phone, tens = await served.signed_in("desk"), new_number(), number(date(2016, 9, 1), 302)
    child = await served.signed_in(phone)
    assert await child.refused("IdentityVerify", name="王小满", number=tens) == "IDENTITY_GUARDIAN_NEEDED"
    await desk.ask("DelegationAttest", **papers(child=tens, childPhone=phone))
    [mine] = await rows(served, "SELECT id::text, name, level FROM identity.citizen WHERE phone = $1", phone)
    assert tuple(mine) == (child.id, "王小满", "VERIFIED")
    await worker()
    inbox = (await child.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert {"实名成功", "监护关系已登记"} <= {edge["node"]["title"] for edge in inbox}


@pytest.mark.parametrize("changed, code, argument", [
    ({"childName": ""}, "DELEGATION_PERSON_UNKNOWN", "child"),
    ({"child": number(date(1988, 1, 1), 303)}, "DELEGATION_OF_AGE", "child"),
    ({"guardian": "13800009999"}, "DELEGATION_PERSON_UNKNOWN", "guardian"),
    ({"guardian": PHONES["desk"]}, "DELEGATION_TO_MYSELF", "guardian"),
    ({"childName": "王"}, "IDENTITY_NAME_INVALID", "childName"),
    ({"childPhone": "123"}, "IDENTITY_PHONE_INVALID", "childPhone"),
    ({"childPhone": "13800009998"}, "IDENTITY_CHILD_PHONE_UNFIT", "childPhone"),
    ({"childPhone": PHONES["parent"]}, "IDENTITY_CHILD_PHONE_UNFIT", "childPhone"),
])
async def test_what_is_refused_makes_nobody(shared: Served, changed: dict[str, Any], code: str, argument: str) -> None:
    desk, before = await shared.signed_in("desk"), await count(shared)
    answer = (await desk.send("DelegationAttest", **papers(**changed))).json()
    assert [(error["extensions"]["code"], error["extensions"].get("argument")) for error in answer["errors"]] == [
        (code, argument)]
    assert await count(shared) == before


async def test_nobody_but_a_desk_enrols(shared: Served) -> None:
    before = await count(shared)
    assert await (await shared.signed_in("registrar")).refused("DelegationAttest", **papers()) == "FORBIDDEN"
    now = shared.platform.clock.now()
    async with shared.platform.db.writing_as("parking") as connection:
        assert await connection.fetchval(
            "SELECT haian.enrol_child($1, $2, '王小满', '2026-12-24', ' ', ARRAY['key ' || sha256(' ')], ' ', $3)",
            demo_id("citizen:registrar"), demo_id("citizen:nobody"), now) is None
        assert await connection.fetchval(
            "SELECT haian.claim_for_child($1, $2, '王小满', ' ', ARRAY['key ' || sha256(' ')], ' ', $3)",
            demo_id("citizen:registrar"), demo_id("citizen:nobody"), now) is None
    assert await count(shared) == before


async def test_a_number_of_another_name_is_for_staff_to_settle_and_then_the_guardian_is_attested(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    desk, mother, before = await served.signed_in("desk"), await served.signed_in("resident"), await count(served)
    wrong = papers(child=CHILDS_NUMBER)
    answers = await asyncio.gather(*(desk.refused("DelegationAttest", **wrong) for _ in range(2)))
    assert answers == ["IDENTITY_CHILD_DISPUTED"] * 2
    assert await count(served) == [before[0] + 1, before[1], before[2] + 1, before[3]], "one dispute"
    assert await children(mother) == []
    await worker()
    [told] = (await mother.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert told["node"]["title"] == "监护关系还没登记" and "王小满" in told["node"]["body"]
    holder = await lines(served, demo_id("citizen:child"))
    assert holder["NUMBER_CLAIMED"] == ("other", "", "")
    assert (await desk.ask("IdentityDisputes"))["edges"] == [], "who claims it does not settle it"
    await settle(served, await served.signed_in("manager"), "CLAIMANT")
    await desk.ask("DelegationAttest", **wrong)
    assert await children(mother) == ["王小满"]


async def test_who_was_disputed_and_is_nobodys_then_is_enrolled_as_the_same_child(served: Served) -> None:
    desk = await served.signed_in("desk")
    wrong = papers(child=CHILDS_NUMBER)
    assert await desk.refused("DelegationAttest", **wrong) == "IDENTITY_CHILD_DISPUTED"
    await settle(served, await served.signed_in("manager"), "NEITHER")
    before = await count(served)
    await desk.ask("DelegationAttest", **wrong)
    assert await count(served) == [before[0], before[1] + 1, before[2], before[3] + 1]


async def test_who_claimed_it_goes_with_their_account(served: Served) -> None:
    desk = await served.signed_in("desk")
    assert await desk.refused("DelegationAttest", **papers(child=CHILDS_NUMBER)) == "IDENTITY_CHILD_DISPUTED"
    await rows(served, "DELETE FROM identity.citizen WHERE id = $1", UUID(desk.id))
    assert [row[0] for row in await rows(served, "SELECT claimed_by FROM identity.dispute")] == [None]


async def test_of_two_desks_at_once_one_makes_the_child_and_both_attest(served: Served) -> None:
    desk, before = await served.signed_in("desk"), await count(served)
    guardians = [PHONES["resident"], PHONES["parent"]]
    made = await asyncio.gather(*(desk.ask("DelegationAttest", **papers(guardian=guardian)) for guardian in guardians))
    assert {each["child"] for each in made} == {"王*满"} and len({each["id"] for each in made}) == 1
    assert await count(served) == [before[0] + 1, before[1] + 1, before[2], before[3] + 2]


async def test_a_childs_phone_that_asks_the_verifier_meanwhile_waits_no_more(served: Served) -> None:
    """What was asked before is not answered over what the desk has seen."""
    desk, phone = await served.signed_in("desk"), new_number()
    child = await served.signed_in(phone)
    [row] = await rows(served, """INSERT INTO identity.verification (citizen_id, name, sealed, asked_at, tried_at)
        VALUES ($1, '王大满', ' ', $2, $2) RETURNING id""", UUID(child.id), served.platform.clock.now())
    await desk.ask("DelegationAttest", **papers(childPhone=phone))
    assert [tuple(each) for each in await rows(served, "SELECT answer, sealed FROM identity.verification WHERE id = $1",
                                               row["id"])] == [("LAPSED", None)]
