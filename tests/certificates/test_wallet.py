"""The wallet: certificates are claimed from their office, shown masked, unmasked by a tap that is noted, and corrected."""

from __future__ import annotations

import asyncio
from collections.abc import Set
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from tests.certificates.people import named
from tests.clients import Phone, Served, new_number
from tests.identity.authority import TOKEN

from certificates.issuers import HttpIssuer
from certificates.models import Record, is_identifier
from certificates.service import reseal, unmask
from consent.my_data import held as exported_of
from haian.call import Call, Platform
from haian.demo import demo_id
from haian.outbox import deliver
from haian.viewer import Viewer


async def held(phone: Phone) -> dict[str, Any]:
    return {one["kind"]["id"]: one for one in (await phone.ask("CertificatesMine"))["certificatesMine"]}


async def claim(phone: Phone, kind: str, key: str | None = None) -> Any:
    return await phone.ask("CertificatesClaim", kind=kind, key=key or str(uuid4()))


async def id_card(phone: Phone) -> Any:
    """Claimed, as the wallet shows it."""
    await claim(phone, "id_card")
    return (await held(phone))["id_card"]


async def ledger(served: Served, who: Phone) -> list[tuple[str, str, str]]:
    rows = await served.platform.db.fetch("""SELECT action, actor_role, ground FROM haian.audit
        WHERE subject_id = $1 AND (action LIKE 'CERT%' OR action LIKE 'CORR%') ORDER BY id""", UUID(who.id))
    return [tuple(row) for row in rows]


async def test_every_kind_is_one_that_somebody_has_and_says_what_its_kind_says(issuing: Served) -> None:
    """Ten kinds, and for each a demo account to whom the office has issued one."""
    found: dict[str, Any] = {}
    for order, born in ((200, date(1955, 1, 1)), (203, date(2004, 1, 1)), (201, date(1999, 1, 1))):
        phone = await named(issuing, order, born)
        for kind in (await phone.ask("CertificatesMine"))["certificatesToClaim"]:
            await claim(phone, kind["id"])
        found |= await held(phone)
    assert len(found) == 10
    for kind, one in found.items():
        rows = await issuing.platform.db.fetch(
            "SELECT name FROM certificates.claim WHERE kind_id = $1 ORDER BY position", kind)
        assert [claim_["name"] for claim_ in one["claims"]] == [row["name"] for row in rows]
        assert all(claim_["value"] and claim_["label"] for claim_ in one["claims"])
        assert is_identifier(one["identifier"])
        assert one["standing"] == "VALID"


async def test_a_certificate_is_claimed_once_whatever_the_taps(issuing: Served) -> None:
    phone, key = await named(issuing), str(uuid4())
    assert await held(phone) == {}
    first = await claim(phone, "household", key)
    assert (await claim(phone, "household", key)) == first
    assert await phone.refused("CertificatesClaim", kind="household", key=str(uuid4())) == "CERTIFICATES_ALREADY_HELD"
    assert set(await held(phone)) == {"household"}
    offered = {kind["id"] for kind in (await phone.ask("CertificatesMine"))["certificatesToClaim"]}
    assert len(offered) == 9 and "household" not in offered


async def test_nothing_found_and_an_office_that_is_away_are_results_that_change_nothing(issuing: Served) -> None:
    phone = await named(issuing)
    assert (await claim(phone, "senior"))["__typename"] == "CertificatesNotFoundThere"
    issuing.platform.services["issuer"] = HttpIssuer("", "")
    assert (await claim(phone, "household"))["__typename"] == "CertificatesIssuerAway"
    assert await phone.refused("CertificatesClaim", kind="crown", key=str(uuid4())) == "NOT_FOUND"
    assert await held(phone) == {}


async def test_who_is_not_real_named_claims_nothing(issuing: Served) -> None:
    phone = await issuing.signed_in(new_number())
    assert await phone.refused("CertificatesClaim", kind="id_card", key=str(uuid4())) == "CERTIFICATES_NAME_NEEDED"
    assert await held(phone) == {}


async def test_it_is_masked_until_a_tap_which_is_noted(issuing: Served) -> None:
    phone = await named(issuing)
    card = await id_card(phone)
    masked = {each["name"]: each["value"] for each in card["claims"]}
    whole: str = phone.number  # type: ignore[attr-defined]
    assert masked["number"] == whole[:3] + "*" * 13 + whole[-2:]
    assert masked["birthdate"] == masked["address"] == "******"
    assert whole[6:14] not in str(card)
    said = {each["name"]: each["value"] for each in await phone.ask("CertificatesUnmask", id=card["id"])}
    assert (said["number"], said["birthdate"], said["name"]) == (
        whole, f"{whole[6:10]}-{whole[10:12]}-{whole[12:14]}", "王海燕")
    assert ("CERTIFICATE_SHOWN", "citizen", "") in await ledger(issuing, phone)
    [newest, *_] = (await phone.ask("CertificatesCertificate", id=card["id"]))["uses"]["edges"]
    assert newest["node"]["what"] == "SHOWN"
    assert {each["label"] for each in newest["node"]["saw"]} >= {"姓名", "证件号码"}


async def test_all_that_was_done_with_it_is_read_a_page_at_a_time(issuing: Served) -> None:
    phone = await named(issuing)
    card = (await id_card(phone))["id"]
    for _ in range(22):
        await phone.ask("CertificatesUnmask", id=card)
    newest = (await phone.ask("CertificatesCertificate", id=card))["uses"]
    after = newest["pageInfo"]["endCursor"]
    older = (await phone.ask("CertificatesCertificate", id=card, after=after))["uses"]
    assert [len(page["edges"]) for page in (newest, older)] == [20, 2]
    assert [page["pageInfo"]["hasNextPage"] for page in (newest, older)] == [True, False]
    assert len({edge["node"]["id"] for page in (newest, older) for edge in page["edges"]}) == 22


async def test_nobody_else_sees_it_and_the_reading_role_not_what_it_says(issuing: Served) -> None:
    mine, other = await named(issuing), await issuing.signed_in("elder")
    card = (await id_card(mine))["id"]
    assert await other.ask("CertificatesCertificate", id=card) is None
    assert await other.refused("CertificatesUnmask", id=card) == "NOT_FOUND"
    asked = {"claim": "name", "says": "王海雁", "words": "写错了字", "key": str(uuid4())}
    assert await other.refused("CertificatesAskCorrection", id=card, **asked) == "NOT_FOUND"
    assert not await issuing.platform.db.fetch("""SELECT FROM information_schema.table_privileges
        WHERE table_name = 'vault' AND grantee = 'haian_read'""")


async def test_a_correction_is_a_new_version_which_the_office_makes(issuing: Served) -> None:
    phone, desk = await named(issuing), await issuing.signed_in("desk")
    card = await id_card(phone)
    asked = {"id": card["id"], "claim": "ethnicity", "says": "满", "words": "户口簿上是满族"}
    made = await phone.ask("CertificatesAskCorrection", **asked, key=str(uuid4()))
    assert await phone.refused("CertificatesAskCorrection", **asked, key=str(uuid4())) == "CERTIFICATES_CORRECTION_OPEN"
    waiting = {edge["node"]["id"]: edge["node"] for edge in (await desk.ask("CertificatesCorrections", first=100))["edges"]}
    assert [waiting[made["id"]][name] for name in ("nowSays", "holder")] == ["汉", "王*燕"]
    answer = {"id": made["id"], "outcome": "CORRECTED", "words": "已核对户口簿"}
    assert (await desk.ask("CertificatesAnswerCorrection", **answer))["outcome"] == "CORRECTED"
    assert await desk.refused("CertificatesAnswerCorrection", **answer) == "NOT_FOUND"
    after = (await held(phone))["id_card"]
    assert (after["version"], after["identifier"].split(".")[-2]) == (2, "002")
    assert is_identifier(after["identifier"]) and after["identifier"] != card["identifier"]
    assert {each["value"] for each in after["claims"] if each["name"] == "ethnicity"} == {"满"}
    assert [line for line in await ledger(issuing, phone) if line[1] != "citizen"] == [
        ("CORRECTIONS_SEEN", "certificate_officer", "duty"), ("CORRECTION_DONE", "certificate_officer", "duty")]
    while await deliver(issuing.platform):
        pass
    inbox = (await phone.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert "证照已更正" in [edge["node"]["title"] for edge in inbox]


async def test_what_was_revoked_is_not_corrected(issuing: Served) -> None:
    """It was claimed anew: the correction of the one before is answered with why, and waits for nobody."""
    phone, desk = await named(issuing), await issuing.signed_in("desk")
    card = await id_card(phone)
    made = await phone.ask("CertificatesAskCorrection", id=card["id"], claim="ethnicity", says="满", words="户口簿上是满族",
                           key=str(uuid4()))
    assert await desk.ask("CertificatesRevoke", identifier=card["identifier"], reason="冒名办理") is True
    anew = await id_card(phone)
    assert anew["version"] == 2
    waiting = (await desk.ask("CertificatesCorrections", first=100))["edges"]
    assert made["id"] not in {edge["node"]["id"] for edge in waiting}
    [told] = (await phone.ask("CertificatesCertificate", id=card["id"]))["corrections"]
    assert (told["outcome"], told["answer"]) == ("REFUSED", "冒名办理")
    answer = {"id": made["id"], "outcome": "CORRECTED", "words": "已核对户口簿"}
    assert await desk.refused("CertificatesAnswerCorrection", **answer) == "NOT_FOUND"
    assert (await held(phone))["id_card"] == anew


async def spouses(served: Served) -> tuple[Phone, Phone]:
    """Two who each hold a copy of one entry."""
    class OneSerial(HttpIssuer):
        async def find(self, kind: str, name: str, number: str, claims: Set[str]) -> Record | None:
            found = await super().find(kind, name, number, claims)
            return replace(found, serial=serial) if found else None
    office, serial = served.platform.services["issuer"], uuid4().hex.upper()
    served.platform.services["issuer"] = OneSerial(office.url, TOKEN)
    both = await named(served), await named(served)
    await asyncio.gather(*[id_card(phone) for phone in both])
    return both


async def wrong(phone: Phone, claim_: str, says: str) -> dict[str, str]:
    """An answer that corrects what a holder says is wrong."""
    card = (await held(phone))["id_card"]["id"]
    asked = await phone.ask("CertificatesAskCorrection", id=card, claim=claim_, says=says, words="户口簿上不同",
                            key=str(uuid4()))
    return {"id": asked["id"], "outcome": "CORRECTED", "words": "已核对户口簿"}


async def says(phone: Phone) -> dict[str, str]:
    card = (await held(phone))["id_card"]["id"]
    return {each["name"]: each["value"] for each in await phone.ask("CertificatesUnmask", id=card)}


async def test_what_two_spouses_have_in_common_is_corrected_for_both(issuing: Served) -> None:
    (mine, other), desk = await spouses(issuing), await issuing.signed_in("desk")
    assert {(await held(phone))["id_card"]["version"] for phone in (mine, other)} == {1, 2}
    await desk.ask("CertificatesAnswerCorrection", **await wrong(mine, "ethnicity", "满"))
    await desk.ask("CertificatesAnswerCorrection", **await wrong(mine, "number", "370211198805120010"))
    assert [(await says(phone))["ethnicity"] for phone in (mine, other)] == ["满", "满"]
    assert (await says(other))["number"] == other.number  # type: ignore[attr-defined]
    assert [(await held(phone))["id_card"]["version"] for phone in (mine, other)] == [5, 4]
    assert ("CORRECTION_DONE", "certificate_officer", "duty") in await ledger(issuing, other)
    while await deliver(issuing.platform):
        pass
    inbox = (await other.ask("MessagesInbox"))["messagesInbox"]["edges"]
    assert [edge["node"]["title"] for edge in inbox if edge["node"]["title"].startswith("证照")] == ["证照已更新"]


async def test_two_corrections_of_one_entry_at_the_same_moment_are_both_done(issuing: Served) -> None:
    both, desk = await spouses(issuing), await issuing.signed_in("desk")
    answers = [await wrong(both[0], "ethnicity", "满"), await wrong(both[1], "gender", "男")]
    done = await asyncio.gather(*[desk.ask("CertificatesAnswerCorrection", **answer) for answer in answers])
    assert [each["outcome"] for each in done] == ["CORRECTED"] * 2
    assert [((said := await says(phone))["ethnicity"], said["gender"]) for phone in both] == [("满", "男")] * 2
    assert len({(await held(phone))["id_card"]["identifier"] for phone in both}) == 2


async def test_a_correction_that_is_refused_changes_nothing(issuing: Served) -> None:
    phone, desk = await named(issuing), await issuing.signed_in("desk")
    card = await id_card(phone)
    asked = {"id": card["id"], "claim": "ethnicity", "says": "满", "words": "户口簿上是满族", "key": str(uuid4())}
    made = await phone.ask("CertificatesAskCorrection", **asked)
    answer = {"id": made["id"], "outcome": "REFUSED", "words": "与底册一致"}
    assert await phone.refused("CertificatesAnswerCorrection", **answer) == "FORBIDDEN"
    issuing.platform.services["issuer"] = HttpIssuer("", "")
    corrected = answer | {"outcome": "CORRECTED"}
    assert await desk.refused("CertificatesAnswerCorrection", **corrected) == "CERTIFICATES_ISSUER_AWAY"
    assert (await desk.ask("CertificatesAnswerCorrection", **answer))["outcome"] == "REFUSED"
    assert (await held(phone))["id_card"]["identifier"] == card["identifier"]
    [told] = (await phone.ask("CertificatesCertificate", id=card["id"]))["corrections"]
    assert (told["outcome"], told["answer"]) == ("REFUSED", "与底册一致")


async def test_a_correction_says_something_else_and_why(issuing: Served) -> None:
    phone = await named(issuing)
    card = (await id_card(phone))["id"]
    for claim_, says, words in (("ethnicity", "汉", "没有不同"), ("ethnicity", "", "没有内容"), ("crown", "金", "没有这项"),
                                ("ethnicity", "满", "短")):
        given = {"id": card, "claim": claim_, "says": says, "words": words, "key": str(uuid4())}
        assert await phone.refused("CertificatesAskCorrection", **given) == "CERTIFICATES_CORRECTION_INVALID"


async def test_whoever_asked_does_not_answer_themself(issuing: Served) -> None:
    desk = await issuing.signed_in("desk")
    card = (await id_card(desk))["id"]
    made = await desk.ask("CertificatesAskCorrection", id=card, claim="ethnicity", says="满", words="户口簿上是满族",
                          key=str(uuid4()))
    answer = {"id": made["id"], "outcome": "CORRECTED", "words": "自己核对"}
    assert await desk.refused("CertificatesAnswerCorrection", **answer) == "CERTIFICATES_NOT_MINE"


async def test_certificates_tell_facts_for_the_one_code(issuing: Served) -> None:
    async def told(fact: str, who: UUID) -> bool:
        fact_ = issuing.platform.registry.facts[f"certificates.{fact}"]
        return bool(await Call(issuing.platform).value(fact_.value(who)))
    resident, elder = demo_id("citizen:resident"), demo_id("citizen:elder")
    assert await told("over_65", elder) and not await told("over_65", resident)
    assert await told("driver", resident) and not await told("driver", elder)
    phone = await named(issuing, 206)
    assert not await told("disabled", UUID(phone.id))
    await claim(phone, "disability")
    assert await told("disabled", UUID(phone.id)) and not await told("student", UUID(phone.id))


async def test_what_is_sealed_is_sealed_anew_and_the_old_key_opens_nothing(issuing: Served) -> None:
    card, platform = await id_card(phone := await named(issuing)), issuing.platform
    old, new = platform.settings.field_key, b"n" * 32

    def keyed(newest: bytes, *older: bytes) -> Platform:
        return replace(platform, settings=platform.settings.model_copy(
            update={"field_key": newest, "field_keys_old": older}))

    async def said(under: Platform) -> str:
        return (await unmask(Call(under, Viewer(UUID(phone.id))), UUID(card["id"])))["number"]
    made = await reseal(keyed(new, old))
    assert made.done >= 1
    assert await said(keyed(new)) == phone.number  # type: ignore[attr-defined]
    with pytest.raises(InvalidTag):
        await said(platform)
    back = await reseal(keyed(old, new))
    assert (back.done, back.shut) == (made.done, made.shut), "others' that no key opens stay as they are"
    assert await said(platform) == phone.number  # type: ignore[attr-defined]


async def test_it_can_be_exported_and_is_forgotten(issuing: Served) -> None:
    phone = await named(issuing)
    card = await id_card(phone)
    await phone.ask("CertificatesUnmask", id=card["id"])
    providers = next(app for app in issuing.platform.registry.apps if app.noun == "certificates").providers

    async def exported() -> dict[str, Any]:
        app = next(app for app in issuing.platform.registry.apps if app.noun == "certificates")
        return await exported_of(Call(issuing.platform), app, UUID(phone.id))

    async def kept() -> dict[str, int]:
        return {name: len(rows) for name, rows in (await exported()).items()}
    assert await kept() == {"certificates": 1, "corrections": 0, "uses": 1, "other_wallets": 0, "presented": 0}
    [row] = (await exported())["certificates"]
    whole = row["metadata"]
    assert (whole["ZZBS"], whole["CZZTDMLX"], whole["ZZYXQQSRQ"]) == (card["identifier"], "公民身份号码", card["validFrom"])
    assert (whole["CZZT"], whole["CZZTDM"]) == (row["claims"]["name"], row["claims"]["number"])
    async with issuing.platform.db.writing_as("certificates") as connection:
        assert providers.erase
        await providers.erase(connection, UUID(phone.id))
    assert set((await kept()).values()) == {0}
