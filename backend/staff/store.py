"""The SQL of posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction

# -- reads -----------------------------------------------------------------------------------------------------------


@sql
def mine() -> Any:
    """SELECT m.id, m.role, m.place, o.name AS organisation, lower(m.during) AS since, upper(m.during) AS until,
              m.during @> {now} AS now
       FROM staff.membership m JOIN haian.organisation o ON o.id = m.organisation_id
       WHERE m.citizen_id = {viewer} AND coalesce(upper(m.during) > {now}, true)
       ORDER BY lower(m.during), m.role, o.id"""


@sql
def offices() -> Any:
    """SELECT o.id, o.name, o.kind = 'district' AS four_eyes, bool_or(m.role = 'manager') AS manages,
              (SELECT array_agg(r.role ORDER BY r.rank) FROM staff.role r WHERE o.kind = ANY (r.kinds)) AS roles
       FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
       WHERE m.citizen_id = {viewer} AND m.during @> {now}
         AND (m.role = 'manager' OR m.role = 'identity_officer' AND o.kind = 'district')
       GROUP BY o.id, o.name, o.kind ORDER BY o.name, o.id"""


@keyset("role text", "id uuid")
def posts(organisation: UUID) -> Any:
    """SELECT m.id, m.citizen_id, m.organisation_id, c.name, c.masked_phone, m.role, m.place, lower(m.during) AS since,
              upper(m.during) AS until, m.citizen_id = {viewer} AS mine
       FROM staff.membership m JOIN haian.citizen c ON c.id = m.citizen_id
       WHERE m.organisation_id = {organisation} AND coalesce(upper(m.during) > {now}, true)
         AND EXISTS (SELECT FROM haian.membership x WHERE x.citizen_id = {viewer} AND x.organisation_id = {organisation}
                     AND x.role = 'manager' AND x.during @> {now})"""


@sql
def invitations(organisation: UUID) -> Any:
    """SELECT i.*, CASE WHEN i.outcome IS NOT NULL THEN i.outcome WHEN i.answer_by <= {now} THEN 'LAPSED'
                        WHEN i.four_eyes AND i.approved_at IS NULL THEN 'TO_APPROVE' ELSE 'OPEN' END AS standing,
              i.invited_by = {viewer} AS mine,
              (SELECT name FROM haian.citizen WHERE id = i.invited_by) AS inviter,
              (SELECT name FROM haian.citizen WHERE id = i.approved_by) AS approver
       FROM (SELECT id, role, place, name, shown AS phone, since, until, asked_at, answer_by, four_eyes, outcome,
                    approved_at, invited_by, approved_by, citizen_id, organisation_id FROM staff.invitation
             WHERE organisation_id = {organisation} AND asked_at > {now} - interval '60 days'
               AND EXISTS (SELECT FROM haian.membership x
                           WHERE x.citizen_id = {viewer} AND x.organisation_id = {organisation}
                             AND x.role IN ('manager', 'identity_officer') AND x.during @> {now})
             ORDER BY asked_at DESC LIMIT 100) i ORDER BY i.outcome IS NOT NULL, i.asked_at DESC"""


@sql
def to_approve() -> Any:
    """SELECT i.asked_at FROM staff.invitation i
       WHERE i.four_eyes AND i.approved_at IS NULL AND i.outcome IS NULL AND i.answer_by > {now} AND i.invited_by <> {viewer}
         AND i.organisation_id IN (SELECT m.organisation_id FROM haian.membership m WHERE m.citizen_id = {viewer}
                                   AND m.role IN ('manager', 'identity_officer') AND m.during @> {now})"""


@sql
def invitation(id: UUID) -> Any:
    """SELECT i.*, CASE WHEN i.outcome IS NOT NULL THEN i.outcome WHEN i.answer_by <= {now} THEN 'LAPSED'
                        WHEN i.four_eyes AND i.approved_at IS NULL THEN 'TO_APPROVE' ELSE 'OPEN' END AS standing,
              i.invited_by = {viewer} AS mine,
              (SELECT name FROM haian.citizen WHERE id = i.invited_by) AS inviter,
              (SELECT name FROM haian.citizen WHERE id = i.approved_by) AS approver
       FROM (SELECT id, role, place, name, shown AS phone, since, until, asked_at, answer_by, four_eyes, outcome,
                    approved_at, invited_by, approved_by, citizen_id, organisation_id
             FROM staff.invitation WHERE id = {id}) i"""


@sql
def offers() -> Any:
    """SELECT i.id, i.role, i.place, o.name AS organisation, i.since, i.until, i.answer_by, i.named,
              (SELECT name FROM haian.citizen WHERE id = i.invited_by) AS inviter
       FROM staff.invited i JOIN haian.organisation o ON o.id = i.organisation_id
       WHERE i.citizen_id = {viewer} AND i.answer_by > {now} AND coalesce(i.until > {now}, true)
       ORDER BY i.asked_at, i.id"""


@sql
def colleagues() -> Any:
    """SELECT b.id, b.citizen_id, b.organisation_id, a.role AS my_role, c.name, b.place, a.id AS post
       FROM staff.membership a
       JOIN staff.membership b ON b.organisation_id = a.organisation_id AND b.role = a.role AND b.citizen_id <> a.citizen_id
       JOIN haian.citizen c ON c.id = b.citizen_id
       WHERE a.citizen_id = {viewer} AND a.during @> {now} AND b.during @> {now}
       ORDER BY a.id, b.place, c.name, b.id LIMIT 200"""


@sql
def hand_overs() -> Any:
    """SELECT h.id, h.role, h.place, h.note, h.at, h.taken_at, o.name AS organisation, h.to_id = {viewer} AS to_me,
              (SELECT name FROM haian.citizen
               WHERE id = CASE WHEN h.to_id = {viewer} THEN h.from_id ELSE h.to_id END) AS other
       FROM (SELECT * FROM staff.hand_over WHERE to_id = {viewer} AND withdrawn_at IS NULL
             UNION ALL SELECT * FROM staff.hand_over WHERE from_id = {viewer} AND withdrawn_at IS NULL) h
       JOIN haian.organisation o ON o.id = h.organisation_id
       WHERE EXISTS (SELECT FROM haian.membership m WHERE m.citizen_id = {viewer} AND m.organisation_id = h.organisation_id
                     AND m.role = h.role AND m.during @> {now})
       ORDER BY h.taken_at IS NOT NULL, h.at DESC LIMIT 20"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def hold_office(tx: Transaction, organisation: UUID) -> Any:
    """kind and phone of me as the manager of this organisation; None where I am not. Its managers are held until the
    transaction ends, so that none of them leaves meanwhile."""
    await hold_managers(tx, organisation)
    return await tx.row("""
        SELECT o.kind, c.phone FROM staff.membership m JOIN haian.organisation o ON o.id = m.organisation_id
        JOIN haian.citizen c ON c.id = m.citizen_id
        WHERE m.organisation_id = $1 AND m.citizen_id = $2 AND m.role = 'manager' AND m.during @> $3::timestamptz""",
        organisation, tx.viewer.id, tx.now)


async def hold_managers(tx: Transaction, organisation: UUID) -> None:
    await tx.rows("SELECT FROM staff.membership WHERE organisation_id = $1 AND role = 'manager' ORDER BY id FOR UPDATE",
                  organisation)


async def has_role(tx: Transaction, role: str, kind: str) -> bool:
    """Whether organisations of this kind have such posts."""
    return bool(await tx.value("SELECT EXISTS (SELECT FROM staff.role WHERE role = $1 AND $2 = ANY (kinds))", role, kind))


async def add_invitation(tx: Transaction, organisation: UUID, given: Any, answer_by: datetime,
                         four_eyes: bool) -> UUID | None:
    """An invitation; None where the number has one to this role here."""
    await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM staff.invitation WHERE phone = $1 AND outcome IS NULL AND answer_by <= $2
                                   ORDER BY id FOR NO KEY UPDATE)
        UPDATE staff.invitation i SET outcome = 'LAPSED', closed_at = $2, phone = NULL FROM held WHERE i.id = held.id""",
        given["phone"], tx.now)
    made: UUID | None = await tx.value("""
        INSERT INTO staff.invitation (organisation_id, role, place, name, phone, shown, since, until, invited_by, asked_at,
                                      answer_by, four_eyes)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (phone, organisation_id, role) WHERE outcome IS NULL DO NOTHING RETURNING id""",
        organisation, given["role"], given["place"], given["name"], given["phone"], given["shown"], given["since"],
        given["until"], tx.viewer.id, tx.now, answer_by, four_eyes)
    return made


async def follow_phone(tx: Transaction, citizen: UUID, before: str, after: str | None, left_at: datetime) -> None:
    """What a citizen was invited to before they left the number goes with them to their new one; where they have none, or
    are invited there too, it lapses."""
    await tx.rows("""
        WITH mine AS MATERIALIZED (SELECT i.id, $3::text IS NOT NULL AND NOT EXISTS (
                                 SELECT FROM staff.invitation o WHERE o.phone = $3 AND o.outcome IS NULL
                                 AND o.organisation_id = i.organisation_id AND o.role = i.role) AS goes
                      FROM staff.invitation i JOIN haian.citizen c ON c.id = $1
                      WHERE i.phone = $2 AND i.outcome IS NULL AND i.asked_at <= $5
                        AND (c.level = 'UNVERIFIED' OR c.name = i.name) ORDER BY i.id FOR NO KEY UPDATE OF i)
        UPDATE staff.invitation i SET phone = CASE WHEN goes THEN $3 END,
            outcome = CASE WHEN NOT goes THEN 'LAPSED' END, closed_at = CASE WHEN NOT goes THEN $4::timestamptz END
        FROM mine WHERE mine.id = i.id""", citizen, before, after, tx.now, left_at)


async def whom(tx: Transaction, invitation: UUID) -> Any:
    """citizen_id, role and organisation of an invitation that somebody with an account may accept; None where nobody."""
    return await tx.row("""SELECT i.citizen_id, i.organisation_id, i.role, o.name AS organisation FROM staff.invited i
                           JOIN haian.organisation o ON o.id = i.organisation_id WHERE i.id = $1""", invitation)


async def seconds(tx: Transaction, organisation: UUID) -> list[UUID]:
    """Who else may approve what I ask for."""
    rows = await tx.rows("""SELECT DISTINCT citizen_id FROM haian.membership WHERE organisation_id = $1 AND citizen_id <> $2
                            AND role IN ('manager', 'identity_officer') AND during @> $3::timestamptz""",
                         organisation, tx.viewer.id, tx.now)
    return [row["citizen_id"] for row in rows]


async def hold_invitation(tx: Transaction, invitation: UUID) -> Any:
    """An invitation, held until the transaction ends, with what the viewer is in its organisation (role or None, and whether
    the number is theirs)."""
    return await tx.row("""
        SELECT i.*, i.outcome IS NULL AND i.answer_by > $3 AND EXISTS (
                   SELECT FROM haian.membership m WHERE m.citizen_id = i.invited_by AND m.organisation_id = i.organisation_id
                   AND m.role = 'manager' AND m.during @> $3::timestamptz) AS is_open,
               i.phone = (SELECT phone FROM haian.citizen WHERE id = $2) AS is_mine,
               (SELECT m.role FROM haian.membership m
                WHERE m.citizen_id = $2 AND m.organisation_id = i.organisation_id
                  AND m.role IN ('manager', 'identity_officer') AND m.during @> $3::timestamptz
                ORDER BY m.role DESC LIMIT 1) AS office
        FROM staff.invitation i WHERE i.id = $1 FOR UPDATE OF i""", invitation, tx.viewer.id, tx.now)


async def approve(tx: Transaction, invitation: UUID) -> None:
    await tx.rows("UPDATE staff.invitation SET approved_by = $2, approved_at = $3 WHERE id = $1",
                  invitation, tx.viewer.id, tx.now)


async def close_invitation(tx: Transaction, invitation: UUID, outcome: str, citizen: UUID | None = None) -> None:
    await tx.rows("""UPDATE staff.invitation SET outcome = $2, closed_at = $3, citizen_id = $4, phone = NULL
                     WHERE id = $1""",
                  invitation, outcome, tx.now, citizen)


async def offered(tx: Transaction, invitation: UUID) -> Any:
    """The invitation if it is for me, with whether my name is proven, and whether all who gave it still may."""
    return await tx.row("""
        SELECT i.*, i.answer_by > $3 AND coalesce(i.until > $3, true) AND EXISTS (
                   SELECT FROM haian.membership m WHERE m.citizen_id = i.invited_by AND m.organisation_id = i.organisation_id
                   AND m.role = 'manager' AND m.during @> $3::timestamptz) AND (NOT i.four_eyes OR EXISTS (
                   SELECT FROM haian.membership m
                   WHERE m.citizen_id = i.approved_by AND m.organisation_id = i.organisation_id
                     AND m.role IN ('manager', 'identity_officer') AND m.during @> $3::timestamptz)) AS is_open
        FROM staff.invited i WHERE i.id = $1 AND i.citizen_id = $2""", invitation, tx.viewer.id, tx.now)


async def add_post(tx: Transaction, offer: Any) -> UUID | None:
    """A post of mine; None where I hold this role there in part of that time."""
    made: UUID | None = await tx.value("""
        INSERT INTO staff.membership (citizen_id, organisation_id, role, place, during)
        VALUES ($1, $2, $3, $4, tstzrange(greatest($5::timestamptz, $6::timestamptz), $7))
        ON CONFLICT DO NOTHING RETURNING id""",
        tx.viewer.id, offer["organisation_id"], offer["role"], offer["place"], offer["since"], tx.now, offer["until"])
    return made


async def post(tx: Transaction, id: UUID) -> Any:
    """A post that has not ended, with the name of its organisation."""
    return await tx.row("""SELECT m.*, m.during @> $2::timestamptz AS now, o.name AS organisation FROM staff.membership m
                           JOIN haian.organisation o ON o.id = m.organisation_id
                           WHERE m.id = $1 AND coalesce(upper(m.during) > $2, true)""", id, tx.now)


async def managers(tx: Transaction, organisation: UUID) -> int:
    """How many manage it now."""
    found: int = await tx.value("""SELECT count(*) FROM staff.membership WHERE organisation_id = $1 AND role = 'manager'
                                   AND during @> $2::timestamptz""", organisation, tx.now)
    return found


async def end_post(tx: Transaction, id: UUID, reason: str) -> None:
    """A post ends now; one that has not begun never was."""
    await tx.rows("DELETE FROM staff.membership WHERE id = $1 AND lower(during) >= $2", id, tx.now)
    await tx.rows("""UPDATE staff.membership SET during = tstzrange(lower(during), $2), ended_by = $3, ended_reason = $4
                     WHERE id = $1""", id, tx.now, tx.viewer.id, reason)


async def colleague(tx: Transaction, post: UUID, to: UUID) -> Any:
    """My post and that of a colleague in the same role, both held now; None where there are no such two."""
    return await tx.row("""
        SELECT a.organisation_id, a.role, a.place, b.citizen_id FROM staff.membership a
        JOIN staff.membership b ON b.organisation_id = a.organisation_id AND b.role = a.role AND b.citizen_id <> a.citizen_id
        WHERE a.id = $1 AND b.id = $2 AND a.citizen_id = $3
          AND a.during @> $4::timestamptz AND b.during @> $4::timestamptz""",
        post, to, tx.viewer.id, tx.now)


async def add_hand_over(tx: Transaction, post: UUID, to: UUID, held: Any, note: str) -> UUID:
    """Hand over; what this post offered before and nobody took is taken back."""
    await tx.rows("""UPDATE staff.hand_over SET withdrawn_at = $2
                     WHERE from_post = $1 AND taken_at IS NULL AND withdrawn_at IS NULL""", post, tx.now)
    made: UUID = await tx.value("""
        INSERT INTO staff.hand_over (organisation_id, role, place, from_post, to_post, from_id, to_id, note, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id""",
        held["organisation_id"], held["role"], held["place"], post, to, tx.viewer.id, held["citizen_id"], note, tx.now)
    return made


async def take_over(tx: Transaction, hand_over: UUID) -> Any:
    """Take what was handed to my post, which I still hold; None where there is no such thing. The place moves with it."""
    taken = await tx.row("""
        UPDATE staff.hand_over h SET taken_at = $3 FROM staff.membership m
        WHERE h.id = $1 AND h.to_id = $2 AND h.taken_at IS NULL AND h.withdrawn_at IS NULL
          AND m.id = h.to_post AND m.during @> $3::timestamptz RETURNING h.*""", hand_over, tx.viewer.id, tx.now)
    if taken is not None and taken["place"]:
        await tx.rows("SELECT FROM staff.membership WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE",
                      taken["from_post"], taken["to_post"])  # two may hand over to each other
        await _move(tx, taken["from_post"], "", taken["place"])
        await _move(tx, taken["to_post"], taken["place"], None)
    return taken


async def _move(tx: Transaction, post: UUID, place: str, before: str | None) -> None:
    """A post that has not ended is elsewhere from now on; where it was, and until when, is kept. `before`: only where it is
    there."""
    await tx.rows("""
        WITH held AS (SELECT id, place, during FROM staff.membership
                      WHERE id = $1 AND place = coalesce($3, place) AND coalesce(upper(during) > $4, true) FOR UPDATE),
             kept AS (INSERT INTO staff.place_before (membership_id, place, during)
                      SELECT id, place, tstzrange(greatest(lower(during), (SELECT max(upper(b.during))
                          FROM staff.place_before b WHERE b.membership_id = held.id)), $4) FROM held)
        UPDATE staff.membership m SET place = $2 FROM held WHERE m.id = held.id""", post, place, before, tx.now)


async def lapse(tx: Transaction) -> None:
    """Invitations that nobody answered lose their number."""
    await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM staff.invitation WHERE outcome IS NULL AND answer_by <= $1
                                   ORDER BY id FOR NO KEY UPDATE)
        UPDATE staff.invitation i SET outcome = 'LAPSED', closed_at = $1, phone = NULL FROM held WHERE i.id = held.id""",
        tx.now)


async def forget(connection: Any, citizen: UUID) -> None:
    """The posts go with their holder, and what they were invited to; what they signed for others stays without a name. All
    is taken in the order of who takes over, manages and invites."""
    await connection.execute("DELETE FROM staff.hand_over WHERE from_id = $1 OR to_id = $1", citizen)
    await connection.execute("""SELECT FROM staff.membership WHERE citizen_id = $1 ORDER BY role <> 'manager', id
                                FOR UPDATE""", citizen)
    await connection.execute("DELETE FROM staff.membership WHERE citizen_id = $1", citizen)
    await connection.execute("""DELETE FROM staff.invitation WHERE id IN (
        SELECT id FROM staff.invitation WHERE citizen_id = $1
        OR phone = (SELECT c.phone FROM haian.citizen c WHERE c.id = $1) ORDER BY id FOR UPDATE)""", citizen)
