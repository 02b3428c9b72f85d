"""What delegation speaks of."""

from __future__ import annotations

import enum

CONSENT = "consent"
"""What custody may forbid beside scopes: to consent for a child under 14 (`haian.may_consent`)."""
CONSENT_TITLE = {"zh": "代孩子同意收集和使用信息", "en": "Consent for the child"}


class Ground(enum.Enum):
    """Why somebody may act for another: 监护人, or a mandate 亲友代办."""

    GUARDIAN = "GUARDIAN"
    MANDATE = "MANDATE"


class State(enum.Enum):
    """How far a mandate is: it covers nothing before its principal confirmed it and its delegate accepted it, nothing on the
    day after a code was told, and nothing after its end."""

    ASKED = "ASKED"
    OFFERED = "OFFERED"
    COOLING = "COOLING"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class How(enum.Enum):
    """How a principal confirmed: on their own phone, by a code that they told, or at a desk."""

    PHONE = "PHONE"
    CALL_BACK = "CALL_BACK"
    DESK = "DESK"


class Kin(enum.Enum):
    """What a guardian is to the child."""

    MOTHER = "MOTHER"
    FATHER = "FATHER"
    GRANDPARENT = "GRANDPARENT"
    OTHER = "OTHER"


class Tie(enum.Enum):
    """What a line of my family is: a child of mine, another guardian of that child, a guardian of mine."""

    MY_CHILD = "MY_CHILD"
    OTHER_GUARDIAN = "OTHER_GUARDIAN"
    MY_GUARDIAN = "MY_GUARDIAN"


class Document(enum.Enum):
    """What was seen at the desk: 身份证, 户口簿, or another."""

    ID_CARD = "ID_CARD"
    HOUSEHOLD_BOOK = "HOUSEHOLD_BOOK"
    OTHER = "OTHER"
