"""A code that was told: a mandate by it counts a day later, and all who may end it hear of it; with a factor, never."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from tests.clients import PHONES, Phone, Refused, Served, new_number
from tests.delegation.family import LOOKING, acting

from haian import steps
from identity.sms import OutboxSender

Worker = Callable[[], Awaitable[None]]
DAY = timedelta(days=1)
SMS = "haian:sms:" + PHONES["elder"]


def wish(**changed: Any) -> dict[str, Any]:
    return {"phone": PHONES["elder"], "scopes": [LOOKING], "days": 30, "key": str(uuid4())} | changed


async def told(served: Served, worker: Worker, helper: Phone) -> Any:
    """A mandate as its helper sees it, who asked for it and was told the code."""
    asked = (await helper.ask("DelegationAsk", **wish()))["id"]
    await worker()
    code = await OutboxSender(served.platform.redis).last(PHONES["elder"])
    return await helper.ask("DelegationConfirm", id=asked, code=code)


async def mandates(phone: Phone) -> Any:
    return (await phone.ask("DelegationMandates"))["delegationMandates"]


async def inbox(phone: Phone) -> dict[str, str]:
    """What a phone is told, by title."""
    edges = (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]
    return {edge["node"]["title"]: edge["node"]["body"] for edge in edges}


async def test_what_was_told_acts_a_day_later_and_both_see_from_when(served: Served, worker: Worker) -> None:
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    made = await told(served, worker, grandson)
    ready = datetime.fromisoformat(made["readyAt"])
    assert ready - datetime.fromisoformat(made["confirmedAt"]) == DAY
    [mine], [given] = await mandates(grandson), await mandates(elder)
    for seen in (made, mine, given):
        assert (seen["state"], seen["confirmedHow"], seen["readyAt"]) == ("COOLING", "CALL_BACK", made["readyAt"])
    assert await grandson.ask("DelegationPrincipals") == []
    assert await acting(grandson, elder).refused("HealthcareComing") == "ACTING_NOT_COVERED"
    served.platform.clock.move(ready - served.platform.clock.now() - timedelta(minutes=1))
    assert await grandson.refused("HealthcareComing") == "ACTING_NOT_COVERED"
    served.platform.clock.move(timedelta(minutes=2))
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    assert (await acting(grandson, elder).ask("HealthcareComing"))["edges"] == []
    [now], [then] = await mandates(acting(grandson, None)), await mandates(elder)
    assert (now["state"], then["state"]) == ("ACTIVE", "ACTIVE")
    assert [each["id"] for each in await grandson.ask("DelegationPrincipals")] == [elder.id]


async def test_all_devices_and_the_number_hear_of_it_at_once(served: Served, worker: Worker) -> None:
    phone, tablet = await served.signed_in("elder"), await served.signed_in("elder")
    grandson = await served.signed_in("grandson")
    made = await told(served, worker, grandson)
    await worker()
    for device in (phone, tablet):
        said = (await inbox(device))["有人凭验证码要替您办事"]
        assert "“李小军”（李*军）" in said and "起可以替您办事" in said
        assert "代办已生效" not in await inbox(device), "it is not in force"
    assert "李德福" in (await inbox(grandson))["代办已确认，还没生效"]
    assert "您可以代办了" not in await inbox(grandson)
    assert orjson.loads(await served.platform.redis.get(SMS)) == {"template": "mandate_cooling", "code": ""}
    lines = [edge["node"] for edge in (await phone.ask("ConsentLedger"))["edges"]]
    assert {"MANDATE_ASKED", "MANDATE_GIVEN"} <= {line["action"] for line in lines}
    urgent = served.platform.registry.message_types["delegation.cooling"]
    assert (urgent.urgent, urgent.link) == (True, "/me/delegate")
    assert (await mandates(tablet))[0]["id"] == made["id"]


@pytest.mark.parametrize("who", ["another device of the principal", "the helper"])
async def test_either_side_ends_it_before_it_counts(served: Served, worker: Worker, who: str) -> None:
    """No factor is asked for: what takes rights back is never slow."""
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    made = await told(served, worker, grandson)
    ending = grandson if who == "the helper" else await served.signed_in("elder")
    stranger = await served.signed_in("resident")
    assert await stranger.refused("DelegationEnd", id=made["id"]) == "NOT_FOUND"
    assert (await ending.ask("DelegationEnd", id=made["id"]))["state"] == "ENDED"
    await worker()
    assert "代办已终止" in await inbox(elder) and "代办已终止" in await inbox(grandson)
    served.platform.clock.move(DAY + timedelta(minutes=1))
    grandson = await served.signed_in("grandson")
    assert await acting(grandson, elder).refused("HealthcareComing") == "ACTING_NOT_COVERED"
    assert [each["state"] for each in await mandates(acting(grandson, None))] == ["ENDED"]


async def test_what_would_be_over_before_it_counts_is_not_asked_for(served: Served, worker: Worker) -> None:
    grandson = await served.signed_in("grandson")
    with pytest.raises(Refused) as refused:
        await grandson.ask("DelegationAsk", **wish(days=1))
    assert refused.value.code == "DELEGATION_MANDATE_INVALID"
    assert refused.value.errors[0]["extensions"]["argument"] == "days"
    await worker()
    assert await OutboxSender(served.platform.redis).last(PHONES["elder"]) is None
    assert not await served.platform.db.fetch("SELECT FROM delegation.mandate")


async def test_what_the_principal_confirms_on_their_own_phone_counts_at_once(served: Served, worker: Worker) -> None:
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    asked = (await grandson.ask("DelegationAsk", **wish()))["id"]
    await worker()
    code = await OutboxSender(served.platform.redis).last(PHONES["elder"])
    confirmed = await elder.ask("DelegationConfirm", id=asked, code=code)
    assert (confirmed["state"], confirmed["confirmedHow"], confirmed["readyAt"]) == ("ACTIVE", "PHONE", None)
    assert (await acting(grandson, elder).ask("HealthcareComing"))["edges"] == []
    await worker()
    assert orjson.loads(await served.platform.redis.get(SMS))["template"] == "mandate_call", "nothing to wait for is told"


async def test_a_code_confirms_only_for_whom_it_was_told(served: Served, worker: Worker) -> None:
    grandson, stranger = await served.signed_in("grandson"), await served.signed_in("resident")
    asked = (await grandson.ask("DelegationAsk", **wish()))["id"]
    await worker()
    code = await OutboxSender(served.platform.redis).last(PHONES["elder"])
    assert await stranger.refused("DelegationConfirm", id=asked, code=code) == "DELEGATION_CODE_WRONG"
    unknown = (await grandson.ask("DelegationAsk", **wish(phone=new_number())))["id"]
    assert await grandson.refused("DelegationConfirm", id=unknown, code="123456") == "DELEGATION_CODE_WRONG"
    assert await mandates(grandson) == []


async def test_a_code_that_was_told_is_not_enough_for_whoever_has_a_second_factor(served: Served, worker: Worker) -> None:
    """Their number may be somebody else's by now: operators give numbers to the next customer."""
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    async with served.platform.db.writing_as("factors") as connection:
        await connection.execute("INSERT INTO factors.recovery_code (citizen_id, hash, made_at) "
                                 "VALUES ($1, sha256('1'), $2)", UUID(elder.id), served.platform.clock.now())
    asked = (await grandson.ask("DelegationAsk", phone=PHONES["elder"], scopes=[LOOKING], days=30, key="asked for"))["id"]
    await worker()
    http = served.phone().http
    told = (await http.get("/demo/sms", params={"phone": PHONES["elder"]})).json()["code"]
    assert await grandson.refused("DelegationConfirm", id=asked, code=told) == "DELEGATION_THEIR_PHONE"
    assert await acting(grandson, elder).refused("HealthcareComing") == "ACTING_NOT_COVERED"
    await elder.ask("DelegationSendCode", id=asked)
    [session] = [row["id"] for row in await elder.ask("IdentityDevices") if row["current"]]
    await steps.confirm(served.platform, session)
    code = (await http.get("/demo/sms", params={"phone": PHONES["elder"]})).json()["code"]
    confirmed = await elder.ask("DelegationConfirm", id=asked, code=code)
    assert (confirmed["state"], confirmed["confirmedHow"]) == ("ACTIVE", "PHONE")
    assert (await acting(grandson, elder).ask("HealthcareComing"))["edges"] == []
