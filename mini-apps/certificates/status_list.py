"""Token Status List (draft-ietf-oauth-status-list): one signed list says of many credentials whether they still count."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from certificates.sd_jwt import Invalid, b64, sign, unb64

TYPE = "statuslist+jwt"
MEDIA_TYPE = "application/statuslist+jwt"
VALID, INVALID, SUSPENDED = 0, 1, 2
BITS, SIZE, LISTS = 2, 2**17, 64
"""Two bits a credential, so many in a list, so many lists: places are drawn by chance, so that neighbours tell nothing."""
TTL, LIFETIME = 300, 86_400
"""Seconds that a copy may be kept, and that one is good for."""


def anywhere() -> tuple[int, int]:
    """A place by chance: list and index."""
    return secrets.randbelow(LISTS), secrets.randbelow(SIZE)


def packed(marked: Iterable[tuple[int, int]], size: int = SIZE) -> str:
    """The list with these statuses, all others VALID: the first in the lowest bits of the first byte, zlib (DEFLATE, §4.1),
    base64url."""
    raw = bytearray(size * BITS // 8)
    for index, status in marked:
        raw[index * BITS // 8] |= status << (index * BITS % 8)
    return b64(zlib.compress(bytes(raw), 9))


def status_at(lst: str, bits: int, index: int) -> int:
    """What a list says of an index. Invalid where it says nothing."""
    if bits not in (1, 2, 4, 8):
        raise Invalid("status")
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(unb64(lst), 2**24)
    except zlib.error:
        raise Invalid("status") from None
    if unpacker.unconsumed_tail or not 0 <= index < len(raw) * 8 // bits:
        raise Invalid("status")
    return raw[index * bits // 8] >> (index * bits % 8) & (1 << bits) - 1


def token(uri: str, marked: Iterable[tuple[int, int]], now: int, key: EllipticCurvePrivateKey, kid: str) -> str:
    """The Status List Token of a list (§5.1)."""
    said: dict[str, Any] = {"sub": uri, "iat": now, "exp": now + LIFETIME, "ttl": TTL,
                            "status_list": {"bits": BITS, "lst": packed(marked)}}
    return sign(said, key, typ=TYPE, kid=kid)
