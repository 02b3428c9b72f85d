"""A new device on a real-named account: the code by SMS is not enough, since numbers pass to others."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.clients import PHONES, Phone, Served, new_number
from tests.factors.test_passkeys import add, lines
from tests.passkeys import Passkey
from tests.waiting import somebody_waits, until_async

from haian import steps
from haian.demo import demo_id
from identity import numbers
from identity.demo import number as made_up
from identity.models import Level


async def real_named(served: Served, number: str = "") -> Phone:
    """Somebody who signed in, and whose name was verified afterwards on the same phone."""
    phone = await served.signed_in(number or new_number())
    await set_level(served, phone, Level.VERIFIED)
    return phone


async def set_level(served: Served, phone: Phone, level: Level) -> None:
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET level = $2 WHERE id = $1", UUID(phone.id), level.value)


async def code_entered(phone: Phone, number: str) -> dict[str, object]:
    """What the code by SMS gets."""
    await phone.ask("IdentityRequestCode", phone=number)
    code = (await phone.http.get("/demo/sms", params={"phone": number})).json()["code"]
    entered: dict[str, object] = await phone.ask("IdentitySignIn", phone=number, code=code, device="新手机")
    return entered


async def is_in(phone: Phone) -> bool:
    return (await phone.ask("IdentityViewer"))["identityViewer"] is not None


async def test_a_known_browser_goes_on_with_the_code_alone(shared: Served) -> None:
    number = new_number()
    phone = await real_named(shared, number)
    await phone.ask("IdentitySignOut")
    assert (await code_entered(phone, number))["__typename"] == "Citizen"


async def test_a_recycled_number_does_not_inherit_the_account(shared: Served) -> None:
    number, stranger = new_number(), shared.phone()
    phone = await real_named(shared, number)
    await phone.ask("FactorsRecoveryCodes")
    assert await code_entered(stranger, number) == {"__typename": "IdentityFactorNeeded", "ways": ["RECOVERY_CODE"]}
    assert not await is_in(stranger)
    assert await stranger.refused("FactorsComplete", code="0000-0000-0000-0000") == "FACTORS_RECOVERY_CODE_WRONG"
    assert await stranger.refused("FactorsHelped") == "FACTORS_HELP_PENDING"
    assert not await is_in(stranger)
    assert (await lines(phone))[0] == "SIGN_IN_HELD"


async def test_whoever_is_not_real_named_needs_the_code_alone(shared: Served) -> None:
    number = new_number()
    await shared.signed_in(number)
    assert (await code_entered(shared.phone(), number))["__typename"] == "Citizen"


async def test_a_recovery_code_lets_its_owner_in_and_makes_the_browser_known(shared: Served) -> None:
    number, new = new_number(), shared.phone()
    old = await real_named(shared, number)
    first, *_ = await old.ask("FactorsRecoveryCodes")
    await code_entered(new, number)
    assert await new.ask("FactorsComplete", code=first) == old.id
    assert await is_in(new)
    assert (await lines(old))[:2] == ["SIGNED_IN", "RECOVERY_CODE_USED"]
    await new.ask("IdentitySignOut")
    assert (await code_entered(new, number))["__typename"] == "Citizen"


async def test_a_recovery_code_without_the_code_by_sms_is_nothing(shared: Served) -> None:
    phone = await real_named(shared)
    first, *_ = await phone.ask("FactorsRecoveryCodes")
    assert await shared.phone().refused("FactorsComplete", code=first) == "IDENTITY_FACTOR_STALE"
    assert await phone.ask("FactorsStepUp", code=first), "and it is not used up"


async def test_a_passkey_signs_in_with_nothing_else(shared: Served) -> None:
    old, key, new = await real_named(shared), Passkey(), shared.phone()
    await add(old, key)
    answer = key.shown(await new.ask("FactorsSignInOptions"), shared.origin)
    assert await shared.phone().refused("FactorsSignIn", answer=answer) == "FACTORS_PASSKEY_STALE", "of another browser"
    assert await new.ask("FactorsSignIn", answer=answer, device="平板") == old.id
    assert await is_in(new)
    assert {device["name"] for device in await old.ask("IdentityDevices")} == {"test", "平板"}


async def test_an_unknown_passkey_and_a_replay_get_nobody_in(shared: Served) -> None:
    old, key, new = await real_named(shared), Passkey(), shared.phone()
    await add(old, key)
    unknown = Passkey().shown(await new.ask("FactorsSignInOptions"), shared.origin)
    assert await new.refused("FactorsSignIn", answer=unknown) == "FACTORS_PASSKEY_WRONG"
    answer = key.shown(await new.ask("FactorsSignInOptions"), shared.origin)
    await new.ask("FactorsSignIn", answer=answer)
    await new.ask("IdentitySignOut")
    await new.ask("FactorsSignInOptions")
    assert await new.refused("FactorsSignIn", answer=answer) == "FACTORS_PASSKEY_WRONG"
    assert not await is_in(new)


async def test_an_ended_device_is_a_new_one_again_and_mine_is_not(shared: Served) -> None:
    number = new_number()
    mine = await real_named(shared, number)
    lost, [first, second, *_] = shared.phone(), await mine.ask("FactorsRecoveryCodes")
    await code_entered(lost, number)
    await lost.ask("FactorsComplete", code=first)
    assert await mine.refused("IdentityEndOtherDevices") == "STEP_UP_NEEDED"
    assert await is_in(lost)
    await mine.ask("FactorsStepUp", code=second)
    assert await mine.ask("IdentityEndOtherDevices") == 1
    assert (await code_entered(lost, number))["__typename"] == "IdentityFactorNeeded"
    assert (await code_entered(mine, number))["__typename"] == "Citizen"


async def test_a_planted_cookie_makes_no_browser_known(shared: Served) -> None:
    """Whoever planted what their own browser shows is not known afterwards where their victim signed in."""
    number, thief = new_number(), await shared.signed_in(new_number())
    planted = thief.http.cookies["haian_known"]
    victim = shared.phone()
    victim.http.cookies.set("haian_known", planted, domain="127.0.0.1")
    await victim.sign_in(number)
    await set_level(shared, victim, Level.VERIFIED)
    assert victim.http.cookies["haian_known"] != planted
    assert (await code_entered(thief, number))["__typename"] == "IdentityFactorNeeded"


async def test_two_of_a_family_are_known_in_one_browser(shared: Served) -> None:
    tablet, numbers_ = shared.phone(), (new_number(), new_number())
    for number in numbers_:
        await tablet.sign_in(number)
        await set_level(shared, tablet, Level.VERIFIED)
        await tablet.ask("IdentitySignOut")
    assert [(await code_entered(tablet, number))["__typename"] for number in numbers_] == ["Citizen", "Citizen"]


async def test_a_demo_account_is_let_in_until_it_has_a_factor(served: Served) -> None:
    for _ in range(2):
        phone = await served.signed_in("elder")
    await phone.ask("FactorsRecoveryCodes")
    assert (await code_entered(served.phone(), PHONES["elder"]))["__typename"] == "IdentityFactorNeeded"


async def test_a_hold_ends_after_ten_minutes_and_is_of_its_browser(shared: Served) -> None:
    number, new, redis = new_number(), shared.phone(), shared.platform.redis
    phone = await real_named(shared, number)
    first, *_ = await phone.ask("FactorsRecoveryCodes")
    before = set(await redis.keys("haian:held:*"))
    await code_entered(new, number)
    [held] = set(await redis.keys("haian:held:*")) - before
    assert 0 < await redis.ttl(held) <= 600
    await redis.delete(held)
    assert await new.refused("FactorsComplete", code=first) == "IDENTITY_FACTOR_STALE"


NUMBER = "370211198805120010"


async def with_card(served: Served, phone: Phone, number: str) -> None:
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("SELECT identity.add_number($1, '\\x00', $2, '370')", UUID(phone.id),
                                 numbers.index(number, served.platform.settings))


def a_card(order: int) -> str:
    return made_up(date(1988, 5, 12), order)


async def officer(served: Served) -> Phone:
    """A desk officer who showed a factor just now."""
    phone = await served.signed_in("desk")
    async with served.platform.db.writing_as("identity") as connection:
        device = await connection.fetchval("SELECT id FROM identity.device WHERE citizen_id = $1 ORDER BY id DESC LIMIT 1",
                                           demo_id("citizen:desk"))
    await steps.confirm(served.platform, str(device))
    return phone


async def test_a_desk_lets_in_who_has_the_card(served: Served) -> None:
    number, new, card = new_number(), served.phone(), a_card(811)
    old = await real_named(served, number)
    await with_card(served, old, card)
    assert await code_entered(new, number) == {"__typename": "IdentityFactorNeeded", "ways": []}
    said = await new.ask("FactorsAskHelp")
    assert await new.refused("FactorsHelped") == "FACTORS_HELP_PENDING"
    desk = await officer(served)
    assert await desk.refused("FactorsGiveHelp", said=said, number=a_card(813)) == "FACTORS_CARD_WRONG"
    assert await new.refused("FactorsHelped") == "FACTORS_HELP_PENDING"
    assert await desk.ask("FactorsGiveHelp", said=f"{said[:4]} {said[4:]}", number=card) is True
    assert await desk.refused("FactorsGiveHelp", said=said, number=card) == "FACTORS_HELP_UNKNOWN"
    assert await new.ask("FactorsHelped") == old.id
    assert await is_in(new)
    assert await new.refused("FactorsHelped") == "IDENTITY_FACTOR_STALE", "once"
    assert (await lines(old))[:4] == ["SIGNED_IN", "HELP_GIVEN", "HELP_REFUSED", "SIGN_IN_HELD"]
    grounds = await served.platform.db.fetch("SELECT DISTINCT ground FROM haian.audit WHERE action LIKE 'HELP%'")
    assert [row["ground"] for row in grounds] == ["consent"], "who asks for help at a desk wants it looked at"


async def colleague(served: Served) -> Phone:
    """Another officer of that desk, who showed a factor just now."""
    phone = await served.signed_in(new_number())
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("""INSERT INTO staff.membership (citizen_id, organisation_id, role, during)
            SELECT $1, organisation_id, role, during FROM staff.membership WHERE role = 'desk_officer' LIMIT 1""",
                                 UUID(phone.id))
    [device] = await phone.ask("IdentityDevices")
    await steps.confirm(served.platform, device["id"])
    return phone


async def test_who_gave_an_account_its_number_lets_nobody_into_it_for_30_days(served: Served) -> None:
    """Else one officer, with a telephone of their own, needed the card alone."""
    number, card, desk = new_number(), a_card(816), await officer(served)
    old = await real_named(served, phone := new_number())
    await with_card(served, old, card)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET phone = NULL WHERE phone = $1", phone)
    await desk.ask("IdentityDeskAskPhone", phone=number)
    sent = (await desk.http.get("/demo/sms", params={"phone": number})).json()["code"]
    assert (await desk.ask("IdentityDeskPhone", phone=number, code=sent, card=card))["outcome"] == "GIVEN"
    new, said = await asks(served, number)
    assert await desk.refused("FactorsGiveHelp", said=said, number=card) == "FACTORS_SAME_OFFICER"
    assert await new.refused("FactorsHelped") == "FACTORS_HELP_PENDING"
    assert (await lines(old))[0] == "HELP_REFUSED"
    assert await (await colleague(served)).ask("FactorsGiveHelp", said=said, number=card) is True
    assert await new.ask("FactorsHelped") == old.id
    served.platform.clock.move(timedelta(days=30, minutes=1))
    _, later = await asks(served, number)
    assert await (await officer(served)).ask("FactorsGiveHelp", said=later, number=card) is True


async def test_of_giving_a_number_and_letting_in_at_once_the_second_knows_of_the_first(served: Served) -> None:
    """The one has the account and its line in the ledger, not committed yet, when the other looks."""
    number, card, desk = new_number(), a_card(817), await officer(served)
    old = await real_named(served, number)
    await with_card(served, old, card)
    _, said = await asks(served, number)
    async with served.platform.db.writing_as("identity") as giving:
        await giving.execute("SELECT FROM identity.citizen WHERE id = $1 FOR UPDATE", UUID(old.id))
        await giving.execute("""SELECT haian.record($1, 'desk_officer', $2, 'PHONE_GIVEN', NULL, '{phone}', '', $3, 'duty',
                                                    NULL, '')""",
                             demo_id("citizen:desk"), UUID(old.id), served.platform.clock.now())
        letting = asyncio.create_task(desk.refused("FactorsGiveHelp", said=said, number=card))
        await until_async(lambda: somebody_waits(served.platform.db))
    assert await letting == "FACTORS_SAME_OFFICER"


async def test_help_runs_out_after_an_hour(served: Served) -> None:
    number, new, card = new_number(), served.phone(), a_card(815)
    await with_card(served, await real_named(served, number), card)
    await code_entered(new, number)
    said, desk = await new.ask("FactorsAskHelp"), await officer(served)
    await desk.ask("FactorsGiveHelp", said=said, number=card)
    served.platform.clock.move(timedelta(minutes=61))
    assert await new.refused("FactorsHelped") == "FACTORS_HELP_PENDING"


async def test_only_a_desk_officer_with_a_recent_factor_helps(shared: Served) -> None:
    for who, code in (("resident", "FORBIDDEN"), ("guard", "FORBIDDEN"), ("desk", "STEP_UP_NEEDED")):
        assert await (await shared.signed_in(who)).refused("FactorsGiveHelp", said="12345678", number=NUMBER) == code


async def test_nobody_who_is_not_held_gets_a_number_for_the_desk(shared: Served) -> None:
    assert await shared.phone().refused("FactorsAskHelp") == "IDENTITY_FACTOR_STALE"


async def asks(shared: Served, number: str) -> tuple[Phone, str]:
    """A new device of who lost everything but the number, and what it says to be said."""
    new = shared.phone()
    await code_entered(new, number)
    return new, await new.ask("FactorsAskHelp")


async def helper_of(served: Served, citizen: Phone, days: int = 8, how: str = "PHONE") -> Phone:
    """Who has held a mandate for so many days, is real-named, and has shown a factor just now."""
    helper = await real_named(served)
    now = served.platform.clock.now()
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute(
            """INSERT INTO delegation.mandate (principal_id, helper_id, scopes, since, until, asked_at, confirmed_at,
                                               accepted_at, confirmed_how, confirmed_by, ready_at)
               VALUES ($1, $2, '{parking.bookings.read}', $3, $4, $3, $3, $3, $5::text, $1,
                       CASE WHEN $5 = 'CALL_BACK' THEN $3::timestamptz + interval '1 day' END)""",
            UUID(citizen.id), UUID(helper.id), now - timedelta(days=days), now + timedelta(days=30), how)
    async with served.platform.db.writing_as("factors") as connection:
        await connection.execute("INSERT INTO factors.recovery_code VALUES ($1, sha256($2), $3)", UUID(helper.id),
                                 helper.id.encode(), now - timedelta(days=2))
    [device] = await helper.ask("IdentityDevices")
    await steps.confirm(served.platform, device["id"])
    return helper


async def test_who_holds_a_mandate_says_who_it_is_and_that_counts_a_day_later(served: Served, worker: Any) -> None:
    number = new_number()
    old = await real_named(served, number)
    new, said = await asks(served, number)
    helper, stranger = await helper_of(served, old), await helper_of(served, await real_named(served))
    assert await stranger.refused("FactorsVouch", number=said) == "FACTORS_HELP_UNKNOWN"
    assert await (await served.signed_in("resident")).refused("FactorsVouch", number=said) == "STEP_UP_NEEDED"
    ready = (await helper.ask("FactorsVouch", number=said))["readyAt"]
    until = datetime.fromisoformat(ready) - served.platform.clock.now()
    assert timedelta(hours=23, minutes=59) < until <= timedelta(days=1)
    assert await helper.refused("FactorsVouch", number=said) == "FACTORS_HELP_UNKNOWN", "said before"
    await worker()
    inbox = (await old.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert "家人为新设备作证" in [edge["node"]["title"] for edge in inbox]
    assert [each["device"] for each in await old.ask("FactorsVouched")] == ["新手机"]
    assert await new.refused("FactorsHelped") == "FACTORS_HELP_COOLING"
    served.platform.clock.move(timedelta(days=1, minutes=1))
    thief = served.phone()
    await code_entered(thief, number)
    assert await thief.refused("FactorsHelped") == "FACTORS_HELP_PENDING", "the number was said on another device"
    await code_entered(new, number)
    assert await new.ask("FactorsHelped", number=said) == old.id
    assert await is_in(new)
    assert (await helper.ask("IdentityViewer"))["identityViewer"]["id"] == helper.id, "and nobody else"
    assert {"HELP_VOUCHED", "SIGNED_IN"} <= set(await lines(old))


async def test_an_old_device_stops_it_and_so_does_the_end_of_the_mandate(served: Served) -> None:
    stopped, ended = new_number(), new_number()
    old, other = await real_named(served, stopped), await real_named(served, ended)
    (new, said), (second, second_said) = await asks(served, stopped), await asks(served, ended)
    await (await helper_of(served, old)).ask("FactorsVouch", number=said)
    await (await helper_of(served, other)).ask("FactorsVouch", number=second_said)
    [pending] = await old.ask("FactorsVouched")
    assert await other.refused("FactorsStopHelp", id=pending["id"]) == "NOT_FOUND"
    assert await old.ask("FactorsStopHelp", id=pending["id"]) == []
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.mandate SET ended_at = $2 WHERE principal_id = $1", UUID(other.id),
                                 served.platform.clock.now())
    served.platform.clock.move(timedelta(days=1, minutes=1))
    for device, number, code, refusal in ((new, stopped, said, "FACTORS_HELP_STOPPED"),
                                          (second, ended, second_said, "FACTORS_HELP_PENDING")):
        await code_entered(device, number)
        assert await device.refused("FactorsHelped", number=code) == refusal
        assert not await is_in(device)
    assert "HELP_STOPPED" in await lines(old)


async def test_whoever_came_to_it_this_week_vouches_for_nobody_and_nor_does_a_limited_guardian(served: Served) -> None:
    number = new_number()
    old = await real_named(served, number)
    _, said = await asks(served, number)
    assert await (await helper_of(served, old, days=6)).refused("FactorsVouch", number=said) == "FACTORS_VOUCH_UNFIT"
    told = await helper_of(served, old, how="CALL_BACK")
    assert await told.refused("FactorsVouch", number=said) == "FACTORS_HELP_UNKNOWN", "a recycled number would do for both"
    helper = await helper_of(served, old)
    await set_level(served, helper, Level.UNVERIFIED)
    assert await helper.refused("FactorsVouch", number=said) == "FACTORS_VOUCH_UNFIT"
    guardian = await helper_of(served, await real_named(served))
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET born = '2015-05-01' WHERE id = $1", UUID(old.id))
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute(
            """INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until, limits)
               VALUES ($1, $2, 'MOTHER', $3, $4, '{healthcare}')""", UUID(guardian.id), UUID(old.id),
            served.platform.clock.now() - timedelta(days=9), served.platform.clock.now() + timedelta(days=9))
    assert await guardian.refused("FactorsVouch", number=said) == "FACTORS_HELP_UNKNOWN"
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET limits = '{}' WHERE child_id = $1", UUID(old.id))
    assert (await guardian.ask("FactorsVouch", number=said))["readyAt"]
