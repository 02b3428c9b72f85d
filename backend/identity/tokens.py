"""Access tokens: JWT (RFC 7519) signed with Ed25519 (RFC 8037), after the profile of RFC 9068, for 10 minutes.

The browser never holds one; the server makes it from the session for clients that cannot hold a cookie.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from haian.clock import Clock
from haian.errors import Unauthenticated
from haian.ids import new_id
from haian.pseudonyms import Pseudonyms

AUDIENCE = "haian"
TYPE = "at+jwt"
LIFETIME = 600
MOST_VERIFIED = 10_000
"""Verified tokens that are remembered, by their SHA-256, about 0.5 KB each."""
LOOK_SECONDS = 0.05
"""A key that was taken away counts no longer than this."""
REQUIRED = ["iss", "aud", "sub", "sid", "exp", "iat", "jti"]


def thumbprint(public: dict[str, Any]) -> str:
    """RFC 7638, §3: the key's name is the hash of its required members. KeyError for a key of another kind."""
    names = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y")}[public["kty"]]
    members = json.dumps({name: public[name] for name in names}, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).rstrip(b"=").decode()


class KeyRing:
    """The signing keys in a folder: the newest signs, all verify. Rotation is a new file; removal ends the old tokens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stamp: float | None = None
        self.looked = 0.0
        self.keys: dict[str, Ed25519PrivateKey] = {}
        self.newest = ""

    def load(self) -> KeyRing:
        """Read the folder, if it changed; make a first key where there is none."""
        if self.stamp is not None and not self._is_due():
            return self
        if self.stamp is not None and self._touched() == self.stamp:
            return self
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not any(self.folder.glob("*.pem")):
            self.rotate()
        stamp, self.keys = self._touched(), {}
        for file in sorted(self.folder.glob("*.pem")):
            key = serialization.load_pem_private_key(file.read_bytes(), None)
            assert isinstance(key, Ed25519PrivateKey)
            self.newest = thumbprint(public_jwk(key))
            self.keys[self.newest] = key
        self.stamp = stamp
        return self

    def _is_due(self) -> bool:
        """Whether the folder is to be looked at again."""
        now = time.monotonic()
        if now - self.looked < LOOK_SECONDS:
            return False
        self.looked = now
        return True

    def _touched(self) -> float | None:
        """When a file came or went."""
        try:
            return self.folder.stat().st_mtime
        except FileNotFoundError:
            return None

    def rotate(self) -> None:
        """Add a key, which signs from now on."""
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file = self.folder / f"{new_id()}.pem"
        draft = file.with_suffix(".draft")  # another process never reads half a key
        draft.touch(mode=0o600)
        draft.write_bytes(pem)
        draft.rename(file)
        self.looked = 0.0

    def jwks(self) -> dict[str, Any]:
        """The public keys (RFC 7517)."""
        return {"keys": [{**public_jwk(key), "kid": kid, "use": "sig", "alg": "EdDSA"}
                         for kid, key in self.load().keys.items()]}


def public_jwk(key: Ed25519PrivateKey) -> dict[str, Any]:
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode()}


@dataclass(frozen=True, slots=True)
class Claims:
    """A verified token: the citizen, the session, its own id, and its beginning and end in seconds since 1970. `client`: the
    mini-app that has it, with the scopes that it was made with."""

    citizen: str
    session: str
    id: str
    begun: int
    ends: int
    client: str = ""
    scopes: frozenset[str] = frozenset()


class Tokens:
    """Makes and checks access tokens of one issuer. `names`: what clients call citizens; None where none gets any."""

    def __init__(self, ring: KeyRing, issuer: str, clock: Clock, names: Pseudonyms | None = None) -> None:
        self.ring, self.issuer, self.clock, self.names = ring, issuer, clock, names
        self.verified: OrderedDict[bytes, Claims] = OrderedDict()
        self.stamp: float | None = None

    def make(self, citizen: str, session: str, client: str = "", scopes: Iterable[str] = ()) -> str:
        ring = self.ring.load()
        now = int(self.clock.epoch())
        claims = {"iss": self.issuer, "aud": AUDIENCE, "sub": citizen, "sid": session, "iat": now, "exp": now + LIFETIME,
                  "jti": str(new_id())}
        if client:
            assert self.names
            claims |= {"sub": self.names.of(citizen, client), "client_id": client, "scope": " ".join(sorted(scopes))}
        return jwt.encode(claims, ring.keys[ring.newest], algorithm="EdDSA", headers={"kid": ring.newest, "typ": TYPE})

    def check(self, token: str) -> Claims:
        """What a token says. Unauthenticated for every other kind, key, issuer, audience or time. One that was verified is
        not verified again while the keys stay the same; its time is looked at each time."""
        self.ring.load()
        if self.ring.stamp != self.stamp:
            self.verified.clear()
            self.stamp = self.ring.stamp
        name = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        claims = self.verified.get(name) or self._verify(token)
        if not claims.begun - 60 <= self.clock.epoch() < claims.ends:
            self.verified.pop(name, None)
            raise Unauthenticated
        if name not in self.verified:
            self.verified[name] = claims
            if len(self.verified) > MOST_VERIFIED:
                self.verified.popitem(last=False)
        return claims

    def _verify(self, token: str) -> Claims:
        try:
            header = jwt.get_unverified_header(token)
            key = self.ring.keys.get(header.get("kid", ""))
            if key is None or header.get("typ") != TYPE or header.get("alg") != "EdDSA":
                raise Unauthenticated
            claims = jwt.decode(token, key.public_key(), algorithms=["EdDSA"], issuer=self.issuer, audience=AUDIENCE,
                                options={"require": REQUIRED, "verify_exp": False, "verify_iat": False})
        except (jwt.InvalidTokenError, ValueError):
            raise Unauthenticated from None
        begun, ends = claims["iat"], claims["exp"]
        if not (isinstance(ends, int) and isinstance(begun, int) and ends <= begun + LIFETIME):
            raise Unauthenticated
        client, scope = claims.get("client_id", ""), claims.get("scope", "")
        if not (isinstance(client, str) and isinstance(scope, str)) or (scope and not client):
            raise Unauthenticated
        citizen = self.names.citizen(str(claims["sub"]), client) if client and self.names else str(claims["sub"])
        if citizen is None:
            raise Unauthenticated
        return Claims(citizen, str(claims["sid"]), str(claims["jti"]), begun, ends, client,
                      frozenset(scope.split()))
