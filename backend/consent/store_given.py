"""The SQL of what a citizen lets others know and do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from consent.models import Asked
from haian.reads import keyset, sql
from haian.transaction import Transaction

IN_ORDER = 'citizen_id, receiver_kind COLLATE "C", receiver COLLATE "C", purpose COLLATE "C", fact COLLATE "C", id'
"""In which order whoever takes hold of several consents does so."""


@keyset("since timestamptz", "id uuid", descending=True)
def standing(child: UUID | None) -> Any:
    """SELECT c.*, c.given_by <> c.citizen_id AS by_guardian FROM consent.consent c
       WHERE c.citizen_id = coalesce({child}, {viewer}) AND c.ended_at IS NULL AND c.since <= {now} AND {now} < c.until
         AND haian.may_consent(c.given_by, c.citizen_id, {now})
         AND ({child} IS NULL OR haian.may_consent({viewer}, {child}, {now}))"""


@sql
def given(id: UUID) -> Any:
    """SELECT c.*, c.given_by <> c.citizen_id AS by_guardian FROM consent.consent c
       WHERE c.id = {id} AND (c.citizen_id = {viewer} OR haian.may_consent({viewer}, c.citizen_id, {now}))"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def give(tx: Transaction, citizen: UUID, asked: Asked, once: bool, about: UUID | None, until: datetime) -> UUID | None:
    """Keep a consent; none where it is not the viewer's to give."""
    made: UUID | None = await tx.value(
        "SELECT haian.give_consent($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", tx.viewer.id, citizen,
        asked.fact, asked.kind.value, asked.receiver, asked.receiver_name, asked.purpose, asked.words["zh"],
        asked.words["en"], once, about, tx.now, until)
    return made


async def use(tx: Transaction, citizen: UUID, asked: Asked, about: UUID | None) -> UUID | None:
    found: UUID | None = await tx.value("SELECT haian.use_consent($1, $2, $3, $4, $5, $6, $7)", citizen, asked.fact,
                                        asked.kind.value, asked.receiver, asked.purpose, about, tx.now)
    return found


async def use_all(tx: Transaction, wanted: Sequence[tuple[UUID, Asked]]) -> list[UUID | None]:
    """Several, one after the other, by all transactions in one order, whatever theirs: none waits for another that waits for
    it. What is wanted twice is used in their order."""
    rows = await tx.rows("""
        SELECT w.n, haian.use_consent(w.citizen, w.fact, w.kind, w.receiver, w.purpose, NULL, $6) AS used
        FROM (SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
                            WITH ORDINALITY AS w (citizen, fact, kind, receiver, purpose, n)
              ORDER BY citizen, kind COLLATE "C", receiver COLLATE "C", purpose COLLATE "C", fact COLLATE "C", n) w""",
        [citizen for citizen, _ in wanted], [asked.fact for _, asked in wanted], [asked.kind.value for _, asked in wanted],
        [asked.receiver for _, asked in wanted], [asked.purpose for _, asked in wanted], tx.now)
    used = {row["n"]: row["used"] for row in rows}
    return [used[n] for n in range(1, len(wanted) + 1)]


async def end(tx: Transaction, consent: UUID) -> Any:
    """End a consent that stands: mine, or that of a child for whom I may give it; else nothing."""
    return await tx.row("""
        UPDATE consent.consent c SET ended_at = $2, ended_by = $3
        WHERE c.id = $1 AND c.ended_at IS NULL AND $2 < c.until
              AND (c.citizen_id = $3 OR haian.may_consent($3, c.citizen_id, $2))
        RETURNING c.citizen_id, c.fact, c.receiver, c.receiver_kind""", consent, tx.now, tx.viewer.id)


async def end_of_client(tx: Transaction, client: str) -> None:
    await tx.rows(f"""
        WITH held AS MATERIALIZED (SELECT id FROM consent.consent WHERE receiver_kind = 'MINI_APP' AND receiver = $1
                                   AND ended_at IS NULL AND $2 < until ORDER BY {IN_ORDER} FOR NO KEY UPDATE)
        UPDATE consent.consent c SET ended_at = $2 FROM held WHERE c.id = held.id""", client, tx.now)


async def forget(connection: Any, citizen: UUID) -> None:
    """What they gave; what they gave or took back for a child stays the child's."""
    await connection.execute(f"SELECT FROM consent.consent WHERE citizen_id = $1 ORDER BY {IN_ORDER} FOR UPDATE", citizen)
    await connection.execute("DELETE FROM consent.consent WHERE citizen_id = $1", citizen)
    await connection.execute("UPDATE consent.consent SET ended_by = NULL WHERE ended_by = $1", citizen)
