"""存入其他钱包: OpenID for Verifiable Credential Issuance 1.0, by a pre-authorised code that a holder makes with a tap.

The code, the access token and the nonces are in Redis, each as a hash, each for minutes and once; nothing of them is in a
database or a log. The code is made of the offer's handle, so that who reads Redis can make none.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from redis.asyncio import Redis

from certificates import credentials, licence, store, store_presenting, vault
from certificates.errors import NothingToPresent
from certificates.sd_jwt import ALG, LEEWAY, Invalid, jwk, key_of, parts
from haian import codes, qr
from haian.cache import limit
from haian.call import Call, Platform
from haian.codes import State, digest, new_digits, new_token

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
PROOF = "openid4vci-proof+jwt"
OFFER_SECONDS, TOKEN_SECONDS, NONCE_SECONDS = 300, 300, 300
NONCES = 300
"""So many a minute for one address, behind which many wallets may be."""
TRIES = 5
"""Wrong transaction codes, after which an offer is over."""
KIND = "certificates.offer"


class Refusal(Exception):
    """An error of OAuth 2.0 or OpenID4VCI, by its own name; `status` of HTTP."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status


@dataclass(frozen=True)
class Offer:
    """What a wallet scans, and the six digits that its holder types there."""

    text: str
    path: str
    size: int
    code: str
    seconds: int


async def offer(call: Call, id_: UUID) -> Offer:
    """Offer a certificate of mine that counts to whatever wallet scans it, within five minutes. NothingToPresent,
    RateLimited."""
    await limit(call.platform.line, f"certificates:offer:{call.viewer.id}", 20, 3600)
    async with call.writing("certificates") as tx:
        found = await store.my_sealed(tx, id_)
        if found is None or found["standing"] != "VALID":
            raise NothingToPresent
        await tx.audit("CERTIFICATE_OFFERED", tx.viewer.id, role="citizen", object_=found["kind_id"])
    handle, digits = new_token(), new_digits()
    about = {"certificate": id_, "citizen": call.viewer.id, "kind": found["kind_id"], "digits": digest(digits)}
    await codes.keep(call.platform.line, KIND, digest(_code(handle)), about, OFFER_SECONDS)
    uri = f"{credentials.issuer_id(call.platform)}/offer/{handle}"
    text = "openid-credential-offer://?" + urlencode({"credential_offer_uri": uri})
    return Offer(text, *qr.modules(text, "l"), digits, OFFER_SECONDS)


def _code(handle: str) -> str:
    """The pre-authorised code of the offer with a handle."""
    return digest(f"offer:{handle}")


def offer_object(platform: Platform, kind: str, token: str) -> dict[str, Any]:
    """§4.1.1: the offer, by reference."""
    code = {"input_mode": "numeric", "length": 6, "description": "海岸通上显示的 6 位数字 / the six digits shown in Haian"}
    return {"credential_issuer": credentials.issuer_id(platform), "credential_configuration_ids": configurations(kind),
            "grants": {GRANT: {"pre-authorized_code": token, "tx_code": code}}}


def configurations(kind: str) -> list[str]:
    """In which formats a kind can be had."""
    return [kind, licence.CONFIGURATION] if kind == licence.KIND else [kind]


def _place(what: str, handle: str) -> str:
    return f"haian:certificates:{what}:{digest(handle)}"


async def _keep(redis: Redis, what: str, handle: str, about: dict[str, Any], seconds: int) -> None:
    await redis.set(_place(what, handle), orjson.dumps(about, default=str), ex=seconds)


async def _kept(redis: Redis, what: str, handle: str) -> Any:
    found = await redis.get(_place(what, handle))
    return orjson.loads(found) if found else None


async def offered(platform: Platform, handle: str) -> Any:
    """The offer that was made under a handle; None where it is over, or taken."""
    held = await codes.look(platform.line, KIND, digest(_code(handle)))
    return offer_object(platform, held["kind"], _code(handle)) if held else None


async def token(platform: Platform, form: dict[str, str]) -> dict[str, Any]:
    """§6: an access token for a pre-authorised code and its transaction code. Refusal."""
    if form.get("grant_type") != GRANT:
        raise Refusal("unsupported_grant_type")
    code, digits = form.get("pre-authorized_code", ""), form.get("tx_code", "")
    if not code or not digits:
        raise Refusal("invalid_request")
    redis, line = platform.redis, platform.line
    held = await codes.look(line, KIND, digest(code))
    if held is None:
        raise Refusal("invalid_grant")
    tried = await redis.incr(tries := _place("tries", code))
    await redis.expire(tries, OFFER_SECONDS)
    if tried > TRIES or not secrets.compare_digest(held["digits"], digest(digits)):
        raise Refusal("invalid_grant")
    burnt = await codes.burn(line, KIND, digest(code), {"by": "token"})
    if burnt.state is not State.GOOD:
        raise Refusal("invalid_grant")
    made = new_token()
    await _keep(redis, "token", made, burnt.payload, TOKEN_SECONDS)
    return {"access_token": made, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}


async def nonce(platform: Platform, address: str) -> str:
    """§7: a fresh nonce for a proof of possession; good once. RateLimited: anybody may ask, and each is kept for minutes."""
    await limit(platform.line, f"certificates:nonce:{address}", NONCES, 60)
    made = new_token()
    await _keep(platform.redis, "nonce", made, {}, NONCE_SECONDS)
    return made


async def credential(platform: Platform, bearer: str, asked: Any) -> dict[str, Any]:
    """§8: the credential of the token's certificate, for the key whose possession is proved. A token gives one of each
    format. Refusal."""
    about = await _kept(platform.redis, "token", bearer) if bearer else None
    if about is None:
        raise Refusal("invalid_token", 401)
    if not isinstance(asked, dict) or "credential_identifier" in asked:
        raise Refusal("invalid_credential_request")
    if (what := asked.get("credential_configuration_id")) not in configurations(about["kind"]):
        raise Refusal("unknown_credential_configuration")
    holder = await _proved(platform, asked.get("proofs"))
    if not await platform.redis.set(_place("given", f"{what}:{bearer}"), 1, nx=True, ex=TOKEN_SECONDS):
        raise Refusal("invalid_token", 401)  # another request was first
    async with platform.writing("certificates") as tx:
        mine = await store_presenting.certificate_of(tx, UUID(about["certificate"]), UUID(about["citizen"]))
        if mine is None:
            raise Refusal("credential_request_denied")
        claims = vault.open_(platform.settings, mine["id"], mine["sealed"])
        if what == licence.CONFIGURATION:
            made = await licence.issue(platform, tx, mine, claims, holder)
        else:
            open_ = await store_presenting.open_claims(tx, mine["kind_id"])
            made = await credentials.issue(platform, tx, mine, claims, open_, jwk(holder), "OTHER")
        await store.add_use(tx, mine["id"], mine["citizen_id"], "ISSUED", sorted(claims))
        await tx.audit("CERTIFICATE_ISSUED", mine["citizen_id"], role="citizen", object_=mine["kind_id"])
        await tx.emit("certificates.issued", mine["citizen_id"], id=mine["id"])
    return {"credentials": [{"credential": made}]}


async def _proved(platform: Platform, proofs: Any) -> EllipticCurvePublicKey:
    """The public key of the one proof (Appendix F.1): of its type, for us, with a nonce of ours that nobody used, signed by
    the key that it names. Refusal."""
    try:
        [[text]] = [proofs["jwt"]] if set(proofs) == {"jwt"} else [[]]
        header, said = parts(text)
        key = key_of(header.get("jwk"))
        if header.get("alg") != ALG or header.get("typ") != PROOF or {"kid", "x5c", "crit"} & set(header):
            raise Invalid("header")
        jwt.PyJWS().decode(text, key, algorithms=[ALG])
        at = said.get("iat")
        now, most = platform.clock.epoch(), NONCE_SECONDS + LEEWAY
        if isinstance(at, bool) or not isinstance(at, int) or not now - most <= at <= now + most:
            raise Invalid("time")
        if said.get("aud") != credentials.issuer_id(platform):
            raise Invalid("audience")
    except (Invalid, jwt.InvalidTokenError, TypeError, ValueError, AttributeError):
        raise Refusal("invalid_proof") from None
    used = said.get("nonce")
    if not isinstance(used, str) or not used.isascii() or not await platform.redis.delete(_place("nonce", used)):
        raise Refusal("invalid_nonce")
    return key


def issuer_metadata(platform: Platform, kinds: Sequence[Any], claims: Sequence[Any]) -> dict[str, Any]:
    """§12.2: what is issued here, and where."""
    base = credentials.issuer_id(platform)
    return {
        "credential_issuer": base, "authorization_servers": [base], "credential_endpoint": f"{base}/credential",
        "nonce_endpoint": f"{base}/nonce",
        "display": [{"name": "海岸通", "locale": "zh-CN"}, {"name": "Haian", "locale": "en"}],
        "credential_configurations_supported": {kind["id"]: {
            "format": "dc+sd-jwt", "vct": credentials.type_of(platform, kind["id"]), "scope": kind["id"],
            "cryptographic_binding_methods_supported": ["jwk"], "credential_signing_alg_values_supported": ["ES256"],
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
            "credential_metadata": {
                "display": [{"name": kind["name_zh"], "locale": "zh-CN"}, {"name": kind["name_en"], "locale": "en"}],
                "claims": [{"path": [claim["name"]], "display": [{"name": claim["label_zh"], "locale": "zh-CN"},
                                                                 {"name": claim["label_en"], "locale": "en"}]}
                           for claim in claims if claim["kind_id"] == kind["id"]]},
        } for kind in kinds} | {
            licence.CONFIGURATION: licence.configuration([claim for claim in claims if claim["kind_id"] == licence.KIND])},
    }


def server_metadata(platform: Platform) -> dict[str, Any]:
    """RFC 8414, for the one grant that there is here."""
    base = credentials.issuer_id(platform)
    return {"issuer": base, "token_endpoint": f"{base}/token", "grant_types_supported": [GRANT],
            "response_types_supported": [], "token_endpoint_auth_methods_supported": ["none"],
            "pre-authorized_grant_anonymous_access_supported": True}


async def metadata(call: Call) -> dict[str, Any]:
    kinds, claims = await call.rows(store.kinds()), await call.rows(store_presenting.claims())
    return issuer_metadata(call.platform, kinds, claims)
