"""What certificates speaks of."""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass
from datetime import date

ROOT = "1.2.156.3005.2"
"""电子证照根代码: the arc of all electronic certificates (GB/T 36904-2018)."""
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SAYS, WORDS = (1, 100), (2, 200)
OFFICER = "certificate_officer"


class Standing(enum.Enum):
    """Whether a certificate counts today."""

    VALID = "VALID"
    NOT_YET = "NOT_YET"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"


class Outcome(enum.Enum):
    """How the office answered a correction."""

    CORRECTED = "CORRECTED"
    REFUSED = "REFUSED"


class Use(enum.Enum):
    """What was done with a certificate."""

    SHOWN = "SHOWN"
    PRESENTED = "PRESENTED"
    DECLINED = "DECLINED"
    ISSUED = "ISSUED"


@dataclass(frozen=True)
class Record:
    """A certificate as its office tells it. `claims`: name -> value, by the names of its kind; dates as 2027-03-01."""

    claims: dict[str, str]
    issuer: str
    issuer_code: str
    serial: str
    issued_on: date
    valid_from: date
    valid_until: date | None


def check_character(text: str) -> str:
    """ISO/IEC 7064 MOD 37,36 (GB/T 17710-2008), over digits and capital letters."""
    product = 36
    for sign in text:
        product = ((product + ALPHABET.index(sign)) % 36 or 36) * 2 % 37
    return ALPHABET[(37 - product) % 36]


def identifier(type_code: str, issuer_code: str, serial: str, version: int) -> str:
    """电子证照标识: root, type, issuer, serial, version of three digits, check character, with points between them
    (GB/T 36904-2018). The check is over the four parts in the middle, without points. ValueError for other signs than
    digits and capital letters."""
    parts = (type_code, issuer_code, serial, f"{version:03d}")
    return ".".join((ROOT, *parts, check_character("".join(parts))))


def is_identifier(text: str) -> bool:
    """Whether it has the form of an identifier and its check character is right."""
    head, parts = text[:len(ROOT)], text[len(ROOT) + 1:].split(".")
    if head != ROOT or text[len(ROOT):len(ROOT) + 1] != "." or len(parts) != 5 or len(parts[3]) != 3:
        return False
    if not all(part and set(part) <= set(ALPHABET) for part in parts):
        return False
    return check_character("".join(parts[:4])) == parts[4]


def masked(text: str, how: str) -> str:
    """What is shown before it is unmasked. WHOLE: all of it; NAME: the first sign; ENDS: the first three and the last two;
    else nothing but how long it may be."""
    if how == "WHOLE":
        return text
    if how == "NAME":
        return text[:1] + "*" * max(1, len(text) - 1)
    if how == "ENDS" and len(text) > 7:
        return text[:3] + "*" * (len(text) - 5) + text[-2:]
    return "*" * 6


def tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def fits(text: str, length: tuple[int, int]) -> bool:
    """Long enough, short enough, and nothing in it that nobody can see."""
    return length[0] <= len(text) <= length[1] and text.isprintable()


AGES = (14, 16, 18, 60, 65, 80)
"""For each of them a credential says whether it is reached."""
REQUEST_SECONDS = 180
"""How long a verifier's request can be answered."""


class Area(enum.Enum):
    """What a scene belongs to: 执法, 社会服务."""

    LAW = "LAW"
    SOCIAL = "SOCIAL"


class Fate(enum.Enum):
    """What came of a request. REFUSED: what was presented is not to be believed."""

    OPEN = "OPEN"
    OVER = "OVER"
    PRESENTED = "PRESENTED"
    DECLINED = "DECLINED"
    REFUSED = "REFUSED"


@dataclass(frozen=True)
class Asked:
    """A request as its verifier shows it: for our own wallet `link`, for any other `wallet`, each as text and QR code."""

    id: str
    link: str
    wallet: str
    path: str
    size: int
    wallet_path: str
    wallet_size: int
    seconds: int
