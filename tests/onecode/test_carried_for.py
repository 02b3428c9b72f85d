"""Offline codes of another 亲属码: a parent carries a child's, a daughter her mother's, as long as they may show them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.clients import Phone, Served
from tests.consent.test_ledger import lines
from tests.onecode.device import Device
from tests.onecode.test_for_whom import CHILD, ELDER, mandated
from tests.onecode.test_offline import carrying, settle
from tests.onecode.test_scan import scan, shown

from onecode.store_offline import stop_ended

Worker = Callable[[], Awaitable[None]]


async def carrying_for(phone: Phone, whose: str) -> tuple[Device, list[str]]:
    phone.http.headers["X-Haian-For"] = whose
    carried = await carrying(phone)
    del phone.http.headers["X-Haian-For"]
    return carried


async def ended(served: Served) -> None:
    """The mandate ends now."""
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.mandate SET ended_at = $1", served.platform.clock.now())


async def test_a_daughter_carries_her_mothers_and_both_see_it_in_their_histories(served: Served) -> None:
    daughter, mother, guard = await mandated(served), await served.signed_in("elder"), await served.signed_in("guard")
    device, codes = await carrying_for(daughter, ELDER)
    own, mine = await carrying(daughter)
    served.platform.clock.move(timedelta(seconds=2))  # a code says the second in which it is shown
    texts = [device.show(code, served.platform.clock.epoch()) for code in codes[:2]]
    first, late = await scan(guard, texts[0]), await settle(guard, texts[1])
    for check in (first, late):
        assert (check["verdict"], check["presenter"], shown(check)["name"]) == ("ACCEPTED", "王*燕", "李*福")
    showed = [edge["node"]["shownFor"] for edge in (await daughter.ask("OnecodeMine"))["onecodeShownForOthers"]["edges"]]
    hers = [edge["node"]["presenter"] for edge in (await mother.ask("OnecodeScans", first=2))["edges"]]
    assert (showed, hers) == (["李*福"] * 2, ["王*燕"] * 2)
    said = [line for line in await lines(mother) if line["action"] == "CODE_CARRIED_FOR"]
    assert [(line["actorRole"], line["actorName"]) for line in said] == [("delegate", "王海燕")]
    plain = await scan(guard, own.show(mine[0], served.platform.clock.epoch()))
    assert (plain["presenter"], shown(plain)["name"]) == (None, "王*燕"), "her own are her own"


async def test_what_is_carried_ends_with_the_right_to_it_on_the_list_and_at_every_door(served: Served) -> None:
    daughter, mother, guard = await mandated(served), await served.signed_in("elder"), await served.signed_in("guard")
    device, codes = await carrying_for(daughter, ELDER)
    own, mine = await carrying(daughter)
    clock = served.platform.clock
    clock.move(timedelta(seconds=2))  # a code says the second in which it is shown
    before = device.show(codes[0], clock.epoch())
    await stop_ended(served.platform)
    assert (await guard.ask("OnecodeOfflineKit"))["revoked"] == []
    clock.move(timedelta(seconds=20))
    await ended(served)
    clock.move(timedelta(seconds=5))
    meanwhile = [device.show(code, clock.epoch()) for code in codes[1:3]]
    assert (await scan(guard, meanwhile[0]))["verdict"] == "EXPIRED", "no list has it yet"
    await stop_ended(served.platform)
    assert len((await guard.ask("OnecodeOfflineKit"))["revoked"]) == 1
    assert [(await settle(guard, text))["verdict"] for text in (before, meanwhile[1])] == ["ACCEPTED", "EXPIRED"]
    assert (await scan(guard, own.show(mine[0], clock.epoch())))["verdict"] == "ACCEPTED"
    daughter.http.headers["X-Haian-For"] = ELDER
    assert await daughter.refused("OnecodeCarry", deviceKeys=Device().said) == "ACTING_NOT_COVERED"
    assert (await mother.ask("OnecodeMine"))["onecodeState"]["carriedStoppedAt"] is None, "her own phone carries on"


@pytest.mark.parametrize("how", ["the holder stops theirs", "who carries stops theirs", "who carries signs out"])
async def test_who_stops_or_leaves_stops_what_is_carried_for_others(served: Served, worker: Worker, how: str) -> None:
    daughter, mother, guard = await mandated(served), await served.signed_in("elder"), await served.signed_in("guard")
    device, codes = await carrying_for(daughter, ELDER)
    served.platform.clock.move(timedelta(seconds=2))
    if how == "who carries signs out":
        await daughter.ask("IdentitySignOut")
    else:
        await (mother if how == "the holder stops theirs" else daughter).ask("OnecodeSuspend")
    await worker()
    assert len((await guard.ask("OnecodeOfflineKit"))["revoked"]) == 1
    assert (await scan(guard, device.show(codes[0], served.platform.clock.epoch())))["verdict"] == "SUSPENDED"


async def test_custody_and_other_mandates_carry_nothing(served: Served) -> None:
    async def refused(phone: Phone, whose: str) -> Any:
        phone.http.headers["X-Haian-For"] = whose
        return await phone.refused("OnecodeCarry", deviceKeys=Device().said)

    daughter, parent = await mandated(served, "healthcare.appointments.write"), await served.signed_in("parent")
    device, codes = await carrying_for(parent, CHILD)
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET limits = '{onecode.code}'")
    assert [await refused(daughter, ELDER), await refused(parent, CHILD)] == ["ACTING_NOT_COVERED"] * 2
    guard = await served.signed_in("guard")
    assert (await scan(guard, device.show(codes[0], served.platform.clock.epoch())))["verdict"] == "EXPIRED"
    rows = await served.platform.db.fetch("SELECT citizen_id FROM onecode.offline_batch WHERE shown_by IS NOT NULL")
    assert [row["citizen_id"] for row in rows] == [UUID(CHILD)]
