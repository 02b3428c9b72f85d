"""What of healthcare is told as it happens: a doctor's times, to everybody who looks at them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import strawberry
from strawberry import ID, Private

from haian import fields
from haian.ids import parse_id
from haian.rules import PUBLIC
from healthcare import service, store
from healthcare.models import SlotChange
from healthcare.schema_doctors import HealthcareSlot

strawberry.enum(SlotChange, name="HealthcareSlotChange")


@fields.object_type(allow=PUBLIC)
class HealthcareSlotEvent:
    """Something happened to a doctor's times. READY: from now on everything is told. SLOT: `slot` as it is now. SCHEDULE: a
    day was closed or opened, read the times again; so at RESYNC, when something may have been missed."""

    change: SlotChange
    cursor: str | None
    slot_id: Private[UUID | None]

    @fields.field()
    def slot(self) -> HealthcareSlot | None:
        return store.slot(self.slot_id)


@strawberry.type
class Subscription:
    @fields.subscription(allow=PUBLIC)
    def healthcare_slot_changes(self, doctor: ID, after: str | None = None) -> AsyncIterator[HealthcareSlotEvent]:
        """A doctor's times as others book them and give them back; first what was missed since the cursor `after`."""
        return service.slot_changes(parse_id(doctor, "doctor"), after, HealthcareSlotEvent)
