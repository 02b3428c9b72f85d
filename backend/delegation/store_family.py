"""The SQL of families: links by a certificate fact, and what a desk has settled of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from haian.transaction import Transaction


async def is_fit(tx: Transaction) -> bool:
    """Whether the viewer may be a guardian: real-named and 18."""
    return bool(await tx.value("""SELECT level <> 'UNVERIFIED' AND coalesce(of_age_at <= $2, false) FROM haian.citizen
                                  WHERE id = $1""", tx.viewer.id, tx.now))


async def is_under_18(tx: Transaction, born: date) -> bool:
    return bool(await tx.value("""SELECT $1::date > ($2::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
                                         - interval '18 years'""", born, tx.now))


async def link(tx: Transaction, child: UUID, kin: str, until: datetime, limits: Sequence[str], evidence: str) -> bool:
    """Link a child to the viewer, until it is 18; false where there is, or was, a link of the two, or another is its mother
    or father already. Of two at once who would both be that, one is (`delegation.one_parent`)."""
    return bool(await tx.value("""INSERT INTO delegation.guardianship (guardian_id, child_id, relation, since, until, limits,
            how, evidence) VALUES ($1, $2, $3, $4, $5, $6, 'CERTIFICATE', $7)
        ON CONFLICT DO NOTHING RETURNING true""", tx.viewer.id, child, kin, tx.now, until, list(limits), evidence))


async def settle(tx: Transaction, guardian: UUID, child: UUID) -> None:
    """Keep what the desk has just ended or limited, by the numbers of the two; where that is nothing, nothing is kept."""
    await tx.rows("SELECT delegation.settle($1, $2)", guardian, child)


async def settled(tx: Transaction, child: Sequence[bytes]) -> Any:
    """What a desk ended or limited between the viewer and the child of this number, under whatever accounts."""
    return await tx.row("""SELECT ended, limits FROM delegation.settled
        WHERE guardian = haian.number_of_citizen($1) AND child = haian.number_known($2)""", tx.viewer.id, child)


async def link_of(tx: Transaction, child: UUID) -> Any:
    """The link of the viewer to a child, whether it stands or ended; None where there was none ever."""
    return await tx.row("""SELECT ended_at IS NULL AND until > $3 AS stands FROM delegation.guardianship
        WHERE guardian_id = $1 AND child_id = $2""", tx.viewer.id, child, tx.now)


async def other_guardians(tx: Transaction, guardian: UUID, child: UUID) -> list[UUID]:
    """The guardians of a child now, beside one."""
    rows = await tx.rows("""SELECT guardian_id FROM haian.guardianship WHERE child_id = $2 AND guardian_id <> $1
        AND since <= $3 AND $3 < until ORDER BY guardian_id""", guardian, child, tx.now)
    return [row["guardian_id"] for row in rows]


async def take_grown(tx: Transaction, since: datetime) -> Sequence[Any]:
    """Who has come of age since then and was not told: their name, and who was their guardian until then."""
    return await tx.rows("""WITH held AS MATERIALIZED (
            SELECT g.id FROM delegation.guardianship g JOIN haian.citizen c ON c.id = g.child_id
            WHERE c.of_age_at > $2 AND c.of_age_at <= $1 AND g.grown_told_at IS NULL
              AND (g.ended_at IS NULL OR g.ended_at >= c.of_age_at) ORDER BY g.id FOR NO KEY UPDATE OF g),
        told AS (UPDATE delegation.guardianship g SET grown_told_at = $1 FROM held WHERE g.id = held.id
                 RETURNING g.child_id, g.guardian_id)
        SELECT c.id, c.name, array_agg(p.name ORDER BY p.id) AS guardians, array_agg(p.id ORDER BY p.id) AS guardian_ids
        FROM told JOIN haian.citizen c ON c.id = told.child_id JOIN haian.citizen p ON p.id = told.guardian_id
        GROUP BY c.id, c.name""", tx.now, since)
