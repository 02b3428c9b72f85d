"""The SQL of consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction


# A look is shown by the newest of those that are alike; pages are of such entries.
@keyset("at timestamptz", "id uuid", descending=True)
def ledger(child: UUID | None, kind: str | None, since: datetime | None, until: datetime | None) -> Any:
    """SELECT a.id, a.at, a.action, a.actor_role, a.reason, a.ground, a.acting, k.kind, k.look, s.times, s.first_at,
              k.kind = 'MYSELF' AS by_myself, CASE WHEN k.look THEN s.fields ELSE a.fields END AS fields,
              CASE WHEN a.actor_role = 'mini_app' THEN m.name_zh WHEN consent.is_named(a.actor_role) THEN c.name
                   ELSE c.masked_name END AS actor_name,
              (SELECT o.name FROM haian.organisation o WHERE o.id = coalesce(a.office,
                  (SELECT m.organisation_id FROM haian.membership m
                   WHERE m.citizen_id = a.actor_id AND m.role = a.actor_role AND m.during @> a.at
                   ORDER BY m.organisation_id LIMIT 1))) AS organisation
       FROM haian.audit a LEFT JOIN haian.citizen c ON c.id = a.actor_id LEFT JOIN haian.client m ON m.id = a.actor_id
       CROSS JOIN LATERAL (SELECT haian.is_look(a.action) AS look, CASE
           WHEN a.actor_id = a.subject_id OR (a.actor_id IS NULL AND a.actor_role = 'citizen') THEN 'MYSELF'
           WHEN a.action LIKE 'CODE%' OR a.action = 'SCANS_SEEN' THEN 'SCAN'
           WHEN a.actor_role IN ('guardian', 'delegate') THEN 'DELEGATE'
           WHEN a.actor_role = 'mini_app' THEN 'MINI_APP'
           WHEN a.actor_role IN ('citizen', 'other') THEN 'OTHER' ELSE 'OFFICIAL' END AS kind) k
       CROSS JOIN LATERAL (
           SELECT count(DISTINCT b.id) AS times, min(b.at) AS first_at,
                  coalesce(array_agg(DISTINCT f) FILTER (WHERE f IS NOT NULL), '{{}}') AS fields
           FROM haian.alike(a.id, a.at) b LEFT JOIN unnest(b.fields) f ON true WHERE (b.at, b.id) <= (a.at, a.id)) s
       WHERE a.subject_id = coalesce({child}, {viewer}) AND ({kind} IS NULL OR k.kind = {kind})
         AND a.at >= coalesce({since}, '-infinity') AND a.at < coalesce({until}, 'infinity')
         AND NOT EXISTS (SELECT FROM haian.alike(a.id, a.at) b
                         WHERE (b.at, b.id) > (a.at, a.id) AND b.at < coalesce({until}, 'infinity'))
         AND ({child} IS NULL OR {child} = {viewer} OR EXISTS (
              SELECT FROM haian.guardianship g
              WHERE g.guardian_id = {viewer} AND g.child_id = {child} AND g.since <= {now} AND {now} < g.until
                AND NOT g.limits && ARRAY['consent', 'consent.ledger', 'consent.ledger.read']))"""


@sql
def line_to_question(entry: UUID) -> Any:
    """SELECT a.id, a.at, a.object, a.subject_id, a.actor_id, o.id AS organisation_id, o.name AS organisation,
              a.actor_id = {viewer} OR (a.actor_id IS NULL AND a.actor_role = 'citizen') AS mine
       FROM haian.audit a JOIN haian.organisation o ON o.id = coalesce(a.office,
           (SELECT m.organisation_id FROM haian.membership m WHERE m.citizen_id = a.actor_id AND m.role = a.actor_role
            AND m.during @> a.at ORDER BY m.organisation_id LIMIT 1),
           (SELECT d.id FROM haian.organisation d WHERE d.kind = 'district' ORDER BY d.id LIMIT 1))
       WHERE a.id = {entry} AND (a.subject_id = {viewer} OR EXISTS (
           SELECT FROM haian.guardianship g WHERE g.guardian_id = {viewer} AND g.child_id = a.subject_id
           AND g.since <= {now} AND {now} < g.until
           AND NOT g.limits && ARRAY['consent', 'consent.ledger', 'consent.ledger.read']))"""


# The first that somebody else did with a thing of mine, such as the scan of my code.
@sql
def line_about(thing: UUID) -> Any:
    """SELECT a.id, a.at, a.object, a.subject_id, a.actor_id, o.id AS organisation_id, o.name AS organisation,
              false AS mine
       FROM haian.audit a JOIN haian.organisation o ON o.id = coalesce(a.office,
           (SELECT d.id FROM haian.organisation d WHERE d.kind = 'district' ORDER BY d.id LIMIT 1))
       WHERE a.subject_id = {viewer} AND a.object = {thing}::text AND a.actor_id IS DISTINCT FROM {viewer}
         AND a.actor_role <> 'citizen' ORDER BY a.at, a.id LIMIT 1"""


@sql
def questions_about(things: list[str]) -> Any:
    """SELECT q.*, o.name AS organisation, q.answered_at IS NULL AND q.due_at < {now} AS late
       FROM consent.question q JOIN haian.organisation o ON o.id = q.organisation_id
       WHERE q.citizen_id = {viewer} AND q.about = ANY ({things}::text[])"""


@sql
def question_of(entry: UUID, at: datetime) -> Any:
    """SELECT q.*, o.name AS organisation, q.answered_at IS NULL AND q.due_at < {now} AS late
       FROM haian.alike({entry}, {at}) b JOIN consent.question q ON q.entry_id = b.id AND q.citizen_id = {viewer}
       JOIN haian.organisation o ON o.id = q.organisation_id ORDER BY q.asked_at DESC, q.id DESC LIMIT 1"""


@sql
def question(id: UUID) -> Any:
    """SELECT q.*, o.name AS organisation, q.answered_at IS NULL AND q.due_at < {now} AS late
       FROM consent.question q JOIN haian.organisation o ON o.id = q.organisation_id
       WHERE q.id = {id} AND q.citizen_id = {viewer}"""


@keyset("asked_at timestamptz", "id uuid", descending=True)
def questions() -> Any:
    """SELECT q.*, o.name AS organisation, q.answered_at IS NULL AND q.due_at < {now} AS late
       FROM consent.question q JOIN haian.organisation o ON o.id = q.organisation_id WHERE q.citizen_id = {viewer}"""


# Who asked reads the name as in their ledger, who answers reads it whole.
@sql
def line_of(entry: UUID, at: datetime, asker: UUID) -> Any:
    """SELECT a.at, a.action, a.actor_role, a.fields, a.ground, a.reason,
              CASE WHEN a.actor_role = 'mini_app' THEN m.name_zh
                   WHEN {asker} <> {viewer} OR consent.is_named(a.actor_role) THEN c.name ELSE c.masked_name END
                  AS actor_name
       FROM haian.audit a LEFT JOIN haian.citizen c ON c.id = a.actor_id LEFT JOIN haian.client m ON m.id = a.actor_id
       WHERE a.id = {entry} AND a.at = {at}"""


@sql
def asker(citizen: UUID) -> Any:
    "(SELECT masked_name FROM haian.citizen WHERE id = {citizen})"


# A manager answers for the own organisations. What is late, or has no other manager, is the district's too; nobody answers
# for what they did themselves.
@keyset("due_at timestamptz", "id uuid")
def desk_questions() -> Any:
    """SELECT q.*, o.name AS organisation, q.due_at < {now} AS late
       FROM consent.question q JOIN haian.organisation o ON o.id = q.organisation_id
       WHERE q.answered_at IS NULL AND q.actor_id IS DISTINCT FROM {viewer} AND (
           q.organisation_id IN (SELECT m.organisation_id FROM haian.membership m
                                 WHERE m.citizen_id = {viewer} AND m.role = 'manager' AND m.during @> {now})
           OR (EXISTS (SELECT FROM haian.membership m JOIN haian.organisation d ON d.id = m.organisation_id
                       WHERE m.citizen_id = {viewer} AND m.role = 'manager' AND m.during @> {now} AND d.kind = 'district')
               AND (q.due_at < {now} OR NOT EXISTS (
                    SELECT FROM haian.membership m WHERE m.organisation_id = q.organisation_id AND m.role = 'manager'
                    AND m.during @> {now} AND m.citizen_id IS DISTINCT FROM q.actor_id))))"""


@sql
def desk_question(id: UUID) -> Any:
    """SELECT q.*, o.name AS organisation, q.answered_at IS NULL AND q.due_at < {now} AS late
       FROM consent.question q JOIN haian.organisation o ON o.id = q.organisation_id
       WHERE q.id = {id} AND q.actor_id IS DISTINCT FROM {viewer} AND EXISTS (
           SELECT FROM haian.membership m JOIN haian.organisation d ON d.id = m.organisation_id
           WHERE m.citizen_id = {viewer} AND m.role = 'manager' AND m.during @> {now} AND (
               m.organisation_id = q.organisation_id OR (d.kind = 'district' AND (q.due_at < {now} OR NOT EXISTS (
                    SELECT FROM haian.membership x WHERE x.organisation_id = q.organisation_id AND x.role = 'manager'
                    AND x.during @> {now} AND x.citizen_id IS DISTINCT FROM q.actor_id)))))"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def ask(tx: Transaction, line: Any, text: str, due_at: datetime) -> UUID | None:
    """Keep a question; none where this citizen has questioned the line before."""
    return await tx.value("""
        INSERT INTO consent.question (entry_id, entry_at, citizen_id, actor_id, organisation_id, text, asked_at, due_at,
                                      about)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id""",
        line["id"], line["at"], tx.viewer.id, line["actor_id"], line["organisation_id"], text, tx.now, due_at,
        line["object"])


async def managers_of(tx: Transaction, organisation: UUID | None, but: UUID | None) -> list[UUID]:
    """Who manages an organisation, except one who would judge themself; where nobody does, or for none, the district's."""
    rows = await tx.rows("""
        WITH here AS (SELECT citizen_id FROM haian.membership
                      WHERE organisation_id = $1 AND role = 'manager' AND during @> $2::timestamptz
                            AND citizen_id IS DISTINCT FROM $3)
        SELECT citizen_id FROM here UNION
        SELECT m.citizen_id FROM haian.organisation d JOIN haian.membership m ON m.organisation_id = d.id
        WHERE d.kind = 'district' AND m.role = 'manager' AND m.during @> $2::timestamptz AND m.citizen_id IS DISTINCT FROM $3
              AND NOT EXISTS (SELECT FROM here)""", organisation, tx.now, but)
    return [row[0] for row in rows]


async def answer(tx: Transaction, question: UUID, text: str) -> Any:
    """Keep an answer; none where there is one already."""
    return await tx.row("""
        UPDATE consent.question q SET answer = $2, answered_at = $3, answered_by = $4
        FROM haian.organisation o WHERE q.id = $1 AND q.answered_at IS NULL AND o.id = q.organisation_id
        RETURNING q.citizen_id, q.organisation_id, o.name AS organisation""", question, text, tx.now, tx.viewer.id)


async def newly_late(tx: Transaction) -> Any:
    return await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM consent.question WHERE due_at < $1 AND answered_at IS NULL
                                   AND told_late_at IS NULL ORDER BY id FOR NO KEY UPDATE)
        UPDATE consent.question q SET told_late_at = $1 FROM held, haian.organisation o
        WHERE q.id = held.id AND o.id = q.organisation_id
        RETURNING q.id, q.citizen_id, q.actor_id, o.name AS organisation""", tx.now)


@sql
def closing(child: UUID | None) -> Any:
    """SELECT asked_at, due_at FROM consent.closing WHERE citizen_id = coalesce({child}, {viewer}) AND begun_at IS NULL
       AND ({child} IS NULL OR haian.may_consent({viewer}, {child}, {now}))"""


@sql
def children() -> Any:
    """SELECT c.id, c.name, cardinality(g.limits) = 0 AS may_export,
              (SELECT l.due_at FROM consent.closing l WHERE l.citizen_id = c.id AND l.begun_at IS NULL) AS due_at
       FROM haian.guardianship g JOIN haian.citizen c ON c.id = g.child_id
       WHERE g.guardian_id = {viewer} AND g.since <= {now} AND {now} < g.until AND haian.may_consent({viewer}, c.id, {now})
       ORDER BY c.born, c.id"""


async def consents_for(tx: Transaction, child: UUID) -> list[UUID]:
    """The guardians of a child for whom the viewer consents; nobody where the viewer does not."""
    rows = await tx.rows("""
        SELECT g.guardian_id FROM haian.guardianship g WHERE g.child_id = $1 AND g.since <= $3 AND $3 < g.until
        AND $1 <> $2 AND haian.may_consent($2, $1, $3) ORDER BY g.guardian_id""", child, tx.viewer.id, tx.now)
    return [row["guardian_id"] for row in rows]


async def is_unlimited(tx: Transaction, child: UUID) -> bool:
    """Whether custody limits the viewer in nothing as a guardian of this child."""
    return bool(await tx.value("""SELECT EXISTS (SELECT FROM haian.guardianship WHERE guardian_id = $2 AND child_id = $1
        AND since <= $3 AND $3 < until AND limits = '{}')""", child, tx.viewer.id, tx.now))


async def name_of(tx: Transaction, citizen: UUID) -> str:
    found: str = await tx.value("SELECT name FROM haian.citizen WHERE id = $1", citizen)
    return found


async def close(tx: Transaction, citizen: UUID | None, due_at: datetime) -> bool:
    """Begin the 30 days; false where they run already, by somebody whose word still counts."""
    return bool(await tx.value("""
        INSERT INTO consent.closing AS c (citizen_id, asked_at, due_at, asked_by) VALUES ($1, $2, $3, $4)
        ON CONFLICT (citizen_id) DO UPDATE SET asked_at = excluded.asked_at, due_at = excluded.due_at, asked_by = $4
            WHERE c.begun_at IS NULL AND NOT consent.may_close(c.asked_by, $1, $2) RETURNING true""",
        citizen, tx.now, due_at, tx.viewer.id))


async def keep(tx: Transaction, citizen: UUID | None) -> bool:
    return bool(await tx.value("DELETE FROM consent.closing WHERE citizen_id = $1 AND begun_at IS NULL RETURNING true",
                               citizen))


async def keep_grown(tx: Transaction) -> list[UUID]:
    """Of whom a guardian asked to close the account whose word counts no more: the child is 14 and decides itself, or the
    guardianship is over. Their account is kept."""
    rows = await tx.rows("""DELETE FROM consent.closing WHERE begun_at IS NULL
                            AND NOT consent.may_close(asked_by, citizen_id, $1) RETURNING citizen_id""", tx.now)
    return [row[0] for row in rows]


async def is_last_manager(tx: Transaction) -> bool:
    """Whether an organisation has no other manager who stays."""
    return bool(await tx.value("SELECT consent.is_last_manager($1, $2)", tx.viewer.id, tx.now))


async def keep_last_managers(tx: Transaction) -> list[UUID]:
    """Whose 30 days are over and who became the last manager of an organisation meanwhile: their account is kept."""
    rows = await tx.rows("""DELETE FROM consent.closing WHERE due_at <= $1 AND begun_at IS NULL
                            AND consent.is_last_manager(citizen_id, $1) RETURNING citizen_id""", tx.now)
    return [row[0] for row in rows]


async def begin_erasing(tx: Transaction, nouns: Sequence[str], after: Sequence[timedelta]) -> None:
    """Whose 30 days are over is forgotten by each noun, so long afterwards, in this order."""
    await tx.rows("""
        WITH begun AS (UPDATE consent.closing SET begun_at = $1 WHERE due_at <= $1 AND begun_at IS NULL RETURNING citizen_id)
        INSERT INTO consent.erasure (citizen_id, noun, place, due_at)
        SELECT b.citizen_id, n.noun, n.place, $1::timestamptz + n.after
        FROM begun b, unnest($2::text[], $3::interval[]) WITH ORDINALITY AS n (noun, after, place)""", tx.now, nouns, after)


async def erasures_due(tx: Transaction, citizen: UUID, place: int) -> Any:
    """The next after a citizen's `place`: what failed is passed by until the next run."""
    return await tx.rows("""SELECT citizen_id, noun, place FROM consent.erasure
                            WHERE done_at IS NULL AND due_at <= $1 AND (citizen_id, place) > ($2::uuid, $3::int)
                            ORDER BY citizen_id, place LIMIT 1000""", tx.now, citizen, place)


async def erased(tx: Transaction, citizen: UUID, noun: str) -> None:
    await tx.rows("UPDATE consent.erasure SET done_at = $3 WHERE citizen_id = $1 AND noun = $2 AND done_at IS NULL",
                  citizen, noun, tx.now)


async def forget(connection: Any, citizen: UUID) -> None:
    """What they asked. Who answered is forgotten, the answer stays with who asked; what they asked for a child lapses."""
    await connection.execute("UPDATE consent.closing SET asked_by = NULL WHERE asked_by = $1 AND citizen_id <> $1", citizen)
    await connection.execute("""SELECT FROM consent.question WHERE $1 IN (citizen_id, answered_by) ORDER BY id
                                FOR UPDATE""", citizen)
    await connection.execute("DELETE FROM consent.question WHERE citizen_id = $1", citizen)
    await connection.execute("UPDATE consent.question SET answered_by = NULL WHERE answered_by = $1", citizen)
