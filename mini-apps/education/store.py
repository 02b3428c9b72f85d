"""The SQL of education. Reads first, then one function a write.

Whose notices one reads, for oneself or for another, is asked of `education.children_of` at the time of reading; who is a
guardian of `haian.guardianship`, who teaches of `education.teaching`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from education.models import WRITE
from haian.reads import keyset, sql
from haian.transaction import Transaction


@keyset("sort text", "id uuid")
def schools() -> Any:
    """SELECT o.id, o.name, o.demo, o.division_code, o.name AS sort FROM haian.organisation o WHERE o.kind = 'school'"""


@sql
def school(id: UUID) -> Any:
    "SELECT id, name, demo, division_code FROM haian.organisation WHERE id = {id} AND kind = 'school'"


@sql
def division_name(code: str) -> Any:
    "(SELECT name FROM haian.division WHERE code = {code})"


@sql
def class_of(id: UUID) -> Any:
    "SELECT * FROM education.class WHERE id = {id}"


@sql
def my_classes() -> Any:
    """SELECT c.* FROM education.class c WHERE c.id IN (
           SELECT class_id FROM education.teaching WHERE teacher_id = {viewer} AND during @> {now})
       ORDER BY c.name, c.id"""


@sql
def my_class(id: UUID) -> Any:
    """SELECT c.* FROM education.class c WHERE c.id = {id} AND c.id IN (
           SELECT class_id FROM education.teaching WHERE teacher_id = {viewer} AND during @> {now})"""


@sql
def teaches(class_id: UUID) -> Any:
    """EXISTS (SELECT FROM education.teaching WHERE teacher_id = {viewer} AND class_id = {class_id} AND during @> {now})"""


@sql
def pupil_count(class_id: UUID) -> Any:
    """(SELECT count(*) FROM education.pupil WHERE class_id = {class_id}
            AND lower(during) <= {now} AND {now} < coalesce(upper(during), 'infinity'))"""


@sql
def my_pupils() -> Any:
    """SELECT p.id, p.class_id, c.name AS child_name
       FROM education.children_of({viewer}, {subject}, {now}, 'education.notices.read') g
       JOIN education.pupil p ON p.child_id = g.child_id AND p.during @> {now}
       JOIN haian.citizen c ON c.id = p.child_id ORDER BY c.born, p.id"""


@keyset("awaited int4", "published_at timestamptz", "id uuid", descending=True)
def my_notices() -> Any:
    """SELECT n.*, (n.deadline IS NOT NULL AND n.withdrawn_at IS NULL AND m.unconfirmed
                    AND (SELECT haian.may({viewer}, 'education.notices.write', {subject}, {now})))::int AS awaited
       FROM (SELECT a.notice_id, bool_or(w.child_id IS NOT NULL AND k.pupil_id IS NULL) AS unconfirmed
             FROM education.children_of({viewer}, {subject}, {now}, 'education.notices.read') g
             JOIN education.addressee a ON a.child_id = g.child_id AND a.since <= {now} AND {now} < a.until
             LEFT JOIN education.children_of({viewer}, {subject}, {now}, 'education.notices.write') w
                    ON w.child_id = g.child_id
             LEFT JOIN education.confirmation k ON k.notice_id = a.notice_id AND k.pupil_id = a.pupil_id
             GROUP BY a.notice_id) m
       JOIN education.notice n ON n.id = m.notice_id"""


@sql
def notice(id: UUID) -> Any:
    """SELECT n.* FROM education.notice n WHERE n.id = {id} AND (
           EXISTS (SELECT FROM education.teaching t
                   WHERE t.teacher_id = {viewer} AND t.teacher_id = {subject} AND t.class_id = n.class_id
                     AND t.during @> {now})
           OR EXISTS (SELECT FROM education.addressee a
                      JOIN education.children_of({viewer}, {subject}, {now}, 'education.notices.read') g
                        ON g.child_id = a.child_id
                      WHERE a.notice_id = n.id AND a.since <= {now} AND {now} < a.until))"""


@sql
def awaits_me(notice_id: UUID) -> Any:
    """EXISTS (SELECT FROM education.notice n
           JOIN education.addressee a ON a.notice_id = n.id AND a.since <= {now} AND {now} < a.until
           JOIN education.children_of({viewer}, {subject}, {now}, 'education.notices.write') g ON g.child_id = a.child_id
           WHERE n.id = {notice_id} AND n.deadline IS NOT NULL AND n.withdrawn_at IS NULL
             AND haian.may({viewer}, 'education.notices.write', {subject}, {now})
             AND NOT EXISTS (SELECT FROM education.confirmation k
                             WHERE k.notice_id = a.notice_id AND k.pupil_id = a.pupil_id))"""


@sql
def author(id: UUID | None) -> Any:
    "(SELECT name FROM haian.citizen WHERE id = {id})"


@sql
def mine_in(notice_id: UUID) -> Any:
    """SELECT a.pupil_id, a.child_id, c.name AS child_name, k.confirmed_at, k.kin AS relation, k.confirmed_by,
              NULL AS role
       FROM education.addressee a JOIN haian.citizen c ON c.id = a.child_id
       JOIN education.children_of({viewer}, {subject}, {now}, 'education.notices.read') g ON g.child_id = a.child_id
       LEFT JOIN education.confirmation k ON k.notice_id = a.notice_id AND k.pupil_id = a.pupil_id
       WHERE a.notice_id = {notice_id} AND a.since <= {now} AND {now} < a.until ORDER BY c.born, a.pupil_id"""


@sql
def all_in(notice_id: UUID) -> Any:
    """SELECT a.pupil_id, a.child_id, c.name AS child_name, k.confirmed_at, k.kin AS relation, k.confirmed_by,
              'teacher' AS role
       FROM education.addressee a JOIN haian.citizen c ON c.id = a.child_id
       LEFT JOIN education.confirmation k ON k.notice_id = a.notice_id AND k.pupil_id = a.pupil_id
       WHERE a.notice_id = {notice_id} AND a.since <= {now} AND {now} < a.until
       ORDER BY k.confirmed_at IS NOT NULL, c.name, a.pupil_id"""


@sql
def addressee_count(notice_id: UUID) -> Any:
    "(SELECT count(*) FROM education.addressee WHERE notice_id = {notice_id} AND since <= {now} AND {now} < until)"


@sql
def confirmed_count(notice_id: UUID) -> Any:
    """(SELECT count(*) FROM education.addressee a JOIN education.confirmation k
            ON k.notice_id = a.notice_id AND k.pupil_id = a.pupil_id
        WHERE a.notice_id = {notice_id} AND a.since <= {now} AND {now} < a.until)"""


@keyset("published_at timestamptz", "id uuid", descending=True)
def notices_of(class_id: UUID) -> Any:
    "SELECT * FROM education.notice WHERE class_id = {class_id}"


@sql
def remind_again_at(notice_id: UUID) -> Any:
    """(SELECT reminded_at + interval '12 hours' FROM education.notice
        WHERE id = {notice_id} AND reminded_at + interval '12 hours' > {now})"""


@sql
def guardians(pupil: UUID) -> Any:
    """SELECT c.id AS citizen_id, c.masked_name, c.masked_phone, g.relation FROM education.pupil p
       JOIN education.teaching t ON t.class_id = p.class_id AND t.teacher_id = {viewer} AND t.during @> {now}
       JOIN haian.guardianship g ON g.child_id = p.child_id AND g.since <= {now} AND {now} < g.until
       JOIN haian.citizen c ON c.id = g.guardian_id
       WHERE p.id = {pupil} AND p.during @> {now} ORDER BY g.relation DESC, c.id"""


@sql
def confirm_result(notice_id: UUID, typename: str) -> Any:
    "SELECT {typename} AS typename, n.*, n.id AS notice_id FROM education.notice n WHERE n.id = {notice_id}"


@sql
def remind_result(notice_id: UUID, typename: str, told: int) -> Any:
    """SELECT {typename} AS typename, n.id AS notice_id, {told} AS told, n.reminded_at + interval '12 hours' AS again_at
       FROM education.notice n WHERE n.id = {notice_id}"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def taught(tx: Transaction, class_id: UUID) -> Any:
    """A class of mine with the name of its school, and how many children are in it; None where it is not mine."""
    return await tx.row("""SELECT c.id, c.name AS class, o.name AS school,
            (SELECT count(*) FROM education.pupil p WHERE p.class_id = c.id
                 AND lower(p.during) <= $3 AND $3 < coalesce(upper(p.during), 'infinity')) AS pupils
        FROM education.class c JOIN haian.organisation o ON o.id = c.school_id
        WHERE c.id = $1 AND EXISTS (SELECT FROM education.teaching t
                                    WHERE t.teacher_id = $2 AND t.class_id = c.id AND t.during @> $3::timestamptz)""",
                        class_id, tx.viewer.id, tx.now)


async def publish(tx: Transaction, class_id: UUID, title: str, body: str, deadline: datetime | None) -> UUID:
    made: UUID = await tx.value("""INSERT INTO education.notice (class_id, author_id, title, body, deadline, published_at)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING id""", class_id, tx.viewer.id, title, body, deadline, tx.now)
    return made


async def guardians_of(tx: Transaction, notice_id: UUID, unconfirmed: bool = False) -> list[UUID]:
    """The guardians of now of the children whom a notice is for, each once, but for whom custody forbids to read it; or only
    of children nobody confirmed for."""
    rows = await tx.rows("""SELECT DISTINCT g.guardian_id FROM education.addressee a
        JOIN haian.guardianship g ON g.child_id = a.child_id AND g.since <= $2 AND $2 < g.until
            AND haian.may(g.guardian_id, 'education.notices.read', g.child_id, $2)
        WHERE a.notice_id = $1 AND a.since <= $2 AND $2 < a.until AND (NOT $3 OR NOT EXISTS (
            SELECT FROM education.confirmation k WHERE k.notice_id = a.notice_id AND k.pupil_id = a.pupil_id))""",
        notice_id, tx.now, unconfirmed)
    return [row["guardian_id"] for row in rows]


async def teachers_of(tx: Transaction, class_id: UUID) -> list[UUID]:
    rows = await tx.rows("""SELECT DISTINCT teacher_id FROM education.teaching
                            WHERE class_id = $1 AND during @> $2::timestamptz""", class_id, tx.now)
    return [row["teacher_id"] for row in rows]


async def confirmers(tx: Transaction, notice_id: UUID) -> list[UUID]:
    """Who has confirmed and is still a guardian of the child; where it was done by mandate, the child's guardians. None whom
    custody forbids to read it."""
    rows = await tx.rows("""SELECT DISTINCT g.guardian_id FROM education.confirmation k
        JOIN education.pupil p ON p.id = k.pupil_id
        JOIN haian.guardianship g ON g.child_id = p.child_id AND (g.guardian_id = k.confirmed_by OR k.kin IS NULL)
        WHERE k.notice_id = $1 AND g.since <= $2 AND $2 < g.until
          AND haian.may(g.guardian_id, 'education.notices.read', g.child_id, $2)""", notice_id, tx.now)
    return [row["guardian_id"] for row in rows]


async def words(tx: Transaction, notice_id: UUID) -> Any:
    """What a message says of a notice."""
    return await tx.row("""SELECT n.id, n.title, n.deadline, n.reason, n.class_id, c.name AS class, o.name AS school
        FROM education.notice n JOIN education.class c ON c.id = n.class_id
        JOIN haian.organisation o ON o.id = c.school_id WHERE n.id = $1""", notice_id)


async def hold_for_me(tx: Transaction, notice_id: UUID) -> Any:
    """A notice that I may confirm, for a child of mine or of whom I act for, held against its withdrawal; else None."""
    return await tx.row("""SELECT n.* FROM education.notice n WHERE n.id = $1 AND EXISTS (
        SELECT FROM education.addressee a JOIN education.children_of($2, $4, $3, $5) g ON g.child_id = a.child_id
        WHERE a.notice_id = n.id AND a.since <= $3 AND $3 < a.until)
        FOR SHARE""", notice_id, tx.viewer.id, tx.now, tx.viewer.subject or tx.viewer.id, WRITE)


async def confirm(tx: Transaction, notice_id: UUID) -> Sequence[Any]:
    """Confirm for each child of mine, or of whom I act for, in a notice that nobody confirmed for yet; returns (pupil_id,
    child_id) of those."""
    return await tx.rows("""WITH made AS (
            INSERT INTO education.confirmation (notice_id, pupil_id, confirmed_by, kin, confirmed_at)
            SELECT a.notice_id, a.pupil_id, $2, g.relation, $3 FROM education.addressee a
            JOIN education.children_of($2, $4, $3, $5) g ON g.child_id = a.child_id
            WHERE a.notice_id = $1 AND a.since <= $3 AND $3 < a.until
            ORDER BY a.pupil_id ON CONFLICT DO NOTHING RETURNING pupil_id)
        SELECT p.id AS pupil_id, p.child_id FROM made JOIN education.pupil p ON p.id = made.pupil_id""",
        notice_id, tx.viewer.id, tx.now, tx.viewer.subject or tx.viewer.id, WRITE)


async def other_guardians(tx: Transaction, children: Sequence[UUID]) -> list[UUID]:
    """The guardians of these children beside me."""
    rows = await tx.rows("""SELECT DISTINCT guardian_id FROM haian.guardianship
        WHERE child_id = ANY ($1) AND guardian_id <> $2 AND since <= $3 AND $3 < until""",
        children, tx.viewer.id, tx.now)
    return [row["guardian_id"] for row in rows]


async def my_written(tx: Transaction, notice_id: UUID) -> Any:
    """A notice to a class that I teach, held for a change; None where there is none."""
    return await tx.row("""SELECT n.* FROM education.notice n WHERE n.id = $1 AND EXISTS (
        SELECT FROM education.teaching t WHERE t.teacher_id = $2 AND t.class_id = n.class_id AND t.during @> $3::timestamptz)
        FOR UPDATE""", notice_id, tx.viewer.id, tx.now)


async def withdraw(tx: Transaction, notice_id: UUID, reason: str) -> None:
    await tx.rows("UPDATE education.notice SET withdrawn_at = $2, reason = $3 WHERE id = $1", notice_id, tx.now, reason)


async def mark_reminded(tx: Transaction, notice_id: UUID, before: datetime) -> bool:
    """Take the turn to remind; false where the last reminder was after `before`."""
    return bool(await tx.value("""UPDATE education.notice SET reminded_at = $2 WHERE id = $1
        AND (reminded_at IS NULL OR reminded_at <= $3) RETURNING true""", notice_id, tx.now, before))


async def take_due(tx: Transaction, until: datetime, quiet_since: datetime) -> Sequence[Any]:
    """Notices whose deadline is still to come today and that nobody was told of for hours: now they are."""
    return await tx.rows("""WITH held AS MATERIALIZED (SELECT id FROM education.notice
            WHERE due_told_at IS NULL AND withdrawn_at IS NULL AND deadline > $1 AND deadline < $2
              AND published_at <= $3 AND (reminded_at IS NULL OR reminded_at <= $3) ORDER BY id FOR NO KEY UPDATE)
        UPDATE education.notice n SET due_told_at = $1 FROM held WHERE n.id = held.id RETURNING n.id""",
        tx.now, until, quiet_since)


async def erase(connection: Any, citizen: UUID) -> None:
    """A person leaves: as a child with its places in classes, as guardian and teacher by name."""
    await connection.execute("SELECT FROM education.notice WHERE author_id = $1 ORDER BY id FOR NO KEY UPDATE", citizen)
    await connection.execute("DELETE FROM education.pupil WHERE child_id = $1", citizen)
    await connection.execute("UPDATE education.confirmation SET confirmed_by = NULL WHERE confirmed_by = $1", citizen)
    await connection.execute("DELETE FROM education.class_teacher WHERE teacher_id = $1", citizen)
    await connection.execute("UPDATE education.notice SET author_id = NULL WHERE author_id = $1", citizen)
