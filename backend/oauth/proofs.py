"""DPoP (RFC 9449): that whoever presents a token holds the key of the device that it was given to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import jwt

from haian.call import Platform
from identity.tokens import thumbprint
from oauth.errors import OAuthRefused

TYPE, ALGORITHMS = "dpop+jwt", {"EC": "ES256", "OKP": "EdDSA"}
LARGEST = 4096
SKEW = 60
"""Seconds by which the clock of a client may be wrong; a proof is remembered for twice that."""


@dataclass(frozen=True)
class Proof:
    """The thumbprint of the key (RFC 7638), and what names this proof."""

    jkt: str
    name: str


async def checked(platform: Platform, proof: str, method: str, path: str) -> str:
    """The thumbprint of the key with which this request is proved. OAuthRefused for none, for another address or time, and
    for one that was shown before."""
    found = _read(platform, proof, method, path)
    key = f"haian:dpop:{found.name}"
    if not await platform.redis.set(key, 1, nx=True, ex=2 * SKEW):
        raise OAuthRefused("invalid_dpop_proof", "This proof was used before.")
    return found.jkt


def _read(platform: Platform, proof: str, method: str, path: str) -> Proof:
    if not proof or len(proof) > LARGEST:
        raise OAuthRefused("invalid_dpop_proof", "Send one DPoP proof (RFC 9449).")
    try:
        header = jwt.get_unverified_header(proof)
        public: dict[str, Any] = header["jwk"]
        algorithm = ALGORITHMS[public["kty"]]
        if header.get("typ") != TYPE or header["alg"] != algorithm or "d" in public:
            raise ValueError(header.get("typ"))
        claims = jwt.decode(proof, jwt.PyJWK(public, algorithm).key, algorithms=[algorithm],
                            options={"require": ["jti", "htm", "htu", "iat"], "verify_iat": False, "verify_aud": False})
        jkt, jti, at = thumbprint(public), claims["jti"], claims["iat"]
        if not (isinstance(jti, str) and 8 <= len(jti) <= 200 and isinstance(at, int) and type(claims["htu"]) is str):
            raise ValueError("jti, iat or htu")
    except (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise OAuthRefused("invalid_dpop_proof", "The proof cannot be verified.") from None
    if claims["htm"] != method or claims["htu"] not in [origin + path for origin in origins(platform)]:
        raise OAuthRefused("invalid_dpop_proof", "The proof is for another request.")
    if abs(platform.clock.epoch() - at) > SKEW:
        raise OAuthRefused("invalid_dpop_proof", "The proof is of another time.")
    return Proof(jkt, hashlib.sha256(json.dumps([jkt, jti]).encode()).hexdigest())


def origins(platform: Platform) -> tuple[str, ...]:
    return tuple(platform.settings.public_origins)
