"""An authenticator in software (W3C WebAuthn Level 3, §6): ES256 keys that it shows as a phone does, rightly or as told."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Passkey:
    """One key, with its counter and the handle of its user."""

    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0
    handle: bytes = b""

    def public(self) -> bytes:
        """The public half in COSE (RFC 9053, §7.1.1)."""
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})

    def made(self, options: str, origin: str, verified: bool = True) -> str:
        """What a browser at `origin` answers when it was asked to make this passkey."""
        asked = json.loads(options)
        self.handle = base64url_to_bytes(asked["user"]["id"])
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self.public()
        data = self._data(origin, verified, ATTESTED) + attested
        return self._answer({
            "clientDataJSON": bytes_to_base64url(_client("webauthn.create", asked["challenge"], origin)),
            "attestationObject": bytes_to_base64url(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal", "hybrid"],
        })

    def shown(self, options: str, origin: str, verified: bool = True, count: int | None = None) -> str:
        """What a browser at `origin` answers when it was asked to show it. `count`: as a clone's counter would say."""
        self.count = self.count + 1 if count is None else count
        data, client = self._data(origin, verified), _client("webauthn.get", json.loads(options)["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({
            "clientDataJSON": bytes_to_base64url(client), "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature), "userHandle": bytes_to_base64url(self.handle),
        })

    def _data(self, origin: str, verified: bool, more: int = 0) -> bytes:
        """Authenticator data (§6.1): the host's hash, what is true of the user, the counter."""
        host = hashlib.sha256((urlsplit(origin).hostname or "").encode()).digest()
        return host + bytes([PRESENT | VERIFIED * verified | more]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, Any]) -> str:
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response,
                           "clientExtensionResults": {}})


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()
