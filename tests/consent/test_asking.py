"""监护人同意: a child under 14 asks, each guardian sees it, the first who answers decides, and the child hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.clients import Phone, Served
from tests.consent.test_given import standing
from tests.consent.test_ledger import lines
from tests.onecode.test_beyond import newest, read
from tests.waiting import PATIENCE

from haian.demo import demo_id

Worker = Callable[[], Awaitable[None]]
CHILD = demo_id("citizen:child")


async def father(served: Served, *limits: str) -> Phone:
    """A second guardian of the demo's child."""
    phone = await served.signed_in("resident")
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("""
            INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until, limits)
            VALUES ($1, $2, 'FATHER', $3, $3::timestamptz + interval '9 years', $4)""",
            UUID(phone.id), CHILD, served.platform.clock.now() - timedelta(days=1), list(limits))
    return phone


async def end_link(served: Served, guardian: Phone) -> None:
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET ended_at = $3 WHERE child_id = $1 AND guardian_id = $2",
                                 CHILD, UUID(guardian.id), served.platform.clock.now())


async def ask(served: Served, child: Phone) -> str:
    """At the hospital the child's code is read; the number is withheld, and the child asks. The id of the request."""
    await read(child, await served.signed_in("registrar"))
    await child.ask("OnecodeAskGuardian", scan=(await newest(child))["id"], fact="phone", term="MONTH")
    request: str = (await requests(child))[0]["id"]
    return request


async def requests(phone: Phone) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await phone.ask("ConsentRequests")
    return found


async def told(worker: Worker, phone: Phone) -> list[str]:
    """The titles in an inbox, once everything is told."""
    await worker()
    return [edge["node"]["title"] for edge in (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]]


async def family(served: Served, child: Phone, mother: Phone, dad: Phone) -> None:
    """Each sees who is whose guardian, and a stranger nobody."""
    ties = {who.id: [(each["tie"], each["child"], each["guardian"]) for each in await who.ask("DelegationFamily")]
            for who in (child, mother, dad)}
    assert sorted(ties[child.id], reverse=True) == [("MY_GUARDIAN", "张小海", "王海燕"), ("MY_GUARDIAN", "张小海", "张晓梅")]
    assert ties[mother.id] == [("MY_CHILD", "张小海", "张晓梅"), ("MY_CHILD", "张小贝", "张晓梅"),
                               ("OTHER_GUARDIAN", "张小海", "王海燕")]
    assert ties[dad.id] == [("MY_CHILD", "张小海", "王海燕"), ("OTHER_GUARDIAN", "张小海", "张晓梅")]
    assert await (await served.signed_in("elder")).ask("DelegationFamily") == []


async def test_what_a_child_may_not_allow_it_asks_and_a_guardians_yes_counts_at_once(served: Served) -> None:
    child, mother, dad = await served.signed_in("child"), await served.signed_in("parent"), await father(served)
    await family(served, child, mother, dad)
    registrar = await served.signed_in("registrar")
    await read(child, registrar)
    scan = await newest(child)
    assert (scan["byGuardian"], scan["withheld"]) == (True, [{"name": "phone", "label": "手机号", "asked": False}])
    assert await child.refused("OnecodeAllow", scan=scan["id"], fact="phone", term="YEAR") == "CONSENT_GUARDIAN_NEEDED"
    assert await standing(child) == []
    assert await child.refused("OnecodeAskGuardian", scan=scan["id"], fact="phone", term="ONCE") == "INVALID_ARGUMENT"
    for _ in range(2):  # asked twice, it is one
        await child.ask("OnecodeAskGuardian", scan=scan["id"], fact="phone", term="MONTH")
    assert (await newest(child))["withheld"][0]["asked"] is True
    [mine], [hers], [his] = await requests(child), await requests(mother), await requests(dad)
    assert (mine["isMine"], hers["isMine"], hers["state"], hers["child"], hers["label"], hers["receiverName"]) == (
        True, False, "ASKED", "张小海", "手机号", "演示第一医院")
    assert mine["id"] == hers["id"] == his["id"]
    for _ in range(2):  # a tap that is sent again stays
        assert (await mother.ask("ConsentAnswerRequest", id=hers["id"], agree=True))["state"] == "AGREED"
    assert await dad.refused("ConsentAnswerRequest", id=hers["id"], agree=False) == "CONSENT_NOT_WAITING"
    [given] = await standing(child)
    assert (given["byGuardian"], given["label"]) == (True, "手机号")
    assert [(each["state"], each["guardian"]) for each in await requests(child)] == [("AGREED", "张晓梅")]
    assert (await read(child, registrar))["withheld"] == []


async def test_both_find_it_in_their_ledger_and_in_their_inbox(served: Served, worker: Worker) -> None:
    child, mother, dad = await served.signed_in("child"), await served.signed_in("parent"), await father(served)
    request = await ask(served, child)
    assert "张小海请您同意" in await told(worker, mother)
    assert "张小海请您同意" in await told(worker, dad)
    async with child.live() as heard:
        assert (await anext(heard))["live"]["type"] == "ready"
        await mother.ask("ConsentAnswerRequest", id=request, agree=False)
        await worker()
        assert (await asyncio.wait_for(anext(heard), PATIENCE))["live"]["type"] == "consent.guardian_declined"
    assert "监护人没有同意" in await told(worker, child)
    assert await standing(child) == []
    acts = [(line["action"], line["actorRole"]) for line in await lines(child)]
    assert ("CONSENT_ASKED", "citizen") in acts
    assert ("CONSENT_DECLINED", "guardian") in acts
    assert ("CHILD_ANSWERED", "DECLINED") in [(line["action"], line["reason"]) for line in await lines(mother)]


async def test_of_two_guardians_at_once_one_decides(served: Served) -> None:
    child, mother, dad = await served.signed_in("child"), await served.signed_in("parent"), await father(served)
    request = await ask(served, child)
    answers = await asyncio.gather(*(who.send("ConsentAnswerRequest", id=request, agree=agree)
                                     for who, agree in ((mother, True), (dad, False)) for _ in range(4)))
    said = [answer.json()["data"]["consentAnswerRequest"]["state"] for answer in answers if "errors" not in answer.json()]
    codes = {error["extensions"]["code"] for answer in answers for error in answer.json().get("errors", ())}
    assert (len(said), len(set(said)), codes) == (4, 1, {"CONSENT_NOT_WAITING"})
    assert len(await standing(child)) == (said[0] == "AGREED")


async def test_whom_custody_forbids_it_is_not_asked_and_does_not_decide(served: Served, worker: Worker) -> None:
    child, mother, dad = await served.signed_in("child"), await served.signed_in("parent"), await father(served, "consent")
    request = await ask(served, child)
    assert (await requests(dad), "张小海请您同意" in await told(worker, dad)) == ([], False)
    assert await dad.refused("ConsentAnswerRequest", id=request, agree=True) == "CONSENT_NOT_WAITING"
    assert (await mother.ask("ConsentAnswerRequest", id=request, agree=True))["state"] == "AGREED"
    limits = [(each["guardian"], each["consents"], each["limits"]) for each in await dad.ask("DelegationFamily")
              if each["tie"] == "MY_CHILD"]
    assert limits == [("王海燕", False, ["代孩子同意收集和使用信息"])]


async def test_nobody_answers_whose_link_ended_nor_a_stranger_nor_after_a_week(served: Served) -> None:
    child, mother, dad = await served.signed_in("child"), await served.signed_in("parent"), await father(served)
    stranger, request = await served.signed_in("elder"), await ask(served, child)
    assert await stranger.refused("ConsentAnswerRequest", id=request, agree=True) == "NOT_FOUND"
    assert await child.refused("ConsentAnswerRequest", id=request, agree=True) in ("NOT_FOUND", "CONSENT_NOT_WAITING")
    await end_link(served, dad)
    assert await dad.refused("ConsentAnswerRequest", id=request, agree=True) == "CONSENT_NOT_WAITING"
    assert await requests(dad) == []
    served.platform.clock.move(timedelta(days=7))
    mother, child = await served.signed_in("parent"), await served.signed_in("child")
    assert await mother.refused("ConsentAnswerRequest", id=request, agree=True) == "CONSENT_NOT_WAITING"
    assert [each["state"] for each in await requests(child)] == ["LAPSED"]
    assert await ask(served, child) == request, "asked again, it waits again"
    assert [each["state"] for each in await requests(mother)] == ["ASKED"]


async def test_a_child_without_a_guardian_is_led_to_the_desk_and_who_is_14_decides(served: Served) -> None:
    child, mother = await served.signed_in("child"), await served.signed_in("parent")
    await read(child, await served.signed_in("registrar"))
    wanted = {"scan": (await newest(child))["id"], "fact": "phone", "term": "MONTH"}
    await end_link(served, mother)
    assert await child.refused("OnecodeAllow", **wanted) == "CONSENT_GUARDIAN_UNKNOWN"
    assert await child.refused("OnecodeAskGuardian", **wanted) == "CONSENT_GUARDIAN_UNKNOWN"
    grown = await served.signed_in("resident")
    await read(grown, await served.signed_in("registrar"))
    assert await grown.refused("OnecodeAskGuardian", scan=(await newest(grown))["id"], fact="phone", term="MONTH") \
        == "CONSENT_YOUR_OWN"


async def test_no_other_term_slips_in_between_what_a_guardian_reads_and_agrees_to(served: Served) -> None:
    child, mother = await served.signed_in("child"), await served.signed_in("parent")
    request = await ask(served, child)
    await child.ask("OnecodeAskGuardian", scan=(await newest(child))["id"], fact="phone", term="YEAR")
    assert [each["term"] for each in await requests(mother)] == ["MONTH"], "it waits as it was asked"
    await mother.ask("ConsentAnswerRequest", id=request, agree=True)
    [given] = await standing(child)
    assert datetime.fromisoformat(given["until"]) - datetime.fromisoformat(given["since"]) == timedelta(days=30)


async def test_what_has_lapsed_is_asked_anew_for_another_term(served: Served, worker: Worker) -> None:
    child, mother = await served.signed_in("child"), await served.signed_in("parent")
    request = await ask(served, child)
    served.platform.clock.move(timedelta(days=7))
    mother, child = await served.signed_in("parent"), await served.signed_in("child")
    await child.ask("OnecodeAskGuardian", scan=(await newest(child))["id"], fact="phone", term="YEAR")
    assert [(each["id"], each["term"], each["state"]) for each in await requests(mother)] == [(request, "YEAR", "ASKED")]
    assert (await told(worker, mother)).count("张小海请您同意") == 2
