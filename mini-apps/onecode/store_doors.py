"""The SQL of what a verifier does besides reading codes: takes a scan back, lets somebody in without one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.transaction import Transaction


@sql
def entry(id: UUID) -> Any:
    """SELECT e.*, NULL::text AS verifier, true AS mine FROM onecode.entry e
       WHERE e.id = {id} AND e.verifier_id = {viewer}"""


async def hold_scan(tx: Transaction, scan: UUID) -> Any:
    """A scan of the viewer's that used its code, held until the transaction ends; before it a visitor's pass, as by who
    reads a code."""
    await tx.rows("""SELECT FROM onecode.pass WHERE id = (SELECT pass_id FROM onecode.scan WHERE id = $1)
                     FOR NO KEY UPDATE""", scan)
    return await tx.row("""SELECT s.*, trim(o.name || ' ' || s.place) AS whole_place FROM onecode.scan s
        JOIN haian.organisation o ON o.id = s.organisation_id
        WHERE s.id = $1 AND s.verifier_id = $2 AND s.verdict IN ('ACCEPTED', 'NOT_ENTITLED') FOR UPDATE OF s""",
        scan, tx.viewer.id)


async def undo(tx: Transaction, scan: UUID, why: str) -> None:
    """It does not count: a visitor's entry is given back."""
    await tx.rows("UPDATE onecode.scan SET undone_at = $2, undone_for = $3 WHERE id = $1", scan, tx.now, why)
    await tx.rows("""UPDATE onecode.pass p SET remaining = remaining + 1 FROM onecode.scan s
        WHERE s.id = $1 AND p.id = s.pass_id AND s.verdict = 'ACCEPTED'""", scan)


async def let_in(tx: Transaction, post: Any, cause: str, words: str, people: int) -> UUID:
    made: UUID = await tx.value("""INSERT INTO onecode.entry (at, scene_id, organisation_id, place, role, verifier_id, cause,
        words, people) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id""", tx.now, post["scene_id"],
        post["organisation_id"], post["place"], post["role"], tx.viewer.id, cause, words, people)
    return made


async def managers_of(tx: Transaction, organisation: UUID, at: datetime) -> list[UUID]:
    """Who manages an organisation, but the viewer."""
    rows = await tx.rows("""SELECT DISTINCT citizen_id FROM haian.membership
        WHERE organisation_id = $1 AND role = 'manager' AND during @> $2::timestamptz AND citizen_id <> $3""",
        organisation, at, tx.viewer.id)
    return [row["citizen_id"] for row in rows]
