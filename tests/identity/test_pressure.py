"""Text messages: near the end of a budget browsers work, at its end strangers get none, and the owner always does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.clients import Phone, Refused, Served, new_number, solved

from identity.pressure import BITS, known

COMMON = ["prefix", "all", "day"]
FOR_EVER = 10**15


async def spend(served: Served, what: str, number: str = "") -> None:
    """As if a budget were at its end, for good: `all:easy`, `day`, …"""
    name, _, easy = what.partition(":")
    key = f"prefix:{number[:7]}" if name == "prefix" else name
    await served.platform.redis.set(f"haian:rate:sms:{key}{':easy' * bool(easy)}", FOR_EVER)


async def challenge(phone: Phone, number: str, work: str = "") -> str:
    """The challenge with which a code is refused."""
    with pytest.raises(Refused) as refused:
        await phone.ask("IdentityRequestCode", phone=number, work=work)
    assert refused.value.code == "IDENTITY_WORK_NEEDED"
    return str(refused.value.errors[0]["extensions"]["challenge"])


async def sent(served: Served, number: str) -> Any:
    return await served.platform.redis.get(f"haian:sms:{number}")


@pytest.mark.parametrize("budget", COMMON)
async def test_near_the_end_of_a_common_budget_a_browser_works_for_its_code(served: Served, budget: str) -> None:
    phone, number = served.phone(), new_number()
    await spend(served, f"{budget}:easy", number)
    asked = await challenge(phone, number)
    assert await sent(served, number) is None
    assert await phone.ask("IdentityRequestCode", phone=number, work=solved(asked)) == 60
    assert await sent(served, number)


@pytest.mark.parametrize("budget", COMMON)
async def test_at_its_end_no_work_helps_a_stranger(served: Served, budget: str) -> None:
    phone, number = served.phone(), new_number()
    for what in (f"{budget}:easy", budget):
        await spend(served, what, number)
    work = solved(await challenge(phone, number))
    assert await phone.refused("IdentityRequestCode", phone=number, work=work) == "RATE_LIMITED"
    assert await sent(served, number) is None


async def test_an_owner_is_sent_codes_though_strangers_have_spent_everything(served: Served) -> None:
    """On the browser where they signed in before; no other number of theirs, and nobody else."""
    number, other = new_number(), new_number()
    mine = await served.signed_in(number)
    await mine.ask("IdentitySignOut")
    for what in ("prefix", "all", "day"):
        await spend(served, f"{what}:easy", number)
        await spend(served, what, number)
    await mine.sign_in(number)
    assert mine.id
    await challenge(mine, other)
    await challenge(served.phone(), number)


async def test_a_number_that_strangers_ask_for_from_everywhere_is_its_owners_still(shared: Served) -> None:
    number = new_number()
    mine = await shared.signed_in(number)
    codes = []
    for _ in range(12):
        codes.append((await shared.phone().send("IdentityRequestCode", phone=number)).json())
    assert "IDENTITY_WORK_NEEDED" in str(codes[-1])
    await mine.sign_in(number)


async def test_what_a_browser_keeps_says_nothing_and_is_for_one_number(shared: Served) -> None:
    number = new_number()
    mine = await shared.signed_in(number)
    kept = mine.http.cookies.get("haian_asked") or ""
    assert kept == f".{known(shared.platform, number)}" and number not in kept
    assert known(shared.platform, new_number()) not in kept


async def test_a_solution_is_for_its_number(served: Served) -> None:
    phone, number, other = served.phone(), new_number(), new_number()
    await spend(served, "all:easy")
    work = solved(await challenge(phone, number))
    await challenge(phone, other, work)
    assert await phone.ask("IdentityRequestCode", phone=number, work=work) == 60


async def test_a_solution_counts_once(served: Served) -> None:
    phone, number = served.phone(), new_number()
    await spend(served, "all:easy")
    work = solved(await challenge(phone, number))
    await phone.ask("IdentityRequestCode", phone=number, work=work)
    await challenge(phone, number, work)


async def test_a_solution_of_yesterday_counts_no_more(served: Served) -> None:
    phone, number = served.phone(), new_number()
    await spend(served, "all:easy")
    work = solved(await challenge(phone, number))
    served.platform.clock.move(timedelta(minutes=4))
    await challenge(phone, number, work)


async def test_a_challenge_cannot_be_made_easier(served: Served) -> None:
    phone, number = served.phone(), new_number()
    await spend(served, "all:easy")
    asked = await challenge(phone, number)
    assert asked.startswith(f"{BITS}.")
    await challenge(phone, number, solved(f"1{asked[2:]}"))
    await challenge(phone, number, f"{asked}:0")


async def test_the_more_is_sent_to_a_number_the_more_it_costs(served: Served) -> None:
    number = new_number()
    await spend(served, "all:easy")
    for _ in range(5):
        phone = served.phone()
        await phone.ask("IdentityRequestCode", phone=number, work=solved(await challenge(phone, number)))
    assert (await challenge(served.phone(), number)).startswith(f"{BITS + 1}.")


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(work=st.one_of(st.text(max_size=200), st.from_regex(
    r"[0-9]{1,2}\.[0-9]{10}\.[A-Za-z0-9_-]{16}\.[0-9a-f]{32}:[0-9]{1,16}", fullmatch=True)))
async def test_no_text_of_ones_own_is_work(served: Served, work: str) -> None:
    number = new_number()
    await spend(served, "prefix:easy", number)
    answer = (await served.phone().send("IdentityRequestCode", phone=number, work=work)).json()
    assert answer["errors"][0]["extensions"]["code"] in {"IDENTITY_WORK_NEEDED", "INVALID_ARGUMENT"}
    assert await sent(served, number) is None


async def test_the_operator_reads_of_it_once_a_minute(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    await spend(served, "day:easy")
    for _ in range(3):
        await challenge(served.phone(), new_number())
    assert len([record for record in caplog.records if "sms.near" in record.getMessage()]) == 1
