"""What onecode speaks of."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from haian.codes import ALPHABET, LENGTH
from haian.transaction import Transaction
from onecode.pictures import drawn

SHOW = "onecode.code.show"
KIND = "onecode"
"""Of its codes among all that Redis keeps."""
PREFIX = "H1:"
SHOWN_SECONDS, KEPT_SECONDS = 30, 60
SHORT = 8
TOKEN = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
DIGITS = re.compile(f"[0-9]{{{SHORT}}}")
HASH = re.compile("[0-9a-f]{64}")
PLATE = re.compile("[\\u4e00-\\u9fff][A-Z][A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9\\u4e00-\\u9fff]")
VISIT_LABELS = {"visitor": {"zh": "访客", "en": "Visitor"}, "visits": {"zh": "来访", "en": "Visits"},
                "plate": {"zh": "车牌", "en": "Plate"}, "entries_left": {"zh": "还可进（次）", "en": "Entries left"}}
ALIKE = str.maketrans("ILO", "110", " -")

UNDO_WITHIN = timedelta(minutes=5)
OUTCOMES = {"ACCEPTED": "通过", "USED": "码已用过", "EXPIRED": "码已过期", "NOT_ENTITLED": "不符合条件",
            "SUSPENDED": "码已停用"}
"""The verdicts in an export."""


class Fate(enum.Enum):
    """What becomes of a code that is shown."""

    SHOWN = "SHOWN"
    READ = "READ"
    OVER = "OVER"


class Verdict(enum.Enum):
    """What a scan came to. EXPIRED: ran out, or never was a code. NOT_ENTITLED: a good code, but a fact that the scene
    demands does not hold. SUSPENDED: its holder has stopped all their codes."""

    ACCEPTED = "ACCEPTED"
    USED = "USED"
    EXPIRED = "EXPIRED"
    NOT_ENTITLED = "NOT_ENTITLED"
    SUSPENDED = "SUSPENDED"


class Reply(enum.Enum):
    """What a holder says to what is asked of them at a scan: 只这一次, 以后都可以, 不给."""

    ONCE = "ONCE"
    STANDING = "STANDING"
    DENIED = "DENIED"


class AskState(enum.Enum):
    """How that question stands. OVER: nobody answered, or the scan was taken back."""

    WAITING = "WAITING"
    GIVEN = "GIVEN"
    DENIED = "DENIED"
    OVER = "OVER"


class Undoing(enum.Enum):
    """Why a scan was taken back."""

    WRONG_PERSON = "WRONG_PERSON"
    NOT_ENTERING = "NOT_ENTERING"
    WRONG_SCENE = "WRONG_SCENE"


class Cause(enum.Enum):
    """Why somebody was let in without a code 紧急放行."""

    AMBULANCE = "AMBULANCE"
    FIRE = "FIRE"
    POLICE = "POLICE"
    NO_PHONE = "NO_PHONE"
    OTHER = "OTHER"


class Offline(enum.Enum):
    """What becomes in a scene of a code that was signed for the time without a network. NONE: it is not accepted. REFUSE:
    only while the server and its Redis can look whether it was used. OFFLINE: always, and settled later."""

    NONE = "NONE"
    REFUSE = "REFUSE"
    OFFLINE = "OFFLINE"


class PassState(enum.Enum):
    """How a visitor's pass stands. PAUSED: its host has suspended their code."""

    OPEN = "OPEN"
    NOT_YET = "NOT_YET"
    USED_UP = "USED_UP"
    OVER = "OVER"
    ENDED = "ENDED"
    PAUSED = "PAUSED"


@dataclass(frozen=True)
class Invitation:
    """What a host says of a visitor. `link`: SHA-256 of the link's secret, in hexadecimal; `plate` may be empty."""

    link: str
    visitor: str
    plate: str
    starts_at: datetime
    ends_at: datetime
    entries: int


@dataclass(frozen=True)
class FirstUse:
    """When and where a code was used before; by whom is told to nobody."""

    at: datetime
    place: str


@dataclass(frozen=True)
class Decision:
    """What was found out about a code: its holder, the facts that the verifier sees, an earlier use; who showed it, where
    that was not the holder; the visitor's pass that it was shown by."""

    verdict: Verdict
    holder: UUID | None = None
    facts: list[dict[str, Any]] = field(default_factory=list)
    first: FirstUse | None = None
    same_verifier: bool = False
    shown_by: UUID | None = None
    pass_id: UUID | None = None


@dataclass(slots=True)
class Scan:
    """A scan while it is decided. `tx`: of who reads; `post`: with the scene; `at`: when it was read without the server.
    Then: `id`, None where nothing is kept of it; which facts beyond the base were `given` by consent, and whether the
    holder `is_asked` for the others."""

    tx: Transaction
    post: Any
    code: str
    decision: Decision
    at: datetime | None = None
    id: UUID | None = None
    given: list[str] = field(default_factory=list)
    is_asked: bool = False

    @property
    def holder(self) -> UUID:
        """Of a code that is known."""
        assert self.decision.holder
        return self.decision.holder


@dataclass(frozen=True)
class Code:
    """A code to show until `expires_at`. `short`: 8 digits to be typed where a camera can't read the screen."""

    text: str
    short: str
    expires_at: datetime

    @property
    def modules(self) -> str:
        """The QR code (ISO/IEC 18004, alphanumeric, version 2, level M or better), as `onecode.pictures` has it."""
        return drawn(self.text)


def readable(text: str) -> str | None:
    """The token, or the 8 digits, of what was scanned or typed; None where it is no code of ours. Typing is forgiven what
    Crockford's base 32 forgives: small letters, I and L for 1, O for 0, spaces and hyphens."""
    said = text.strip().upper()
    short = said.translate(str.maketrans("", "", " -"))
    if DIGITS.fullmatch(short):
        return short
    token = said.removeprefix(PREFIX).translate(ALIKE)
    return token if TOKEN.fullmatch(token) else None


def short_key(digits: str) -> str:
    """Where Redis keeps for which code the digits stand."""
    return f"haian:onecode:short:{digits}"
