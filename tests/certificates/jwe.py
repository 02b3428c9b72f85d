"""A wallet's side of an encrypted answer (RFC 7516, RFC 7518 §4.6), by the primitives alone."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sealed(said: Any, key: dict[str, Any], enc: str = "A128GCM", **header: Any) -> str:
    """Encrypted to the key of a request; `header`: what else its header says."""
    x, y = (int.from_bytes(base64.urlsafe_b64decode(key[name] + "==")) for name in "xy")
    mine = ec.generate_private_key(ec.SECP256R1())
    secret = mine.exchange(ec.ECDH(), ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key())
    bits, point = int(enc[1:4]), mine.public_key().public_numbers()
    info = len(enc).to_bytes(4) + enc.encode() + bytes(8) + bits.to_bytes(4)
    content = hashlib.sha256((1).to_bytes(4) + secret + info).digest()[:bits // 8]
    epk = {"kty": "EC", "crv": "P-256", "x": b64(point.x.to_bytes(32)), "y": b64(point.y.to_bytes(32))}
    head = b64(json.dumps({"alg": "ECDH-ES", "enc": enc, "kid": key["kid"], "epk": epk} | header).encode())
    iv = os.urandom(12)
    made = AESGCM(content).encrypt(iv, json.dumps(said).encode(), head.encode())
    return f"{head}..{b64(iv)}.{b64(made[:-16])}.{b64(made[-16:])}"
