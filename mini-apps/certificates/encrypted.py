"""An answer that nobody reads on its way: JWE (RFC 7516) with ECDH-ES over P-256 (RFC 7518, §4.6) and AES-GCM alone."""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from certificates.sd_jwt import Invalid, jwk, key_of, read_object, thumbprint, unb64

ALG, ENCODINGS = "ECDH-ES", {"A128GCM": 16, "A256GCM": 32}
"""`enc` -> bytes of its key."""
MOST_CHARACTERS, IV, TAG = 150_000, 12, 16


def public(key: EllipticCurvePrivateKey) -> dict[str, Any]:
    """The key as a request names it, by its thumbprint."""
    said = jwk(key.public_key())
    return said | {"use": "enc", "alg": ALG, "kid": thumbprint(said)}


def opened(text: str, key: EllipticCurvePrivateKey) -> dict[str, Any]:
    """What was encrypted to a key, in the compact form. Invalid."""
    parts = text.split(".")
    if len(text) > MOST_CHARACTERS or len(parts) != 5 or parts[1]:
        raise Invalid("form")
    head, iv, sealed, tag = parts[0], unb64(parts[2]), unb64(parts[3]), unb64(parts[4])
    header = read_object(unb64(head))
    if header.get("alg") != ALG or header.get("enc") not in [*ENCODINGS] or {"zip", "crit"} & set(header):
        raise Invalid("header")
    if header.get("kid", kid := public(key)["kid"]) != kid or (len(iv), len(tag)) != (IV, TAG):
        raise Invalid("header")
    secret = key.exchange(ECDH(), key_of(header.get("epk")))
    try:
        return read_object(AESGCM(derived(secret, header)).decrypt(iv, sealed + tag, head.encode()))
    except InvalidTag:
        raise Invalid("encryption") from None


def derived(secret: bytes, header: dict[str, Any]) -> bytes:
    """The key of the content (§4.6.2): the agreed secret, what it is for, and who agreed."""
    size, names = ENCODINGS[header["enc"]], [header["enc"].encode()]
    for name in ("apu", "apv"):
        said = header.get(name, "")
        if not isinstance(said, str):
            raise Invalid("header")
        names.append(unb64(said) if said else b"")
    info = b"".join(len(each).to_bytes(4) + each for each in names) + (8 * size).to_bytes(4)
    return ConcatKDFHash(SHA256(), size, info).derive(secret)
