"""The SQL of delegation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction


@sql
def principals() -> Any:
    """SELECT c.id, c.name, q.ground, q.relation, q.scopes, q.until FROM (
           SELECT child_id AS id, 'GUARDIAN' AS ground, relation, ARRAY[]::text[] AS scopes, until FROM haian.guardianship
           WHERE guardian_id = {viewer} AND since <= {now} AND {now} < until
           UNION ALL
           SELECT principal_id, 'MANDATE', NULL, array_agg(DISTINCT scope ORDER BY scope), max(until) FROM haian.mandate
           WHERE delegate_id = {viewer} AND since <= {now} AND {now} < until GROUP BY principal_id) q
       JOIN haian.citizen c ON c.id = q.id ORDER BY q.ground, c.born, c.id"""


@sql
def my_family(child: UUID | None = None) -> Any:
    """SELECT g.child_id || ':' || g.guardian_id AS id,
              CASE WHEN g.child_id = {viewer} THEN 'MY_GUARDIAN' WHEN g.guardian_id = {viewer} THEN 'MY_CHILD'
                   ELSE 'OTHER_GUARDIAN' END AS tie, g.child_id, c.name AS child, p.name AS guardian, g.relation, g.until,
              CASE WHEN {viewer} IN (g.child_id, g.guardian_id) THEN g.limits ELSE ARRAY[]::text[] END AS scopes,
              coalesce(haian.may_consent(g.guardian_id, g.child_id, {now}), false) AS consents
       FROM haian.guardianship g JOIN haian.citizen c ON c.id = g.child_id JOIN haian.citizen p ON p.id = g.guardian_id
       WHERE g.since <= {now} AND {now} < g.until
         AND ({child} IS NULL OR (g.child_id = {child} AND g.guardian_id = {viewer}))
         AND g.child_id IN (SELECT {viewer} UNION ALL SELECT m.child_id FROM haian.guardianship m
                            WHERE m.guardian_id = {viewer} AND m.since <= {now} AND {now} < m.until)
       ORDER BY tie, c.born, g.child_id, g.since, g.guardian_id"""


@sql
def mandates() -> Any:
    """SELECT * FROM delegation.mandates_of({viewer}, {now}) ORDER BY state = 'ENDED', asked_at DESC, id LIMIT 50"""


@sql
def mandate(id: UUID) -> Any:
    """SELECT * FROM delegation.mandates_of({viewer}, {now}) WHERE id = {id}"""


@keyset("at timestamptz", "id uuid", descending=True)
def log(mandate: UUID) -> Any:
    """SELECT a.id, a.at, a.action, a.fields FROM delegation.mandate m
       JOIN haian.audit a ON a.actor_id = m.helper_id AND a.subject_id = m.principal_id AND a.at >= m.confirmed_at
       WHERE m.id = {mandate} AND {viewer} IN (m.principal_id, m.helper_id) AND a.acting <> ''"""


# The desk: only whoever holds the post sees or confirms.

@sql
def person(id: UUID) -> Any:
    """SELECT id, masked_name, level FROM haian.citizen WHERE id = {id} AND EXISTS (
           SELECT FROM haian.membership WHERE citizen_id = {viewer} AND role = 'desk_officer' AND during @> {now})"""


@sql
def confirmed_at_desk(id: UUID) -> Any:
    """SELECT m.id, p.masked_name AS principal, m.called, h.masked_phone AS phone, m.scopes, m.until
       FROM delegation.mandate m JOIN haian.citizen p ON p.id = m.principal_id JOIN haian.citizen h ON h.id = m.helper_id
       WHERE m.id = {id} AND m.confirmed_by = {viewer}"""


@sql
def guardian_at_desk(guardian: UUID, child: UUID) -> Any:
    """SELECT g.child_id AS id, p.masked_name AS guardian, c.masked_name AS child, g.relation, g.limits AS scopes,
              least(g.until, g.ended_at) AS until, g.ended_at
       FROM delegation.guardianship g JOIN haian.citizen p ON p.id = g.guardian_id JOIN haian.citizen c ON c.id = g.child_id
       WHERE g.guardian_id = {guardian} AND g.child_id = {child}
         AND {viewer} IN (g.attested_by, g.ended_by)"""


async def citizen(tx: Transaction, id: UUID | None = None, phone: str | None = None) -> Any:
    """A citizen by id or number: names, number, and whether they are 18 as far as is known."""
    return await tx.row("""SELECT id, name, masked_name, phone,
        coalesce(born <= ($3::timestamptz AT TIME ZONE 'Asia/Shanghai')::date - interval '18 years', true) AS is_adult
        FROM haian.citizen WHERE id = $1 OR phone = $2""", id, phone, tx.now)


async def principal_of(tx: Transaction, mandate: UUID) -> Any:
    """Who confirms my mandate, their number, and whether they hold a second factor."""
    return await tx.row("""SELECT m.principal_id AS id, c.phone,
        EXISTS (SELECT FROM haian.factor WHERE citizen_id = c.id) AS has_factor FROM delegation.mandate m
        JOIN haian.citizen c ON c.id = m.principal_id WHERE m.id = $1 AND $2 IN (m.principal_id, m.helper_id)""",
        mandate, tx.viewer.id)


async def my_desk(tx: Transaction) -> UUID | None:
    """The organisation at whose desk I sit."""
    found: UUID | None = await tx.value("""SELECT organisation_id FROM haian.membership WHERE citizen_id = $1
        AND role = 'desk_officer' AND during @> $2::timestamptz ORDER BY lower(during), organisation_id LIMIT 1""",
        tx.viewer.id, tx.now)
    return found


async def give(tx: Transaction, principal: UUID, phone: str, called: str, scopes: Sequence[str], until: datetime,
               helper: UUID | None = None) -> UUID:
    """A mandate that covers nothing yet. `helper`: who will act, where they asked for it or an officer knows them."""
    made: UUID = await tx.value("""INSERT INTO delegation.mandate (principal_id, delegate_phone, called, scopes, since,
        until, asked_at, helper_id) VALUES ($1, $2, $3, $4, $5, $6, $5, $7) RETURNING id""",
        principal, phone, called, list(scopes), tx.now, until, helper)
    return made


async def keep_code(tx: Transaction, mandate: UUID, proof: bytes, until: datetime) -> bool:
    """A new code for my mandate that is not confirmed yet; false where there is none."""
    return bool(await tx.value("""INSERT INTO delegation.code (mandate_id, proof, until)
        SELECT id, $2, $3 FROM delegation.mandate WHERE id = $1 AND $4 IN (principal_id, helper_id) AND confirmed_at IS NULL
           AND ended_at IS NULL AND until > $5
        ON CONFLICT (mandate_id) DO UPDATE SET proof = excluded.proof, until = excluded.until, tries = 0 RETURNING true""",
        mandate, proof, until, tx.viewer.id, tx.now))


async def take_code(tx: Transaction, mandate: UUID, proofs: list[bytes], tries: int) -> bool:
    """Use up a try; whether it was the code, which is then gone. The mandate is held before its code, as by who forgets
    it."""
    await tx.rows("SELECT FROM delegation.mandate WHERE id = $1 FOR NO KEY UPDATE", mandate)
    found = await tx.value("""UPDATE delegation.code SET tries = tries + 1
        WHERE mandate_id = $1 AND until > $2 AND tries < $3 RETURNING proof = ANY($4)""", mandate, tx.now, tries, proofs)
    if found:
        await tx.rows("DELETE FROM delegation.code WHERE mandate_id = $1", mandate)
    return bool(found)


async def confirm(tx: Transaction, mandate: UUID, how: str, document: str | None, offered_until: datetime,
                  ready_at: datetime | None) -> Any:
    """The principal means it. It counts from now on, or from `ready_at`, where somebody asked for it or an officer knows
    them; else it is offered to whoever has the number. None where it is not open any more."""
    return await tx.row("""UPDATE delegation.mandate SET confirmed_at = $2, confirmed_how = $3, confirmed_by = $4,
        document = $5, offered_until = CASE WHEN helper_id IS NULL THEN $6::timestamptz END, ready_at = $7
        WHERE id = $1 AND confirmed_at IS NULL AND ended_at IS NULL AND until > $2
        RETURNING principal_id, helper_id, coalesce(follows, delegate_phone) AS delegate_phone, called, until""",
        mandate, tx.now, how, tx.viewer.id, document, offered_until, ready_at)


async def accept(tx: Transaction, mandate: UUID) -> Any:
    """From now on it covers what it names, for me; None where it is not offered to me (any more)."""
    return await tx.row("""UPDATE delegation.mandate m SET helper_id = $3, accepted_at = $2, offered_until = NULL
        FROM delegation.mandates_of($3, $2) o
        WHERE m.id = $1 AND o.id = m.id AND o.state = 'OFFERED' AND NOT o.given_by_me
          AND m.helper_id IS NULL AND m.ended_at IS NULL
        RETURNING m.principal_id, m.helper_id, m.called, m.until""", mandate, tx.now, tx.viewer.id)


async def end(tx: Transaction, mandate: UUID) -> Any:
    """End it, once, by whoever gave it, has it, or is offered it; None where it is not theirs, or has ended before."""
    return await tx.row("""UPDATE delegation.mandate SET ended_at = $2, ended_by = $3
        WHERE id = $1 AND id IN (SELECT o.id FROM delegation.mandates_of($3, $2) o) AND ended_at IS NULL
        RETURNING principal_id, helper_id, called, confirmed_at""", mandate, tx.now, tx.viewer.id)


async def family(tx: Transaction, guardian: UUID, child: UUID) -> Any:
    """A guardian and a child: names, whether the one may be and the other may have one."""
    return await tx.row("""SELECT g.id AS guardian, g.name AS guardian_name, c.id AS child, c.name AS child_name,
           c.of_age_at,
           g.level <> 'UNVERIFIED' AND coalesce(g.of_age_at <= $3, false) AS is_fit,
           coalesce($3 < c.of_age_at, false) AS is_child
        FROM haian.citizen g, haian.citizen c WHERE g.id = $1 AND c.id = $2""", guardian, child, tx.now)


async def attest(tx: Transaction, guardian: UUID, child: UUID, kin: str, limits: Sequence[str], until: datetime,
                 evidence: str) -> None:
    """From now until the child is 18; what was attested before is replaced."""
    await tx.rows("""INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until, limits, attested_by,
            evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (guardian_id, child_id) DO UPDATE SET relation = excluded.relation, since = excluded.since,
            until = excluded.until, limits = excluded.limits, attested_by = excluded.attested_by,
            evidence = excluded.evidence, how = 'DESK', ended_at = NULL, ended_by = NULL""",
        guardian, child, kin, tx.now, until, list(limits), tx.viewer.id, evidence)


async def end_guardian(tx: Transaction, guardian: UUID, child: UUID) -> bool:
    """End it now; false where there is none."""
    return bool(await tx.value("""UPDATE delegation.guardianship SET ended_at = $3, ended_by = $4
        WHERE guardian_id = $1 AND child_id = $2 AND ended_at IS NULL AND until > $3 RETURNING true""",
        guardian, child, tx.now, tx.viewer.id))


async def follow_phone(tx: Transaction, before: str, after: str | None, left_at: datetime) -> None:
    """What waited for whoever had this number when they left it waits for them at the one that they have now; with none, for
    nobody."""
    await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM delegation.mandate WHERE coalesce(follows, delegate_phone) = $1
            AND helper_id IS NULL AND ended_at IS NULL AND asked_at <= $3 ORDER BY id FOR NO KEY UPDATE)
        UPDATE delegation.mandate m SET follows = $2 FROM held WHERE m.id = held.id""", before, after or "", left_at)


async def is_mine(tx: Transaction, mandate: UUID) -> bool:
    return bool(await tx.value("SELECT EXISTS (SELECT FROM delegation.mandates_of($1, $2) WHERE id = $3)",
                               tx.viewer.id, tx.now, mandate))


async def forget(connection: Any, citizen: UUID) -> None:
    """Mandates and links, in the order of those who take several; what a desk settled of a link stands without them
    (`delegation.settled`)."""
    for table, whose in (("mandate", "principal_id, helper_id"), ("guardianship", "guardian_id, child_id")):
        await connection.execute(f"""DELETE FROM delegation.{table} WHERE id IN (
            SELECT id FROM delegation.{table} WHERE $1 IN ({whose}) ORDER BY id FOR UPDATE)""", citizen)
