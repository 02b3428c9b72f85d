"""A grandmother, her grandson, and what she lets him do."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.clients import Phone, Served

from haian.ids import new_id

BOOKING = "healthcare.appointments.write"
LOOKING = "healthcare.appointments.read"


async def mandate(served: Served, principal: Phone, delegate: Phone, *scopes: str, days: int = 30) -> UUID:
    """A mandate that was confirmed a minute ago."""
    id_, now = new_id(), served.platform.clock.now()
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute(
            """INSERT INTO delegation.mandate (id, principal_id, helper_id, scopes, since, until, asked_at, confirmed_at,
                                               confirmed_how, confirmed_by)
               VALUES ($1, $2, $3, $4, $5, $6, $5, $5, 'PHONE', $2)""",
            id_, UUID(principal.id), UUID(delegate.id), list(scopes), now - timedelta(minutes=1), now + timedelta(days=days))
    return id_


async def end(served: Served, id_: UUID) -> None:
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.mandate SET ended_at = $2 WHERE id = $1", id_,
                                 served.platform.clock.now())


def acting(phone: Phone, subject: Phone | str | None) -> Phone:
    """The same phone, from now on for another, or for its owner again."""
    phone.http.headers.pop("X-Haian-For", None)
    if subject is not None:
        phone.http.headers["X-Haian-For"] = subject if isinstance(subject, str) else subject.id
    return phone
