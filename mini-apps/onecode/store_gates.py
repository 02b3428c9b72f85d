"""The SQL of verifiers that are no person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction
from onecode.verifiers import PAGE

# -- reads -----------------------------------------------------------------------------------------------------------


@keyset("asked_at timestamptz", "id uuid", descending=True)
def verifiers(organisation: UUID) -> Any:
    """SELECT r.*, r.asked_by = {viewer} AS mine, coalesce(r.seen_at > {now} - interval '2 minutes', false) AS awake
       FROM onecode.registered r
       WHERE r.organisation_id = {organisation} AND EXISTS (
           SELECT FROM haian.membership m WHERE m.citizen_id = {viewer} AND m.organisation_id = {organisation}
           AND m.role = 'manager' AND m.during @> {now})"""


@keyset("waits int", "asked_at timestamptz", "id uuid", descending=True)
def all_verifiers() -> Any:
    """SELECT r.*, r.asked_by = {viewer} AS mine, coalesce(r.seen_at > {now} - interval '2 minutes', false) AS awake,
              (r.standing = 'TO_APPROVE')::int AS waits FROM onecode.registered r
       WHERE EXISTS (
           SELECT FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
           WHERE m.citizen_id = {viewer} AND m.during @> {now} AND o.kind = 'district'
             AND m.role IN ('manager', 'identity_officer'))"""


@sql
def verifier(id: UUID) -> Any:
    """SELECT r.*, r.asked_by = {viewer} AS mine, coalesce(r.seen_at > {now} - interval '2 minutes', false) AS awake
       FROM onecode.registered r
       WHERE r.id = {id} AND EXISTS (
           SELECT FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
           WHERE m.citizen_id = {viewer} AND m.during @> {now}
             AND (m.role = 'manager' AND o.id = r.organisation_id
                  OR m.role IN ('manager', 'identity_officer') AND o.kind = 'district'))"""


@sql
def scans_today(device: UUID, accepted: bool) -> Any:
    """(SELECT count(*) FROM onecode.scan WHERE device_id = {device} AND at >= date_trunc('day', {now}, 'Asia/Shanghai')
        AND (verdict = 'ACCEPTED') = {accepted})"""


@sql
def scenes(organisation: UUID) -> Any:
    """SELECT s.id, s.name_zh, s.name_en, s.facts FROM onecode.scene s
       JOIN haian.organisation o ON o.kind = s.organisation_kind WHERE o.id = {organisation}
         AND (s.organisation_id IS NULL OR s.organisation_id = o.id) AND tstzrange(s.since, s.until) @> {now} AND EXISTS (
           SELECT FROM haian.membership m WHERE m.citizen_id = {viewer} AND m.organisation_id = {organisation}
           AND m.role = 'manager' AND m.during @> {now}) ORDER BY s.id"""


@sql
def door(id: UUID) -> Any:
    "SELECT * FROM onecode.door WHERE device_id = {id}"


@sql
def kit(id: UUID, after: int, most: int) -> Any:
    """SELECT d.facts, d.demands, d.offline, d.code_seconds, {now} AS now, coalesce(o.division_code, '') AS division,
              s.revoked, s.upto, s.more
       FROM onecode.door d JOIN haian.organisation o ON o.id = d.organisation_id
       CROSS JOIN onecode.stopped_after({after}, {now}, {most}) s WHERE d.device_id = {id}"""


@sql
def offices() -> Any:
    """SELECT o.id, o.name, o.kind = 'developer' AS partners, o.kind = 'district' AS decides FROM haian.membership m
       JOIN haian.organisation o ON o.id = m.organisation_id
       WHERE m.citizen_id = {viewer} AND m.during @> {now}
         AND (m.role = 'manager' AND EXISTS (SELECT FROM onecode.scene s WHERE s.organisation_kind = o.kind)
              OR m.role IN ('manager', 'identity_officer') AND o.kind = 'district')
       GROUP BY o.id, o.name, o.kind ORDER BY o.kind = 'district', o.name, o.id"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def manages(tx: Transaction, organisation: UUID) -> bool:
    """Whether the viewer manages it now."""
    return bool(await tx.value("""SELECT EXISTS (SELECT FROM haian.membership WHERE citizen_id = $1 AND organisation_id = $2
        AND role = 'manager' AND during @> $3::timestamptz)""", tx.viewer.id, organisation, tx.now))


async def platform_office(tx: Transaction) -> Any:
    """The district's office that the viewer holds, as its manager or identity officer; None for anybody else."""
    return await tx.row("""SELECT m.organisation_id, m.role FROM haian.membership m
        JOIN haian.organisation o ON o.id = m.organisation_id WHERE m.citizen_id = $1 AND o.kind = 'district'
        AND m.role IN ('manager', 'identity_officer') AND m.during @> $2::timestamptz ORDER BY m.role DESC LIMIT 1""",
        tx.viewer.id, tx.now)


async def platform_staff(tx: Transaction) -> list[UUID]:
    """Everybody who may approve, but the viewer."""
    return [row["citizen_id"] for row in await tx.rows("""
        SELECT DISTINCT m.citizen_id FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
        WHERE o.kind = 'district' AND m.role IN ('manager', 'identity_officer') AND m.during @> $1::timestamptz
          AND m.citizen_id <> $2""", tx.now, tx.viewer.id)]


async def has_scene(tx: Transaction, organisation: UUID, scene: str, kind: str) -> bool:
    """Whether an organisation has this scene, and verifiers of this kind: third parties are developers."""
    return bool(await tx.value("""SELECT EXISTS (SELECT FROM onecode.scene s JOIN haian.organisation o
        ON o.kind = s.organisation_kind WHERE o.id = $1 AND s.id = $2 AND s.since <= $3 AND coalesce(s.until > $3, true)
        AND (s.organisation_id IS NULL OR s.organisation_id = o.id) AND (o.kind = 'developer') = ($4 = 'PARTNER'))""",
        organisation, scene, tx.now, kind))


async def add_verifier(tx: Transaction, kind: str, organisation: UUID, scene: str, place: str) -> UUID | None:
    """None where the organisation has one at this place."""
    made: UUID | None = await tx.value("""
        INSERT INTO onecode.verifier (kind, organisation_id, scene_id, place, asked_by, asked_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id""",
        kind, organisation, scene, place, tx.viewer.id, tx.now)
    return made


async def hold(tx: Transaction, id: UUID) -> Any:
    """A verifier, so that nobody else decides it meanwhile; None where there is none."""
    return await tx.row("""SELECT v.*, trim(o.name || ' ' || v.place) AS whole_place FROM onecode.verifier v
        JOIN haian.organisation o ON o.id = v.organisation_id WHERE v.id = $1 FOR UPDATE OF v""", id)


async def decide(tx: Transaction, id: UUID, agree: bool) -> None:
    await tx.rows("UPDATE onecode.verifier SET agreed = $2, decided_by = $3, decided_at = $4 WHERE id = $1",
                  id, agree, tx.viewer.id, tx.now)


async def set_enrolment(tx: Transaction, id: UUID, code: bytes, until: datetime) -> None:
    """The next key is registered by this code; one that was given before registers none."""
    await tx.rows("UPDATE onecode.verifier SET enrol_code = $2, enrol_until = $3, enrol_taken = false WHERE id = $1",
                  id, code, until)


async def enrol(tx: Transaction, code: bytes, key: dict[str, str], thumbprint: str) -> Any:
    """Register a key by a code, which then registers no other; None where it registers none. The key before counts no
    more."""
    return await tx.row("""UPDATE onecode.verifier SET key = $2, thumbprint = $3, enrolled_at = $4, seen_at = $4,
        begun_at = coalesce(begun_at, enrolled_at, $4),
        enrol_taken = true WHERE enrol_code = $1 AND enrol_until > $4 AND agreed AND revoked_at IS NULL
        AND (NOT enrol_taken OR thumbprint = $3)
        RETURNING id, organisation_id, asked_by, lower(kind) AS role""", code, key, thumbprint, tx.now)


async def revoke(tx: Transaction, id: UUID, reason: str) -> None:
    await tx.rows("""UPDATE onecode.verifier SET revoked_at = $2, revoked_by = $3, revoked_reason = $4, enrol_code = NULL,
        enrol_until = NULL WHERE id = $1""", id, tx.now, tx.viewer.id, reason)


async def doors_of(tx: Transaction, verifiers: Sequence[UUID | None]) -> dict[UUID | None, Any]:
    """Verifiers with their scenes, as `store.posts_of` has people's; no word of one that may read no code."""
    rows = await tx.rows("SELECT * FROM onecode.door WHERE device_id = ANY($1) AND active AND during @> $2::timestamptz",
                         list(verifiers), tx.now)
    return {row["device_id"]: row for row in rows}


async def door_at(tx: Transaction, at: datetime) -> Any:
    """The one that asks, with its scene as it was then: for what it read without the server. None where it read none yet."""
    return await tx.row("""SELECT * FROM onecode.door WHERE device_id = $1 AND active AND during @> $2::timestamptz
                           AND begun_at <= $2::timestamptz""", tx.viewer.id, at)


async def see(tx: Transaction, id: UUID) -> None:
    """That it was heard of."""
    await tx.rows("UPDATE onecode.verifier SET seen_at = $2 WHERE id = $1", id, tx.now)


async def scanned(tx: Transaction, id: UUID, before: datetime | None) -> list[Any]:
    """Whom a verifier scanned, newest first, a page at a time."""
    return list(await tx.rows("""
        SELECT s.id, s.at, s.outcome AS verdict, s.place, s.facts, s.holder_id, c.masked_name AS name
        FROM onecode.scan s LEFT JOIN haian.citizen c ON c.id = s.holder_id
        WHERE s.device_id = $1 AND ($2::timestamptz IS NULL OR s.at < $2) ORDER BY s.at DESC, s.id DESC LIMIT $3""",
        id, before, PAGE))


async def forget(connection: Any, citizen: UUID) -> None:
    """Who registered, approved or revoked a verifier goes; the verifier stays."""
    await connection.execute("UPDATE onecode.verifier SET asked_by = NULL WHERE asked_by = $1", citizen)
    await connection.execute("UPDATE onecode.verifier SET decided_by = NULL WHERE decided_by = $1", citizen)
    await connection.execute("UPDATE onecode.verifier SET revoked_by = NULL WHERE revoked_by = $1", citizen)
