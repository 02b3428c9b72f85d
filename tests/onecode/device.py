"""A phone that carries codes: a key for each, and what it shows."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from onecode.carried import DISPLAYED, PREFIX, to_base45

KINDS, EACH = 5, 6


def sealed(key: str, said: dict[str, Any]) -> str:
    """What a verifier's phone keeps of a code that was read without the server, as it is handed in."""
    iv = os.urandom(12)
    given = iv + AESGCM(base64.urlsafe_b64decode(key + "=")).encrypt(iv, json.dumps(said).encode(), None)
    return base64.urlsafe_b64encode(given).rstrip(b"=").decode()


class Device:
    """Holds keys that never leave it."""

    def __init__(self, keys: int = KINDS * EACH) -> None:
        made = [ec.generate_private_key(ec.SECP256R1()) for _ in range(keys)]
        self.keys = {one.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint): one for one in made}
        self.key, self.point = made[0], next(iter(self.keys))
        self.said = [base64.urlsafe_b64encode(point).rstrip(b"=").decode() for point in self.keys]

    def show(self, signed: bytes | str, at: float) -> str:
        """The text of the QR code: the server's part, and when it is shown, signed by that code's key, or by any."""
        given = base64.urlsafe_b64decode(signed) if isinstance(signed, str) else signed
        shown, key = int(at).to_bytes(4), self.keys.get(given[18:51], self.key)
        r, s = decode_dss_signature(key.sign(DISPLAYED + given + shown, ec.ECDSA(hashes.SHA256())))
        return PREFIX + to_base45(given + shown + r.to_bytes(32) + s.to_bytes(32))
