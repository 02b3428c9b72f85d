"""What parking holds about a citizen, for their own file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import OTHERS


@sql
def bookings(citizen: UUID) -> Any:
    """SELECT b.id, b.space_id, s.community, s.lot, s.label, b.plate, lower(b.during) AS starts_at,
              upper(b.during) AS ends_at, b.price_cents, b.status, b.booked_at, b.cancelled_at, b.reminded_at
       FROM parking.booking b JOIN parking.space s ON s.id = b.space_id WHERE b.holder_id = {citizen} ORDER BY b.booked_at"""


@sql
def spaces(citizen: UUID) -> Any:
    """SELECT id, community, lot, label, price_cents, status, reason, registered_at, demo FROM parking.space
       WHERE owner_id = {citizen} ORDER BY registered_at, id"""


@sql
def offers(citizen: UUID) -> Any:
    """SELECT f.id, f.space_id, f.community, lower(f.during) AS starts_at, upper(f.during) AS ends_at, f.withdrawn_at
       FROM parking.offer f JOIN parking.space s ON s.id = f.space_id WHERE s.owner_id = {citizen}
       ORDER BY lower(f.during), f.id"""


EXPORT = {"bookings": bookings, "spaces": spaces, "offers": offers}
LEAVES_OUT = {"parking.booking.offer_id": OTHERS}
