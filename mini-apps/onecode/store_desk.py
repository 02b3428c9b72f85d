"""The SQL of the manager's desk: gates, flow, refusals, emergency entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction

# -- reads -----------------------------------------------------------------------------------------------------------


@sql
def manages(organisation: UUID) -> Any:
    "onecode.manages({viewer}, {organisation}, {now})"


@sql
def desks() -> Any:
    """SELECT o.id, o.name FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
       WHERE m.citizen_id = {viewer} AND m.role = 'manager' AND m.during @> {now}
         AND EXISTS (SELECT FROM onecode.scene s WHERE s.organisation_kind = o.kind AND s.since <= {now})
       ORDER BY o.name, o.id"""


@sql
def offered(organisation: UUID) -> Any:
    """SELECT s.* FROM onecode.scene s JOIN haian.organisation o ON o.id = {organisation} AND o.kind = s.organisation_kind
       WHERE s.since <= {now} AND coalesce({now} < s.until, true)
         AND (s.organisation_id IS NULL OR s.organisation_id = o.id) ORDER BY s.role, NOT s.usual, s.id"""


@sql
def places(organisation: UUID) -> Any:
    """SELECT g.place, {organisation}::uuid AS organisation_id,
              (SELECT count(*) FROM haian.membership m WHERE m.organisation_id = {organisation} AND m.place = g.place
                 AND m.during @> {now} AND m.role IN (SELECT role FROM onecode.scene)) AS guards,
              (SELECT count(*) FROM onecode.scan s WHERE s.organisation_id = {organisation} AND s.place = g.place
                 AND s.at >= date_trunc('day', {now}, 'Asia/Shanghai') AND s.verdict = 'ACCEPTED' AND s.undone_at IS NULL)
                 AS accepted,
              (SELECT count(*) FROM onecode.scan s WHERE s.organisation_id = {organisation} AND s.place = g.place
                 AND s.at >= date_trunc('day', {now}, 'Asia/Shanghai') AND s.verdict <> 'ACCEPTED') AS refused
       FROM (SELECT m.place FROM haian.membership m WHERE m.organisation_id = {organisation} AND m.during @> {now}
               AND m.role IN (SELECT role FROM onecode.scene)
             UNION SELECT a.place FROM onecode.assignment a WHERE a.organisation_id = {organisation} AND a.until IS NULL) g
       WHERE onecode.manages({viewer}, {organisation}, {now}) ORDER BY g.place"""


@sql
def running_at(organisation: UUID, place: str) -> Any:
    """SELECT s.* FROM onecode.scene s JOIN haian.organisation o ON o.id = {organisation} AND o.kind = s.organisation_kind
       WHERE s.since <= {now} AND coalesce({now} < s.until, true)
         AND (s.organisation_id IS NULL OR s.organisation_id = o.id)
         AND onecode.runs_at(s.id, s.usual, s.role, o.id, {place})
         AND EXISTS (SELECT FROM haian.membership m WHERE m.organisation_id = o.id AND m.role = s.role AND m.place = {place}
                     AND m.during @> {now}
                     UNION SELECT FROM onecode.assignment a WHERE a.organisation_id = o.id AND a.place = {place}
                       AND a.until IS NULL AND a.scene_id = s.id)
       ORDER BY s.role, NOT s.usual, s.id"""


@sql
def hours(organisation: UUID) -> Any:
    """SELECT s.place, extract(hour FROM s.at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
              count(*) FILTER (WHERE s.verdict = 'ACCEPTED' AND s.undone_at IS NULL) AS accepted,
              count(*) FILTER (WHERE s.verdict <> 'ACCEPTED') AS refused
       FROM onecode.scan s WHERE s.organisation_id = {organisation} AND s.at >= date_trunc('day', {now}, 'Asia/Shanghai')
         AND onecode.manages({viewer}, {organisation}, {now})
       GROUP BY 1, 2 ORDER BY 1, 2"""


@sql
def refusals(organisation: UUID) -> Any:
    """SELECT s.outcome, count(*) AS many FROM onecode.scan s
       WHERE s.organisation_id = {organisation} AND s.at >= date_trunc('day', {now}, 'Asia/Shanghai')
         AND s.verdict <> 'ACCEPTED' AND onecode.manages({viewer}, {organisation}, {now})
       GROUP BY 1 ORDER BY 2 DESC, 1"""


@keyset("at timestamptz", "id uuid", descending=True)
def entries(organisation: UUID) -> Any:
    """SELECT e.*, c.masked_name AS verifier, e.verifier_id IS NOT DISTINCT FROM {viewer} AS mine
       FROM onecode.entry e LEFT JOIN haian.citizen c ON c.id = e.verifier_id
       WHERE e.organisation_id = {organisation} AND onecode.manages({viewer}, {organisation}, {now})"""


@sql
def to_review() -> Any:
    """SELECT e.at FROM onecode.entry e
       WHERE e.reviewed_at IS NULL AND e.verifier_id IS DISTINCT FROM {viewer}
         AND e.organisation_id IN (SELECT m.organisation_id FROM haian.membership m
                                   WHERE m.citizen_id = {viewer} AND m.role = 'manager' AND m.during @> {now})"""


@sql
def entry(id: UUID) -> Any:
    """SELECT e.*, c.masked_name AS verifier, e.verifier_id IS NOT DISTINCT FROM {viewer} AS mine
       FROM onecode.entry e LEFT JOIN haian.citizen c ON c.id = e.verifier_id
       WHERE e.id = {id} AND onecode.manages({viewer}, e.organisation_id, {now})"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def offers(tx: Transaction, organisation: UUID) -> set[str]:
    """The scenes that may run at an organisation."""
    return {row["id"] for row in await tx.read(offered(organisation))}


async def assign(tx: Transaction, organisation: UUID, place: str, scenes: Sequence[str]) -> None:
    """These scenes run at a gate from now on, and no other. Of two who say so at once the second waits here."""
    await tx.rows("""SELECT FROM onecode.assignment WHERE organisation_id = $1 AND place = $2 AND until IS NULL
                     ORDER BY id FOR NO KEY UPDATE""", organisation, place)
    await tx.rows("""UPDATE onecode.assignment SET until = $4
        WHERE organisation_id = $1 AND place = $2 AND until IS NULL AND scene_id <> ALL ($3::text[])""",
        organisation, place, list(scenes), tx.now)
    await tx.rows("""INSERT INTO onecode.assignment (organisation_id, place, scene_id, since, set_by)
        SELECT $1, $2, unnest($3::text[]), $4, $5 ON CONFLICT DO NOTHING""",
        organisation, place, list(scenes), tx.now, tx.viewer.id)


async def review(tx: Transaction, entry: UUID, justified: bool, note: str) -> Any:
    """Review an entry that nobody has reviewed; None where somebody has."""
    return await tx.row("""UPDATE onecode.entry SET reviewed_at = $2, reviewed_by = $3, justified = $4, note = $5
        WHERE id = $1 AND reviewed_at IS NULL RETURNING *""", entry, tx.now, tx.viewer.id, justified, note)


async def scans_between(tx: Transaction, organisation: UUID, since: datetime, until: datetime, most: int) -> Sequence[Any]:
    """What an export says of each scan: nothing of whose code it was, or of what was seen."""
    return await tx.rows("""SELECT s.at, s.place, c.name_zh, s.outcome, s.undone_at IS NOT NULL AS undone, v.masked_name
        FROM onecode.scan s JOIN onecode.scene c ON c.id = s.scene_id LEFT JOIN haian.citizen v ON v.id = s.verifier_id
        WHERE s.organisation_id = $1 AND s.at >= $2::timestamptz AND s.at < $3::timestamptz ORDER BY s.at, s.id LIMIT $4""",
        organisation, since, until, most)
