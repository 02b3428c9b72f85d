"""The SQL of what a holder is asked at a scan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from haian.reads import sql
from haian.transaction import Transaction

# -- reads -----------------------------------------------------------------------------------------------------------


@sql
def mine() -> Any:
    """SELECT a.scan_id, a.facts AS names, a.until, o.name AS organisation, s.place, v.masked_name AS verifier,
              ceil(extract(epoch FROM a.until - {now}))::int AS seconds, s.scene_id
       FROM onecode.ask a JOIN onecode.scan s ON s.id = a.scan_id JOIN haian.organisation o ON o.id = s.organisation_id
       LEFT JOIN haian.citizen v ON v.id = s.verifier_id
       WHERE a.holder_id = {viewer} AND a.answer IS NULL AND a.until > {now} AND s.undone_at IS NULL ORDER BY a.until"""


@sql
def state(scan: UUID) -> Any:
    "onecode.ask_state({scan}, {now})"


@sql
def asked_by_me(scan: UUID) -> Any:
    """SELECT a.until FROM onecode.ask a JOIN onecode.scan s ON s.id = a.scan_id
       WHERE a.scan_id = {scan} AND s.verifier_id = {viewer}"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def ask(tx: Transaction, asked: Sequence[tuple[UUID | None, UUID | None, list[str]]], until: datetime) -> set[UUID]:
    """Ask holders at scans for facts; at which that was done. Not under 14, where a guardian decides."""
    rows = await tx.rows("""INSERT INTO onecode.ask (scan_id, holder_id, facts, asked_at, until)
        SELECT a.scan, a.holder, a.facts, $2, $3
        FROM json_to_recordset($1::text::json) AS a (scan uuid, holder uuid, facts text[])
        WHERE haian.may_consent(a.holder, a.holder, $2) RETURNING scan_id""",
        orjson.dumps([{"scan": scan, "holder": holder, "facts": names} for scan, holder, names in asked],
                     default=str).decode(), tx.now, until)
    return {row["scan_id"] for row in rows}


async def hold(tx: Transaction, scan: UUID) -> Any:
    """What I am asked at a scan of mine, held with the scan until the transaction ends; `is_open`: it may be answered."""
    return await tx.row("""
        SELECT a.*, a.answer IS NULL AND a.until > $3 AND s.undone_at IS NULL AS is_open, s.organisation_id, s.scene_id,
               s.role, s.verifier_id, o.name AS organisation, c.name_zh, c.name_en
        FROM onecode.ask a JOIN onecode.scan s ON s.id = a.scan_id JOIN haian.organisation o ON o.id = s.organisation_id
        JOIN onecode.scene c ON c.id = s.scene_id
        WHERE a.scan_id = $1 AND a.holder_id = $2 FOR UPDATE OF a, s""", scan, tx.viewer.id, tx.now)


async def answer(tx: Transaction, scan: UUID, said: str) -> None:
    await tx.rows("UPDATE onecode.ask SET answer = $2, answered_at = $3 WHERE scan_id = $1", scan, said, tx.now)
