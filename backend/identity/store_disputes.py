"""Identity's SQL of settling whose a number is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.errors import TryAgain
from haian.transaction import Transaction


async def lock_dispute(tx: Transaction, dispute: UUID) -> Any:
    """A dispute that the viewer is no party of and did not claim. Until the transaction ends its citizens are held, their
    numbers, then the dispute; with all else that is claimed of its number, which may be handed on. Each in one order:
    whoever settles another dispute, or forgets a citizen, takes them so too. TryAgain where it was handed to yet another
    meanwhile."""
    parties = await tx.rows("""SELECT id FROM identity.citizen WHERE id IN (
            SELECT unnest(ARRAY[o.holder_id, o.claimant_id]) FROM identity.dispute d JOIN identity.dispute o
            ON o.id = d.id OR (o.number_id = d.number_id AND o.settled_at IS NULL) WHERE d.id = $1)
        ORDER BY id FOR NO KEY UPDATE""", dispute)
    held = [row["id"] for row in parties]
    await tx.rows("SELECT FROM identity.citizen_number WHERE citizen_id = ANY($1) ORDER BY citizen_id FOR UPDATE",
                  held)
    rows = await tx.rows("""
        SELECT d.*, $2 NOT IN (d.holder_id, d.claimant_id) AND d.claimed_by IS DISTINCT FROM $2 AS is_mine
        FROM identity.dispute d WHERE d.id = $1 OR (d.settled_at IS NULL
            AND d.number_id = (SELECT number_id FROM identity.dispute WHERE id = $1)) ORDER BY d.id FOR UPDATE""",
        dispute, tx.viewer.id)
    found = next((row for row in rows if row["id"] == dispute and row["is_mine"]), None)
    if found and not {found["holder_id"], found["claimant_id"]} <= set(held):
        raise TryAgain
    return found


async def settle_dispute(tx: Transaction, dispute: UUID, outcome: str, reason: str) -> None:
    await tx.rows("""UPDATE identity.dispute SET settled_at = $2, settled_by = $3, outcome = $4, reason = $5, sealed = NULL
                     WHERE id = $1""", dispute, tx.now, tx.viewer.id, outcome, reason)


async def take_number(tx: Transaction, holder: UUID, number: UUID) -> None:
    """Who had the number has it no more, and is not real-named. Nothing where they lost it before."""
    await tx.rows("""WITH gone AS (DELETE FROM identity.citizen_number WHERE citizen_id = $1 AND number_id = $2 RETURNING 1)
                     UPDATE identity.citizen SET level = 'UNVERIFIED' WHERE id = $1 AND EXISTS (SELECT FROM gone)""",
                  holder, number)


async def hand_on_disputes(tx: Transaction, number: UUID, holder: UUID) -> None:
    """What others still claim of this number they claim of who has it now."""
    await tx.rows("UPDATE identity.dispute SET holder_id = $2 WHERE number_id = $1 AND settled_at IS NULL", number, holder)
