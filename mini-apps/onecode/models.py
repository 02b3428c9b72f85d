"""What onecode speaks of."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import segno

from haian.codes import ALPHABET, LENGTH

PREFIX = "H1:"
SHOWN_SECONDS, KEPT_SECONDS = 30, 60
SHORT = 8
TOKEN = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
DIGITS = re.compile(f"[0-9]{{{SHORT}}}")
ALIKE = str.maketrans("ILO", "110", " -")


class Fate(enum.Enum):
    """What becomes of a code that is shown."""

    SHOWN = "SHOWN"
    READ = "READ"
    OVER = "OVER"


class Verdict(enum.Enum):
    """What a scan came to. EXPIRED: ran out, or never was a code. NOT_ENTITLED: a good code, but a fact that the scene
    demands does not hold."""

    ACCEPTED = "ACCEPTED"
    USED = "USED"
    EXPIRED = "EXPIRED"
    NOT_ENTITLED = "NOT_ENTITLED"


@dataclass(frozen=True)
class FirstUse:
    """When and where a code was used before; by whom is told to nobody."""

    at: datetime
    place: str


@dataclass(frozen=True)
class Decision:
    """What was found out about a code: its holder, the facts that the verifier sees, an earlier use."""

    verdict: Verdict
    holder: UUID | None = None
    facts: list[dict[str, Any]] = field(default_factory=list)
    first: FirstUse | None = None
    same_verifier: bool = False


@dataclass(frozen=True)
class Code:
    """A code to show until `expires_at`. `short`: 8 digits to be typed where a camera can't read the screen."""

    text: str
    short: str
    expires_at: datetime

    @cached_property
    def modules(self) -> tuple[str, int]:
        """The QR code (ISO/IEC 18004, alphanumeric, version 2, level M or better) as the path of an SVG, one unit a
        module, without its white frame; and the number of modules on a side."""
        matrix = segno.make(self.text, error="m", micro=False).matrix
        runs = (f"M{run.start()} {y}h{run.end() - run.start()}v1h-{run.end() - run.start()}z"
                for y, row in enumerate(matrix) for run in re.finditer(b"\x01+", bytes(row)))
        return "".join(runs), len(matrix)


def readable(text: str) -> str | None:
    """The token, or the 8 digits, of what was scanned or typed; None where it is no code of ours. Typing is forgiven what
    Crockford's base 32 forgives: small letters, I and L for 1, O for 0, spaces and hyphens."""
    said = text.strip().upper()
    short = said.translate(str.maketrans("", "", " -"))
    if DIGITS.fullmatch(short):
        return short
    token = said.removeprefix(PREFIX).translate(ALIKE)
    return token if TOKEN.fullmatch(token) else None
