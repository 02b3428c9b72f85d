"""换手机号: by codes of the new number and the old, or a factor of some age; nobody takes another's number."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import orjson
from tests.clients import PHONES, Phone, Refused, Served, new_number
from tests.factors.test_entry import code_entered, real_named
from tests.factors.test_passkeys import lines

from haian.demo import demo_id


async def code_of(phone: Phone, number: str) -> str:
    return str((await phone.http.get("/demo/sms", params={"phone": number})).json()["code"])


async def asked(phone: Phone, to: str) -> str:
    """A code was sent to the new number; what it is."""
    assert (await phone.ask("IdentityAskPhone", phone=to))["phone"] == to
    return await code_of(phone, to)


async def change(phone: Phone, to: str, old: str = "") -> Any:
    code = await asked(phone, to)
    return await phone.ask("IdentityChangePhone", phone=to, code=code, oldCode=await code_of(phone, old) if old else "")


async def test_i_sign_in_with_the_new_number_and_am_who_i_was(shared: Served) -> None:
    old, new = new_number(), new_number()
    phone, other = await real_named(shared, old), shared.phone()
    assert (await change(phone, new, old))["maskedPhone"] == f"{new[:3]}****{new[-4:]}"
    assert (await lines(phone))[0] == "PHONE_CHANGED"
    await phone.ask("IdentitySignOut")
    assert (await code_entered(phone, new))["id"] == phone.id
    assert (await code_entered(other, old))["__typename"] == "Citizen", "the old number is nobody's"
    assert (await other.ask("IdentityViewer"))["identityViewer"]["id"] != phone.id


async def test_without_the_code_of_the_old_number_nothing_changes(shared: Served) -> None:
    old, new = new_number(), new_number()
    phone = await shared.signed_in(old)
    await asked(phone, new)
    right, right_old = await code_of(phone, new), await code_of(phone, old)
    for code, old_code in ((right, ""), (right, "x"), ("x", right_old)):
        assert await phone.refused("IdentityChangePhone", phone=new, code=code, oldCode=old_code) == "IDENTITY_CODE_WRONG"
    assert (await phone.ask("IdentityPhone")) == {"phone": old, "oldNeeded": True, "shared": False}


async def test_a_factor_counts_instead_of_the_old_number_a_day_after_it_was_set(served: Served) -> None:
    """Whoever finds my telephone open can set one, and all my devices hear of that."""
    old, new = new_number(), new_number()
    phone = await served.signed_in(old)
    first, second, *_ = await phone.ask("FactorsRecoveryCodes")
    assert await phone.refused("IdentityAskPhone", phone=new) == "STEP_UP_NEEDED"
    await phone.ask("FactorsStepUp", code=first)
    assert (await phone.ask("IdentityAskPhone", phone=new))["oldNeeded"] is True
    served.platform.clock.move(timedelta(days=1, minutes=1))
    await phone.ask("FactorsStepUp", code=second)
    assert (await change(phone, new))["id"] == phone.id


async def test_whether_the_number_is_somebodys_is_told_to_who_has_its_code(shared: Served) -> None:
    mine = new_number()
    phone = await shared.signed_in(mine)
    for theirs, code in ((new_number(), "IDENTITY_PHONE_TAKEN"), (new_number(), "IDENTITY_PHONE_HELD")):
        await (real_named(shared, theirs) if code.endswith("HELD") else shared.signed_in(theirs))
        assert await phone.ask("IdentityAskPhone", phone=theirs) == {"phone": theirs, "oldNeeded": True, "shared": False}
        assert await phone.refused("IdentityChangePhone", phone=theirs, code="000000") == "IDENTITY_CODE_WRONG"
        assert await phone.refused("IdentityChangePhone", phone=theirs, code=await code_of(phone, theirs),
                                   oldCode=await code_of(phone, mine)) == code
    assert (await phone.ask("IdentityPhone"))["phone"] == mine
    assert await phone.refused("IdentityAskPhone", phone=mine) == "IDENTITY_PHONE_SAME"


async def test_of_two_who_take_one_number_at_once_one_has_it(shared: Served) -> None:
    new, olds = new_number(), (new_number(), new_number())
    phones = [await shared.signed_in(old) for old in olds]
    given = []
    for phone, old in zip(phones, olds, strict=True):
        given.append((await asked(phone, new), await code_of(phone, old)))
    answers = await asyncio.gather(*(phone.ask("IdentityChangePhone", phone=new, code=code, oldCode=old)
                                     for phone, (code, old) in zip(phones, given, strict=True)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [one.code for one in refused] == ["IDENTITY_PHONE_TAKEN"]
    assert sorted([(await phone.ask("IdentityPhone"))["phone"] == new for phone in phones]) == [False, True]


async def test_the_codes_are_of_the_session_that_asked_and_a_demo_account_keeps_its_number(shared: Served) -> None:
    number, new = new_number(), new_number()
    mine = await shared.signed_in(number)
    other = shared.phone()
    await other.sign_in(number)
    code, old = await asked(mine, new), await code_of(mine, number)
    assert await other.refused("IdentityChangePhone", phone=new, code=code, oldCode=old) == "IDENTITY_CODE_WRONG"
    demo = await shared.signed_in(PHONES["grandson"])
    assert await demo.refused("IdentityAskPhone", phone=new) == "IDENTITY_PHONE_SHARED"
    assert await shared.phone().refused("IdentityAskPhone", phone=new) == "UNAUTHENTICATED"


async def test_the_old_number_and_all_my_devices_hear_of_it_and_what_is_offered_to_me_follows(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    old, new = new_number(), new_number()
    phone, second, elder = await served.signed_in(old), served.phone(), await served.signed_in("elder")
    await second.sign_in(old)
    given = await elder.ask("DelegationGive", phone=old, called="小王", scopes=["parking.bookings.read"], days=30,
                            key="give-by-number")
    await worker()
    async with second.live() as told:
        assert (await anext(told))["live"]["type"] == "ready"
        await change(phone, new, old)
        await worker()
        assert (await anext(told))["live"]["type"] == "identity.phone_changed"
    assert orjson.loads(await served.platform.redis.get(f"haian:sms:{old}"))["template"] == "phone_left"
    await elder.ask("DelegationConfirm", id=given["id"], code=await code_of(elder, PHONES["elder"]))
    assert [one["state"] for one in await mandates(phone)] == ["OFFERED"]
    [kept] = await mandates(elder)
    assert kept["number"] == old, "the giver does not learn of the new one"
    assert await mandates(await served.signed_in(old)) == [], "nor is anything offered to a stranger"


async def test_what_is_offered_to_the_old_number_afterwards_is_whoever_has_it_then(
        served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    """However late the news of the change is heard: an event that failed is told again."""
    old, new = new_number(), new_number()
    phone = await served.signed_in(old)
    await invite(await served.signed_in("manager"), old, "东门")
    await change(phone, new, old)
    served.platform.clock.move(timedelta(minutes=5))
    elder = await served.signed_in("elder")
    given = await elder.ask("DelegationGive", phone=old, called="小王", scopes=["parking.bookings.read"], days=30,
                            key="give-by-number")
    await elder.ask("DelegationConfirm", id=given["id"], code=await code_of(elder, PHONES["elder"]))
    await invite(await served.signed_in("manager"), old, "西门", "property_clerk")
    await worker()
    assert await mandates(phone) == []
    assert [one["state"] for one in await mandates(await served.signed_in(old))] == ["OFFERED"]
    async with served.platform.db.writing_as("staff") as connection:
        invited = await connection.fetch("SELECT place, phone FROM staff.invitation WHERE phone IN ($1, $2)", old, new)
    assert {row["place"]: row["phone"] for row in invited} == {"东门": new, "西门": old}


async def invite(manager: Phone, number: str, place: str, role: str = "property_guard") -> None:
    await manager.ask("StaffInvite", organisation=str(demo_id("organisation:property")), name="王小满", phone=number,
                      role=role, place=place, key=f"invite-to-{place}")


async def mandates(phone: Phone) -> list[Any]:
    return list((await phone.ask("DelegationMandates"))["delegationMandates"])
