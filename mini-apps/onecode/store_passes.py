"""The SQL of visitors' passes 访客码."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.transaction import Transaction
from onecode.models import Invitation

MOST_OPEN = 10


@sql
def passes() -> Any:
    """SELECT p.id, encode(p.secret, 'hex') AS link, p.visitor, p.plate, d.name AS community, lower(p.during) AS starts_at,
              upper(p.during) AS ends_at, p.entries, p.remaining, onecode.pass_state(p, {now}) AS state
       FROM onecode.pass p JOIN haian.division d ON d.code = p.community
       WHERE p.host_id = {viewer} ORDER BY p.made_at DESC, p.id DESC LIMIT 50"""


@sql
def one(id: UUID) -> Any:
    """SELECT p.id, encode(p.secret, 'hex') AS link, p.visitor, p.plate, d.name AS community, lower(p.during) AS starts_at,
              upper(p.during) AS ends_at, p.entries, p.remaining, onecode.pass_state(p, {now}) AS state
       FROM onecode.pass p JOIN haian.division d ON d.code = p.community WHERE p.id = {id} AND p.host_id = {viewer}"""


@sql
def by_secret(hash: str) -> Any:
    """SELECT p.id, p.host_id, p.visitor, d.name AS community, h.masked_name AS host, lower(p.during) AS starts_at,
              upper(p.during) AS ends_at, p.entries, p.remaining, onecode.pass_state(p, {now}) AS state
       FROM onecode.pass p JOIN haian.division d ON d.code = p.community JOIN haian.citizen h ON h.id = p.host_id
       WHERE p.secret = decode({hash}, 'hex')"""


async def invite(tx: Transaction, given: Invitation) -> tuple[str, UUID | None]:
    """The community where the viewer lives, empty where none is known; and the new pass, None where too many are open. One
    host's invitations wait for each other."""
    await tx.rows("SELECT pg_advisory_xact_lock(hashtext('onecode.pass'), hashtext($1))", str(tx.viewer.id))
    row = await tx.row("SELECT coalesce(community_code, '') AS community FROM haian.citizen WHERE id = $1", tx.viewer.id)
    if not row or not row["community"]:
        return "", None
    made: UUID | None = await tx.value("""
        INSERT INTO onecode.pass (host_id, community, secret, visitor, plate, during, entries, remaining, made_at)
        SELECT $1, $2, decode($3, 'hex'), $4, $5, tstzrange($6, $7), $8, $8, $9
        WHERE (SELECT count(*) FROM onecode.pass WHERE host_id = $1 AND ended_at IS NULL AND remaining > 0
               AND upper(during) > $9) < $10 ON CONFLICT DO NOTHING RETURNING id""",
        tx.viewer.id, row["community"], given.link, given.visitor, given.plate, given.starts_at, given.ends_at,
        given.entries, tx.now, MOST_OPEN)
    return row["community"], made


async def end(tx: Transaction, id: UUID) -> bool:
    """Whether this was what ended a pass of the viewer's."""
    return bool(await tx.rows("""UPDATE onecode.pass SET ended_at = $3 WHERE id = $1 AND host_id = $2 AND ended_at IS NULL
                                 RETURNING id""", id, tx.viewer.id, tx.now))


async def enter(tx: Transaction, id: UUID, post: Any) -> Any:
    """Take one entry of a pass at a post: what its verifier sees. None where none is left, at another time or place, or
    where its host lives there no more."""
    return await tx.row("""
        UPDATE onecode.pass p SET remaining = remaining - 1 FROM haian.citizen h, haian.division d
        WHERE p.id = $1 AND p.remaining > 0 AND p.ended_at IS NULL
          AND $2::timestamptz >= lower(p.during) - interval '1 hour' AND $2 < upper(p.during)
          AND h.id = p.host_id AND h.community_code = p.community AND d.code = p.community
          AND EXISTS (SELECT FROM onecode.scene s WHERE s.id = $3 AND s.visitors)
          AND EXISTS (SELECT FROM haian.organisation o WHERE o.id = $4 AND p.community LIKE o.division_code || '%')
        RETURNING p.visitor, p.plate, d.name || ' ' || h.masked_name AS visits, p.remaining""",
        id, tx.now, post["scene_id"], post["organisation_id"])


async def give_back(tx: Transaction, id: UUID) -> None:
    """The code of this entry was used before, whatever Redis said."""
    await tx.rows("UPDATE onecode.pass SET remaining = remaining + 1 WHERE id = $1", id)


async def forget(connection: Any, citizen: UUID) -> None:
    """Erase whom a citizen invited."""
    await connection.execute("""DELETE FROM onecode.pass WHERE id IN (
        SELECT id FROM onecode.pass WHERE host_id = $1 ORDER BY id FOR UPDATE)""", citizen)
