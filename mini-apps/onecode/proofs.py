"""What a verifier shows: a proof for each request (a gate), or an assertion for a token (a third party). Both are JWT
(RFC 7519) by its own key, for one address and one use.

A proof is like that of DPoP (RFC 9449): `htm` and `htu` say for which request, `iat` when, `jti` is used once; `digest`, the
SHA-256 of the body in base64url, binds what is asked. The decision is docs/decisions/0030-gates.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import jwt

from haian.line import AnyLine, packed
from onecode.errors import ProofInvalid, ProofReplayed, ProofStale
from onecode.verifiers import ALGORITHMS, encoded

TYPE = "gate+jwt"
WINDOW = 60
"""Seconds that the clock of a verifier may be wrong by."""
USED_ONCE = 8, 64


def name_of(token: str) -> UUID:
    """Who says that they signed it: `kid`, the verifier's id. ProofInvalid."""
    try:
        return UUID(str(jwt.get_unverified_header(token).get("kid")))
    except (jwt.InvalidTokenError, ValueError):
        raise ProofInvalid from None


def check(token: str, key: Mapping[str, str], addresses: Collection[str], body: bytes, now: float) -> str:
    """The `jti` of a proof for a POST of `body` to one of these addresses. ProofInvalid, ProofStale."""
    claims = _claims(token, key, TYPE, {})
    if claims.get("htm") != "POST" or claims.get("htu") not in addresses \
            or claims.get("digest") != encoded(hashlib.sha256(body).digest()):
        raise ProofInvalid
    return _fresh(claims, now)


def check_assertion(token: str, key: Mapping[str, str], client: UUID, addresses: Collection[str], now: float) -> str:
    """The `jti` of a client's assertion (RFC 7523, §3) of at most 5 minutes. ProofInvalid, ProofStale."""
    given = {"audience": list(addresses), "issuer": str(client), "subject": str(client)}
    claims = _claims(token, key, None, given)
    ends = claims.get("exp")
    if not isinstance(ends, int) or ends > now + 300 + WINDOW:
        raise ProofInvalid
    if ends < now - WINDOW:
        raise ProofStale
    return _jti(claims)


def _claims(token: str, key: Mapping[str, str], type_: str | None, expected: Mapping[str, Any]) -> dict[str, Any]:
    algorithm = ALGORITHMS[key["crv"]]
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != algorithm or (type_ is not None and header.get("typ") != type_):
            raise ProofInvalid
        claims: dict[str, Any] = jwt.decode(
            token, jwt.PyJWK(dict(key), algorithm), algorithms=[algorithm], **expected,
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False})
    except (jwt.InvalidTokenError, jwt.PyJWKError, ValueError, TypeError):
        raise ProofInvalid from None
    return claims


def _fresh(claims: Mapping[str, Any], now: float) -> str:
    at = claims.get("iat")
    if not isinstance(at, int) or isinstance(at, bool):
        raise ProofInvalid
    if not now - WINDOW <= at <= now + WINDOW:
        raise ProofStale
    return _jti(claims)


def _jti(claims: Mapping[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not USED_ONCE[0] <= len(jti) <= USED_ONCE[1] or not jti.isprintable():
        raise ProofInvalid
    return jti


async def use(line: AnyLine, verifier: str, jti: str, seconds: int = 2 * WINDOW + 5) -> None:
    """That a proof is shown, once. ProofReplayed. Asked again where the connection was lost it may refuse what was good: a
    verifier signs anew, and its nonce makes that the same scan."""
    [first] = await line.ask(packed("SET", f"haian:onecode:proof:{verifier}:{jti}", 1, "NX", "EX", seconds))
    if first is None:
        raise ProofReplayed
