"""The SQL of clients."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.transaction import Transaction


@sql
def live(id: UUID) -> Any:
    """SELECT c.id, c.name_zh, c.name_en, c.organisation_id, o.name AS organisation, c.redirects, c.scopes, c.demo
       FROM oauth.client c JOIN haian.organisation o ON o.id = c.organisation_id
       WHERE c.id = {id} AND c.approved_at IS NOT NULL AND c.ended_at IS NULL"""


# Of the scopes of a token those that its citizen still consents to, and the client may still ask for.
@sql
def standing(citizen: UUID, client: UUID, scopes: list[str], purpose: str) -> Any:
    """SELECT c.id, c.organisation_id, ARRAY(
           SELECT s FROM unnest({scopes}) s WHERE s = ANY(c.scopes)
           AND haian.has_consent({citizen}, s, 'MINI_APP', c.id::text, {purpose}, {now})) AS scopes
       FROM haian.client c WHERE c.id = {client} AND c.live"""


async def forget(connection: Any, citizen: UUID) -> None:
    """Who registered or approved a client is forgotten; the client is its organisation's."""
    for who in ("registered_by", "approved_by", "ended_by"):
        await connection.execute(f"UPDATE oauth.client SET {who} = NULL WHERE {who} = $1", citizen)


async def without_consent(tx: Transaction, citizen: UUID, client: UUID, purpose: str) -> bool:
    """Whether this citizen consents to nothing that the client does."""
    return not await tx.value("""SELECT EXISTS (SELECT FROM haian.consent c WHERE c.citizen_id = $1
        AND c.receiver_kind = 'MINI_APP' AND c.receiver = $2 AND c.purpose = $3 AND c.since <= $4 AND $4 < c.until)""",
        citizen, str(client), purpose, tx.now)
