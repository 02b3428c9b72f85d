"""What is held about a citizen, and for how long, in GraphQL."""

from __future__ import annotations

from datetime import datetime

from strawberry import ID

from haian import fields
from haian.rules import GIVEN, PUBLIC


@fields.object_type(allow=GIVEN)
class ConsentClosing:
    """My account is to be closed: asked when, done when, unless I keep it."""

    asked_at: datetime
    due_at: datetime


@fields.object_type(allow=PUBLIC)
class ConsentHolder:
    """A part of the product that holds something about a citizen, and how many days after the closing it forgets."""

    name: str
    days: int


@fields.object_type(allow=PUBLIC)
class ConsentKept:
    """What is kept though an account is closed, by which law, for how many days."""

    what: str
    ground: str
    days: int


@fields.object_type(allow=PUBLIC)
class ConsentRetained:
    """What is deleted while an account stays, on which ground it is kept until then, after how many days; null where each of
    them says that itself."""

    what: str
    ground: str
    days: int | None


@fields.object_type(allow=GIVEN)
class ConsentChild:
    """A child for whom I consent; `due_at`: its account is to be closed then; `may_export`: custody limits me in nothing."""

    id: ID
    name: str
    may_export: bool
    due_at: datetime | None
