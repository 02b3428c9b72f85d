"""What staff speaks of."""

from __future__ import annotations

import enum
import unicodedata
from datetime import timedelta

ANSWER_WITHIN = timedelta(days=14)
FURTHEST = timedelta(days=366)
"""A post may begin so far ahead."""


class Standing(enum.Enum):
    """How far an invitation is."""

    TO_APPROVE = "TO_APPROVE"
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"


class BurstOutcome(enum.Enum):
    """What a manager found of a burst of look-ups: 核对过，正常; 已结束岗位."""

    IN_ORDER = "IN_ORDER"
    POST_ENDED = "POST_ENDED"


def cleaned(text: str, most: int, lines: bool = False) -> str | None:
    """NFC without spaces around it; None where it is longer than `most` or holds what nobody can see."""
    text = unicodedata.normalize("NFC", text).strip()
    hidden = any(unicodedata.category(sign).startswith("C") and not (lines and sign == "\n") for sign in text)
    return None if hidden or len(text) > most else text
