"""Letting somebody act for me: named, confirmed on my own phone or at a desk, seen by both, ended by either."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.clients import PHONES, Phone, Refused, Served, new_number, solved
from tests.delegation.family import BOOKING, LOOKING, acting
from tests.identity.test_pressure import spend

from haian.demo import ACCOUNTS
from haian.outbox import deliver
from identity.demo import BORN, number
from identity.sms import OutboxSender

WRONG = "DELEGATION_CODE_WRONG"
CARD = number(BORN["elder"], 100 + [account.key for account in ACCOUNTS].index("elder"))
"""The number on the grandmother's citizen ID card."""


def wish(phone: str = PHONES["grandson"], called: str = "孙子小军", scopes: tuple[str, ...] = (BOOKING,),
         days: int = 30) -> dict[str, Any]:
    return {"phone": phone, "called": called, "scopes": list(scopes), "days": days, "key": str(uuid4())}


async def code_of(served: Served, phone: str) -> str:
    return str((await served.phone().http.get("/demo/sms", params={"phone": phone})).json()["code"])


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def offered(served: Served, elder: Phone, **changed: Any) -> dict[str, Any]:
    """A mandate that the elder gave and confirmed."""
    made = await elder.ask("DelegationGive", **wish() | changed)
    confirmed: dict[str, Any] = await elder.ask("DelegationConfirm", id=made["id"],
                                                code=await code_of(served, PHONES["elder"]))
    return confirmed


async def given(served: Served, elder: Phone, grandson: Phone) -> str:
    """One that the grandson accepted."""
    accepted = await grandson.ask("DelegationAccept", id=(await offered(served, elder))["id"])
    return str(accepted["id"])


async def mandates(phone: Phone) -> Any:
    return (await phone.ask("DelegationMandates"))["delegationMandates"]


async def titles(served: Served, phone: Phone) -> list[str]:
    """What a phone is told."""
    await deliver(served.platform)
    return [edge["node"]["title"] for edge in (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]]


async def actions(phone: Phone) -> list[tuple[str, str]]:
    return [(edge["node"]["action"], edge["node"]["actorRole"]) for edge in (await phone.ask("ConsentLedger"))["edges"]]


async def test_what_was_given_counts_once_it_is_confirmed_with_the_code_and_accepted(served: Served) -> None:
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    made = await elder.ask("DelegationGive", **wish())
    assert (made["state"], made["called"], made["phone"]) == ("ASKED", "孙子小军", "138****0012")
    assert (made["number"], made["helper"]) == (PHONES["grandson"], None), "to see a mistyped digit"
    assert made["titles"] == ["挂号和取消"]
    assert await acting(grandson, elder).refused("HealthcareComing") == "ACTING_NOT_COVERED"
    assert await mandates(acting(grandson, None)) == [], "nobody is told before"
    assert await grandson.refused("DelegationAccept", id=made["id"]) == "DELEGATION_NOT_OPEN"
    code = await code_of(served, PHONES["elder"])
    assert await elder.refused("DelegationConfirm", id=made["id"], code=other(code)) == WRONG
    assert (await elder.ask("DelegationConfirm", id=made["id"], code=code))["state"] == "OFFERED"
    assert await elder.refused("DelegationConfirm", id=made["id"], code=code) == WRONG, "a code is good once"
    assert await acting(grandson, elder).refused("HealthcareComing") == "ACTING_NOT_COVERED"
    assert "有人请您代办" in await titles(served, acting(grandson, None))
    assert "代办已生效" not in await titles(served, elder)
    [offer] = await mandates(grandson)
    assert (offer["state"], offer["principal"], offer["number"]) == ("OFFERED", "李*福", None), "it may be mistyped"
    assert (await grandson.ask("DelegationAccept", id=made["id"]))["principal"] == "李德福"
    assert (await acting(grandson, elder).ask("HealthcareComing"))["edges"] == []
    [mine] = await mandates(elder)
    assert (mine["state"], mine["helper"], mine["number"]) == ("ACTIVE", "李*军", None)
    assert "代办已生效" in await titles(served, elder)
    assert {("MANDATE_GIVEN", "citizen"), ("MANDATE_ACCEPTED", "delegate")} <= set(await actions(elder))


async def test_nobody_else_confirms_and_guessing_ends(served: Served) -> None:
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    made = await elder.ask("DelegationGive", **wish())
    code = await code_of(served, PHONES["elder"])
    for _ in range(6):
        assert await grandson.refused("DelegationConfirm", id=made["id"], code=code) == WRONG
    for _ in range(5):
        assert await elder.refused("DelegationConfirm", id=made["id"], code=other(code)) == WRONG
    assert await elder.refused("DelegationConfirm", id=made["id"], code=code) == WRONG
    assert await elder.ask("DelegationSendCode", id=made["id"]) == 60
    fresh = await code_of(served, PHONES["elder"])
    assert (await elder.ask("DelegationConfirm", id=made["id"], code=fresh))["state"] == "OFFERED"


async def test_a_code_runs_out(served: Served) -> None:
    elder = await served.signed_in("elder")
    made = await elder.ask("DelegationGive", **wish())
    code = await code_of(served, PHONES["elder"])
    served.platform.clock.move(timedelta(minutes=10))
    assert await elder.refused("DelegationConfirm", id=made["id"], code=code) == WRONG


async def test_either_ends_it_at_once_and_both_are_told(served: Served) -> None:
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    for phone, role in ((elder, "citizen"), (grandson, "delegate")):
        made = await given(served, elder, grandson)
        assert (await phone.ask("DelegationEnd", id=made))["state"] == "ENDED"
        assert await acting(grandson, elder).refused("HealthcareComing") == "ACTING_NOT_COVERED"
        acting(grandson, None)
        assert ("MANDATE_ENDED", role) in await actions(elder)
        assert (await phone.ask("DelegationEnd", id=made))["state"] == "ENDED", "it stays ended"
    stranger = await served.signed_in("resident")
    made = await given(served, elder, grandson)
    assert await stranger.refused("DelegationEnd", id=made) == "NOT_FOUND"
    assert (await mandates(elder))[0]["state"] == "ACTIVE"


async def test_both_see_the_same_log(served: Served) -> None:
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    made = await given(served, elder, grandson)
    await acting(grandson, elder).ask("HealthcareComing")
    acting(grandson, None)
    logs = [await phone.ask("DelegationLog", mandate=made) for phone in (elder, grandson)]
    assert logs[0] == logs[1]
    assert [edge["node"]["action"] for edge in logs[0]["edges"]] == ["SEEN_FOR"]
    assert (await (await served.signed_in("resident")).ask("DelegationLog", mandate=made))["edges"] == []


async def test_whether_a_number_is_anybodys_is_told_to_nobody(served: Served) -> None:
    elder, nobody = await served.signed_in("elder"), new_number()
    known, unknown = [await offered(served, elder, phone=phone) for phone in (PHONES["grandson"], nobody)]
    of_each = ("id", "phone", "number", "confirmedAt", "offeredUntil", "until")
    assert {name: value for name, value in known.items() if name not in of_each} \
        == {name: value for name, value in unknown.items() if name not in of_each}
    assert (unknown["state"], unknown["number"]) == ("OFFERED", nobody), "it is not said to be in force"
    later = await served.signed_in(nobody)
    assert await acting(later, elder).refused("HealthcareComing") == "ACTING_NOT_COVERED", "nobody inherits"
    assert (await acting(later, None).ask("DelegationAccept", id=unknown["id"]))["state"] == "ACTIVE"
    assert (await acting(later, elder).ask("HealthcareComing"))["edges"] == []


async def test_only_whoever_has_the_number_accepts_and_within_seven_days(served: Served) -> None:
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    made = (await offered(served, elder))["id"]
    for phone in (elder, await served.signed_in("resident")):
        assert await phone.refused("DelegationAccept", id=made) == "DELEGATION_NOT_OPEN"
    assert [each["state"] for each in await mandates(grandson)] == ["OFFERED"]
    served.platform.clock.move(timedelta(days=7))
    assert await grandson.refused("DelegationAccept", id=made) == "DELEGATION_NOT_OPEN"
    assert await mandates(grandson) == []
    assert [each["state"] for each in await mandates(elder)] == ["ENDED"]


async def test_what_is_offered_can_be_declined(served: Served) -> None:
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    made = (await offered(served, elder))["id"]
    assert (await grandson.ask("DelegationEnd", id=made))["state"] == "ENDED"
    assert await grandson.refused("DelegationAccept", id=made) == "DELEGATION_NOT_OPEN"
    assert [each["state"] for each in await mandates(elder)] == ["ENDED"]
    assert "代办已终止" in await titles(served, elder)
    assert ("MANDATE_ENDED", "delegate") in await actions(elder)


async def test_what_cannot_be_given_is_refused(served: Served) -> None:
    elder = await served.signed_in("elder")
    changed: dict[str, Any]
    for changed in ({"scopes": []}, {"scopes": ["identity.devices.write"]}, {"scopes": ["delegation.mandates.write"]},
                    {"days": 0}, {"days": 367}, {"called": " "}, {"called": "某" * 21}, {"called": "a\x00b"}):
        with pytest.raises(Refused) as refused:
            await elder.ask("DelegationGive", **wish() | changed)
        assert refused.value.code == "DELEGATION_MANDATE_INVALID", changed
        assert refused.value.errors[0]["extensions"]["argument"] in changed
    assert await elder.refused("DelegationGive", **wish(PHONES["elder"])) == "DELEGATION_TO_MYSELF"
    assert await elder.refused("DelegationGive", **wish("123")) == "IDENTITY_PHONE_INVALID"
    child = await served.signed_in(new_number())
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET born = '2009-03-02' WHERE id = $1", UUID(child.id))
    assert await child.refused("DelegationGive", **wish()) == "DELEGATION_TOO_YOUNG"
    assert await mandates(elder) == []


async def test_who_acts_for_another_gives_nothing_on(served: Served) -> None:
    elder, grandson = await served.signed_in("elder"), await served.signed_in("grandson")
    made = await given(served, elder, grandson)
    acting(grandson, elder)
    assert await grandson.refused("DelegationGive", **wish(PHONES["resident"])) == "ACTING_NOT_COVERED"
    assert await grandson.refused("DelegationEnd", id=made) == "ACTING_NOT_COVERED"
    assert await grandson.refused("DelegationMandates") == "ACTING_NOT_COVERED"


def at_desk(**changed: Any) -> dict[str, Any]:
    return {"principal": PHONES["elder"], "delegate": PHONES["grandson"], "called": "孙子小军", "scopes": [LOOKING],
            "days": 90, "seen": "ID_CARD", "key": str(uuid4())} | changed


async def test_at_the_desk_it_counts_at_once_and_is_in_the_ledger(served: Served) -> None:
    elder, grandson, desk = [await served.signed_in(who) for who in ("elder", "grandson", "desk")]
    assert (await desk.ask("DelegationDeskPerson", person=PHONES["elder"]))["maskedName"] == "李*福"
    done = await desk.ask("DelegationGiveAtDesk", **at_desk())
    assert (done["principal"], done["called"], done["phone"]) == ("李*福", "孙子小军", "138****0012")
    assert done["titles"] == ["看就诊预约"]
    assert (await acting(grandson, elder).ask("HealthcareComing"))["edges"] == []
    found = await actions(elder)
    assert {("PERSON_LOOKED_UP", "desk_officer"), ("MANDATE_GIVEN", "desk_officer")} <= set(found)
    grounds = await served.platform.db.fetch("SELECT action, ground FROM haian.audit WHERE actor_role = 'desk_officer'")
    assert {tuple(row) for row in grounds} == {("PERSON_LOOKED_UP", "duty"), ("MANDATE_GIVEN", "consent")}
    mine = (await mandates(elder))[0]
    assert (mine["state"], mine["confirmedHow"]) == ("ACTIVE", "DESK")


async def test_the_desk_finds_who_has_no_phone_at_hand_by_their_card(served: Served) -> None:
    elder, desk = await served.signed_in("elder"), await served.signed_in("desk")
    card = f"{CARD[:6]} {CARD[6:14]} {CARD[14:]}"
    assert (await desk.ask("DelegationDeskPerson", person=card))["id"] == elder.id
    done = await desk.ask("DelegationGiveAtDesk", **at_desk(principal=CARD))
    assert done["principal"] == "李*福"
    assert {("PERSON_LOOKED_UP", "desk_officer"), ("MANDATE_GIVEN", "desk_officer")} <= set(await actions(elder))
    nobodys = number(date(1949, 10, 1), 999)
    assert await desk.ask("DelegationDeskPerson", person=nobodys) is None
    assert await desk.refused("DelegationGiveAtDesk", **at_desk(principal=nobodys)) == "DELEGATION_PERSON_UNKNOWN"
    assert await desk.refused("DelegationDeskPerson", person=CARD[:17]) == "IDENTITY_NUMBER_INVALID"
    assert await elder.refused("DelegationDeskPerson", person=CARD) == "FORBIDDEN"


async def test_the_desk_gives_nothing_to_itself_nor_for_nobody(served: Served) -> None:
    desk, resident = await served.signed_in("desk"), await served.signed_in("resident")
    for changed in ({"delegate": PHONES["desk"]}, {"principal": PHONES["desk"]}, {"delegate": PHONES["elder"]}):
        assert await desk.refused("DelegationGiveAtDesk", **at_desk(**changed)) == "DELEGATION_TO_MYSELF"
    assert await desk.refused("DelegationGiveAtDesk", **at_desk(principal=new_number())) == "DELEGATION_PERSON_UNKNOWN"
    assert await resident.refused("DelegationGiveAtDesk", **at_desk()) == "FORBIDDEN"
    assert await resident.refused("DelegationDeskPerson", person=PHONES["elder"]) == "FORBIDDEN"
    assert (await (await served.signed_in("elder")).ask("DelegationMandates"))["delegationMandates"] == []


async def test_the_same_key_gives_once(served: Served) -> None:
    elder, same = await served.signed_in("elder"), wish()
    first = await elder.ask("DelegationGive", **same)
    assert await elder.ask("DelegationGive", **same) == first
    assert await elder.refused("DelegationGive", **same | {"days": 31}) == "IDEMPOTENCY_KEY_REUSED"
    assert len(await mandates(elder)) == 1


async def test_whoever_asks_learns_nothing_of_a_number(served: Served, worker: Callable[[], Awaitable[None]]) -> None:
    """Not by the answer, nor by what may be done with it, nor where text messages come to their end."""
    grandson, nobody = await served.signed_in("grandson"), new_number()
    asking = {"scopes": [LOOKING], "days": 30}
    for phone in (PHONES["elder"], nobody):
        asked = (await grandson.ask("DelegationAsk", phone=phone, key=str(uuid4()), **asking))["id"]
        assert await grandson.refused("DelegationSendCode", id=asked) == "DELEGATION_NOT_OPEN"
        assert await grandson.refused("DelegationEnd", id=asked) == "NOT_FOUND"
        assert await grandson.refused("DelegationAccept", id=asked) == "DELEGATION_NOT_OPEN"
    sms = OutboxSender(served.platform.redis)
    assert await sms.last(PHONES["elder"]) is None, "neither the time of an answer tells it nor that no message can be sent"
    await worker()
    assert await sms.last(PHONES["elder"]), "the worker sends it"
    resident, parent = await served.signed_in("resident"), await served.signed_in("parent")
    await spend(served, "all:easy")
    for phone in (PHONES["elder"], nobody):
        with pytest.raises(Refused) as refused:
            await resident.ask("DelegationAsk", phone=phone, key=str(uuid4()), **asking)
        work = solved(str(refused.value.errors[0]["extensions"]["challenge"]))
        assert (await resident.ask("DelegationAsk", phone=phone, key=str(uuid4()), work=work, **asking))["id"]
    await spend(served, "all")
    for phone in (PHONES["elder"], nobody):
        assert await parent.refused("DelegationAsk", phone=phone, key=str(uuid4()), **asking) == "IDENTITY_WORK_NEEDED"
    rows = await served.platform.db.fetch("SELECT FROM delegation.mandate")
    assert len(rows) == 2, "what is refused leaves nothing"


async def test_codes_to_ones_own_number_are_counted_with_those_of_signing_in(served: Served) -> None:
    elder = await served.signed_in("elder")
    made = await elder.ask("DelegationGive", **wish())
    for _ in range(3):
        assert await elder.ask("DelegationSendCode", id=made["id"]) == 60
    assert await elder.refused("DelegationSendCode", id=made["id"]) == "RATE_LIMITED"
    assert await elder.refused("DelegationGive", **wish()) == "RATE_LIMITED"
    assert len(await mandates(elder)) == 1, "what is refused leaves nothing"
