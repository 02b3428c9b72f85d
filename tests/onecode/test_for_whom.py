"""亲属码: a guardian shows a child's code, a daughter her mother's by mandate; whoever reads it sees who showed it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.clients import Phone, Served
from tests.consent.test_ledger import lines
from tests.onecode.test_scan import scan, shown

from haian.demo import demo_id

ELDER, CHILD = str(demo_id("citizen:elder")), str(demo_id("citizen:child"))


async def mandated(served: Served, scope: str = "onecode.code.show") -> Phone:
    """The resident, who holds the elder's mandate for a day."""
    phone, now = await served.signed_in("resident"), served.platform.clock.now()
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("""
            INSERT INTO delegation.mandate (principal_id, helper_id, scopes, since, until, asked_at, confirmed_at,
                                            confirmed_how, confirmed_by)
            VALUES ($1, $2, $3, $4, $5, $4, $4, 'PHONE', $1)""", demo_id("citizen:elder"), demo_id("citizen:resident"),
            [scope], now, now + timedelta(days=1))
    return phone


async def issued(phone: Phone, whose: str) -> str:
    phone.http.headers["X-Haian-For"] = whose
    code: str = (await phone.ask("OnecodeIssue"))["text"]
    del phone.http.headers["X-Haian-For"]
    return code


async def test_a_daughter_shows_her_mothers_code_and_all_three_see_who_showed_it(served: Served, worker: Any) -> None:
    daughter, mother, guard = await mandated(served), await served.signed_in("elder"), await served.signed_in("guard")
    [whose] = (await daughter.ask("OnecodeMine"))["onecodeHolders"]
    assert whose == {"id": ELDER, "name": "李*福", "guardian": False, "carriedStoppedAt": None}
    check = await scan(guard, await issued(daughter, ELDER))
    assert (check["verdict"], check["presenter"], shown(check)["name"]) == ("ACCEPTED", "王*燕", "李*福")
    [mine] = (await daughter.ask("OnecodeMine"))["onecodeShownForOthers"]["edges"]
    assert (mine["node"]["shownFor"], mine["node"]["place"]) == ("李*福", "东门")
    hers = (await mother.ask("OnecodeScans", first=1))["edges"][0]["node"]
    assert (hers["presenter"], hers["shownFor"]) == ("王*燕", None)
    assert (await daughter.ask("OnecodeScans", first=1))["edges"][0]["node"]["presenter"] is None, "it is not hers"
    await issued(daughter, ELDER)
    said = [line for line in await lines(mother) if line["action"] == "CODE_SHOWN_FOR"]
    assert [(line["actorRole"], line["actorName"]) for line in said] == [("delegate", "王海燕")], "once, not at each renewal"


async def test_what_ended_meanwhile_shows_nothing(served: Served) -> None:
    daughter, guard = await mandated(served), await served.signed_in("guard")
    code = await issued(daughter, ELDER)
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.mandate SET ended_at = $1", served.platform.clock.now())
    check = await scan(guard, code)
    assert (check["verdict"], check["facts"]) == ("EXPIRED", [])
    assert (await daughter.ask("OnecodeMine"))["onecodeHolders"] == []
    daughter.http.headers["X-Haian-For"] = ELDER
    assert await daughter.refused("OnecodeIssue") == "ACTING_NOT_COVERED"


async def test_another_mandate_does_not_cover_it_and_custody_may_forbid_it(served: Served) -> None:
    daughter = await mandated(served, "healthcare.appointments.write")
    assert (await daughter.ask("OnecodeMine"))["onecodeHolders"] == []
    parent = await served.signed_in("parent")
    assert CHILD in [whose["id"] for whose in (await parent.ask("OnecodeMine"))["onecodeHolders"] if whose["guardian"]]
    assert (await issued(parent, CHILD)).startswith("H1:")
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET limits = '{onecode.code}'")
    assert (await parent.ask("OnecodeMine"))["onecodeHolders"] == []
    for phone, whose in ((parent, CHILD), (daughter, ELDER)):
        phone.http.headers["X-Haian-For"] = whose
        assert await phone.refused("OnecodeIssue") == "ACTING_NOT_COVERED"


@pytest.mark.parametrize("who", ["elder", "resident"])
async def test_who_has_suspended_their_code_has_it_shown_by_nobody_and_shows_nobodys(served: Served, who: str) -> None:
    daughter, guard = await mandated(served), await served.signed_in("guard")
    code = await issued(daughter, ELDER)
    await (await served.signed_in(who)).ask("OnecodeSuspend")
    assert (await scan(guard, code))["verdict"] == "SUSPENDED"
    daughter.http.headers["X-Haian-For"] = ELDER
    assert await daughter.refused("OnecodeIssue") == "ONECODE_SUSPENDED"
