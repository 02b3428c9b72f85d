"""服务协议: read by everybody, agreed to by version; who has not agreed may read, take back and leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.birthdays import eve_of_birthday
from tests.clients import Phone, Refused, Served, new_number
from tests.gateway.arguments import request_of
from tests.gateway.cast import MATRIX, person
from tests.gateway.test_matrix import ROOTS, RULES, codes
from tests.staff.office import lines

from consent.service import tell
from gateway.composition import unagreed
from haian.demo import ACCOUNTS, demo_id

FREE = {
    # how one comes in and goes, and shows who one is
    "identityRequestCode", "identitySignIn", "identitySignOut", "identityEndDevice", "identityEndOtherDevices",
    "factorsSignInOptions", "factorsSignIn", "factorsComplete", "factorsAskHelp", "factorsHelped", "factorsStepUpOptions",
    "factorsStepUp", "factorsRegisterOptions", "factorsRegister", "factorsRename", "factorsRemove", "factorsRecoveryCodes",
    "factorsStopHelp",
    # to read what is one's own; a token does no more than its session
    "identityShowNumber", "identityAccessToken", "messagesMarkRead", "consentExport",
    "certificatesUnmask", "certificatesAskCorrection",
    # to ask, to take back, to leave
    "consentAccept", "consentAskTerms", "consentAsk", "consentAskAbout", "consentEnd", "consentClose", "consentKeep",
    "delegationEnd",
    "oauthRefuse", "oauthEnd", "onecodeSuspend", "onecodeEndPass",
    # for whom no account is needed at all
    "onecodeVisit",
    "parkingWithdrawOffer", "parkingCancelBooking", "healthcareCancel",
}
TEXTS = {"zh": "第二版服务协议。\n您的信息只给为您办事的人看，并写明保存多久。", "changesZh": "写明信息保存多久。",
         "en": "The second terms.\nWho serves you sees what is yours.", "changesEn": "How long data is kept."}


async def newcomer(served: Served) -> Phone:
    """Somebody who has just signed in for the first time."""
    phone = await served.signed_in(new_number())
    async with served.platform.db.writing_as("consent") as connection:
        await connection.execute("DELETE FROM consent.acceptance WHERE citizen_id = $1", UUID(phone.id))
    return phone


async def propose(served: Served, manager: Phone, days: float = 8, **texts: str) -> Any:
    since = served.platform.clock.now() + timedelta(days=days)
    return await manager.ask("ConsentProposeTerms", **TEXTS | texts, since=since.isoformat(), key=str(uuid4()))


async def publish(served: Served) -> datetime:
    """A second version; returns from when it binds."""
    made = await propose(served, await served.signed_in("manager"))
    decided = await (await served.signed_in("desk")).ask("ConsentDecideTerms", id=made["id"], agree=True)
    assert (decided["outcome"], decided["version"], decided["decider"]) == ("PUBLISHED", 2, "何秀兰")
    return datetime.fromisoformat(decided["since"])


async def inbox(phone: Phone) -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]]


async def test_everybody_reads_the_terms_in_both_languages(shared: Served) -> None:
    terms = await shared.phone().ask("ConsentTerms", version=1)
    assert (terms["version"], terms["acceptedAt"]) == (1, None)
    assert "用数账本" in terms["zh"] and "ledger" in terms["en"]
    assert (await shared.phone().ask("ConsentTermsVersions"))[-1]["version"] == 1
    assert await shared.phone().refused("ConsentTerms", version=99) == "NOT_FOUND"


async def test_i_agree_once_and_it_is_in_my_ledger(shared: Served) -> None:
    phone = await newcomer(shared)
    first = await phone.ask("ConsentAccept", version=1)
    assert first["acceptedAt"]
    assert await phone.ask("ConsentAccept", version=1) == first
    assert (await phone.ask("ConsentTerms"))["acceptedAt"] == first["acceptedAt"]
    lines = [edge["node"] for edge in (await phone.ask("ConsentLedger"))["edges"]]
    [line] = [line for line in lines if line["action"] == "TERMS_ACCEPTED"]
    assert (line["reason"], line["byMyself"]) == ("1", True)
    [mine] = await phone.ask("ConsentTermsStanding")
    assert (mine["version"], mine["acceptedAt"], mine["bindsAt"]) == (1, first["acceptedAt"], None)


async def test_nobody_agrees_to_a_version_that_is_not_offered(shared: Served) -> None:
    phone = await newcomer(shared)
    assert await phone.refused("ConsentAccept", version=99) == "CONSENT_TERMS_CHANGED"
    assert await shared.phone().refused("ConsentAccept", version=1) == "UNAUTHENTICATED"
    assert [one["version"] for one in await phone.ask("ConsentTermsStanding")] == [None]


def test_every_mutation_is_decided() -> None:
    """A new one wants the terms, or stands above: nobody is kept from what is theirs, or from leaving."""
    assert unagreed(MATRIX.schema) == FREE


async def test_who_has_not_agreed_is_refused_everywhere_else_and_only_there(served: Served) -> None:
    people = {account.key: await person(served.platform, demo_id(f"citizen:{account.key}"), set()) for account in ACCOUNTS}
    async with served.platform.db.writing_as("consent") as connection:
        await connection.execute("DELETE FROM consent.acceptance")
    found = set()
    fields = dict(ROOTS["mutation"].fields)  # type: ignore[union-attr]
    for name in sorted(fields, key="consentAccept".__eq__):
        rule = RULES[f"Mutation.{name}"]
        if rule.rows and not rule.roles and not rule.signed_in:
            who = people["guard"]
        else:
            who = next(each for each in people.values() if not rule.roles or rule.roles & each.viewer.roles)
        query, variables = request_of("mutation", name, fields[name])
        found |= {name} if await codes(served, who, query, variables) == {"TERMS_NEEDED"} else set()
    assert found == set(fields) - FREE


async def test_what_was_seen_once_is_not_asked_for_again_within_the_hour(shared: Served) -> None:
    phone = await newcomer(shared)
    assert await phone.refused("OnecodeIssue") == "TERMS_NEEDED"
    await phone.ask("ConsentAccept", version=1)
    await phone.ask("OnecodeIssue")
    agreed, now = shared.platform.agreed, shared.platform.clock.now()
    assert agreed.is_known(UUID(phone.id), now + timedelta(minutes=59))
    assert not agreed.is_known(UUID(phone.id), now + timedelta(minutes=61))
    assert not agreed.is_known(UUID(phone.id), now - timedelta(minutes=2)), "a clock that was set back"


async def test_a_new_version_is_told_a_week_before_and_binds_on_its_day(served: Served, worker: Any) -> None:
    phone, late = await served.signed_in("resident"), await served.signed_in("parent")
    since = await publish(served)
    await tell(served.platform)
    await tell(served.platform)
    await worker()
    told = [each for each in await inbox(phone) if each["title"] == "服务协议有新的一版"]
    assert len(told) == 1 and told[0]["link"] == "/terms" and "第2版" in told[0]["body"]
    after = await newcomer(served)
    await after.ask("ConsentAccept", version=1)
    await after.ask("ConsentAccept", version=1)
    await tell(served.platform)
    await worker()
    assert [each["title"] for each in await inbox(after)].count("服务协议有新的一版") == 1, "told on coming"
    assert (await phone.ask("ConsentTerms"))["version"] == 1, "in force until then"
    await phone.ask("ConsentAccept", version=2)
    assert datetime.fromisoformat((await late.ask("ConsentTermsStanding"))[0]["bindsAt"]) == since
    served.platform.clock.move(since - served.platform.clock.now() - timedelta(minutes=1))
    await late.ask("OnecodeIssue")
    served.platform.clock.move(timedelta(minutes=1))
    await phone.ask("OnecodeIssue")
    assert await late.refused("OnecodeIssue") == "TERMS_NEEDED"
    assert await late.refused("ConsentAccept", version=1) == "CONSENT_TERMS_CHANGED"
    assert (await late.ask("ConsentTerms"))["acceptedAt"] is None
    await late.ask("ConsentMyData")
    await late.ask("ConsentAccept", version=2)
    await late.ask("OnecodeIssue")


async def test_two_officials_of_the_district_publish_and_not_one(served: Served, worker: Any) -> None:
    manager, second = await served.signed_in("manager"), await served.signed_in("desk")
    made = await propose(served, manager)
    await worker()
    assert "有一版服务协议等您复核" in [each["title"] for each in await inbox(second)]
    assert await manager.refused("ConsentDecideTerms", id=made["id"], agree=True) == "CONSENT_FOUR_EYES"
    assert await refused_proposal(served, manager) == "CONSENT_TERMS_WAITING"
    assert (await manager.ask("ConsentDecideTerms", id=made["id"], agree=False))["outcome"] == "WITHDRAWN"
    assert await second.refused("ConsentDecideTerms", id=made["id"], agree=True) == "CONSENT_TERMS_DECIDED"
    assert await refused_proposal(served, manager, days=6.9) == "CONSENT_TERMS_TOO_SOON"
    assert await refused_proposal(served, manager, days=36_500) == "CONSENT_TERMS_TOO_LATE"
    assert await refused_proposal(served, manager, zh="太短") == "CONSENT_TERMS_INVALID"
    assert await refused_proposal(served, second) == "FORBIDDEN"
    elsewhere = await manager_elsewhere(served)
    assert await refused_proposal(served, elsewhere) == "FORBIDDEN"
    assert await elsewhere.ask("ConsentTermsProposals") == []
    slept_on = await propose(served, manager)
    served.platform.clock.move(timedelta(days=2))
    assert await second.refused("ConsentDecideTerms", id=slept_on["id"], agree=True) == "CONSENT_TERMS_TOO_SOON"
    assert (await second.ask("ConsentDecideTerms", id=slept_on["id"], agree=False))["outcome"] == "DECLINED"
    assert [each["version"] for each in await second.ask("ConsentTermsVersions")] == [1]


async def test_the_ledger_says_in_which_role_somebody_decided(served: Served) -> None:
    manager, other = await served.signed_in("manager"), await manager_elsewhere(served, "district")
    for who in (await served.signed_in("desk"), other):
        made = await propose(served, manager)
        await who.ask("ConsentDecideTerms", id=made["id"], agree=False)
    assert [role for _, role in await lines(served, manager.id, "TERMS_DECLINED")] == ["identity_officer", "manager"]


async def refused_proposal(served: Served, manager: Phone, **changes: Any) -> str:
    try:
        await propose(served, manager, **changes)
    except Refused as refused:
        return str(refused.code)
    raise AssertionError("it was taken")


async def manager_elsewhere(served: Served, where: str = "school") -> Phone:
    phone = await served.signed_in(new_number())
    async with served.platform.db.writing_as("staff") as connection:
        await connection.execute("INSERT INTO staff.membership (citizen_id, organisation_id, role, during) "
                                 "VALUES ($1, $2, 'manager', tstzrange($3, NULL))", UUID(phone.id),
                                 demo_id(f"organisation:{where}"), served.platform.clock.now() - timedelta(days=1))
    return phone


async def test_for_a_child_a_guardian_agrees_and_from_fourteen_on_it_is_the_childs_own(served: Served) -> None:
    born = eve_of_birthday(served, 14)
    child, stranger, guardian = await newcomer(served), await served.signed_in("resident"), await served.signed_in("parent")
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET born = $2 WHERE id = $1", UUID(child.id), born)
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("""INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until)
            VALUES ($1, $2, 'OTHER', $3, $3::timestamptz + interval '4 years')""", UUID(guardian.id), UUID(child.id),
            served.platform.clock.now())
    assert await child.refused("ConsentAccept", version=1) == "CONSENT_TERMS_BY_GUARDIAN"
    assert await stranger.refused("ConsentAccept", version=1, child=child.id) == "FORBIDDEN"
    assert await child.refused("OnecodeIssue") == "TERMS_NEEDED"
    assert await child.ask("ConsentAskTerms") is True
    assert await stranger.refused("ConsentAskTerms") == "CONSENT_YOUR_OWN"
    asked = await served.platform.db.fetch("SELECT FROM haian.audit WHERE action = 'TERMS_ASKED' AND subject_id = $1",
                                           UUID(child.id))
    assert len(asked) == 1
    [its] = [each for each in await guardian.ask("ConsentTermsStanding") if each["citizenId"] == child.id]
    assert its["bindsAt"] and its["mayAccept"]
    await guardian.ask("ConsentAccept", version=1, child=child.id)
    await child.ask("OnecodeIssue")
    [own] = await child.ask("ConsentTermsStanding")
    assert (own["version"], own["byGuardian"], own["mayAccept"]) == (1, True, False)
    served.platform.clock.move(timedelta(days=1))
    assert await child.refused("OnecodeIssue") == "TERMS_NEEDED"
    await child.ask("ConsentAccept", version=1)
    assert (await child.ask("ConsentTermsStanding"))[0]["byGuardian"] is False
