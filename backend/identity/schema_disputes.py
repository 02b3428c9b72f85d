"""Numbers that two gave, in GraphQL: what an officer sees of them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import ID, Private

from haian import fields
from haian.fields import Audit
from haian.rules import GIVEN, role
from identity import disputes, store
from identity.models import Level, Outcome

OFFICER = role(disputes.ROLE)
PARTY_SEEN = Audit("DISPUTE_SEEN", subject="citizen_id", ground="duty")
strawberry.enum(Outcome, name="IdentityOutcome")


@fields.object_type(allow=GIVEN)
class IdentityParty:
    """One of the two who gave the same number: whom an officer calls, and asks for the card. `verified_at`: when a verifier
    agreed with them."""

    name: str
    phone: str | None
    born: date | None
    level: Level
    verified_at: datetime | None
    citizen_id: Private[UUID]


@fields.object_type(allow=OFFICER)
class IdentityDispute:
    """A number that `holder` has and `claimant` gave too, under `claimed_name`; `reason`: what its settlement rests on."""

    id: ID
    masked_number: str
    claimed_name: str
    opened_at: datetime
    settled_at: datetime | None
    outcome: Outcome | None
    reason: str | None
    holder_id: Private[UUID]
    claimant_id: Private[UUID]

    @fields.field(allow=OFFICER, audit=PARTY_SEEN)
    def holder(self) -> IdentityParty:
        return store.party(self.holder_id)

    @fields.field(allow=OFFICER, audit=PARTY_SEEN)
    def claimant(self) -> IdentityParty:
        return store.party(self.claimant_id)
