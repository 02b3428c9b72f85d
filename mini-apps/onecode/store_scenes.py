"""The SQL of scenes, and of who serves which."""

from __future__ import annotations

from typing import Any

from haian.reads import sql
from haian.transaction import Transaction


@sql
def running() -> Any:
    """SELECT s.*, o.name AS organisation FROM onecode.scene s LEFT JOIN haian.organisation o ON o.id = s.organisation_id
       WHERE s.since <= {now} AND coalesce({now} < s.until, true) ORDER BY s.since, s.id"""


# One holds one post of a role in an organisation at a time, and a scene is of one role: both name a duty.
@sql
def duties() -> Any:
    """SELECT p.*, p.organisation_id || ' ' || p.scene_id AS id,
              (p.organisation_id, p.scene_id) = (SELECT c.organisation_id, c.scene_id
                                                 FROM onecode.post_of({viewer}, {now}) c) AS served
       FROM onecode.post p WHERE p.citizen_id = {viewer} AND p.during @> {now}
       ORDER BY p.organisation_id, NOT p.usual, p.scene_id, p.place"""


async def serve(tx: Transaction, duty: str) -> Any:
    """Serve one of the viewer's own; None where it is none of theirs."""
    return await tx.row("""INSERT INTO onecode.choice (citizen_id, organisation_id, place, scene_id, chosen_at)
        SELECT p.citizen_id, p.organisation_id, p.place, p.scene_id, $3::timestamptz FROM onecode.post p
        WHERE p.citizen_id = $1 AND p.during @> $3::timestamptz AND p.organisation_id || ' ' || p.scene_id = $2
        ON CONFLICT (citizen_id) DO UPDATE SET organisation_id = excluded.organisation_id, place = excluded.place,
            scene_id = excluded.scene_id, chosen_at = excluded.chosen_at RETURNING scene_id""", tx.viewer.id, duty, tx.now)
