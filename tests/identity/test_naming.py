"""实名: what the verifier says counts, its absence harms nobody, and a number that is another's is disputed, not taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from tests.clients import Phone, Served, new_number
from tests.factors.test_passkeys import add
from tests.identity.authority import SHORT, authority, known_to, number_of
from tests.passkeys import Passkey

from haian import steps
from haian.authorities import AT_ONCE
from identity.naming import PAUSE, ask_again, checked_name
from identity.verifiers import Answer, HttpVerifier

DISAGREES, SLOW, DOWN = number_of(901), number_of(902), number_of(903)


@pytest_asyncio.fixture
async def asked(served: Served) -> AsyncIterator[str]:
    """The address of the verifier that the served product asks."""
    with authority() as url:
        known_to(served.platform, url)
        yield url


async def verify(phone: Phone, number: str, name: str = "陈小北") -> Any:
    return await phone.ask("IdentityVerify", name=name, number=number)


async def refusal(phone: Phone, number: str, name: str = "陈小北") -> str:
    return await phone.refused("IdentityVerify", name=name, number=number)


async def inbox(phone: Phone) -> list[Any]:
    return [edge["node"] for edge in (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]]


async def lines(phone: Phone) -> list[Any]:
    return [edge["node"] for edge in (await phone.ask("ConsentLedger"))["edges"]]


async def may_again(served: Served, phone: Phone) -> None:
    """A second factor was given on this phone just now."""
    device = next(device["id"] for device in await phone.ask("IdentityDevices") if device["current"])
    await steps.confirm(served.platform, device)


async def newcomer(served: Served) -> Phone:
    return await served.signed_in(new_number())


async def rows(served: Served, statement: str, *values: Any) -> list[Any]:
    async with served.platform.db.writing_as("identity") as connection:
        return list(await connection.fetch(statement, *values))


async def test_whom_the_verifier_agrees_with_is_real_named(served: Served, asked: str) -> None:
    phone = await newcomer(served)
    assert (await phone.ask("IdentityNaming"))["level"] == "UNVERIFIED"
    number = number_of(501)
    found = await verify(phone, number)
    assert (found["__typename"], found["level"], found["name"]) == ("Citizen", "VERIFIED", "陈小北")
    assert found["maskedNumber"] == f"370*************{number[-2:]}"
    naming = await phone.ask("IdentityNaming")
    assert (naming["level"], naming["last"], naming["claimedAt"]) == ("VERIFIED", "AGREED", None)
    assert "NAME_VERIFIED" in [line["action"] for line in await lines(phone)]


async def test_the_number_is_nowhere_in_plain(served: Served, asked: str) -> None:
    """Not in the tables, not in the keys' hashes, not in events: sealed and as an HMAC only."""
    phone, number = await newcomer(served), number_of(502)
    await verify(phone, number)
    waits = await newcomer(served)
    await verify(waits, DOWN)
    for table in ("identity.verification", "identity.citizen_number", "identity.dispute"):
        for row in await rows(served, f"SELECT t::text FROM {table} t"):
            assert number not in row[0] and DOWN not in row[0]
            assert number.encode().hex() not in row[0] and DOWN.encode().hex() not in row[0]
    async with served.platform.db.transaction("haian_worker") as connection:
        for table in ("haian.outbox", "haian.idempotency"):
            assert all(number not in row[0] for row in await connection.fetch(f"SELECT t::text FROM {table} t"))


async def test_of_an_answered_verification_no_number_is_kept(served: Served, asked: str) -> None:
    phone = await newcomer(served)
    await verify(phone, DISAGREES)
    assert [row["sealed"] for row in await rows(served, "SELECT sealed FROM identity.verification")] == [None]


async def test_whom_it_disagrees_with_stays_as_they_were_and_may_try_again(served: Served, asked: str) -> None:
    phone = await newcomer(served)
    found = await verify(phone, DISAGREES)
    assert found == {"__typename": "IdentityDisagrees", "triesLeft": 4}
    naming = await phone.ask("IdentityNaming")
    assert (naming["level"], naming["last"], naming["triesLeft"]) == ("UNVERIFIED", "DISAGREED", 4)


async def test_after_five_tries_a_day_passes(served: Served, asked: str) -> None:
    phone = await newcomer(served)
    for left in (4, 3, 2, 1, 0):
        assert (await verify(phone, DISAGREES))["triesLeft"] == left
    assert await refusal(phone, number_of(503)) == "IDENTITY_TRIES_SPENT"
    served.platform.clock.move(timedelta(hours=24, minutes=1))
    assert (await verify(phone, number_of(503)))["__typename"] == "Citizen"


async def test_of_many_tries_at_once_five_count(served: Served, asked: str) -> None:
    phone = await newcomer(served)
    given = {"name": "陈小北", "number": DISAGREES}
    await asyncio.gather(*(phone.send("IdentityVerify", **given) for _ in range(12)))
    assert len(await rows(served, "SELECT FROM identity.verification")) == 5


@pytest.mark.parametrize("number", [SLOW, DOWN])
async def test_whoever_waits_for_a_slow_verifier_is_named_on_the_open_page_and_for_one_that_is_down_waits_on(
        served: Served, asked: str, worker: Callable[[], Awaitable[None]], number: str) -> None:
    """The citizen's own request waits shorter than the slow one takes; the worker's has more time."""
    phone = await newcomer(served)
    known_to(served.platform, asked, patience=SHORT)
    async with phone.live() as live:
        assert (await anext(live))["live"]["type"] == "ready"
        assert (await verify(phone, number))["__typename"] == "IdentityVerifierAway"
        assert (await phone.ask("IdentityNaming"))["last"] == "WAITING"
        served.platform.clock.move(PAUSE + timedelta(seconds=1))
        await ask_again(served.platform)
        await worker()
        naming = await phone.ask("IdentityNaming")
        if number == DOWN:
            assert (naming["level"], naming["last"]) == ("UNVERIFIED", "WAITING")
        else:
            assert (naming["level"], naming["last"]) == ("VERIFIED", "AGREED")
            assert (await anext(live))["live"]["type"] == "identity.verified"


async def test_what_waits_for_a_day_is_given_up_and_told(
        served: Served, asked: str, worker: Callable[[], Awaitable[None]]) -> None:
    phone = await newcomer(served)
    await verify(phone, DOWN)
    served.platform.clock.move(timedelta(hours=24, minutes=1))
    await ask_again(served.platform)
    await worker()
    assert (await phone.ask("IdentityNaming"))["last"] == "LAPSED"
    assert [row["sealed"] for row in await rows(served, "SELECT sealed FROM identity.verification")] == [None]
    [message] = await inbox(phone)
    assert message["link"] == "/me/name"


async def test_whoever_gives_another_number_meanwhile_is_answered_for_that_one(served: Served, asked: str) -> None:
    phone = await newcomer(served)
    await verify(phone, DOWN)
    assert (await verify(phone, number_of(505)))["__typename"] == "Citizen"
    assert [row["answer"] for row in await rows(served, "SELECT answer FROM identity.verification ORDER BY asked_at")] == [
        "LAPSED", "AGREED"]


async def test_a_number_of_another_is_disputed_and_both_are_told_without_learning_of_whom(
        served: Served, asked: str, worker: Callable[[], Awaitable[None]]) -> None:
    holder, claimant, number = await newcomer(served), await newcomer(served), number_of(506)
    await verify(holder, number)
    found = await verify(claimant, number, "陈小北")
    assert found["__typename"] == "IdentityDisputed"
    assert (await holder.ask("IdentityNaming"))["level"] == "VERIFIED"
    assert (await holder.ask("IdentityNaming"))["questionedAt"]
    naming = await claimant.ask("IdentityNaming")
    assert naming["level"] == "UNVERIFIED" and naming["claimedAt"]
    await worker()
    told = [{message["title"] for message in await inbox(phone)} for phone in (holder, claimant)]
    assert "有人用您的身份证号实名" in told[0] and "您的实名需要人工核实" in told[1]
    [line] = [line for line in await lines(holder) if line["action"] == "NUMBER_CLAIMED"]
    assert line["actorName"] is None
    assert await refusal(claimant, number_of(507)) == "IDENTITY_CLAIM_OPEN"


async def test_of_two_who_give_a_number_at_once_one_has_it(served: Served, asked: str) -> None:
    phones, number = [await newcomer(served) for _ in range(2)], number_of(508)
    found = await asyncio.gather(*(verify(phone, number) for phone in phones))
    assert sorted(each["__typename"] for each in found) == ["Citizen", "IdentityDisputed"]
    assert len(await rows(served, "SELECT FROM identity.dispute")) == 1


async def test_who_is_real_named_has_nothing_left_to_do(served: Served, asked: str) -> None:
    phone = await served.signed_in("resident")
    assert await refusal(phone, number_of(509)) == "IDENTITY_ALREADY_VERIFIED"


@pytest.mark.parametrize("name", ["", "陈", "陈 小北", "陈小北1", "<b>陈</b>", "陈" * 51, "·陈小", "陈·", "\x00陈小", "12",
                                  "Ann;--"])
async def test_what_is_no_name_is_refused(shared: Served, name: str) -> None:
    phone = await newcomer(shared)
    assert await refusal(phone, number_of(510), name) == "IDENTITY_NAME_INVALID"


@pytest.mark.parametrize("name, written", [("阿卜杜拉•买买提", "阿卜杜拉·买买提"), (" 陈小北 ", "陈小北"),
                                           ("Ann Lee", "Ann Lee"), ("𠮷野", "𠮷野"), ("阿依.古丽", "阿依·古丽")])
def test_a_name_may_be_written_as_people_write_it(name: str, written: str) -> None:
    assert checked_name(name) == written


@pytest.mark.parametrize("number", ["", "37021119880512001", number_of(511)[:-1] + "?", "1" * 18, number_of(512, "20990101"),
                                    "３７０２１１１９８８０５１２５１１２", "a" * 5000])
async def test_what_is_no_number_is_refused(shared: Served, number: str) -> None:
    phone = await newcomer(shared)
    assert await refusal(phone, number) in {
        "IDENTITY_NUMBER_INVALID", "INVALID_ARGUMENT"}


async def test_a_number_may_be_written_in_groups_and_with_a_small_x(served: Served, asked: str) -> None:
    number = next(number for number in map(number_of, range(300)) if number.endswith("X"))
    phone = await newcomer(served)
    written = f"{number[:6]} {number[6:14]} {number[14:].lower()}"
    assert (await verify(phone, written))["__typename"] == "Citizen"


async def test_the_birth_date_is_that_of_the_number(served: Served, asked: str) -> None:
    phone = await newcomer(served)
    await verify(phone, number_of(513, "20010203"))
    [born] = await rows(served, "SELECT born::text FROM identity.citizen WHERE id = $1::text::uuid", phone.id)
    assert born[0] == "2001-02-03"


@pytest.mark.parametrize("born, refused", [("20130301", False), ("20130302", True), ("20251231", True)])
async def test_who_is_under_14_needs_a_guardian_and_the_verifier_is_not_asked(
        served: Served, asked: str, born: str, refused: bool) -> None:
    """On the 14th birthday it begins. Today is 1 March 2027."""
    phone = await newcomer(served)
    answer = (await phone.send("IdentityVerify", name="陈小北", number=number_of(515, born))).json()
    assert [error["extensions"]["code"] for error in answer.get("errors", ())] == ["IDENTITY_GUARDIAN_NEEDED"] * refused
    assert len(await rows(served, "SELECT FROM identity.verification")) == (not refused)
    assert ((await phone.ask("IdentityNaming"))["level"] == "VERIFIED") is not refused


async def test_a_child_with_the_number_of_somebody_older_needs_a_guardian_too(served: Served, asked: str) -> None:
    phone = await newcomer(served)
    await rows(served, "UPDATE identity.citizen SET born = '2016-05-05' WHERE id = $1::text::uuid RETURNING true", phone.id)
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("""INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until)
            SELECT id, $1::text::uuid, 'OTHER', '2027-01-01', 'infinity' FROM haian.citizen WHERE phone = '13800000003'""",
            phone.id)
    await (await served.signed_in("parent")).ask("ConsentAccept", version=1, child=phone.id)
    assert await refusal(phone, number_of(516)) == "IDENTITY_GUARDIAN_NEEDED"
    assert await rows(served, "SELECT FROM identity.verification") == []


# 高级实名

async def level(phone: Phone, worker: Callable[[], Awaitable[None]]) -> str:
    await worker()
    return str((await phone.ask("IdentityNaming"))["level"])


@pytest.mark.parametrize("named_first", [True, False])
async def test_a_real_name_and_a_passkey_are_the_strong_level_until_the_last_passkey_goes(
        served: Served, asked: str, worker: Callable[[], Awaitable[None]], named_first: bool) -> None:
    phone = await newcomer(served)
    for step in ("name", "passkey") if named_first else ("passkey", "name"):
        assert await level(phone, worker) == ("VERIFIED" if (named_first and step == "passkey") else "UNVERIFIED")
        await (verify(phone, number_of(521)) if step == "name" else add(phone, Passkey()))
    assert await level(phone, worker) == "STRONG"
    await add(phone, Passkey(), "平板")
    first, second = await phone.ask("FactorsMine")
    await phone.ask("FactorsRemove", id=first["id"])
    assert await level(phone, worker) == "STRONG"
    await phone.ask("FactorsRemove", id=second["id"])
    assert await level(phone, worker) == "VERIFIED"
    raised = [(line["action"], line["byMyself"]) for line in await lines(phone) if line["action"].startswith("LEVEL")]
    assert raised == [("LEVEL_LOWERED", True), ("LEVEL_RAISED", True)]


async def test_recovery_codes_alone_are_not_the_strong_level(
        served: Served, asked: str, worker: Callable[[], Awaitable[None]]) -> None:
    phone = await newcomer(served)
    await verify(phone, number_of(522))
    await phone.ask("FactorsRecoveryCodes")
    assert await level(phone, worker) == "VERIFIED"


# The adapter

async def test_a_wrong_token_a_strange_answer_and_no_server_are_all_away() -> None:
    with authority() as url:
        assert await HttpVerifier(url, "another token").verify("陈小北", number_of(1), "1") is Answer.AWAY
        assert await HttpVerifier(f"{url}", "a token for tests").verify("陈小北", number_of(1), "1") is Answer.AGREES
    assert await HttpVerifier(url, "a token for tests").verify("陈小北", number_of(1), "1") is Answer.AWAY


async def test_a_slow_verifier_holds_up_so_many_and_no_more() -> None:
    """The rest hear at once that it is away."""
    with authority(slow=0.4) as url:
        asked = HttpVerifier(url, "a token for tests", patience=10)
        found = await asyncio.gather(*(asked.verify("陈小北", SLOW, "1") for _ in range(AT_ONCE + 4)))
    assert found.count(Answer.AWAY) == 4 and found.count(Answer.AGREES) == AT_ONCE
    assert asked.waiting == 0


async def test_without_a_verifier_nobody_is_named_and_nothing_fails(served: Served) -> None:
    phone = await newcomer(served)
    assert (await verify(phone, number_of(514)))["__typename"] == "IdentityVerifierAway"


# Masked, but for a tap

async def test_my_number_is_shown_whole_to_me_after_a_second_factor_and_that_is_in_my_ledger(
        served: Served, asked: str) -> None:
    phone, number = await newcomer(served), number_of(520)
    await verify(phone, number)
    assert await phone.refused("IdentityShowNumber") == "STEP_UP_NEEDED"
    await may_again(served, phone)
    assert await phone.ask("IdentityShowNumber") == number
    [line] = [line for line in await lines(phone) if line["action"] == "NUMBER_SHOWN"]
    assert line["byMyself"] and line["fields"] == ["number"]
    served.platform.clock.move(timedelta(minutes=5, seconds=1))
    assert await phone.refused("IdentityShowNumber") == "STEP_UP_NEEDED"


async def test_who_has_no_number_is_told_so(served: Served) -> None:
    phone = await newcomer(served)
    await may_again(served, phone)
    assert await phone.refused("IdentityShowNumber") == "IDENTITY_NUMBER_NONE"


async def test_an_answer_with_a_number_is_kept_nowhere(served: Served) -> None:
    phone = await served.signed_in("resident")
    await may_again(served, phone)
    answer = await phone.send("IdentityShowNumber")
    assert "no-store" in answer.headers["cache-control"]
    assert len(answer.json()["data"]["identityShowNumber"]) == 18
