"""The citizen ID number 公民身份号码 (GB 11643-1999), its check, its seal and its mask.

A right check digit proves nothing about a person; it only finds typing mistakes.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from haian import macs
from haian.settings import Settings
from identity.regions import REGIONS

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
DIGITS = frozenset("0123456789")
OLDEST = 150


def normalise(text: str) -> str:
    """A lower-case x is the check digit X (GB 11643-1999). Nothing else is forgiven."""
    return text[:-1] + "X" if text.endswith("x") else text


def is_valid(number: str, today: date) -> bool:
    """18 places, a province, a birth date that exists and is not to come, and the check digit of ISO 7064 MOD 11-2.

    Abolished counties stay valid: they are still on living citizens' cards. 15-place numbers are void since 2013.
    """
    if len(number) != 18 or not set(number[:17]) <= DIGITS or number[:2] not in REGIONS:
        return False
    born = birth_date(number)
    if born is None or born > today or today.year - born.year > OLDEST:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return CHECKS[total % 11] == number[17]


def birth_date(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def mask(number: str) -> str:
    """The first three and last two places, as 爱山东 shows it."""
    return f"{number[:3]}{'*' * 13}{number[-2:]}"


def index(number: str, settings: Settings) -> list[bytes]:
    """By what a number is found: of each index key its name (4 bytes) and the number's HMAC (32), the newest key first.
    Equal for equal numbers, it tells nothing without the key."""
    return [name + made for name, made in macs.named(settings, number.encode()).items()]


ID_BYTES, NONCE_BYTES = 4, 12


@dataclass(frozen=True)
class FieldKeys:
    """The key that seals, and those that sealed before and still open."""

    newest: bytes
    older: tuple[bytes, ...] = ()

    @staticmethod
    def of(settings: Settings) -> FieldKeys:
        return FieldKeys(settings.field_key, settings.field_keys_old)

    @property
    def id(self) -> bytes:
        """The name of the newest, with which all begins that it seals."""
        return id_of(self.newest)


def id_of(key: bytes) -> bytes:
    """The name of a key: it says nothing of the key."""
    return hashlib.sha256(b"haian field key" + key).digest()[:ID_BYTES]


def seal(number: str, keys: FieldKeys, citizen: bytes) -> bytes:
    """AES-256-GCM, bound to the citizen's id, so that a row cannot be moved to another person. The name of the key first (4
    bytes), then the nonce (12)."""
    nonce = os.urandom(NONCE_BYTES)
    return keys.id + nonce + AESGCM(keys.newest).encrypt(nonce, number.encode(), citizen)


def unseal(sealed: bytes, keys: FieldKeys, citizen: bytes) -> str:
    """The number. What was sealed before keys had names is tried with all of them. InvalidTag where none opens it."""
    all_ = (keys.newest, *keys.older)
    tries = [(key, sealed[ID_BYTES:]) for key in all_ if sealed[:ID_BYTES] == id_of(key)] + [(key, sealed) for key in all_]
    for key, rest in tries:
        if len(rest) <= NONCE_BYTES:
            continue
        with suppress(InvalidTag):
            return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], citizen).decode()
    raise InvalidTag
