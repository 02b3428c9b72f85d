"""COSE_Sign1 (RFC 9052) with ES256 alone, and the CBOR (RFC 8949) that it is made of. What is not believed is `Invalid`."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import cbor2
from cbor2 import CBORTag
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from certificates.sd_jwt import Invalid

ALG, X5CHAIN, ES256 = 1, 33, -7
KTY, CRV, X, Y, EC2, P256 = 1, -1, -2, -3, 2, 1
SIZE = 32
ENCODED = 24
"""The tag of CBOR that stands encoded in a byte string."""
DEEPEST = 16


def _refuse(*_: Any) -> NoReturn:
    raise cbor2.CBORDecodeError("a tag that nobody needs here")


PLAIN = dict.fromkeys((2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 256, 258, 260, 261, 43000), _refuse)
"""Tags that cost more than they say: numbers of any size, shared references, expressions."""


def encode(value: Any) -> bytes:
    return cbor2.dumps(value)


def decode(raw: bytes) -> Any:
    """One value, of definite length, in which no name stands twice. Invalid."""
    stream = io.BytesIO(raw)
    try:
        found = cbor2.load(stream, max_depth=DEEPEST, allow_indefinite=False, allow_duplicate_keys=False,
                           semantic_decoders=PLAIN)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError):
        raise Invalid("encoding") from None
    if stream.read():
        raise Invalid("encoding")
    return found


def enclosed(raw: bytes) -> bytes:
    """What signatures and digests are over: CBOR that stands encoded, with its tag."""
    return encode(CBORTag(ENCODED, raw))


def opened(value: Any) -> bytes:
    """What stands encoded. Invalid for anything else."""
    if not isinstance(value, CBORTag) or value.tag != ENCODED or not isinstance(value.value, bytes):
        raise Invalid("encoding")
    return value.value


def moment(value: datetime) -> datetime:
    """For a `tdate`: UTC, whole seconds."""
    return value.replace(microsecond=0)


def key_map(key: EllipticCurvePublicKey) -> dict[int, Any]:
    """COSE_Key (RFC 9053, §7.1) of a P-256 key."""
    numbers = key.public_numbers()
    return {KTY: EC2, CRV: P256, X: numbers.x.to_bytes(SIZE), Y: numbers.y.to_bytes(SIZE)}


def key_of(said: Any) -> EllipticCurvePublicKey:
    """The P-256 key of a COSE_Key. Invalid for any other."""
    if not isinstance(said, dict) or (said.get(KTY), said.get(CRV)) != (EC2, P256):
        raise Invalid("key")
    x, y = said.get(X), said.get(Y)
    if not isinstance(x, bytes) or not isinstance(y, bytes) or (len(x), len(y)) != (SIZE, SIZE):
        raise Invalid("key")
    try:
        return EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()
    except ValueError:
        raise Invalid("key") from None


def sign(payload: bytes, key: EllipticCurvePrivateKey, unprotected: Mapping[int, Any] | None = None,
         protected: Mapping[int, Any] | None = None, detached: bool = False) -> list[Any]:
    """COSE_Sign1 without a tag. `detached`: whoever checks it knows the payload."""
    head = encode({ALG: ES256, **(protected or {})})
    r, s = decode_dss_signature(key.sign(_signed(head, payload), ECDSA(SHA256())))
    return [head, dict(unprotected or {}), None if detached else payload, r.to_bytes(SIZE) + s.to_bytes(SIZE)]


def read(message: Any) -> tuple[dict[Any, Any], Any]:
    """The unprotected header and the payload of a COSE_Sign1, which nobody has verified yet. Invalid."""
    if not isinstance(message, list) or len(message) != 4:
        raise Invalid("encoding")
    head, unprotected, payload, signature = message
    if not isinstance(head, bytes) or not isinstance(unprotected, dict) or not isinstance(signature, bytes):
        raise Invalid("encoding")
    protected = decode(head)
    if not isinstance(protected, dict) or protected.get(ALG) != ES256 or ALG in unprotected or 2 in protected:
        raise Invalid("header")
    return unprotected, payload


def check(message: list[Any], payload: bytes, key: EllipticCurvePublicKey) -> None:
    """That the key signed this payload. Invalid."""
    head, signature = message[0], message[3]
    if len(signature) != 2 * SIZE:
        raise Invalid("signature")
    raw = encode_dss_signature(int.from_bytes(signature[:SIZE]), int.from_bytes(signature[SIZE:]))
    try:
        key.verify(raw, _signed(head, payload), ECDSA(SHA256()))
    except InvalidSignature:
        raise Invalid("signature") from None


def _signed(head: bytes, payload: bytes) -> bytes:
    """Sig_structure (RFC 9052, §4.4)."""
    return encode(["Signature1", head, b"", payload])
