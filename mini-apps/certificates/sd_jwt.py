"""SD-JWT VC: a credential of which its holder shows a part (RFC 9901; draft-ietf-oauth-sd-jwt-vc, `typ: dc+sd-jwt`).

Signed with ES256 alone. What a verifier must refuse (RFC 9901, §7.1 and §7.3) is `Invalid`, with one word for why.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from jwt.algorithms import ECAlgorithm

TYPE, BINDING = "dc+sd-jwt", "kb+jwt"
ALG = "ES256"
MOST_BYTES, MOST_DISCLOSURES = 65_536, 100
LEEWAY = 60
"""Seconds by which clocks may differ."""
FRESH = 300
"""A key binding is no older than so many seconds."""
NEVER_HIDDEN = frozenset({"iss", "nbf", "exp", "iat", "cnf", "vct", "vct#integrity", "aka_vcts", "status"})
"""What an issuer may not make disclosable (draft-ietf-oauth-sd-jwt-vc-19, §2.2.2.3), and `iat`, which we do not either."""
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
Path = tuple[str, ...]


class Invalid(Exception):
    """A credential or presentation is refused; `reason` is one word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Verified:
    """What a presentation says, and its credential whole."""

    claims: dict[str, Any]
    disclosed: tuple[str, ...]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Invalid for anything but base64url without padding."""
    if not BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise Invalid("encoding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def digest(text: str) -> str:
    return b64(hashlib.sha256(text.encode("ascii")).digest())


def jwk(key: EllipticCurvePublicKey) -> dict[str, Any]:
    """The public key (RFC 7517) with no member that it needs not."""
    found = ECAlgorithm.to_jwk(key, as_dict=True)
    return {name: found[name] for name in ("kty", "crv", "x", "y")}


def thumbprint(public: Mapping[str, Any]) -> str:
    """RFC 7638 of an elliptic-curve key."""
    members = {name: public[name] for name in ("crv", "kty", "x", "y")}
    return b64(hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest())


def key_of(public: Any) -> EllipticCurvePublicKey:
    """The P-256 key of a JWK. Invalid for any other, and for one that holds a private part."""
    if not isinstance(public, dict) or public.get("kty") != "EC" or public.get("crv") != "P-256" or "d" in public:
        raise Invalid("key")
    try:
        found = ECAlgorithm(ECAlgorithm.SHA256).from_jwk(public)
    except (jwt.InvalidKeyError, ValueError, TypeError):
        raise Invalid("key") from None
    if not isinstance(found, EllipticCurvePublicKey):
        raise Invalid("key")
    return found


def sign(payload: Mapping[str, Any], key: EllipticCurvePrivateKey, **header: Any) -> str:
    """A JWS (RFC 7515) over exactly this payload."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return jwt.PyJWS().encode(body, key, algorithm=ALG, headers=header)


# -- issuing ---------------------------------------------------------------------------------------------------------


def issue(payload: dict[str, Any], hidden: Mapping[Path, Any], key: EllipticCurvePrivateKey, kid: str) -> str:
    """A credential: `payload` stands openly in it, `hidden` (path of one or two names -> value) is disclosed as its holder
    wishes. Its disclosures follow it, each after a tilde, and one more tilde."""
    said, disclosures = json.loads(json.dumps(payload)), []
    for path, value in hidden.items():
        place = said
        for name in path[:-1]:
            place = place.setdefault(name, {})
        encoded = b64(json.dumps([secrets.token_urlsafe(16), path[-1], value], ensure_ascii=False).encode())
        place.setdefault("_sd", []).append(digest(encoded))
        disclosures.append(encoded)
    _shuffle(said)
    return "~".join([sign(said | {"_sd_alg": "sha-256"}, key, typ=TYPE, kid=kid), *disclosures, ""])


def _shuffle(place: dict[str, Any]) -> None:
    """The order of digests tells nothing (RFC 9901, §4.2.4.1)."""
    for name, value in place.items():
        if name == "_sd":
            value.sort()
        elif isinstance(value, dict):
            _shuffle(value)


def select(credential: str, wanted: Collection[str]) -> str:
    """The credential with those disclosures alone whose names are wanted; it ends with a tilde."""
    head, *rest = credential.split("~")
    kept = [each for each in rest if each and json.loads(unb64(each))[1] in wanted]
    return "~".join([head, *kept, ""])


def bind(presented: str, key: EllipticCurvePrivateKey, audience: str, nonce: str, now: int) -> str:
    """The same with the holder's key binding (RFC 9901, §4.3)."""
    said = {"iat": now, "aud": audience, "nonce": nonce, "sd_hash": digest(presented)}
    return presented + sign(said, key, typ=BINDING)


# -- verifying -------------------------------------------------------------------------------------------------------


def verify(text: str, key_for: Callable[[str, str], EllipticCurvePublicKey | None], now: float, *, audience: str, nonce: str,
           types: Collection[str]) -> Verified:
    """A presentation with key binding, for this verifier (`audience`) and this request (`nonce`), of a credential of one of
    `types`, whose issuer's key `key_for(iss, kid)` gives. Whether it was revoked is not looked at here. Invalid."""
    if len(text) > MOST_BYTES or not text.isascii() or "~" not in text:
        raise Invalid("form")
    head, *disclosures, binding = text.split("~")
    if not binding:
        raise Invalid("unbound")
    if not head or not all(disclosures) or len(disclosures) > MOST_DISCLOSURES:
        raise Invalid("form")
    payload = _issued(head, key_for)
    claims, disclosed = unfold(payload, disclosures)
    if claims.get("vct") not in types:
        raise Invalid("type")
    _in_time(claims, now)
    cnf = claims.get("cnf")
    holder = key_of(cnf.get("jwk") if isinstance(cnf, dict) else None)
    _bound(binding, holder, text[:len(text) - len(binding)], audience, nonce, now)
    return Verified(claims, disclosed)


def _issued(head: str, key_for: Callable[[str, str], EllipticCurvePublicKey | None]) -> dict[str, Any]:
    """What the issuer signed."""
    header, payload = parts(head)
    if header.get("alg") != ALG or header.get("typ") != TYPE or "crit" in header:
        raise Invalid("header")
    key = key_for(str(payload.get("iss")), str(header.get("kid")))
    if key is None:
        raise Invalid("issuer")
    _check_signature(head, key)
    return payload


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the payload of a JWS, which nobody has verified yet. Invalid."""
    parts = token.split(".")
    if len(parts) != 3 or not parts[2]:
        raise Invalid("signature")
    return read_object(unb64(parts[0])), read_object(unb64(parts[1]))


def read_object(raw: bytes) -> dict[str, Any]:
    """A JSON object. Invalid."""
    found = _json(raw)
    if not isinstance(found, dict):
        raise Invalid("encoding")
    return found


def _json(raw: bytes) -> Any:
    """JSON in which no name stands twice in an object, which readers would understand differently."""
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise Invalid("encoding")
        return dict(pairs)
    try:
        return json.loads(raw.decode(), object_pairs_hook=unique, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Invalid("encoding") from None


def _no_number(text: str) -> None:
    raise ValueError(text)


def _check_signature(token: str, key: EllipticCurvePublicKey) -> None:
    try:
        jwt.PyJWS().decode(token, key, algorithms=[ALG])
    except (jwt.InvalidTokenError, ValueError, TypeError):
        raise Invalid("signature") from None


def unfold(payload: dict[str, Any], disclosures: list[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The claims with the disclosures in their places (RFC 9901, §7.1, step 3), and the names of what was disclosed at the
    top. Invalid for another hash, for a disclosure that is sent twice, is not referenced or has not its form, for a digest
    that stands twice, for a claim that is there already, and for the names `_sd` and `...`."""
    if payload.get("_sd_alg", "sha-256") != "sha-256":
        raise Invalid("hash")
    if len(set(disclosures)) < len(disclosures):
        raise Invalid("duplicate")
    by_digest = {digest(each): _json(unb64(each)) for each in disclosures}
    reading = _Reading(by_digest)
    try:
        claims = reading.object({name: value for name, value in payload.items() if name != "_sd_alg"}, top=True)
    except RecursionError:
        raise Invalid("encoding") from None
    if reading.used != by_digest.keys():
        raise Invalid("unreferenced")
    return claims, tuple(reading.names)


class _Reading:
    """One walk through a payload: which digests were seen, which disclosures were used."""

    def __init__(self, by_digest: dict[str, Any]) -> None:
        self.by_digest, self.seen, self.used, self.names = by_digest, set[str](), set[str](), list[str]()

    def find(self, found: Any, length: int) -> Any:
        """The disclosure of a digest; None where it is not shown."""
        if not isinstance(found, str):
            raise Invalid("digest")
        if found in self.seen:
            raise Invalid("digest_twice")
        self.seen.add(found)
        if found not in self.by_digest:
            return None
        said = self.by_digest[found]
        if not isinstance(said, list) or len(said) != length or not isinstance(said[0], str):
            raise Invalid("disclosure")
        self.used.add(found)
        return said

    def object(self, given: dict[str, Any], top: bool = False) -> dict[str, Any]:
        if "..." in given:
            raise Invalid("name")
        made = {name: self.value(value) for name, value in given.items() if name != "_sd"}
        digests = given.get("_sd", [])
        if not isinstance(digests, list):
            raise Invalid("digest")
        for each in digests:
            said = self.find(each, 3)
            if said is None:
                continue
            name = said[1]
            if not isinstance(name, str) or name in ("_sd", "...") or (top and name in NEVER_HIDDEN | {"_sd_alg"}):
                raise Invalid("name")
            if name in made:
                raise Invalid("collision")
            made[name] = self.value(said[2])
            self.names.append(name)
        return made

    def value(self, given: Any) -> Any:
        if isinstance(given, dict):
            return self.object(given)
        if not isinstance(given, list):
            return given
        made = []
        for each in given:
            if isinstance(each, dict) and "..." in each:
                if len(each) != 1:
                    raise Invalid("name")
                said = self.find(each["..."], 2)
                if said is not None:
                    made.append(self.value(said[1]))
            else:
                made.append(self.value(each))
        return made


def _in_time(claims: Mapping[str, Any], now: float) -> None:
    for name in ("exp", "nbf", "iat"):
        if name in claims and (isinstance(claims[name], bool) or not isinstance(claims[name], int | float)):
            raise Invalid("time")
    if "exp" in claims and now >= claims["exp"] + LEEWAY:
        raise Invalid("expired")
    if max(claims.get("nbf", 0), claims.get("iat", 0)) > now + LEEWAY:
        raise Invalid("not_yet")


def _bound(token: str, holder: EllipticCurvePublicKey, before: str, audience: str, nonce: str, now: float) -> None:
    """The holder's key binding (RFC 9901, §7.3, step 5): where it says how long it is good, that counts too."""
    header, payload = parts(token)
    if header.get("alg") != ALG or header.get("typ") != BINDING or "crit" in header:
        raise Invalid("binding_header")
    try:
        _check_signature(token, holder)
    except Invalid:
        raise Invalid("binding_signature") from None
    at = payload.get("iat")
    if isinstance(at, bool) or not isinstance(at, int | float) or not now - FRESH <= at <= now + LEEWAY:
        raise Invalid("binding_time")
    try:
        _in_time(payload, now)
    except Invalid:
        raise Invalid("binding_time") from None
    if payload.get("nonce") != nonce:
        raise Invalid("nonce")
    if payload.get("aud") != audience:
        raise Invalid("audience")
    if payload.get("sd_hash") != digest(before):
        raise Invalid("sd_hash")
