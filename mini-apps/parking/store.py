"""Parking's SQL: named reads, one function a write."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction

# -- reads -----------------------------------------------------------------------------------------------------------


@sql
def communities() -> Any:
    """SELECT d.code, d.name, n.spaces FROM haian.division d CROSS JOIN LATERAL (
           SELECT count(*) AS spaces FROM parking.space WHERE community = d.code AND status = 'APPROVED') n
       WHERE d.level = 'community' AND n.spaces > 0 ORDER BY d.pinyin, d.code"""


@keyset("price_cents int4", "id uuid")
def free(community: str, starts_at: datetime, ends_at: datetime) -> Any:
    """SELECT o.id, o.space_id, s.price_cents, lower(o.during) AS starts_at, upper(o.during) AS ends_at
       FROM parking.offer o JOIN parking.space s ON s.id = o.space_id
       WHERE o.community = {community} AND o.withdrawn_at IS NULL
         AND o.during @> CASE WHEN {starts_at} < {ends_at} THEN tstzrange({starts_at}, {ends_at}) END
         AND s.owner_id IS DISTINCT FROM {viewer}
         AND NOT EXISTS (SELECT FROM parking.booking b WHERE b.space_id = o.space_id AND b.status = 'BOOKED'
                         AND b.during && CASE WHEN {starts_at} < {ends_at} THEN tstzrange({starts_at}, {ends_at}) END)"""


@sql
def space(id: UUID) -> Any:
    "SELECT *, community AS community_code FROM parking.space WHERE id = {id}"


@sql
def offer(id: UUID) -> Any:
    """SELECT id, space_id, lower(during) AS starts_at, upper(during) AS ends_at FROM parking.offer
       WHERE id = {id} AND withdrawn_at IS NULL"""


@sql
def community(code: str) -> Any:
    "SELECT * FROM haian.division WHERE code = {code}"


@sql
def is_viewer(citizen: UUID) -> Any:
    "{citizen} = {viewer}"


@sql
def owns(space: UUID) -> Any:
    "(SELECT owner_id = {viewer} FROM parking.space WHERE id = {space})"


@keyset("registered_at timestamptz", "id uuid", descending=True)
def my_spaces() -> Any:
    "SELECT *, community AS community_code FROM parking.space WHERE owner_id = {viewer}"


@sql
def offers_of(space: UUID) -> Any:
    """SELECT id, space_id, lower(during) AS starts_at, upper(during) AS ends_at FROM parking.offer
       WHERE space_id = {space} AND withdrawn_at IS NULL AND upper(during) > {now} ORDER BY lower(during) LIMIT 60"""


@sql
def stays(offer: UUID) -> Any:
    """SELECT id, plate, lower(during) AS starts_at, upper(during) AS ends_at FROM parking.booking
       WHERE offer_id = {offer} AND status = 'BOOKED' ORDER BY lower(during)"""


@keyset("starts_at timestamptz", "id uuid", descending=True)
def my_bookings() -> Any:
    """SELECT *, lower(during) AS starts_at, upper(during) AS ends_at FROM parking.booking WHERE holder_id = {subject}"""


@sql
def booking(id: UUID) -> Any:
    """SELECT *, lower(during) AS starts_at, upper(during) AS ends_at FROM parking.booking
       WHERE id = {id} AND holder_id = {subject}"""


@sql
def can_cancel(booking: UUID) -> Any:
    """(SELECT status = 'BOOKED' AND lower(during) > {now} FROM parking.booking WHERE id = {booking})"""


@sql
def book_result(booking: UUID | None, space: UUID, starts_at: datetime, ends_at: datetime) -> Any:
    """SELECT CASE WHEN b.id IS NULL THEN 'ParkingTaken' ELSE 'ParkingBooking' END AS typename, b.*,
              {starts_at} AS starts_at, {ends_at} AS ends_at, s.community, s.id AS taken_id
       FROM parking.space s LEFT JOIN parking.booking b ON b.id = {booking} WHERE s.id = {space}"""


@sql
def others(community: str, starts_at: datetime, ends_at: datetime) -> Any:
    """SELECT o.id, o.space_id, lower(o.during) AS starts_at, upper(o.during) AS ends_at
       FROM parking.offer o JOIN parking.space s ON s.id = o.space_id
       WHERE o.community = {community} AND o.withdrawn_at IS NULL AND o.during @> tstzrange({starts_at}, {ends_at})
         AND s.owner_id IS DISTINCT FROM {viewer}
         AND NOT EXISTS (SELECT FROM parking.booking b WHERE b.space_id = o.space_id AND b.status = 'BOOKED'
                         AND b.during && tstzrange({starts_at}, {ends_at})) ORDER BY s.price_cents, o.id LIMIT 3"""


@keyset("registered_at timestamptz", "id uuid")
def desk_spaces() -> Any:
    """SELECT s.*, s.community AS community_code FROM parking.space s WHERE s.status = 'PENDING' AND s.community IN (
           SELECT o.division_code FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
           WHERE m.citizen_id = {viewer} AND m.role = 'property_clerk' AND m.during @> {now})"""


@sql
def is_clerk_of(community: str) -> Any:
    """EXISTS (SELECT FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
            WHERE m.citizen_id = {viewer} AND m.role = 'property_clerk' AND m.during @> {now}
              AND o.division_code = {community})"""


@sql
def desk_owner(space: UUID) -> Any:
    """SELECT c.id, c.name, c.masked_phone FROM parking.space s JOIN haian.citizen c ON c.id = s.owner_id
       WHERE s.id = {space} AND s.community IN (
           SELECT o.division_code FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
           WHERE m.citizen_id = {viewer} AND m.role = 'property_clerk' AND m.during @> {now})"""


@keyset("starts_at timestamptz", "id uuid")
def desk_bookings(starts_at: datetime, ends_at: datetime) -> Any:
    """SELECT b.*, lower(b.during) AS starts_at, upper(b.during) AS ends_at
       FROM parking.booking b JOIN parking.space s ON s.id = b.space_id
       WHERE b.status = 'BOOKED' AND s.community IN (
           SELECT o.division_code FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
           WHERE m.citizen_id = {viewer} AND m.role = ANY ('{{property_clerk,property_guard}}') AND m.during @> {now})
         AND b.during && CASE WHEN {starts_at} < {ends_at} THEN tstzrange({starts_at}, {ends_at}) END"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def add_space(tx: Transaction, community: str, lot: str, label: str, price_cents: int) -> UUID | None:
    """Register a space; None where it is known already."""
    made: UUID | None = await tx.value("""INSERT INTO parking.space (owner_id, community, lot, label, price_cents,
        registered_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id""",
        tx.viewer.id, community, lot, label, price_cents, tx.now)
    return made


async def is_community(tx: Transaction, code: str) -> bool:
    return bool(await tx.value("SELECT EXISTS (SELECT FROM haian.division WHERE code = $1 AND level = 'community')", code))


async def decide_space(tx: Transaction, space: UUID, status: str, reason: str) -> Any:
    """A clerk of the space's community decides; the row, or None where there is nothing for her to decide."""
    return await tx.row("""UPDATE parking.space s SET status = $2, reason = $3
        WHERE s.id = $1 AND s.status = 'PENDING' AND s.community IN (
            SELECT o.division_code FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
            WHERE m.citizen_id = $4 AND m.role = 'property_clerk' AND m.during @> $5::timestamptz)
        RETURNING s.*""", space, status, reason, tx.viewer.id, tx.now)


async def my_space(tx: Transaction, space: UUID) -> Any:
    """My space, held until this transaction ends."""
    return await tx.row("SELECT * FROM parking.space WHERE id = $1 AND owner_id = $2 FOR SHARE", space, tx.viewer.id)


async def add_offer(tx: Transaction, space: Any, starts_at: datetime, ends_at: datetime) -> UUID | None:
    """Offer a window; None where it overlaps one that is offered."""
    made: UUID | None = await tx.value("""INSERT INTO parking.offer (space_id, community, during)
        VALUES ($1, $2, tstzrange($3, $4)) ON CONFLICT DO NOTHING RETURNING id""",
        space["id"], space["community"], starts_at, ends_at)
    return made


async def hold_offer(tx: Transaction, offer: UUID, mine: bool) -> Any:
    """An offer with its space, held against a withdrawal (and, for the owner's own, against a booking)."""
    return await tx.row(f"""SELECT o.id, o.space_id, o.during, s.owner_id, s.price_cents, s.lot, s.label
        FROM parking.offer o JOIN parking.space s ON s.id = o.space_id
        WHERE o.id = $1 AND o.withdrawn_at IS NULL AND ($2::uuid IS NULL OR s.owner_id = $2)
        FOR {'UPDATE' if mine else 'SHARE'} OF o""", offer, tx.viewer.id if mine else None)


async def withdraw_offer(tx: Transaction, offer: UUID) -> bool:
    """Take a window back; false where somebody has booked in it."""
    return bool(await tx.value("""UPDATE parking.offer SET withdrawn_at = $2 WHERE id = $1 AND NOT EXISTS (
        SELECT FROM parking.booking WHERE offer_id = $1 AND status = 'BOOKED' AND upper(during) > $2)
        RETURNING true""", offer, tx.now))


async def book_space(tx: Transaction, offer: Any, starts_at: datetime, ends_at: datetime, plate: str,
                     price_cents: int) -> UUID | None:
    """Book within an offer; None where the window is not the offer's, or somebody or this plate was first."""
    made: UUID | None = await tx.value("""INSERT INTO parking.booking (offer_id, space_id, holder_id, plate, during,
        price_cents, booked_at) SELECT $1, $2, $3, $4, tstzrange($5, $6), $7, $8 WHERE $9::tstzrange @> tstzrange($5, $6)
        ON CONFLICT DO NOTHING RETURNING id""",
        offer["id"], offer["space_id"], tx.viewer.for_whom, plate, starts_at, ends_at, price_cents, tx.now, offer["during"])
    return made


async def plate_is_busy(tx: Transaction, plate: str, starts_at: datetime, ends_at: datetime) -> bool:
    return bool(await tx.value("""SELECT EXISTS (SELECT FROM parking.booking WHERE plate = $1 AND status = 'BOOKED'
                                  AND during && tstzrange($2, $3))""", plate, starts_at, ends_at))


async def cancel_booking(tx: Transaction, booking: UUID) -> Any:
    """Cancel my booking that has not begun; the row, or None."""
    return await tx.row("""UPDATE parking.booking b SET status = 'CANCELLED', cancelled_at = $3 FROM parking.space s
        WHERE b.id = $1 AND b.holder_id = $2 AND b.status = 'BOOKED' AND lower(b.during) > $3 AND s.id = b.space_id
        RETURNING b.id, s.owner_id, s.lot, s.label, lower(b.during) AS starts_at""", booking, tx.viewer.for_whom, tx.now)


async def status_of_mine(tx: Transaction, booking: UUID) -> str | None:
    """The status of my booking; None where there is none."""
    found: str | None = await tx.value("SELECT status FROM parking.booking WHERE id = $1 AND holder_id = $2",
                                       booking, tx.viewer.for_whom)
    return found


async def remind(tx: Transaction, before: datetime) -> Any:
    """Bookings that begin before `before` and were not reminded of: now they were."""
    return await tx.rows("""WITH held AS MATERIALIZED (SELECT id FROM parking.booking WHERE status = 'BOOKED'
            AND reminded_at IS NULL AND lower(during) BETWEEN $1 AND $2 ORDER BY id FOR NO KEY UPDATE)
        UPDATE parking.booking b SET reminded_at = $1 FROM held, parking.space s WHERE b.id = held.id AND s.id = b.space_id
        RETURNING b.id, b.holder_id, b.plate, s.lot, s.label, lower(b.during) AS starts_at""", tx.now, before)


async def forget(connection: Any, citizen: UUID) -> None:
    """Remove the bookings of a citizen and their spaces; where a neighbour has booked one, that booking stands, of a space
    that is nobody's and lent no more. Offers are held before bookings, as by who books."""
    await connection.execute("""SELECT FROM parking.offer WHERE space_id IN (
        SELECT id FROM parking.space WHERE owner_id = $1) ORDER BY id FOR UPDATE""", citizen)
    await connection.execute("""DELETE FROM parking.booking WHERE id IN (
        SELECT id FROM parking.booking WHERE holder_id = $1 ORDER BY id FOR UPDATE)""", citizen)
    await connection.execute("""DELETE FROM parking.offer o USING parking.space s WHERE s.owner_id = $1 AND o.space_id = s.id
        AND NOT EXISTS (SELECT FROM parking.booking b WHERE b.offer_id = o.id)""", citizen)
    await connection.execute("""DELETE FROM parking.space s WHERE s.owner_id = $1
        AND NOT EXISTS (SELECT FROM parking.offer o WHERE o.space_id = s.id)""", citizen)
    await connection.execute("""UPDATE parking.space SET owner_id = '00000000-0000-0000-0000-000000000000',
        status = 'REJECTED', reason = '' WHERE owner_id = $1""", citizen)
