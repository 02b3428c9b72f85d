"""The SQL of how clients are registered, approved and ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction


# Where I am a developer.
@sql
def offices() -> Any:
    """SELECT DISTINCT o.id, o.name FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
       WHERE m.citizen_id = {viewer} AND m.role = 'developer' AND m.during @> {now} AND o.kind = 'developer'
       ORDER BY o.name, o.id"""


@keyset("registered_at timestamptz", "id uuid", descending=True)
def mine() -> Any:
    """SELECT c.id, c.name_zh, c.name_en, o.name AS organisation, c.redirects, c.scopes, c.demo, c.registered_at, c.reason,
              CASE WHEN c.ended_at IS NOT NULL AND c.approved_at IS NULL THEN 'REFUSED' WHEN c.ended_at IS NOT NULL
                   THEN 'ENDED' WHEN c.approved_at IS NULL THEN 'WAITING' ELSE 'LIVE' END AS standing
       FROM oauth.client c JOIN haian.organisation o ON o.id = c.organisation_id
       WHERE c.organisation_id IN (SELECT m.organisation_id FROM haian.membership m
                                   WHERE m.citizen_id = {viewer} AND m.role = 'developer' AND m.during @> {now})"""


# What the district's managers decide about: what waits, then all there is. Nobody decides about what they registered.
@keyset("registered_at timestamptz", "id uuid")
def waiting() -> Any:
    """SELECT c.id, c.name_zh, c.name_en, o.name AS organisation, c.redirects, c.scopes, c.demo, c.registered_at, c.reason,
              'WAITING' AS standing
       FROM oauth.client c JOIN haian.organisation o ON o.id = c.organisation_id
       WHERE c.approved_at IS NULL AND c.ended_at IS NULL AND c.registered_by IS DISTINCT FROM {viewer}
         AND EXISTS (SELECT FROM haian.membership m JOIN haian.organisation d ON d.id = m.organisation_id
                     WHERE m.citizen_id = {viewer} AND m.role = 'manager' AND m.during @> {now} AND d.kind = 'district')"""


@keyset("registered_at timestamptz", "id uuid", descending=True)
def all_of_them() -> Any:
    """SELECT c.id, c.name_zh, c.name_en, o.name AS organisation, c.redirects, c.scopes, c.demo, c.registered_at, c.reason,
              CASE WHEN c.ended_at IS NOT NULL AND c.approved_at IS NULL THEN 'REFUSED' WHEN c.ended_at IS NOT NULL
                   THEN 'ENDED' WHEN c.approved_at IS NULL THEN 'WAITING' ELSE 'LIVE' END AS standing
       FROM oauth.client c JOIN haian.organisation o ON o.id = c.organisation_id
       WHERE EXISTS (SELECT FROM haian.membership m JOIN haian.organisation d ON d.id = m.organisation_id
                     WHERE m.citizen_id = {viewer} AND m.role = 'manager' AND m.during @> {now} AND d.kind = 'district')"""


@sql
def one(id: UUID) -> Any:
    """SELECT c.id, c.name_zh, c.name_en, o.name AS organisation, c.redirects, c.scopes, c.demo, c.registered_at, c.reason,
              CASE WHEN c.ended_at IS NOT NULL AND c.approved_at IS NULL THEN 'REFUSED' WHEN c.ended_at IS NOT NULL
                   THEN 'ENDED' WHEN c.approved_at IS NULL THEN 'WAITING' ELSE 'LIVE' END AS standing
       FROM oauth.client c JOIN haian.organisation o ON o.id = c.organisation_id WHERE c.id = {id}"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def is_developer(tx: Transaction, organisation: UUID) -> bool:
    return bool(await tx.value("""SELECT EXISTS (
        SELECT FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
        WHERE m.citizen_id = $1 AND m.organisation_id = $2 AND m.role = 'developer' AND m.during @> $3::timestamptz
        AND o.kind = 'developer')""", tx.viewer.id, organisation, tx.now))


async def is_of_district(tx: Transaction) -> bool:
    return bool(await tx.value("""SELECT EXISTS (
        SELECT FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
        WHERE m.citizen_id = $1 AND m.role = 'manager' AND m.during @> $2::timestamptz AND o.kind = 'district')""",
        tx.viewer.id, tx.now))


async def managers(tx: Transaction) -> list[UUID]:
    """Who may approve: the district's managers, but for who registered it."""
    rows = await tx.rows("""SELECT DISTINCT m.citizen_id FROM haian.organisation o JOIN haian.membership m
        ON m.organisation_id = o.id WHERE o.kind = 'district' AND m.role = 'manager' AND m.during @> $2::timestamptz
        AND m.citizen_id <> $1""", tx.viewer.id, tx.now)
    return [row[0] for row in rows]


async def add(tx: Transaction, organisation: UUID, names: tuple[str, str], redirects: Sequence[str], scopes: Sequence[str],
              most: int) -> UUID | None:
    """A client that waits; none where the organisation has `most` that are not ended, counted one after another."""
    await tx.rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"oauth:{organisation}")
    made: UUID | None = await tx.value("""
        INSERT INTO oauth.client (name_zh, name_en, organisation_id, redirects, scopes, registered_at, registered_by)
        SELECT $2, $3, $1, $4, $5, $6, $7
        WHERE (SELECT count(*) FROM oauth.client WHERE organisation_id = $1 AND ended_at IS NULL) < $8 RETURNING id""",
        organisation, *names, list(redirects), list(scopes), tx.now, tx.viewer.id, most)
    return made


async def approve(tx: Transaction, client: UUID) -> Any:
    """Whose it is; none where it does not wait, or waits for another's eyes."""
    return await tx.row("""UPDATE oauth.client SET approved_at = $2, approved_by = $3
        WHERE id = $1 AND approved_at IS NULL AND ended_at IS NULL AND registered_by IS DISTINCT FROM $3
        RETURNING registered_by, organisation_id, name_zh""", client, tx.now, tx.viewer.id)


async def refuse(tx: Transaction, client: UUID, reason: str) -> Any:
    return await tx.row("""UPDATE oauth.client SET ended_at = $2, ended_by = $3, reason = $4
        WHERE id = $1 AND approved_at IS NULL AND ended_at IS NULL AND registered_by IS DISTINCT FROM $3
        RETURNING registered_by, organisation_id, name_zh""", client, tx.now, tx.viewer.id, reason)


async def end(tx: Transaction, client: UUID, reason: str, district: bool) -> Any:
    """End a client for good: of my organisation, or as the district. None where it is not mine to end, or over."""
    return await tx.row("""UPDATE oauth.client c SET ended_at = $2, ended_by = $3, reason = $4
        WHERE c.id = $1 AND c.ended_at IS NULL AND ($5 OR EXISTS (
            SELECT FROM haian.membership m WHERE m.citizen_id = $3 AND m.organisation_id = c.organisation_id
            AND m.role = 'developer' AND m.during @> $2::timestamptz))
        RETURNING registered_by, organisation_id, name_zh""", client, tx.now, tx.viewer.id, reason, district)
