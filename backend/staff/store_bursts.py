"""The SQL of bursts of look-ups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.transaction import Transaction


# Of the organisations that I manage; of those that nobody else manages, or whose managers gave no answer for days, if I
# manage the district; and what I answered. None is of my own looks.
@sql
def bursts() -> Any:
    """SELECT b.*, o.name AS organisation, c.name,
              (SELECT name FROM haian.citizen WHERE id = b.answered_by) AS answerer
       FROM (SELECT x.* FROM haian.membership m CROSS JOIN LATERAL (
                 SELECT * FROM staff.burst i WHERE i.organisation_id = m.organisation_id AND i.citizen_id <> {viewer}
                 ORDER BY i.answered_at DESC NULLS FIRST, i.raised_at DESC, i.id DESC LIMIT 50) x
             WHERE m.citizen_id = {viewer} AND m.role = 'manager' AND m.during @> {now}
             UNION SELECT x.* FROM staff.burst x
             WHERE x.answered_at IS NULL AND x.citizen_id <> {viewer} AND EXISTS (
                 SELECT FROM haian.membership m JOIN haian.organisation d ON d.id = m.organisation_id
                 WHERE m.citizen_id = {viewer} AND m.role = 'manager' AND m.during @> {now} AND d.kind = 'district')
               AND (x.passed_on_at IS NOT NULL OR NOT EXISTS (
                   SELECT FROM haian.membership y WHERE y.organisation_id = x.organisation_id AND y.role = 'manager'
                   AND y.during @> {now} AND y.citizen_id <> x.citizen_id))
             UNION SELECT x.* FROM staff.burst x WHERE x.answered_by = {viewer}
             ORDER BY answered_at DESC NULLS FIRST, raised_at DESC, id DESC LIMIT 50) b
       JOIN haian.organisation o ON o.id = b.organisation_id JOIN haian.citizen c ON c.id = b.citizen_id
       ORDER BY b.answered_at DESC NULLS FIRST, b.raised_at DESC, b.id DESC"""


@sql
def burst(id: UUID) -> Any:
    """SELECT b.*, o.name AS organisation, c.name, (SELECT name FROM haian.citizen WHERE id = b.answered_by) AS answerer
       FROM staff.burst b JOIN haian.organisation o ON o.id = b.organisation_id JOIN haian.citizen c ON c.id = b.citizen_id
       WHERE b.id = {id}"""


# The most that each person saw for each organisation in ten minutes that end, minute by minute, in the time that was not
# searched yet; what fell into the hour of an alert is counted there. A look in no office is the district's.
@sql
def found(since: datetime, until: datetime, people: int) -> Any:
    """SELECT DISTINCT ON (w.citizen_id, w.organisation_id) w.*, o.name AS organisation
       FROM (SELECT a.actor_id AS citizen_id, coalesce(a.office, d.id) AS organisation_id,
                    array_agg(DISTINCT a.actor_role) AS roles, count(DISTINCT a.subject_id)::int AS people,
                    count(*)::int AS looks, min(a.at) AS since, max(a.at) AS until,
                    ends.at AS ends_at
             FROM generate_series({until}, {since}, interval '-1 minute') ends (at)
             CROSS JOIN LATERAL (
                 SELECT l.* FROM haian.audit l WHERE l.at > ends.at - interval '10 minutes' AND l.at <= ends.at
                 AND haian.is_look(l.action) AND l.actor_id <> l.subject_id
                 AND l.actor_role NOT IN ('citizen', 'guardian', 'delegate', 'mini_app', 'other')) a
             LEFT JOIN LATERAL (SELECT id FROM haian.organisation WHERE kind = 'district' ORDER BY id LIMIT 1) d ON true
             GROUP BY ends.at, 1, 2 HAVING count(DISTINCT a.subject_id) >= {people}) w
       JOIN haian.organisation o ON o.id = w.organisation_id
       WHERE NOT EXISTS (SELECT FROM staff.burst b
                         WHERE b.citizen_id = w.citizen_id AND b.organisation_id = w.organisation_id
                           AND b.raised_at <= w.ends_at AND w.ends_at < b.quiet_until)
       ORDER BY w.citizen_id, w.organisation_id, w.people DESC, w.since"""


@sql
def grown() -> Any:
    """SELECT b.id, n.people, n.looks, n.until FROM staff.burst b
       CROSS JOIN LATERAL (
           SELECT count(DISTINCT a.subject_id)::int AS people, count(*)::int AS looks, max(a.at) AS until FROM haian.audit a
           WHERE a.actor_id = b.citizen_id AND a.at >= b.since AND a.at < b.quiet_until AND a.actor_role = ANY (b.roles)
             AND haian.is_look(a.action) AND a.subject_id <> b.citizen_id
             AND coalesce(a.office, b.organisation_id) = b.organisation_id) n
       WHERE b.raised_at > {now} - interval '2 hours' AND n.looks > b.looks ORDER BY b.id"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def searched_to(tx: Transaction) -> datetime:
    """Until when the ledger was searched; whoever asks searches on, and nobody beside them."""
    at: datetime = await tx.value("SELECT searched_to FROM staff.burst_search FOR UPDATE")
    return at


async def searched(tx: Transaction) -> None:
    await tx.rows("UPDATE staff.burst_search SET searched_to = $1", tx.now)


async def add(tx: Transaction, found: Any, quiet_until: datetime) -> UUID | None:
    """An alert; none where there is one of this hour."""
    made: UUID | None = await tx.value("""
        INSERT INTO staff.burst (citizen_id, organisation_id, roles, people, looks, since, until, raised_at, quiet_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id""",
        found["citizen_id"], found["organisation_id"], found["roles"], found["people"], found["looks"], found["since"],
        found["until"], tx.now, quiet_until)
    return made


async def grow(tx: Transaction, burst: Any) -> None:
    """What was looked at since the alert is counted too."""
    await tx.rows("UPDATE staff.burst SET people = $2, looks = $3, until = $4 WHERE id = $1", burst["id"], burst["people"],
                  burst["looks"], burst["until"])


async def managers_of(tx: Transaction, organisation: UUID | None, but: UUID) -> list[UUID]:
    """Who manages it, except who looked; where that is nobody, or for none, the district's managers."""
    rows = await tx.rows("""
        WITH here AS (SELECT citizen_id FROM staff.membership WHERE organisation_id = $1 AND role = 'manager'
                      AND during @> $2::timestamptz AND citizen_id <> $3)
        SELECT citizen_id FROM here UNION
        SELECT m.citizen_id FROM haian.organisation d JOIN staff.membership m ON m.organisation_id = d.id
        WHERE d.kind = 'district' AND m.role = 'manager' AND m.during @> $2::timestamptz AND m.citizen_id <> $3
          AND NOT EXISTS (SELECT FROM here)""", organisation, tx.now, but)
    return [row["citizen_id"] for row in rows]


async def pass_on(tx: Transaction, before: datetime) -> Sequence[Any]:
    """What was raised before then and is not answered goes to the district, once; what is being answered now, the next
    time if at all."""
    return await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM staff.burst WHERE answered_at IS NULL AND raised_at <= $2
                                   AND passed_on_at IS NULL FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE staff.burst b SET passed_on_at = $1 FROM held, haian.organisation o
        WHERE b.id = held.id AND o.id = b.organisation_id
        RETURNING b.citizen_id, b.people, o.name AS organisation""", tx.now, before)


async def hold(tx: Transaction, burst: UUID) -> Any:
    """An alert, held until the transaction ends, with the name of its organisation; None where it is not the viewer's to
    answer."""
    if await tx.value("SELECT id FROM staff.burst WHERE id = $1 FOR UPDATE", burst) is None:
        return None
    return next((each for each in await tx.read(bursts()) if each["id"] == burst), None)


async def answer(tx: Transaction, burst: UUID, outcome: str, note: str) -> None:
    await tx.rows("UPDATE staff.burst SET outcome = $2, note = $3, answered_at = $4, answered_by = $5 WHERE id = $1",
                  burst, outcome, note, tx.now, tx.viewer.id)


async def posts_of(tx: Transaction, burst: Any) -> Sequence[Any]:
    """The posts by which was looked, as far as they are still held."""
    return await tx.rows("""
        SELECT m.*, m.during @> $4::timestamptz AS now, o.name AS organisation FROM staff.membership m
        JOIN haian.organisation o ON o.id = m.organisation_id
        WHERE m.citizen_id = $1 AND m.organisation_id = $2 AND m.role = ANY ($3) AND coalesce(upper(m.during) > $4, true)
        ORDER BY m.id""", burst["citizen_id"], burst["organisation_id"], burst["roles"], tx.now)


async def forget(connection: Any, citizen: UUID) -> None:
    """Their alerts go; what they answered stays without their name."""
    await connection.execute("""DELETE FROM staff.burst WHERE id IN (
        SELECT id FROM staff.burst WHERE citizen_id = $1 ORDER BY id FOR UPDATE)""", citizen)
    await connection.execute("UPDATE staff.burst SET answered_by = NULL WHERE answered_by = $1", citizen)
