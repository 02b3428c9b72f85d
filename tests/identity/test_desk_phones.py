"""At a desk: a number that somebody else's account still has is freed, and an account without one gets it."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from tests.clients import PHONES, Phone, Refused, Served, new_number
from tests.consent.test_my_data import shown
from tests.factors.test_entry import code_entered, officer, real_named, with_card
from tests.factors.test_passkeys import lines
from tests.identity.test_phones import code_of

from identity.demo import number


async def settled(desk: Phone, phone: str, card: str) -> Any:
    await desk.ask("IdentityDeskAskPhone", phone=phone)
    return (await desk.ask("IdentityDeskPhone", phone=phone, code=await code_of(desk, phone), card=card))["outcome"]


async def test_a_number_that_another_account_has_is_freed_and_that_account_keeps_all_else(
        served: Served, worker: Any) -> None:
    recycled = new_number()
    holder, desk, stranger = await real_named(served, recycled), await officer(served), served.phone()
    assert (await code_entered(stranger, recycled))["__typename"] == "IdentityFactorNeeded"
    assert await settled(desk, recycled, number(date(1990, 1, 1), 500)) == "FREED"
    await worker()
    assert (await holder.ask("IdentityPhone"))["phone"] is None
    viewer = (await holder.ask("IdentityViewer"))["identityViewer"]
    assert (viewer["id"], viewer["level"]) == (holder.id, "VERIFIED")
    inbox = (await holder.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert inbox[0]["node"]["title"] == "手机号已从您的账号移出"
    assert (await lines(holder))[0] == "PHONE_FREED"
    assert (await stranger.http.get("/demo/sms", params={"phone": recycled})).json().get("template") != "phone_left"
    entered = await code_entered(stranger, recycled)
    assert (entered["__typename"], entered["id"] == holder.id) == ("Citizen", False)
    mine = new_number()
    await holder.ask("IdentityAskPhone", phone=mine)
    await holder.ask("IdentityChangePhone", phone=mine, code=await code_of(holder, mine))
    assert (await holder.ask("IdentityPhone"))["phone"] == mine


async def test_an_account_without_a_number_gets_the_freed_one_and_is_signed_in_to_with_it(shared: Served) -> None:
    recycled, old = new_number(), new_number()
    holder, desk = await real_named(shared, recycled), await officer(shared)
    mine = await real_named(shared, old)
    card = number(date(1980, 1, 1), 501)
    await with_card(shared, mine, card)
    assert await settled(desk, old, number(date(1990, 1, 1), 502)) == "FREED"
    assert await settled(desk, recycled, card) == "MOVED"
    assert (await mine.ask("IdentityPhone"))["phone"] == recycled
    assert (await holder.ask("IdentityPhone"))["phone"] is None
    assert (await lines(mine))[0] == "PHONE_GIVEN"


async def test_an_enrolled_child_gets_a_number_and_its_guardians_hear_of_it(served: Served, worker: Any) -> None:
    desk, parent, mine = await officer(served), await served.signed_in("parent"), new_number()
    card = number(date(2024, 5, 1), 503)
    await desk.ask("DelegationAttest", guardian=PHONES["parent"], child=card, childName="周小小", kin="MOTHER", limits=[],
                   seen="HOUSEHOLD_BOOK")
    assert await settled(desk, mine, card) == "GIVEN"
    await worker()
    assert "账号登记了手机号" in [edge["node"]["title"] for edge in
                          (await parent.ask("MessagesInbox"))["messagesInbox"]["edges"]]
    [found] = await served.platform.db.fetch("SELECT name FROM haian.citizen WHERE phone = $1", mine)
    assert found["name"] == "周小小"


async def test_nothing_is_done_without_the_code_or_for_who_needs_nothing(shared: Served) -> None:
    taken, free, card = new_number(), new_number(), number(date(1990, 1, 1), 504)
    holder, desk = await real_named(shared, taken), await officer(shared)
    theirs = number(date(1980, 1, 1), 505)
    await with_card(shared, holder, theirs)
    await desk.ask("IdentityDeskAskPhone", phone=taken)
    code = await code_of(desk, taken)
    for wrong in ({"code": "x"}, {"phone": free}):
        assert await desk.refused("IdentityDeskPhone", **{"phone": taken, "code": code, "card": card} | wrong) \
            == "IDENTITY_CODE_WRONG"
    assert await desk.refused("IdentityDeskPhone", phone=taken, code=code, card="1") == "IDENTITY_NUMBER_INVALID"
    assert await desk.refused("IdentityDeskPhone", phone=taken, code=code, card=theirs) == "IDENTITY_PHONE_THEIRS"
    assert await desk.refused("IdentityDeskPhone", phone=taken, code=code, card=card) == "IDENTITY_CODE_WRONG", "used"
    for phone, refusal in ((free, "IDENTITY_PHONE_FREE"), (PHONES["elder"], "IDENTITY_PHONE_SHARED"),
                           (PHONES["desk"], "IDENTITY_DESK_SELF")):
        with pytest.raises(Refused, match=refusal):
            await settled(desk, phone, card)
    assert (await holder.ask("IdentityPhone"))["phone"] == taken


async def test_an_officer_shows_a_factor_and_nobody_else_does_this(shared: Served) -> None:
    phone = new_number()
    assert await (await shared.signed_in("desk")).refused("IdentityDeskAskPhone", phone=phone) == "STEP_UP_NEEDED"
    stranger = await shared.signed_in(new_number())
    await shown(shared, stranger)
    assert await stranger.refused("IdentityDeskAskPhone", phone=phone) == "FORBIDDEN"
    assert await stranger.refused("IdentityDeskPhone", phone=phone, code="000000", card="1") == "FORBIDDEN"


async def test_of_two_desks_at_once_one_frees_the_number(shared: Served) -> None:
    recycled, card = new_number(), number(date(1990, 1, 1), 506)
    await real_named(shared, recycled)
    desks = [await officer(shared) for _ in range(2)]
    codes = []
    for desk in desks:
        await desk.ask("IdentityDeskAskPhone", phone=recycled)
        codes.append(await code_of(desk, recycled))
    answers = await asyncio.gather(*(desk.send("IdentityDeskPhone", phone=recycled, code=code, card=card)
                                     for desk, code in zip(desks, codes, strict=True)))
    said = [each.json() for each in answers]
    assert sorted(each["errors"][0]["extensions"]["code"] if "errors" in each else "" for each in said) \
        == ["", "IDENTITY_PHONE_FREE"]
