"""Recovery codes: shown once, good once."""

from __future__ import annotations

import asyncio
import re

from tests.clients import Served, new_number
from tests.factors.test_passkeys import lines, steps_back


async def test_ten_codes_are_shown_once_and_none_of_them_is_kept(served: Served) -> None:
    phone = await served.signed_in(new_number())
    codes = await phone.ask("FactorsRecoveryCodes")
    assert len(set(codes)) == 10
    assert all(re.fullmatch("([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    async with served.platform.db.writing_as("factors") as connection:
        kept = str(await connection.fetch("SELECT hash::text FROM factors.recovery_code"))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    [factor] = await phone.ask("FactorsMine")
    assert (factor["kind"], factor["left"]) == ("RECOVERY_CODE", 10)


async def test_a_code_is_good_once_however_it_was_copied(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    first, *_ = await phone.ask("FactorsRecoveryCodes")
    assert await phone.ask("FactorsStepUpOptions") == ""
    assert await phone.ask("FactorsStepUp", code=first.lower().replace("-", " ").replace("0", "o").replace("1", "l"))
    assert await phone.refused("FactorsStepUp", code=first) == "FACTORS_RECOVERY_CODE_WRONG"
    assert (await phone.ask("FactorsMine"))[0]["left"] == 9
    assert (await lines(phone))[:2] == ["RECOVERY_CODE_USED", "RECOVERY_CODES_MADE"]


async def test_of_two_who_show_the_same_code_at_once_one_gets_in(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    first, *_ = await phone.ask("FactorsRecoveryCodes")
    answers = await asyncio.gather(*(phone.send("FactorsStepUp", code=first) for _ in range(5)))
    assert sum("errors" not in answer.json() for answer in answers) == 1


async def test_new_codes_want_one_of_the_old_and_make_them_void(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    old = await phone.ask("FactorsRecoveryCodes")
    assert await phone.refused("FactorsRecoveryCodes") == "STEP_UP_NEEDED"
    assert await phone.ask("FactorsStepUp", code=old[0])
    new = await phone.ask("FactorsRecoveryCodes")
    await steps_back(phone)
    assert await phone.refused("FactorsStepUp", code=old[1]) == "FACTORS_RECOVERY_CODE_WRONG"
    assert await phone.ask("FactorsStepUp", code=new[0])


async def test_nobody_elses_code_is_good_for_me(shared: Served) -> None:
    mine, theirs = await shared.signed_in(new_number()), await shared.signed_in(new_number())
    await mine.ask("FactorsRecoveryCodes")
    code, *_ = await theirs.ask("FactorsRecoveryCodes")
    assert await mine.refused("FactorsStepUp", code=code) == "FACTORS_RECOVERY_CODE_WRONG"
    assert await theirs.ask("FactorsStepUp", code=code)


async def test_whoever_has_neither_is_told_to_set_one_up(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    assert await phone.refused("FactorsStepUpOptions") == "FACTORS_NONE"


async def test_guessing_is_slow(shared: Served) -> None:
    phone = await shared.signed_in(new_number())
    await phone.ask("FactorsRecoveryCodes")
    refusals = [await phone.refused("FactorsStepUp", code=f"{number:016d}") for number in range(25)]
    assert set(refusals[:15]) == {"FACTORS_RECOVERY_CODE_WRONG"} and refusals[-1] == "RATE_LIMITED"
