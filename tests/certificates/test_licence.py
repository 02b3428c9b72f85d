"""The driving licence in its second format: issued to any wallet, shown in part, verified as the first is."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.certificates.mdocs import MDL, device_response, opened, security_object, session, shown
from tests.certificates.test_issuing import Wallet, scanned
from tests.certificates.test_presenting import asked, holding, posted, request_of
from tests.clients import Phone, Served

from certificates.licence import names
from certificates.signing import signing

SPACE, OWN = "org.iso.18013.5.1", "cn.haian.licence.1"


async def licensed(served: Served) -> tuple[Phone, Wallet, Any]:
    """Somebody who drives, with a wallet that has their licence as an mdoc."""
    phone = await holding(served, "driving_licence")
    wallet, code = await scanned(served, phone)
    token = (await wallet.token(code)).json()["access_token"]
    answer = await wallet.credential(token, wallet.proof(await wallet.nonce()),
                                     credential_configuration_id="driving_licence_mdoc")
    [[text]] = [each.values() for each in answer.json()["credentials"]]
    wallet.bearer = token  # type: ignore[attr-defined]
    return phone, wallet, opened(text)


async def shows(wallet: Wallet, issued: Any, wanted: set[str], request: dict[str, Any], **said: Any) -> int:
    scope: dict[str, Any] = {name: request[name] for name in ("client_id", "nonce", "response_uri")} | said
    [key] = request["client_metadata"]["jwks"]["keys"]
    scope.setdefault("thumbprint", base64.urlsafe_b64decode(key["kid"] + "="))
    text = device_response(issued, wallet.key, wanted, session(**scope))
    return await posted(request, vp_token=json.dumps({"mdoc": [text]}), state=request["state"])


async def test_a_licence_goes_into_a_wallet_in_both_formats(issuing: Served) -> None:
    phone, wallet, issued = await licensed(issuing)
    assert wallet.offer["credential_configuration_ids"] == ["driving_licence", "driving_licence_mdoc"]
    config = wallet.issuer["credential_configurations_supported"]["driving_licence_mdoc"]
    assert (config["format"], config["doctype"], config["cryptographic_binding_methods_supported"]) == (
        "mso_mdoc", MDL, ["cose_key"])
    said, point = security_object(issued), wallet.key.public_key().public_numbers()
    assert said["deviceKeyInfo"]["deviceKey"] == {1: 2, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
    assert (said["docType"], said["digestAlgorithm"]) == (MDL, "SHA-256")
    assert said["status"]["status_list"]["uri"].startswith(f"{issuing.origin}/credentials/status/")
    number: str = phone.number  # type: ignore[attr-defined]
    everything = shown(issued)
    standard = everything[SPACE]
    assert (standard["family_name"], standard["given_name"], standard["document_number"]) == ("王", "海燕", number)
    assert (standard["birth_date"].year, standard["age_over_18"], standard["age_over_65"]) == (1988, True, False)
    assert [each["vehicle_category_code"] for each in standard["driving_privileges"]] == ["B"]
    assert standard["portrait"][:2] == b"\xff\xd8" and isinstance(standard["expiry_date"], date)
    assert everything[OWN] == {"name": "王海燕", "vehicle_class": "C1", "first_issued": "2012-06-01", "points": "0"}
    token: str = wallet.bearer  # type: ignore[attr-defined]
    other = await wallet.credential(token, wallet.proof(await wallet.nonce()), credential_configuration_id="driving_licence")
    assert other.json()["credentials"][0]["credential"].count("~") > 5
    for what in ("driving_licence", "driving_licence_mdoc"):
        again = await wallet.credential(token, wallet.proof(await wallet.nonce()), credential_configuration_id=what)
        assert again.json()["error"] == "invalid_token"


async def test_who_hires_a_car_shows_that_they_are_18_and_no_birth_date(issuing: Served) -> None:
    phone, wallet, issued = await licensed(issuing)
    staff, made, token = await asked(issuing, "car_hire", "verifier")
    request = await request_of(issuing, token)
    query = {each["id"]: each for each in request["dcql_query"]["credentials"]}["mdoc"]
    assert (query["format"], query["meta"]) == ("mso_mdoc", {"doctype_value": MDL})
    paths = [each["path"] for each in query["claims"]]
    assert paths == [[SPACE, "age_over_18"], [OWN, "vehicle_class"]]
    assert request["dcql_query"]["credential_sets"] == [{"options": [["certificate"], ["mdoc"]]}]
    assert await shows(wallet, issued, {path[1] for path in paths}, request) == 200
    answer = await staff.ask("CertificatesAnswer", id=made["id"])
    assert (answer["fate"], answer["shown"]) == ("PRESENTED", [
        {"name": "age_18", "text": None, "holds": True}, {"name": "vehicle_class", "text": "C1", "holds": None}])
    [row] = await issuing.platform.db.fetch("SELECT seen FROM certificates.request WHERE id = $1", UUID(made["id"]))
    assert row["seen"] == {"age_18": True, "vehicle_class": "C1"}
    assert await shows(wallet, issued, {"age_over_18", "vehicle_class"}, request) == 400
    [use, *_] = (await phone.ask("CertificatesCertificate", id=phone.certificate))["uses"]["edges"]  # type: ignore[attr-defined]
    assert use["node"]["what"] == "PRESENTED"


@pytest.mark.parametrize(("wanted", "said", "trouble"), [
    ({"vehicle_class"}, {}, "incomplete"), ({"age_over_18", "vehicle_class"}, {"nonce": "another"}, "binding_signature"),
    ({"age_over_18", "vehicle_class"}, {"thumbprint": None}, "binding_signature"),
])
async def test_what_is_not_believed_is_told_in_one_word(
        issuing: Served, wanted: set[str], said: dict[str, Any], trouble: str) -> None:
    _, wallet, issued = await licensed(issuing)
    staff, made, token = await asked(issuing, "car_hire", "verifier")
    assert await shows(wallet, issued, wanted, await request_of(issuing, token), **said) == 400
    answer = await staff.ask("CertificatesAnswer", id=made["id"])
    assert (answer["fate"], answer["trouble"], answer["shown"]) == ("REFUSED", trouble, [])


async def test_what_was_suspended_or_revoked_counts_in_no_format(issuing: Served) -> None:
    phone, wallet, issued = await licensed(issuing)
    card: str = phone.certificate  # type: ignore[attr-defined]

    async def trouble() -> str:
        staff, made, token = await asked(issuing, "road_freight")
        await shows(wallet, issued, {"name", "vehicle_class"}, await request_of(issuing, token))
        return str((await staff.ask("CertificatesAnswer", id=made["id"]))["trouble"])
    assert await trouble() == ""
    await phone.ask("CertificatesSuspend", id=card)
    assert await trouble() == "suspended"
    identifier = (await phone.ask("CertificatesCertificate", id=card))["identifier"]
    assert await (await issuing.signed_in("desk")).ask("CertificatesRevoke", identifier=identifier, reason="冒名办理")
    assert await trouble() == "revoked"


async def test_an_mdoc_answers_no_question_for_another_kind(issuing: Served) -> None:
    _, wallet, issued = await licensed(issuing)
    staff, made, token = await asked(issuing)
    assert await shows(wallet, issued, {"age_over_18"}, await request_of(issuing, token)) == 400
    assert (await staff.ask("CertificatesAnswer", id=made["id"]))["fate"] == "OPEN"


async def test_the_authority_is_told_to_everybody(issuing: Served) -> None:
    answer = await issuing.phone().http.get("/credentials/iaca")
    assert answer.headers["content-type"] == "application/pkix-cert"
    assert answer.content == signing(issuing.platform, "iaca").der


@pytest.mark.parametrize(("name", "parts"), [
    ("王海燕", ("王", "海燕")), ("欧阳娜", ("欧阳", "娜")), ("欧阳", ("欧", "阳")), ("古力·买买提", ("买买提", "古力")),
])
def test_a_name_has_two_parts(name: str, parts: tuple[str, str]) -> None:
    assert names(name) == parts
