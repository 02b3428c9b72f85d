"""The citizen ID number 公民身份号码 (GB 11643-1999), its check, its seal and its mask.

A right check digit proves nothing about a person; it only finds typing mistakes.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import date

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from identity.regions import REGIONS

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
DIGITS = frozenset("0123456789")
OLDEST = 150


def normalise(text: str) -> str:
    """A lower-case x is the check digit X (GB 11643-1999, 4.2.4). Nothing else is forgiven."""
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


def digest(number: str, key: bytes) -> bytes:
    """The number's HMAC-SHA256: equal for equal numbers, tells nothing without the key."""
    return hmac.digest(key, number.encode(), hashlib.sha256)


def seal(number: str, key: bytes, citizen: bytes) -> bytes:
    """AES-256-GCM, bound to the citizen's id, so that a row cannot be moved to another person. Nonce 12 bytes first."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, number.encode(), citizen)


def unseal(sealed: bytes, key: bytes, citizen: bytes) -> str:
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], citizen).decode()
