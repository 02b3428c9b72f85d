"""Guardians: attested at a desk from documents, limited by custody, ended there, and by themselves at 18."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.birthdays import eve_of_birthday
from tests.clients import PHONES, Phone, Served, new_number
from tests.delegation.family import BOOKING, LOOKING, acting

from consent import store_held
from haian import steps
from haian.call import Call
from haian.demo import demo_id
from identity.demo import number

CHILD = demo_id("citizen:child")
CHILDS_NUMBER = number(date(2017, 6, 1), 112)


def papers(**changed: Any) -> dict[str, Any]:
    return {"guardian": PHONES["resident"], "child": CHILDS_NUMBER, "kin": "GRANDPARENT", "limits": [],
            "seen": "HOUSEHOLD_BOOK"} | changed


async def names(phone: Phone) -> list[str]:
    return [each["name"] for each in await phone.ask("DelegationPrincipals")]


async def test_an_officer_attests_a_guardian_and_it_counts_at_once(served: Served) -> None:
    desk, resident = await served.signed_in("desk"), await served.signed_in("resident")
    made = await desk.ask("DelegationAttest", **papers())
    assert (made["guardian"], made["child"], made["relation"]) == ("王*燕", "张*海", "GRANDPARENT")
    assert made["until"].startswith("2035-05-31T16:00:00"), "the 18th birthday begins in Shanghai"
    assert await names(resident) == ["张小海"]
    assert (await acting(resident, str(CHILD)).ask("HealthcareComing"))["edges"] == []
    lines = await served.platform.db.fetch(
        "SELECT subject_id, actor_role FROM haian.audit WHERE action = 'GUARDIAN_ATTESTED'")
    assert {(row["subject_id"], row["actor_role"]) for row in lines} == {
        (UUID(resident.id), "desk_officer"), (CHILD, "desk_officer")}


async def test_a_guardians_own_file_names_the_child_and_tells_no_id(served: Served) -> None:
    desk, resident = await served.signed_in("desk"), await served.signed_in("resident")
    await desk.ask("DelegationAttest", **papers())
    for citizen, other, named in ((UUID(resident.id), CHILD, "张*海"), (CHILD, UUID(resident.id), str(CHILD))):
        rows = [dict(row) for row in await Call(served.platform).rows(store_held.ledger(citizen))]
        assert [row["object"] for row in rows if row["action"] == "GUARDIAN_ATTESTED"] == [named]
        assert str(other) not in str(rows)


async def test_what_custody_forbids_is_not_covered(served: Served) -> None:
    desk, resident = await served.signed_in("desk"), await served.signed_in("resident")
    made = await desk.ask("DelegationAttest", **papers(limits=[BOOKING]))
    assert made["titles"] == ["挂号和取消"]
    acting(resident, str(CHILD))
    assert (await resident.ask("HealthcareComing"))["edges"] == []
    assert await resident.refused("HealthcarePatients") == "ACTING_NOT_COVERED"


async def test_an_officer_ends_it_and_it_ends_by_itself_at_18(served: Served) -> None:
    born = eve_of_birthday(served, 18)
    desk, resident = await served.signed_in("desk"), await served.signed_in("resident")
    await desk.ask("DelegationAttest", **papers())
    ended = {name: papers()[name] for name in ("guardian", "child", "seen")}
    assert (await desk.ask("DelegationEndGuardian", **ended))["endedAt"]
    assert await names(resident) == []
    assert await desk.refused("DelegationEndGuardian", **ended) == "NOT_FOUND"
    await desk.ask("DelegationAttest", **papers())
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET born = $2 WHERE id = $1", CHILD, born)
    assert await names(resident) == ["张小海"]
    served.platform.clock.move(timedelta(days=1))
    resident = await served.signed_in("resident")
    assert await names(resident) == []


async def test_who_cannot_be_a_guardian_or_have_one_is_not_attested(served: Served) -> None:
    desk, unnamed = await served.signed_in("desk"), new_number()
    await served.signed_in(unnamed)
    grown = number(date(1988, 5, 12), 100)
    for changed, code in (({"guardian": unnamed}, "DELEGATION_GUARDIAN_UNFIT"), ({"child": grown}, "DELEGATION_TO_MYSELF"),
                          ({"child": grown, "guardian": PHONES["elder"]}, "DELEGATION_OF_AGE"),
                          ({"guardian": new_number()}, "DELEGATION_PERSON_UNKNOWN"),
                          ({"child": number(date(2017, 6, 1), 999)}, "DELEGATION_PERSON_UNKNOWN"),
                          ({"guardian": PHONES["desk"]}, "DELEGATION_TO_MYSELF"),
                          ({"limits": ["identity.devices.write"]}, "DELEGATION_MANDATE_INVALID")):
        assert await desk.refused("DelegationAttest", **papers(**changed)) == code, changed
    assert await desk.refused("DelegationAttest", **papers(child="37021120170601112")) == "IDENTITY_NUMBER_INVALID"
    assert await (await served.signed_in("resident")).refused("DelegationAttest", **papers()) == "FORBIDDEN"
    rows = await served.platform.db.fetch("SELECT FROM delegation.guardianship WHERE attested_by IS NOT NULL")
    assert not rows


async def test_whoever_has_a_second_factor_shows_it_to_give(served: Served) -> None:
    elder = await served.signed_in("elder")
    made = await elder.ask("DelegationGive", phone=PHONES["grandson"], called="小军", scopes=[LOOKING], days=7,
                           key="with a factor")
    async with served.platform.db.writing_as("factors") as connection:
        await connection.execute("INSERT INTO factors.recovery_code (citizen_id, hash, made_at) "
                                 "VALUES ($1, sha256('1'), $2)", UUID(elder.id), served.platform.clock.now())
    code = (await served.phone().http.get("/demo/sms", params={"phone": PHONES["elder"]})).json()["code"]
    assert await elder.refused("DelegationConfirm", id=made["id"], code=code) == "STEP_UP_NEEDED"
    [session] = [row["id"] for row in await elder.ask("IdentityDevices") if row["current"]]
    await steps.confirm(served.platform, session)
    assert (await elder.ask("DelegationConfirm", id=made["id"], code=code))["state"] == "OFFERED"
