"""Numbers that one signs in with, in GraphQL."""

from __future__ import annotations

import strawberry

from haian import fields
from haian.rules import GIVEN, role
from identity import desk_phones
from identity.models import DeskPhone

DESK = role(desk_phones.ROLE)
strawberry.enum(DeskPhone, name="IdentityDeskPhone")


@fields.object_type(allow=GIVEN)
class IdentityPhone:
    """The number that I sign in with, or that a code was sent to. `old_needed`: it takes a code of the old number too, until
    a factor of mine is a day old. `shared`: a demo account, whose number stays."""

    phone: str | None
    old_needed: bool
    shared: bool


@fields.object_type(allow=GIVEN)
class IdentityAtDesk:
    """What a desk did with a number."""

    outcome: DeskPhone
