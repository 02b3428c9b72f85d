"""The SQL of who shows codes: whose they may show, and who has suspended theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction


@sql
def state() -> Any:
    """SELECT (SELECT since FROM onecode.suspension WHERE citizen_id = {viewer}) AS suspended_since,
              (SELECT max(revoked_at) FROM onecode.offline_batch
               WHERE citizen_id = {viewer} AND shown_by IS NULL) AS carried_stopped_at"""


@sql
def any_suspended(one: UUID, other: UUID) -> Any:
    "EXISTS (SELECT FROM onecode.suspension WHERE citizen_id IN ({one}, {other}))"


@sql
def holders() -> Any:
    """SELECT DISTINCT ON (c.id) c.id, c.masked_name AS name, k.guardian,
              (SELECT max(b.revoked_at) FROM onecode.offline_batch b WHERE b.citizen_id = c.id AND b.shown_by = {viewer})
                  AS carried_stopped_at
       FROM (SELECT g.child_id AS id, true AS guardian FROM haian.guardianship g
             WHERE g.guardian_id = {viewer} AND g.since <= {now} AND {now} < g.until
             UNION ALL
             SELECT m.principal_id, false FROM haian.mandate m
             WHERE m.delegate_id = {viewer} AND m.scope = 'onecode.code.show' AND m.since <= {now} AND {now} < m.until) k
       JOIN haian.citizen c ON c.id = k.id WHERE haian.may({viewer}, 'onecode.code.show', c.id, {now})
       ORDER BY c.id, k.guardian DESC"""


@sql
def may_show(citizen: UUID, holder: UUID, at: datetime) -> Any:
    "haian.may({citizen}, 'onecode.code.show', {holder}, {at})"


@keyset("at timestamptz", "id uuid", descending=True)
def shown_for_others() -> Any:
    """SELECT s.*, s.facts AS seen, o.name AS organisation, v.masked_name AS verifier, NULL::text AS presenter,
              h.masked_name AS shown_for, NULL::text AS visitor, ARRAY[]::text[] AS held_back, false AS by_guardian
       FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id
       LEFT JOIN haian.citizen v ON v.id = s.verifier_id LEFT JOIN haian.citizen h ON h.id = s.holder_id
       WHERE s.shown_by = {viewer}"""


async def standings(tx: Transaction, shows: Sequence[tuple[UUID, UUID | None]]) -> Sequence[Any]:
    """Of holders, and who shows their codes for them: `suspended`, that either has stopped them; `may_show`."""
    return await tx.rows("""
        SELECT EXISTS (SELECT FROM onecode.suspension s WHERE s.citizen_id IN (h.holder, h.shown_by)) AS suspended,
               h.shown_by IS NULL OR coalesce(haian.may(h.shown_by, 'onecode.code.show', h.holder, $3), false) AS may_show
        FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY h(holder, shown_by, n) ORDER BY h.n""",
        [holder for holder, _ in shows], [shown_by for _, shown_by in shows], tx.now)


async def suspend(tx: Transaction) -> bool:
    """Whether this was what suspended the viewer's codes; not so where they were already."""
    return bool(await tx.rows("""INSERT INTO onecode.suspension (citizen_id, since) VALUES ($1, $2)
        ON CONFLICT DO NOTHING RETURNING citizen_id""", tx.viewer.id, tx.now))


async def resume(tx: Transaction) -> bool:
    """Whether this was what made the viewer's codes good again."""
    return bool(await tx.rows("DELETE FROM onecode.suspension WHERE citizen_id = $1 RETURNING citizen_id", tx.viewer.id))
