"""Presenting: the holder sees exactly what a scene asks, taps, and the verifier sees that alone; from other wallets too."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from tests.certificates.jwe import sealed
from tests.certificates.people import named
from tests.clients import Phone, Served

from certificates import credentials, encrypted, sd_jwt, status_list, store_presenting, vault
from certificates.presenting import erase
from certificates.sd_jwt import Invalid, jwk
from certificates.signing import signing


async def holding(served: Served, kind: str = "id_card") -> Phone:
    phone = await named(served)
    made = await phone.ask("CertificatesClaim", kind=kind, key=str(uuid4()))
    phone.certificate = made["id"]  # type: ignore[attr-defined]
    return phone


async def asked(served: Served, scene: str = "alcohol_sale", who: str = "manager") -> tuple[Phone, Any, str]:
    """A verifier, their request, and the token in its code."""
    staff = await served.signed_in(who)
    made = await staff.ask("CertificatesAsk", scene=scene)
    return staff, made, parse_qs(urlsplit(made["link"]).query)["r"][0]


async def wallet(served: Served, phone: Phone, wanted: set[str], request: dict[str, Any], **said: Any) -> str:
    """A presentation by another wallet: a credential for its key, bound as it says."""
    platform, holder = served.platform, ec.generate_private_key(ec.SECP256R1())
    async with platform.writing("certificates") as tx:
        certificate = await tx.row("SELECT * FROM certificates.certificate WHERE id = $1",
                                   UUID(phone.certificate))  # type: ignore[attr-defined]
        sealed = await tx.value("SELECT sealed FROM certificates.vault WHERE certificate_id = $1", certificate["id"])
        claims = vault.open_(platform.settings, certificate["id"], sealed)
        made = await credentials.issue(platform, tx, certificate, claims, [], jwk(holder.public_key()), "OTHER")
    given = {"audience": request["client_id"], "nonce": request["nonce"], "now": int(platform.clock.epoch())} | said
    return sd_jwt.bind(sd_jwt.select(made, wanted), holder, **given)


async def request_of(served: Served, token: str) -> dict[str, Any]:
    """The request object, its signature checked as a wallet does, by the certificate whose hash is the client's name."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{served.origin}/credentials/request/{token}")
    assert answer.headers["content-type"] == "application/oauth-authz-req+jwt"
    header = jwt.get_unverified_header(answer.text)
    der = base64.b64decode(header["x5c"][0])
    key = x509.load_der_x509_certificate(der).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    said: dict[str, Any] = jwt.decode(answer.text, key, algorithms=["ES256"], audience="https://self-issued.me/v2",
                                      options={"verify_exp": False, "verify_iat": False})
    assert header["typ"] == "oauth-authz-req+jwt"
    assert said["client_id"] == "x509_hash:" + sd_jwt.b64(hashlib.sha256(der).digest())
    return said


async def posted(said: dict[str, Any], enc: str = "A128GCM", **form: str) -> int:
    """Answer a request, encrypted as it asks."""
    [key] = said["client_metadata"]["jwks"]["keys"]
    form["vp_token"] = json.loads(form["vp_token"])
    return await sent(said, response=sealed(form, key, enc))


async def sent(said: dict[str, Any], **form: str) -> int:
    async with httpx.AsyncClient() as http:
        return (await http.post(said["response_uri"], data=form)).status_code


async def test_over_18_is_all_that_a_seller_of_wine_learns(issuing: Served) -> None:
    phone = await holding(issuing)
    staff, made, token = await asked(issuing)
    seen = await phone.ask("CertificatesRequest", token=token)
    assert ([each["label"] for each in seen["scene"]["asks"]], seen["standing"]) == (["年满 18 岁"], "VALID")
    assert (await staff.ask("CertificatesAnswer", id=made["id"]))["fate"] == "OPEN"
    assert (await phone.ask("CertificatesPresent", token=token))["outcome"] == "PRESENTED"
    answer = await staff.send("CertificatesAnswer", id=made["id"])
    assert answer.json()["data"]["certificatesAnswer"]["shown"] == [{"name": "age_18", "text": None, "holds": True}]
    number: str = phone.number  # type: ignore[attr-defined]
    text = answer.text.replace(made["id"], "")  # in which any four digits may stand
    assert not [said for said in ("王海燕", number, "1988", number[6:14], phone.certificate)  # type: ignore[attr-defined]
                if said in text]
    rows = await issuing.platform.db.fetch("""SELECT action, actor_role, ground, fields FROM haian.audit
        WHERE subject_id = $1 AND action LIKE '%PRESENT%' ORDER BY id""", UUID(phone.id))
    assert [tuple(row)[:3] for row in rows] == [("CERTIFICATE_PRESENTED", "citizen", "consent"),
                                                ("PRESENTATION_SEEN", "inspector", "shown")]
    assert rows[0]["fields"] == rows[1]["fields"] == ["age_18"], "what was told, not what its fields are called"
    [use, *_] = (await phone.ask("CertificatesCertificate", id=phone.certificate))["uses"]["edges"]  # type: ignore[attr-defined]
    assert (use["node"]["what"], use["node"]["whom"]) == ("PRESENTED", "青岛西海岸新区管委会（演示）")
    assert use["node"]["saw"] == [{"label": "年满 18 岁"}]


async def test_a_request_is_answered_once_in_time_and_by_who_holds_it(issuing: Served) -> None:
    phone, poor = await holding(issuing), await named(issuing)
    _, _, token = await asked(issuing)
    assert await poor.refused("CertificatesPresent", token=token) == "CERTIFICATES_NOTHING_TO_PRESENT"
    assert (await poor.ask("CertificatesRequest", token=token))["standing"] is None
    await phone.ask("CertificatesPresent", token=token)
    assert await phone.refused("CertificatesPresent", token=token) == "CERTIFICATES_REQUEST_OVER"
    assert await phone.refused("CertificatesDecline", token=token) == "CERTIFICATES_REQUEST_OVER"
    assert not await issuing.platform.db.fetch("SELECT FROM certificates.credential WHERE certificate_id = $1",
                                               UUID(phone.certificate)), "its place is free"  # type: ignore[attr-defined]
    assert await phone.ask("CertificatesRequest", token="\\x00no") is None
    _, made, late = await asked(issuing)
    async with issuing.platform.db.writing_as("certificates") as connection:
        await connection.execute("UPDATE certificates.request SET until = $2 WHERE id = $1", UUID(made["id"]),
                                 issuing.platform.clock.now())
    assert await phone.refused("CertificatesPresent", token=late) == "CERTIFICATES_REQUEST_OVER"
    assert (await phone.ask("CertificatesRequest", token=late))["isOver"] is True


async def test_who_declines_is_told_to_nobody(issuing: Served) -> None:
    phone = await holding(issuing)
    staff, made, token = await asked(issuing)
    assert (await phone.ask("CertificatesDecline", token=token))["outcome"] == "DECLINED"
    answer = await staff.ask("CertificatesAnswer", id=made["id"])
    assert (answer["fate"], answer["shown"]) == ("DECLINED", [])
    assert not await issuing.platform.db.fetch("SELECT FROM certificates.request WHERE id = $1 AND holder_id IS NOT NULL",
                                               UUID(made["id"]))


async def test_the_post_decides_the_scenes(issuing: Served) -> None:
    desk, teacher = await issuing.signed_in("desk"), await issuing.signed_in("teacher")
    assert {scene["role"] for scene in await desk.ask("CertificatesMyScenes")} == {"desk_officer"}
    assert await desk.refused("CertificatesAsk", scene="alcohol_sale") == "FORBIDDEN"
    assert await teacher.refused("CertificatesAsk", scene="pension") == "FORBIDDEN"
    _, made, _ = await asked(issuing)
    assert await desk.ask("CertificatesAnswer", id=made["id"]) is None


async def test_each_law_that_a_scene_names_stands_in_the_list_of_laws(shared: Served) -> None:
    rows = await shared.platform.db.fetch("""SELECT id, ground_zh AS ground FROM certificates.scene
        UNION ALL SELECT id, source FROM onecode.scene""")
    listed = (Path(__file__).parents[2] / "docs/laws.md").read_text(encoding="utf-8")
    named = {law: row["id"] for row in rows for law in re.findall("《(.+?)》", row["ground"])}
    assert {law: scene for law, scene in named.items() if law not in listed} == {}
    assert "环境保护法" not in named, "it was repealed on 2026-08-15"


async def test_there_are_twenty_scenes_of_each_area_whose_claims_are_those_of_their_kind(shared: Served) -> None:
    scenes = await shared.phone().ask("CertificatesScenes")
    areas = [scene["area"] for scene in scenes]
    assert areas.count("LAW") >= 20 and areas.count("SOCIAL") >= 20
    rows = await shared.platform.db.fetch("""SELECT s.id FROM certificates.scene s CROSS JOIN unnest(s.claims) n
        WHERE NOT EXISTS (SELECT FROM certificates.claim c WHERE c.kind_id = s.kind_id AND c.name = n)
          AND NOT (n ~ '^age_(14|16|18|60|65|80)$' AND EXISTS (
              SELECT FROM certificates.claim c WHERE c.kind_id = s.kind_id AND c.name = 'birthdate'))""")
    assert not rows
    roles = {row["role"] for row in await shared.platform.db.fetch("SELECT DISTINCT role FROM certificates.scene")}
    known = {row["role"] for row in await shared.platform.db.fetch("SELECT role FROM staff.role")}
    assert roles <= known


async def test_each_presentation_is_counted_once(issuing: Served) -> None:
    async def used() -> dict[str, int]:
        return {scene["id"]: scene["uses"] for scene in await issuing.phone().ask("CertificatesScenes")}
    phones, before = [await holding(issuing) for _ in range(3)], await used()
    tokens = [(await asked(issuing, "child_labour"))[2] for _ in phones]
    await phones[0].ask("CertificatesDecline", token=(await asked(issuing, "child_labour"))[2])
    await asyncio.gather(*[phone.ask("CertificatesPresent", token=token)
                           for phone, token in zip(phones, tokens, strict=True)])
    assert {scene: count - before[scene] for scene, count in (await used()).items() if count != before[scene]} == {
        "child_labour": 3}


async def test_another_wallet_presents_what_is_asked(issuing: Served) -> None:
    phone = await holding(issuing)
    staff, made, token = await asked(issuing, "identity_check")
    said = await request_of(issuing, token)
    [query] = said["dcql_query"]["credentials"]
    assert [claim["path"] for claim in query["claims"]] == [["name"], ["number"]]
    text = await wallet(issuing, phone, {"name", "number"}, said)
    assert await posted(said, "A256GCM", vp_token=json.dumps({query["id"]: [text]}), state=said["state"]) == 200
    answer = await staff.ask("CertificatesAnswer", id=made["id"])
    assert {each["name"]: each["text"] for each in answer["shown"]} == {
        "name": "王海燕", "number": phone.number}  # type: ignore[attr-defined]
    assert await posted(said, vp_token=json.dumps({query["id"]: [text]}), state=said["state"]) == 400


async def test_what_is_shown_is_read_by_nobody_on_its_way(issuing: Served) -> None:
    """It comes encrypted to a key of this request, or not at all; that one declines may be said in the open."""
    phone = await holding(issuing)
    staff, made, token = await asked(issuing)
    said, (_, _, other_token) = await request_of(issuing, token), await asked(issuing)
    text, other = await wallet(issuing, phone, {"18"}, said), await request_of(issuing, other_token)
    [key], [foreign] = (each["client_metadata"]["jwks"]["keys"] for each in (said, other))
    assert (said["response_mode"], key["use"], key["alg"]) == ("direct_post.jwt", "enc", "ECDH-ES")
    assert said["client_metadata"]["encrypted_response_enc_values_supported"] == ["A128GCM", "A256GCM"]
    assert key["x"] != foreign["x"]
    answer = {"vp_token": {"certificate": [text]}, "state": said["state"]}
    good = sealed(answer, key)
    odd = sd_jwt.b64(json.dumps({"alg": "ECDH-ES", "enc": ["A128GCM"]}).encode())
    for wrong in (sealed(answer, foreign), sealed(answer, foreign, kid=key["kid"]), sealed(answer, key, alg="ECDH-1PU"),
                  sealed(answer, key, enc="A192GCM"), sealed(answer, key, zip="DEF"), sealed(answer, key, apu=1),
                  sealed(answer, key, epk={"kty": "EC"}), sealed([answer], key), sealed(answer | {"state": "x"}, key),
                  good[:-4] + "AAAA", good.replace("..", ".AA."), "x", "....", f"{odd}..AA.AA.AA",
                  sealed({"state": said["state"]}, key)):
        assert await sent(said, response=wrong) == 400
    assert await sent(said, vp_token=json.dumps(answer["vp_token"]), state=said["state"]) == 400
    assert (await staff.ask("CertificatesAnswer", id=made["id"]))["fate"] == "OPEN"
    assert await sent(said, response=good) == 200
    assert (await staff.ask("CertificatesAnswer", id=made["id"]))["fate"] == "PRESENTED"
    assert await sent(other, error="access_denied", state=other["state"]) == 200


def test_a_key_is_derived_as_the_standard_has_it() -> None:
    """RFC 7518, Appendix C."""
    secret = bytes.fromhex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4")
    header = {"enc": "A128GCM", "apu": "QWxpY2U", "apv": "Qm9i"}
    assert sd_jwt.b64(encrypted.derived(secret, header)) == "VqqN6vgjbSBcIijNcacQGg"


async def test_what_is_shown_beyond_the_question_is_not_taken(issuing: Served) -> None:
    phone = await holding(issuing)
    staff, made, token = await asked(issuing)
    said = await request_of(issuing, token)
    text = await wallet(issuing, phone, {"18", "name", "number", "birthdate"}, said)
    assert await posted(said, vp_token=json.dumps({"certificate": [text]}), state=said["state"]) == 200
    assert "王海燕" not in (await staff.send("CertificatesAnswer", id=made["id"])).text
    kept = await issuing.platform.db.fetch("SELECT seen FROM certificates.request WHERE id = $1", UUID(made["id"]))
    assert kept[0]["seen"] == {"age_18": True}


@pytest.mark.parametrize(("said", "wanted", "trouble"), [
    ({"nonce": "another"}, {"18"}, "nonce"), ({"audience": "x509_hash:another"}, {"18"}, "audience"),
    ({"now": 1}, {"18"}, "binding_time"), ({}, {"name"}, "incomplete"), ({}, set(), "incomplete"),
])
async def test_a_presentation_that_is_not_to_be_believed_is_told_in_one_word(
        issuing: Served, said: dict[str, Any], wanted: set[str], trouble: str) -> None:
    phone = await holding(issuing)
    staff, made, token = await asked(issuing)
    request = await request_of(issuing, token)
    text = await wallet(issuing, phone, wanted, request, **said)
    assert await posted(request, vp_token=json.dumps({"certificate": [text]}), state=request["state"]) == 400
    answer = await staff.ask("CertificatesAnswer", id=made["id"])
    assert (answer["fate"], answer["trouble"], answer["shown"]) == ("REFUSED", trouble, [])


async def test_what_was_suspended_revoked_or_corrected_counts_in_no_wallet(issuing: Served) -> None:
    """And the signed status list says so to everybody."""
    phone, desk = await holding(issuing), await issuing.signed_in("desk")
    card: str = phone.certificate  # type: ignore[attr-defined]

    async def presented() -> tuple[str, int]:
        staff, made, token = await asked(issuing)
        request = await request_of(issuing, token)
        await posted(request, vp_token=json.dumps({"certificate": [texts[0](request)]}), state=request["state"])
        place = json.loads(sd_jwt.unb64(credential.split(".")[1]))["status"]["status_list"]
        async with httpx.AsyncClient() as http:
            listed = await http.get(place["uri"])
        assert listed.headers["content-type"] == "application/statuslist+jwt"
        token_ = jwt.decode(listed.text, signing(issuing.platform, "issuer").key.public_key(), algorithms=["ES256"],
                            options={"verify_exp": False, "verify_iat": False})
        assert token_["sub"] == place["uri"]
        lst = token_["status_list"]
        return ((await staff.ask("CertificatesAnswer", id=made["id"]))["trouble"],
                status_list.status_at(lst["lst"], lst["bits"], place["idx"]))

    holder = ec.generate_private_key(ec.SECP256R1())
    async with issuing.platform.writing("certificates") as tx:
        certificate = await tx.row("SELECT * FROM certificates.certificate WHERE id = $1", UUID(card))
        credential = await credentials.issue(issuing.platform, tx, certificate, {}, [], jwk(holder.public_key()), "OTHER")
    texts = [lambda request: sd_jwt.bind(sd_jwt.select(credential, {"18"}), holder, request["client_id"], request["nonce"],
                                         int(issuing.platform.clock.epoch()))]
    assert await presented() == ("", status_list.VALID)
    await phone.ask("CertificatesSuspend", id=card)
    assert await presented() == ("suspended", status_list.SUSPENDED)
    _, _, token = await asked(issuing)
    assert await phone.refused("CertificatesPresent", token=token) == "CERTIFICATES_NOTHING_TO_PRESENT"
    await phone.ask("CertificatesResume", id=card)
    assert await presented() == ("", status_list.VALID)
    found = await phone.ask("CertificatesCertificate", id=card)
    assert await phone.refused("CertificatesRevoke", identifier=found["identifier"], reason="本人") == "FORBIDDEN"
    assert await desk.ask("CertificatesRevoke", identifier=found["identifier"], reason="冒名办理") is True
    assert await presented() == ("revoked", status_list.INVALID)
    assert await phone.refused("CertificatesResume", id=card) == "NOT_FOUND"


async def test_a_finished_list_is_given_until_something_changes(issuing: Served) -> None:
    """Nobody signs for each who asks; whoever asks after a change reads of it, and one that ended stands in none."""
    phone, platform = await holding(issuing), issuing.platform
    card: str = phone.certificate  # type: ignore[attr-defined]
    places = []
    async with platform.writing("certificates") as tx:
        for days in (1, -1):
            places.append(await store_presenting.add_credential(tx, UUID(card), 1, "OTHER", tx.now + timedelta(days=days)))

    async def said(number: int) -> str:
        async with httpx.AsyncClient() as http:
            return (await http.get(f"{issuing.origin}/credentials/status/{number}")).text

    async def status(place: tuple[int, int]) -> int:
        lst = json.loads(sd_jwt.unb64((await said(place[0])).split(".")[1]))["status_list"]
        return status_list.status_at(lst["lst"], lst["bits"], place[1])
    number = places[0][0]
    before = await said(number)
    assert {await said(number) for _ in range(3)} == {before}
    await phone.ask("CertificatesSuspend", id=card)
    after = await asyncio.gather(*[said(number) for _ in range(5)])
    assert len(set(after)) == 1 and after[0] != before
    assert [await status(place) for place in places] == [status_list.SUSPENDED, status_list.VALID]


async def test_no_other_list_is_looked_at(issuing: Served) -> None:
    """A credential that names a list of somebody else, or a place that is none, is not believed."""
    platform = issuing.platform
    ours = {"status_list": {"uri": credentials.list_uri(platform, 1), "idx": 7}}
    assert credentials._place(platform, ours) == (1, 7)
    for said in (None, {}, {"status_list": {"uri": "https://evil.example/1", "idx": 0}},
                 {"status_list": {"uri": credentials.list_uri(platform, 1), "idx": -1}},
                 {"status_list": {"uri": credentials.list_uri(platform, 1), "idx": "1"}}):
        with pytest.raises(Invalid):
            credentials._place(platform, said)


async def test_lists_that_are_full_are_not_searched_for_ever(issuing: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = await holding(issuing)
    _, _, token = await asked(issuing)
    async with issuing.platform.writing("certificates") as tx:
        place = await store_presenting.add_credential(tx, UUID(phone.certificate), 1, "HERE",  # type: ignore[attr-defined]
                                                      tx.now)
    with monkeypatch.context() as full:
        full.setattr(store_presenting, "anywhere", lambda: place)
        assert await phone.refused("CertificatesPresent", token=token) == "UNAVAILABLE"
    assert (await phone.ask("CertificatesPresent", token=token))["outcome"] == "PRESENTED"


async def test_whoever_asks_learns_the_keys_the_types_and_the_lists(shared: Served) -> None:
    async with httpx.AsyncClient(base_url=shared.origin) as http:
        issuer = (await http.get("/.well-known/jwt-vc-issuer/credentials")).json()
        type_ = (await http.get("/credentials/type/id_card")).json()
        missing = [(await http.get(path)).status_code for path in (
            "/credentials/type/crown", "/credentials/status/64", "/credentials/status/-1", "/credentials/request/none")]
        odd = [(await http.post("/credentials/response/none", content=b"{}", headers={"content-type": kind})).status_code
               for kind in ("application/json", "application/x-www-form-urlencoded", "")]
    assert issuer["issuer"] == f"{shared.origin}/credentials"
    assert [set(key) for key in issuer["jwks"]["keys"]] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}]
    assert type_["vct"] == f"{shared.origin}/credentials/type/id_card"
    assert {tuple(claim["path"]) for claim in type_["claims"]} >= {("name",), ("birthdate",)}
    assert (missing, odd) == ([404] * 4, [400] * 3)


async def test_who_is_forgotten_has_no_credential_that_counts(issuing: Served) -> None:
    phone = await holding(issuing)
    _, _, token = await asked(issuing)
    text = await wallet(issuing, phone, {"18"}, await request_of(issuing, token))
    place = json.loads(sd_jwt.unb64(text.split(".")[1]))["status"]["status_list"]
    async with issuing.platform.db.writing_as("certificates") as connection:
        await erase(connection, UUID(phone.id))
    async with issuing.platform.writing("certificates") as tx:
        row = await store_presenting.credential_at(tx, int(place["uri"].rsplit("/", 1)[1]), place["idx"])
    assert row["status"] == status_list.INVALID
