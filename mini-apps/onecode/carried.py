"""离线码: the form of a code that a phone carries for where there is no network (docs/protocols.md).

A server's part, signed with Ed25519: what it holds, for whose device key, in which window. A device's part: when it was
shown, signed with that key (ECDSA P-256), so that a picture of it is stale like any other.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PREFIX = "H2:"
VERSION = 2
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""RFC 9285, §4.2: what a QR code's alphanumeric mode holds."""
BATCH, SECRET, NUMBER, SIGNATURE, KEY, SHOWN = 8, 16, 8, 64, 33, 4
COMMUNITY = 5
HEAD = 1 + 2 + NUMBER + 1 + 4 + 2 + KEY + 1 + 1
LONGEST_NAME = 15
"""Of the masked name in UTF-8: with it the code is 205 bytes, 311 signs, a QR code of version 10 at level M."""
LONGEST = HEAD + COMMUNITY + LONGEST_NAME + SIGNATURE + SHOWN + SIGNATURE
FACTS = {"name": 1, "resident": 2, "resident_of_district": 4, "adult": 8, "senior": 16}
"""The facts that a code itself can say, what a scene may ask that takes one without the server; and the bit of each."""
SAYS = frozenset(FACTS)
HOLDS = FACTS["resident_of_district"] | FACTS["adult"] | FACTS["senior"]
"""Those that hold or do not."""
PURPOSE = b"haian onecode offline codes 1"
NUMBERED, SAID, DISPLAYED = b"haian number 2\0", b"haian code 2\0", b"haian shown 2\0"


@dataclass(frozen=True)
class Carried:
    """What the server says in a code: its number, by which who knows the secret of its batch knows it; its place in that;
    its window; a key of the device (a point of P-256, compressed), which has one for each code; which facts it says; which
    of them hold; and where it says them, masked name and community."""

    number: bytes
    index: int
    since: datetime
    minutes: int
    device: bytes
    says: int
    holds: int
    community: str
    name: str

    @property
    def until(self) -> datetime:
        return self.since + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Displayed:
    """A code as it was shown: what the server said, when, and its digest, which is the same however often it is shown."""

    carried: Carried
    shown_at: datetime
    digest: str


class Signer:
    """The server's key for codes, made of a secret that all processes share; its name is 2 bytes of its hash."""

    def __init__(self, secret: bytes) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(hmac.digest(secret, PURPOSE, "sha256"))
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.name = hashlib.sha256(self.public).digest()[:2]

    def sign(self, carried: Carried) -> bytes:
        """The server's part of a code."""
        said = bytes([VERSION]) + self.name + packed(carried)
        return said + self.key.sign(SAID + said)

    def read(self, text: str) -> Displayed | None:
        return read(text, {self.name: self.public})


def read(text: str, keys: Mapping[bytes, bytes]) -> Displayed | None:
    """What a text says; None where it is no code of ours, or one of the signatures is not right. `keys`: the server's public
    ones, by their names."""
    is_ours = text.startswith(PREFIX) and len(text) <= 2 * LONGEST
    given = from_base45(text.removeprefix(PREFIX)) if is_ours else None
    if given is None or not HEAD + 2 * SIGNATURE + SHOWN <= len(given) <= LONGEST:
        return None
    signed, shown, proof = given[:-SHOWN - SIGNATURE], given[-SHOWN - SIGNATURE:-SIGNATURE], given[-SIGNATURE:]
    said, signature = signed[:-SIGNATURE], signed[-SIGNATURE:]
    server = keys.get(said[1:3])
    if said[:1] != bytes([VERSION]) or server is None:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(server).verify(signature, SAID + said)
        carried = unpacked(said[3:])
        device = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), carried.device)
        r, s = int.from_bytes(proof[:32]), int.from_bytes(proof[32:])
        device.verify(encode_dss_signature(r, s), DISPLAYED + signed + shown, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return None
    at = datetime.fromtimestamp(int.from_bytes(shown), UTC)
    return Displayed(carried, at, hashlib.sha256(said).hexdigest())


def number_of(secret: bytes, index: int) -> bytes:
    """What stands for a code in it: two of one batch have nothing in common for who does not know its secret."""
    return hashlib.sha256(NUMBERED + secret + bytes([index])).digest()[:NUMBER]


class Stopped:
    """Batches of which no code passes, by their secrets. The numbers of a place are made once, when the first code of that
    place is looked for."""

    def __init__(self, secrets: Collection[bytes]) -> None:
        self.secrets = secrets
        self.numbers: dict[int, frozenset[bytes]] = {}

    def __contains__(self, code: Carried) -> bool:
        if code.index not in self.numbers:
            self.numbers[code.index] = frozenset(number_of(secret, code.index) for secret in self.secrets)
        return code.number in self.numbers[code.index]


def says(carried: Carried, division: str) -> dict[str, str | bool]:
    """Each fact that a code says itself, to a verifier whose residents live in this division."""
    told: dict[str, str | bool] = {"name": carried.name,
                                   "resident": bool(carried.community) and carried.community.startswith(division)}
    told |= {name: bool(carried.holds & bit) for name, bit in FACTS.items() if bit & HOLDS}
    return {name: value for name, value in told.items() if carried.says & FACTS[name]}


def packed(carried: Carried) -> bytes:
    community = int(carried.community or 0).to_bytes(COMMUNITY) if carried.says & FACTS["resident"] else b""
    return b"".join((
        carried.number, bytes([carried.index]), int(carried.since.timestamp()).to_bytes(4), carried.minutes.to_bytes(2),
        carried.device, bytes([carried.says, carried.holds]), community, carried.name.encode()))


def unpacked(said: bytes) -> Carried:
    """ValueError for what says too little or too much, and for a name that is not UTF-8."""
    at = NUMBER
    index, since, minutes = said[at], int.from_bytes(said[at + 1:at + 5]), int.from_bytes(said[at + 5:at + 7])
    at += 7
    device, says_, holds, rest = said[at:at + KEY], said[at + KEY], said[at + KEY + 1], said[at + KEY + 2:]
    size = COMMUNITY if says_ & FACTS["resident"] else 0
    community, name = int.from_bytes(rest[:size]), rest[size:].decode()
    if len(rest) < size or bool(name) > bool(says_ & FACTS["name"]) or holds & ~(says_ & HOLDS):
        raise ValueError
    return Carried(said[:NUMBER], index, datetime.fromtimestamp(since, UTC), minutes, device, says_, holds,
                   f"{community:012d}" if community else "", name)


def shortened(name: str) -> str:
    """A masked name of at most 15 bytes: fewer stars."""
    while len(name.encode()) > LONGEST_NAME and "**" in name:
        name = name.replace("**", "*", 1)
    return name if len(name.encode()) <= LONGEST_NAME else name[:1] + "*"


def is_point(key: bytes) -> bool:
    """Whether this is a key of a device: a point of P-256, compressed."""
    if len(key) != KEY or key[0] not in (2, 3):
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError:
        return False
    return True


def to_base45(given: bytes) -> str:
    """RFC 9285, §4."""
    signs = []
    for at in range(0, len(given), 2):
        pair = given[at:at + 2]
        number = int.from_bytes(pair)
        for _ in range(len(pair) + 1):
            number, sign = divmod(number, 45)
            signs.append(BASE45[sign])
    return "".join(signs)


def from_base45(text: str) -> bytes | None:
    """None for what is no Base45 (RFC 9285, §4.3)."""
    if len(text) % 3 == 1 or any(sign not in BASE45 for sign in text):
        return None
    found = bytearray()
    for at in range(0, len(text), 3):
        part = text[at:at + 3]
        number, size = sum(BASE45.index(sign) * 45**i for i, sign in enumerate(part)), len(part) - 1
        if number >= 256**size:
            return None
        found += number.to_bytes(size)
    return bytes(found)
