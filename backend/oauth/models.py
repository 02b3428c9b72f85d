"""What clients speak of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from haian.manifest import Texts

PURPOSE = "oauth.use"
WORDS = {"zh": "在“{name}”里使用", "en": "To use it in {name}"}
"""The purpose of what a citizen consents to here, and the words in which it stands under 我的授权."""


class Standing(Enum):
    """Of a client: it waits for approval, may act, was refused, was ended."""

    WAITING = "WAITING"
    LIVE = "LIVE"
    REFUSED = "REFUSED"
    ENDED = "ENDED"


@dataclass(frozen=True)
class Registered:
    """A client as it is registered. `redirects`: where a citizen may be sent back to; `scopes`: the most it may ask for;
    `office`: the organisation that answers for it."""

    id: UUID
    name: Texts
    office: UUID
    organisation: str
    redirects: tuple[str, ...]
    scopes: frozenset[str]
    demo: bool


@dataclass(frozen=True)
class Family:
    """What came of one consent on one device: all its refresh tokens, one after the other. `session`: as it is named among
    sessions; `jkt`: the thumbprint of the device's key (RFC 9449)."""

    citizen: UUID
    device: UUID
    client: UUID
    session: str
    jkt: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Granted:
    """The answer of the token endpoint (RFC 6749, 5.1)."""

    access: str
    refresh: str
    scopes: frozenset[str]
