"""Passkeys: made, named, shown, removed; and what a stranger, a replay or a clone gets."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from tests.clients import Phone, Served, new_number
from tests.passkeys import Passkey

from haian import steps


async def with_passkey(served: Served, who: str = "") -> tuple[Phone, Passkey]:
    """A citizen with one passkey, who stepped up just now by making it."""
    phone, key = await served.signed_in(who or new_number()), Passkey()
    await add(phone, key)
    return phone, key


async def add(phone: Phone, key: Passkey, name: str = "我的手机") -> None:
    options = await phone.ask("FactorsRegisterOptions")
    assert await phone.ask("FactorsRegister", answer=key.made(options, phone.served.origin), name=name) is True


async def step_up(phone: Phone, key: Passkey) -> bool:
    options = await phone.ask("FactorsStepUpOptions")
    return bool(await phone.ask("FactorsStepUp", answer=key.shown(options, phone.served.origin)))


async def steps_back(phone: Phone) -> None:
    """As if the last factor was shown on this phone long ago."""
    [device] = [each for each in await phone.ask("IdentityDevices") if each["current"]]
    await steps.forget(phone.served.platform.redis, device["id"])


async def lines(phone: Phone) -> list[str]:
    return [edge["node"]["action"] for edge in (await phone.ask("ConsentLedger"))["edges"]]


async def test_the_options_want_a_verified_user_and_tell_nothing_of_them(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    options = json.loads(await phone.ask("FactorsRegisterOptions"))
    assert options["authenticatorSelection"] | {"requireResidentKey": True} == {
        "residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert "id" not in options["rp"] and phone.id not in json.dumps(options)


async def test_a_passkey_is_made_named_and_removed(shared: Served) -> None:
    phone, _ = await with_passkey(shared)
    await add(phone, Passkey(), "平板")
    first, second = await phone.ask("FactorsMine")
    assert [first["name"], second["name"]] == ["我的手机", "平板"]
    assert await phone.ask("FactorsRename", id=second["id"], name=" 旧平板 ")
    assert await phone.ask("FactorsRemove", id=first["id"])
    assert [each["name"] for each in await phone.ask("FactorsMine")] == ["旧平板"]
    assert (await lines(phone))[:3] == ["PASSKEY_REMOVED", "PASSKEY_ADDED", "PASSKEY_ADDED"]


@pytest.mark.parametrize("name", ["", "   ", "长" * 61, "a\nb"])
async def test_a_name_that_is_none_is_refused(shared: Served, name: str) -> None:
    phone, _ = await with_passkey(shared)
    [passkey] = await phone.ask("FactorsMine")
    assert await phone.refused("FactorsRename", id=passkey["id"], name=name) == "FACTORS_NAME_WRONG"


async def test_the_first_factor_is_free_and_every_further_one_wants_one_that_is_recent(shared: Served) -> None:
    phone, key = await with_passkey(shared)
    await steps_back(phone)
    for document in ("FactorsRegisterOptions", "FactorsRecoveryCodes"):
        assert await phone.refused(document) == "STEP_UP_NEEDED"
    [passkey] = await phone.ask("FactorsMine")
    assert await phone.refused("FactorsRemove", id=passkey["id"]) == "STEP_UP_NEEDED"
    assert await step_up(phone, key)
    await add(phone, Passkey(), "平板")
    assert await phone.ask("FactorsRemove", id=passkey["id"])


async def test_a_step_up_lasts_5_minutes(served: Served) -> None:
    phone, key = await with_passkey(served)
    assert await step_up(phone, key)
    served.platform.clock.move(timedelta(minutes=4))
    await phone.ask("FactorsRegisterOptions")
    served.platform.clock.move(timedelta(minutes=1))
    assert await phone.refused("FactorsRegisterOptions") == "STEP_UP_NEEDED"


async def test_a_step_up_is_of_its_session_alone(shared: Served) -> None:
    number = new_number()
    phone, key = await with_passkey(shared, number)
    options = await phone.ask("FactorsStepUpOptions")
    other = shared.phone()
    other.http.cookies = phone.http.cookies
    stranger, _ = await with_passkey(shared)
    answer = key.shown(options, shared.origin)
    assert await stranger.refused("FactorsStepUp", answer=answer) == "FACTORS_PASSKEY_STALE"
    assert await other.ask("FactorsStepUp", answer=answer) is True


async def test_an_assertion_is_good_once(shared: Served) -> None:
    phone, key = await with_passkey(shared)
    answer = key.shown(await phone.ask("FactorsStepUpOptions"), shared.origin)
    assert await phone.ask("FactorsStepUp", answer=answer)
    assert await phone.refused("FactorsStepUp", answer=answer) == "FACTORS_PASSKEY_STALE"
    await phone.ask("FactorsStepUpOptions")
    assert await phone.refused("FactorsStepUp", answer=answer) == "FACTORS_PASSKEY_WRONG"


async def test_an_answer_from_a_foreign_page_or_without_a_verified_user_is_refused(shared: Served) -> None:
    phone, key = await with_passkey(shared)
    ours, neighbour = shared.origin, shared.origin.replace("127.0.0.1", "localhost")
    for origin, verified in (("https://haian.example.net", True), (neighbour, True), (ours, False)):
        options = await phone.ask("FactorsStepUpOptions")
        answer = key.shown(options, origin, verified)
        assert await phone.refused("FactorsStepUp", answer=answer) == "FACTORS_PASSKEY_WRONG"
        made = Passkey().made(await phone.ask("FactorsRegisterOptions"), origin, verified)
        assert await phone.refused("FactorsRegister", answer=made, name="x") == "FACTORS_PASSKEY_WRONG"
    assert await step_up(phone, key)


async def test_somebody_elses_passkey_is_none_of_mine(shared: Served) -> None:
    (mine, _), (_, theirs) = await with_passkey(shared), await with_passkey(shared)
    answer = theirs.shown(await mine.ask("FactorsStepUpOptions"), shared.origin)
    assert await mine.refused("FactorsStepUp", answer=answer) == "FACTORS_PASSKEY_WRONG"
    [passkey] = await mine.ask("FactorsMine")
    other, _ = await with_passkey(shared)
    assert await other.refused("FactorsRemove", id=passkey["id"]) == "FACTORS_PASSKEY_UNKNOWN"
    assert await other.refused("FactorsRename", id=passkey["id"], name="x") == "FACTORS_PASSKEY_UNKNOWN"


async def test_a_counter_that_went_back_suspends_the_passkey_and_tells_its_citizen(served: Served,
                                                                              worker: Callable[[], Awaitable[None]]) -> None:
    phone, key = await with_passkey(served)
    assert await step_up(phone, key)
    assert await step_up(phone, key)
    clone = key.shown(await phone.ask("FactorsStepUpOptions"), served.origin, count=1)
    assert await phone.refused("FactorsStepUp", answer=clone) == "FACTORS_PASSKEY_CLONED"
    [passkey] = await phone.ask("FactorsMine")
    assert passkey["suspended"] is True
    assert (await lines(phone))[0] == "PASSKEY_CLONED"
    await worker()
    inbox = [edge["node"]["title"] for edge in (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]]
    assert "通行密钥可能被复制" in inbox
    assert await phone.refused("FactorsStepUpOptions") == "FACTORS_NONE"


async def test_a_stranger_without_the_key_cannot_suspend_a_passkey(shared: Served) -> None:
    phone, key = await with_passkey(shared)
    assert await step_up(phone, key)
    forged = Passkey(id=key.id, handle=key.handle).shown(await phone.ask("FactorsStepUpOptions"), shared.origin, count=1)
    assert await phone.refused("FactorsStepUp", answer=forged) == "FACTORS_PASSKEY_WRONG"
    assert await step_up(phone, key)


async def test_an_authenticator_that_does_not_count_is_no_clone(shared: Served) -> None:
    phone, key = await with_passkey(shared)
    for _ in range(2):
        answer = key.shown(await phone.ask("FactorsStepUpOptions"), shared.origin, count=0)
        assert await phone.ask("FactorsStepUp", answer=answer)


async def test_the_same_passkey_is_kept_once_and_ten_are_the_most(shared: Served) -> None:
    phone, key = await with_passkey(shared)
    answer = key.made(await phone.ask("FactorsRegisterOptions"), shared.origin)
    assert await phone.refused("FactorsRegister", answer=answer, name="x") == "FACTORS_PASSKEY_TAKEN"
    for number in range(9):
        await add(phone, Passkey(), str(number))
    answer = Passkey().made(await phone.ask("FactorsRegisterOptions"), shared.origin)
    assert await phone.refused("FactorsRegister", answer=answer, name="x") == "FACTORS_TOO_MANY"


@pytest.mark.parametrize("answer", ["", "x", "[]", "{}", "null", '{"id": 1}', '{"id": "AA", "response": null}',
                                    '{"id": "AA", "rawId": "AA", "response": {"clientDataJSON": "AA"}}', "{" * 30_000])
async def test_what_is_no_answer_is_refused_by_name(shared: Served, answer: str) -> None:
    phone, _ = await with_passkey(shared)
    await phone.ask("FactorsRegisterOptions")
    assert await phone.refused("FactorsRegister", answer=answer, name="x") == "FACTORS_PASSKEY_WRONG"
    await phone.ask("FactorsStepUpOptions")
    assert await phone.refused("FactorsStepUp", answer=answer) in {"FACTORS_PASSKEY_WRONG", "FACTORS_RECOVERY_CODE_WRONG"}


async def test_nobody_and_no_token_makes_or_shows_a_passkey(shared: Served) -> None:
    assert await shared.phone().refused("FactorsRegisterOptions") == "UNAUTHENTICATED"
