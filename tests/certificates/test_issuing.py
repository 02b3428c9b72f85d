"""OpenID4VCI 1.0: another wallet is issued a certificate, by what stands in the offer and in the metadata alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.certificates.test_presenting import asked, holding, posted, request_of
from tests.clients import Phone, Served

from certificates import sd_jwt
from certificates.issuing import NONCES, nonce
from certificates.sd_jwt import jwk, unb64
from haian.cache import Rate, charging
from haian.errors import RateLimited

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


def well_known(what: str, issuer: str) -> str:
    """Where metadata of an identifier with a path stand (OpenID4VCI 1.0, §12.2.2; RFC 8414, §3)."""
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{what}{parts.path}"


@dataclass
class Wallet:
    """A wallet that knows the standard, and nothing of this product."""

    served: Served
    http: httpx.AsyncClient
    key: Any
    uri: str
    offer: dict[str, Any]
    issuer: dict[str, Any]
    server: dict[str, Any]

    async def token(self, code: str, **more: str) -> httpx.Response:
        form = {"grant_type": GRANT, "pre-authorized_code": self.offer["grants"][GRANT]["pre-authorized_code"],
                "tx_code": code} | more
        return await self.http.post(self.server["token_endpoint"], data=form)

    async def nonce(self) -> str:
        return str((await self.http.post(self.issuer["nonce_endpoint"])).json()["c_nonce"])

    def proof(self, nonce: str, **said: Any) -> str:
        header = {"typ": "openid4vci-proof+jwt", "jwk": jwk(self.key.public_key())} | said.pop("header", {})
        claims = {"aud": self.issuer["credential_issuer"], "nonce": nonce,
                  "iat": int(self.served.platform.clock.epoch())} | said
        return jwt.PyJWS().encode(json.dumps(claims).encode(), self.key, algorithm="ES256", headers=header)

    async def credential(self, token: str, *proofs: str, **asked_: Any) -> httpx.Response:
        kind = self.offer["credential_configuration_ids"][0]
        body = {"credential_configuration_id": kind, "proofs": {"jwt": list(proofs)}} | asked_
        return await self.http.post(self.issuer["credential_endpoint"], json=body,
                                    headers={"Authorization": f"Bearer {token}"})


async def scanned(served: Served, phone: Phone) -> tuple[Wallet, str]:
    """A wallet that has scanned the offer, and the digits that its holder sees."""
    made = await phone.ask("CertificatesOffer", id=phone.certificate)  # type: ignore[attr-defined]
    http = httpx.AsyncClient()
    [uri] = parse_qs(urlsplit(made["text"]).query)["credential_offer_uri"]
    offer = (await http.get(uri)).json()
    issuer = (await http.get(well_known("openid-credential-issuer", offer["credential_issuer"]))).json()
    server = (await http.get(well_known("oauth-authorization-server", issuer["authorization_servers"][0]))).json()
    assert issuer["credential_issuer"] == offer["credential_issuer"] == server["issuer"]
    return Wallet(served, http, ec.generate_private_key(ec.SECP256R1()), uri, offer, issuer, server), made["code"]


async def test_another_wallet_is_issued_a_certificate_and_presents_it(issuing: Served) -> None:
    phone = await holding(issuing)
    wallet, code = await scanned(issuing, phone)
    token = (await wallet.token(code)).json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 300)
    answer = await wallet.credential(token["access_token"], wallet.proof(await wallet.nonce()))
    assert answer.headers["cache-control"] == "no-store"
    [[made]] = [[each["credential"] for each in answer.json()["credentials"]]]
    payload = json.loads(unb64(made.split(".")[1]))
    assert payload["cnf"] == {"jwk": jwk(wallet.key.public_key())}
    config = wallet.issuer["credential_configurations_supported"]["id_card"]
    assert (config["format"], config["vct"]) == ("dc+sd-jwt", payload["vct"])
    number: str = phone.number  # type: ignore[attr-defined]
    assert number not in unb64(made.split(".")[1]).decode()
    staff, asking, request_token = await asked(issuing)
    request = await request_of(issuing, request_token)
    text = sd_jwt.bind(sd_jwt.select(made, {"18"}), wallet.key, request["client_id"], request["nonce"],
                       int(issuing.platform.clock.epoch()))
    assert await posted(request, vp_token=json.dumps({"certificate": [text]}), state=request["state"]) == 200
    assert (await staff.ask("CertificatesAnswer", id=asking["id"]))["fate"] == "PRESENTED"
    uses = (await phone.ask("CertificatesCertificate", id=phone.certificate))["uses"]["edges"]  # type: ignore[attr-defined]
    assert [use["node"]["what"] for use in uses] == ["PRESENTED", "ISSUED"]


async def test_a_code_gives_one_token_and_a_token_one_credential(issuing: Served) -> None:
    wallet, code = await scanned(issuing, await holding(issuing))
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert [(await wallet.token(each)).json()["error"] for each in (wrong, "")] == ["invalid_grant", "invalid_request"]
    token = (await wallet.token(code)).json()["access_token"]
    assert (await wallet.token(code)).json()["error"] == "invalid_grant"
    assert (await wallet.credential(token, wallet.proof(await wallet.nonce()))).status_code == 200
    again = await wallet.credential(token, wallet.proof(await wallet.nonce()))
    assert (again.status_code, again.json()["error"]) == (401, "invalid_token")


async def test_digits_are_guessed_five_times_at_most(issuing: Served) -> None:
    wallet, code = await scanned(issuing, await holding(issuing))
    for guess in range(5):
        assert (await wallet.token(f"{(int(code) + 1 + guess) % 10**6:06d}")).json()["error"] == "invalid_grant"
    assert (await wallet.token(code)).json()["error"] == "invalid_grant"


async def test_whoever_reads_redis_finds_no_code(issuing: Served) -> None:
    """And an offer that was taken is over."""
    wallet, code = await scanned(issuing, await holding(issuing))
    secret, redis = wallet.offer["grants"][GRANT]["pre-authorized_code"].encode(), issuing.platform.redis
    kept = [key async for key in redis.scan_iter("haian:*")]
    texts = [await redis.get(key) or b"" for key in kept if await redis.type(key) == b"string"]
    assert texts and not [text for text in kept + texts if secret in text]
    assert (await wallet.http.get(wallet.uri)).json() == wallet.offer
    assert (await wallet.token(code)).status_code == 200
    assert (await wallet.http.get(wallet.uri)).status_code == 404


async def test_nonces_are_made_for_an_address_so_many_a_minute(issuing: Served) -> None:
    line, address = issuing.platform.line, f"192.0.2.{uuid4()}"
    await line.ask(charging({f"certificates:nonce:{address}": Rate(NONCES, 60)}, 2 * NONCES))
    with pytest.raises(RateLimited):
        await nonce(issuing.platform, address)


async def test_a_proof_is_for_us_fresh_and_of_the_key_that_it_names(issuing: Served) -> None:
    """A refused proof uses up no token; a nonce is good once."""
    wallet, code = await scanned(issuing, await holding(issuing))
    token, other = (await wallet.token(code)).json()["access_token"], ec.generate_private_key(ec.SECP256R1())
    good = await wallet.nonce()
    refused = {
        "audience": wallet.proof(good, aud="https://other.example"), "type": wallet.proof(good, header={"typ": "JWT"}),
        "old": wallet.proof(good, iat=1), "another key": wallet.proof(good, header={"jwk": jwk(other.public_key())}),
        "none": "eyJhbGciOiJub25lIn0.e30.AA", "two ways": wallet.proof(good, header={"kid": "x"}), "nonsense": "x",
        "no time": wallet.proof(good, iat=10**400),
    }
    for why, proof in refused.items():
        assert (await wallet.credential(token, proof)).json()["error"] == "invalid_proof", why
    nothing: dict[str, Any] = {}
    proofs: dict[str, Any] | None
    for proofs in (nothing, {"jwt": []}, {"jwt": [refused["old"]] * 2}, None):
        assert (await wallet.credential(token, proofs=proofs)).json()["error"] == "invalid_proof"
    for unknown in ("made up", "\ud800"):
        assert (await wallet.credential(token, wallet.proof(unknown))).json()["error"] == "invalid_nonce"
    crown = await wallet.credential(token, wallet.proof(good), credential_configuration_id="crown")
    assert crown.json()["error"] == "unknown_credential_configuration"
    nobody = await wallet.credential("nobody", wallet.proof(good))
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert (await wallet.credential(token, wallet.proof(good))).status_code == 200
    second, code = await scanned(issuing, await holding(issuing))
    used = await second.credential((await second.token(code)).json()["access_token"], second.proof(good))
    assert used.json()["error"] == "invalid_nonce"


async def test_what_is_suspended_meanwhile_is_not_issued(issuing: Served) -> None:
    phone = await holding(issuing)
    wallet, code = await scanned(issuing, phone)
    card: str = phone.certificate  # type: ignore[attr-defined]
    await phone.ask("CertificatesSuspend", id=card)
    token = (await wallet.token(code)).json()["access_token"]
    answer = await wallet.credential(token, wallet.proof(await wallet.nonce()))
    assert answer.json()["error"] == "credential_request_denied"
    assert await phone.refused("CertificatesOffer", id=card) == "CERTIFICATES_NOTHING_TO_PRESENT"
    other = await issuing.signed_in("elder")
    assert await other.refused("CertificatesOffer", id=card) == "CERTIFICATES_NOTHING_TO_PRESENT"


async def test_whatever_is_sent_is_answered_by_an_error_of_its_own(shared: Served) -> None:
    async with httpx.AsyncClient(base_url=shared.origin + "/credentials") as http:
        answers = [
            await http.post("/token", json={}), await http.post("/token", data={"grant_type": "password"}),
            await http.post("/token", data={"grant_type": GRANT, "pre-authorized_code": "x", "tx_code": "1"}),
            await http.post("/credential", content=b"[" * 100_000, headers={"authorization": "Bearer x"}),
            await http.get("/offer/none"),
        ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 401, 404]
    assert [answer.json()["error"] for answer in answers[:4]] == [
        "unsupported_grant_type", "unsupported_grant_type", "invalid_grant", "invalid_token"]
