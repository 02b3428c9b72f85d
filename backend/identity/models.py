"""What identity speaks of."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


class Level(enum.Enum):
    """How well a person is known: 未实名, 实名, 高级实名."""

    UNVERIFIED = "UNVERIFIED"
    VERIFIED = "VERIFIED"
    STRONG = "STRONG"


class Relation(enum.Enum):
    """What a guardian 监护人 is to the child."""

    MOTHER = "MOTHER"
    FATHER = "FATHER"
    GRANDPARENT = "GRANDPARENT"
    OTHER = "OTHER"


class Standing(enum.Enum):
    """What became of the last time that a citizen gave name and number."""

    WAITING = "WAITING"
    AGREED = "AGREED"
    DISAGREED = "DISAGREED"
    DISPUTED = "DISPUTED"
    LAPSED = "LAPSED"


class Outcome(enum.Enum):
    """Whose a number is that two gave: his who has it, hers who claims it, or nobody's until one comes with the card."""

    HOLDER = "HOLDER"
    CLAIMANT = "CLAIMANT"
    NEITHER = "NEITHER"


@dataclass(frozen=True)
class Session:
    """A browser session: in Redis under the hash of its cookie."""

    id: str
    citizen_id: UUID
    since: datetime


def first_name(phone: str) -> str:
    """What a citizen is called until they give their name: 市民 and the end of their number."""
    return f"市民{phone[-4:]}"


class DeskPhone(enum.Enum):
    """What a desk did with a number: took it from an account, gave it to one that had none, or both."""

    FREED = "FREED"
    GIVEN = "GIVEN"
    MOVED = "MOVED"
