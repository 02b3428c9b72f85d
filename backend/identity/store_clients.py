"""The SQL of clients among devices."""

from __future__ import annotations

from uuid import UUID

from haian.transaction import Transaction


async def add(tx: Transaction, device: UUID, session: str, name: str, place: str | None) -> None:
    """A device of the viewer that is their client's. `place`: the code of a street; of anything else nothing is kept."""
    assert tx.viewer.client
    await tx.rows("""
        INSERT INTO identity.device (id, citizen_id, session, name, signed_in_at, seen_at, place, client)
        VALUES ($1, $2, $3, $4, $5, $5, (SELECT code FROM identity.division WHERE code = $6 AND level = 'street'), $7)""",
        device, tx.viewer.id, session, name, tx.now, place, tx.viewer.client.id)


async def of(tx: Transaction, citizen: UUID, client: UUID) -> list[UUID]:
    rows = await tx.rows("SELECT id FROM identity.device WHERE citizen_id = $1 AND client = $2 AND ended_at IS NULL",
                         citizen, client)
    return [row["id"] for row in rows]


async def citizens_of(tx: Transaction, client: UUID, most: int) -> list[UUID]:
    rows = await tx.rows("SELECT DISTINCT citizen_id FROM identity.device WHERE client = $1 AND ended_at IS NULL LIMIT $2",
                         client, most)
    return [row[0] for row in rows]
