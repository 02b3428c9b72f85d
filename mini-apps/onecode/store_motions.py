"""The SQL of what is proposed about scenes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.transaction import Transaction

COLUMNS = ("id, name_zh, name_en, organisation_kind, role, facts, demands, beyond, ground_zh, ground_en, source,"
           " retention_days, offline, code_seconds")


@sql
def motions() -> Any:
    """SELECT m.*, m.asked_by IS NOT DISTINCT FROM {viewer} AS mine,
              (SELECT masked_name FROM haian.citizen WHERE id = m.asked_by) AS asker
       FROM (SELECT id, kind, scene_id, reason, asked_by, asked_at, decided_at, agreed FROM onecode.motion
             WHERE onecode.is_official({viewer}, {now}) ORDER BY decided_at IS NOT NULL, asked_at DESC LIMIT 50) m
       ORDER BY m.decided_at IS NOT NULL, m.asked_at DESC"""


@sql
def motion(id: UUID) -> Any:
    """SELECT m.id, m.kind, m.scene_id, m.reason, m.asked_by, m.asked_at, m.decided_at, m.agreed,
              m.asked_by IS NOT DISTINCT FROM {viewer} AS mine,
              (SELECT masked_name FROM haian.citizen WHERE id = m.asked_by) AS asker
       FROM onecode.motion m WHERE m.id = {id} AND onecode.is_official({viewer}, {now})"""


@sql
def scene_of(id: UUID) -> Any:
    """SELECT s.* FROM onecode.motion m CROSS JOIN LATERAL jsonb_populate_record(NULL::onecode.scene, m.scene) s
       WHERE m.id = {id}"""


@sql
def posts() -> Any:
    """SELECT DISTINCT organisation_kind || ' ' || role AS id, organisation_kind, role FROM onecode.scene ORDER BY 1"""


async def is_official(tx: Transaction) -> bool:
    return bool(await tx.value("SELECT onecode.is_official($1, $2)", tx.viewer.id, tx.now))


async def scene(tx: Transaction, id: str) -> Any:
    """A scene that has not ended, as JSON; None where there is none."""
    return await tx.value("SELECT to_jsonb(s) FROM onecode.scene s WHERE id = $1 AND until IS NULL", id)


async def is_taken(tx: Transaction, id: str) -> bool:
    return bool(await tx.value("SELECT EXISTS (SELECT FROM onecode.scene WHERE id = $1)", id))


async def has_post(tx: Transaction, kind: str, role: str) -> bool:
    return bool(await tx.value("SELECT EXISTS (SELECT FROM onecode.scene WHERE organisation_kind = $1 AND role = $2)",
                               kind, role))


async def propose(tx: Transaction, kind: str, id: str, scene: Any, reason: str) -> UUID | None:
    """None where something is proposed about this scene already."""
    made: UUID | None = await tx.value("""INSERT INTO onecode.motion (kind, scene_id, scene, reason, asked_by, asked_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id""",
        kind, id, scene, reason, tx.viewer.id, tx.now)
    return made


async def hold(tx: Transaction, motion: UUID) -> Any:
    return await tx.row("SELECT * FROM onecode.motion WHERE id = $1 FOR UPDATE", motion)


async def decide(tx: Transaction, motion: UUID, agree: bool) -> None:
    await tx.rows("UPDATE onecode.motion SET decided_by = $2, decided_at = $3, agreed = $4 WHERE id = $1",
                  motion, tx.viewer.id, tx.now, agree)


async def begin(tx: Transaction, motion: UUID) -> bool:
    """The scene as it was proposed, from now on; False where there is one of its id, or was."""
    return bool(await tx.rows(f"""INSERT INTO onecode.scene ({COLUMNS}, since)
        SELECT {COLUMNS}, $2 FROM (SELECT s.* FROM onecode.motion m CROSS JOIN LATERAL
            jsonb_populate_record(NULL::onecode.scene, m.scene) s WHERE m.id = $1) p
        ON CONFLICT (id) DO NOTHING RETURNING id""", motion, tx.now))


async def end(tx: Transaction, scene: str) -> None:
    """It ends everywhere; at gates that had nothing else the usual one runs."""
    await tx.rows("UPDATE onecode.scene SET until = $2 WHERE id = $1 AND until IS NULL", scene, tx.now)
    await tx.rows("""WITH held AS MATERIALIZED (SELECT id FROM onecode.assignment WHERE scene_id = $1 AND until IS NULL
                                                ORDER BY id FOR NO KEY UPDATE)
                     UPDATE onecode.assignment a SET until = $2 FROM held WHERE a.id = held.id""", scene, tx.now)


async def officials(tx: Transaction) -> list[UUID]:
    """Who may decide what the viewer proposes."""
    rows = await tx.rows("""SELECT DISTINCT m.citizen_id FROM haian.membership m
        JOIN haian.organisation o ON o.id = m.organisation_id AND o.kind = 'district'
        WHERE m.role IN ('manager', 'identity_officer') AND m.during @> $1::timestamptz AND m.citizen_id <> $2""",
        tx.now, tx.viewer.id)
    return [row["citizen_id"] for row in rows]
