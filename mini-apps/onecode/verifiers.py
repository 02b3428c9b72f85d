"""核验方 that are no person: what they are, how far one is, and the keys that they may have."""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

ENROL_WITHIN = timedelta(minutes=15)
ENROL_LENGTH = 12  # 60 random bits, asked for ten times a minute from one address
PAGE = 50
SIZES = {"Ed25519": ("OKP", ("x",)), "P-256": ("EC", ("x", "y"))}
ALGORITHMS = {"Ed25519": "EdDSA", "P-256": "ES256"}


class Kind(enum.Enum):
    """GATE: a fixed gate 闸机, which signs each request. PARTNER: a third party 第三方, which comes with a token."""

    GATE = "GATE"
    PARTNER = "PARTNER"


class Standing(enum.Enum):
    """How far a verifier is. APPROVED: it has no key yet."""

    TO_APPROVE = "TO_APPROVE"
    DECLINED = "DECLINED"
    APPROVED = "APPROVED"
    ACTIVE = "ACTIVE"
    REVOKED = "REVOKED"


def public_key(given: Any) -> dict[str, str] | None:
    """The required members of a public key as JWK (RFC 7517; Ed25519 after RFC 8037, P-256 after RFC 7518, §6.2), in their
    order; None for any other."""
    curve = given.get("crv") if isinstance(given, Mapping) else None
    if not isinstance(curve, str) or curve not in SIZES:
        return None
    type_, names = SIZES[curve]
    if given.get("kty") != type_ or not all(_is_of_32_bytes(given.get(name)) for name in names):
        return None
    return {"crv": curve, "kty": type_, **{name: given[name] for name in names}}


def _is_of_32_bytes(text: Any) -> bool:
    if not isinstance(text, str) or len(text) != 43:
        return False
    try:
        return len(base64.b64decode(text + "=", altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def thumbprint(key: Mapping[str, str]) -> str:
    """RFC 7638, §3."""
    return encoded(hashlib.sha256(json.dumps(dict(sorted(key.items())), separators=(",", ":")).encode()).digest())


def encoded(raw: bytes) -> str:
    """base64url without padding (RFC 7515, §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
