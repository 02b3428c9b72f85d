"""Third parties 第三方: systems of an organisation that read codes by a token of five minutes, which they get for an
assertion by their own key (RFC 6749, 4.4; RFC 7523). It says who comes and nothing else: whether they may is read at each
scan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import jwt

from haian.cache import limit
from haian.call import Call
from haian.errors import InvalidArgument
from haian.ids import new_id
from identity.tokens import TYPE, KeyRing
from onecode import gates, proofs
from onecode.errors import ProofInvalid, VerifierRevoked
from onecode.verifiers import Kind

SCOPE = "onecode.code.scan"
GRANT = "client_credentials"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECONDS = 300
CHECKED: Any = {"require": ["iss", "aud", "sub", "exp", "scope"], "verify_exp": False, "verify_iat": False}
"""Its time is looked at by our clock."""


def audience(call: Call) -> str:
    return f"{call.platform.settings.public_origin}/gates"


def ring(call: Call) -> KeyRing:
    found: KeyRing = call.platform.services["tokens"].ring
    return found.load()


async def token(call: Call, given: Mapping[str, str], addresses: Collection[str]) -> str:
    """An access token for a client's assertion. InvalidArgument (scope), RateLimited, ProofInvalid, ProofStale,
    ProofReplayed, VerifierRevoked."""
    await limit(call.platform.line, f"onecode:partners:{call.viewer.address}", 60, 60)
    assertion = given.get("client_assertion", "")
    if given.get("client_assertion_type") != ASSERTION:
        raise ProofInvalid
    if given.get("scope", SCOPE) != SCOPE:
        raise InvalidArgument(argument="scope")
    client = _client(assertion)
    found = await gates.door(call, client)
    if found is None or found["key"] is None or found["kind"] != Kind.PARTNER.value:
        raise ProofInvalid
    jti = proofs.check_assertion(assertion, found["key"], client, addresses, call.clock.epoch())
    if not found["active"]:
        raise VerifierRevoked
    await proofs.use(call.platform.line, str(client), jti, SECONDS + 2 * proofs.WINDOW + 5)
    return _made(call, client)


def _client(assertion: str) -> UUID:
    """Who says that they made it: `sub`, to be proven."""
    try:
        claims: dict[str, Any] = jwt.decode(assertion, options={"verify_signature": False})
        return UUID(str(claims.get("sub")))
    except (jwt.InvalidTokenError, ValueError):
        raise ProofInvalid from None


def _made(call: Call, client: UUID) -> str:
    keys, now = ring(call), int(call.clock.epoch())
    claims = {"iss": call.platform.settings.public_origin, "aud": audience(call), "sub": str(client), "scope": SCOPE,
              "client_id": str(client), "iat": now, "exp": now + SECONDS, "jti": str(new_id())}
    return jwt.encode(claims, keys.keys[keys.newest], algorithm="EdDSA", headers={"kid": keys.newest, "typ": TYPE})


async def by_token(call: Call, token_: str) -> Any:
    """The third party that comes with a token, with its scene. RateLimited, ProofInvalid, VerifierRevoked."""
    await gates.limit_address(call)
    found = await gates.door(call, _checked(call, token_))
    if found is None or not found["active"]:
        raise VerifierRevoked
    return found


def _checked(call: Call, token_: str) -> UUID:
    try:
        header = jwt.get_unverified_header(token_)
        key = ring(call).keys.get(str(header.get("kid")))
        if key is None or header.get("typ") != TYPE or header.get("alg") != "EdDSA":
            raise ProofInvalid
        claims = jwt.decode(token_, key.public_key(), algorithms=["EdDSA"], audience=audience(call),
                            issuer=call.platform.settings.public_origin, options=CHECKED)
        if claims["scope"] != SCOPE or not isinstance(claims["exp"], int) or claims["exp"] <= call.clock.epoch():
            raise ProofInvalid
        return UUID(str(claims["sub"]))
    except (jwt.InvalidTokenError, ValueError):
        raise ProofInvalid from None
