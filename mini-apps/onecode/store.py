"""Onecode's SQL: named reads, one function a write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from haian.reads import keyset, sql
from haian.transaction import Transaction
from onecode.models import FirstUse, Scan, Verdict

# -- reads -----------------------------------------------------------------------------------------------------------


@sql
def is_verifier() -> Any:
    "(EXISTS (SELECT FROM onecode.post WHERE citizen_id = {viewer} AND during @> {now}))"


@sql
def my_post() -> Any:
    "SELECT p.*, onecode.post_id(p) AS post FROM onecode.post_of({viewer}, {now}) p"


@sql
def scene(id: str) -> Any:
    "SELECT * FROM onecode.scene WHERE id = {id}"


@sql
def scans_today(organisation: UUID, role: str, place: str, accepted: bool) -> Any:
    """(SELECT count(*) FROM onecode.scan WHERE organisation_id = {organisation} AND role = {role} AND place = {place}
        AND at >= date_trunc('day', {now}, 'Asia/Shanghai') AND (verdict = 'ACCEPTED') = {accepted} AND undone_at IS NULL)"""


@keyset("at timestamptz", "id uuid", descending=True)
def post_scans() -> Any:
    """SELECT s.*, s.facts AS seen, onecode.withheld(s.scene_id, s.verdict, s.facts) AS held_back,
              ARRAY(SELECT f->>'name' FROM jsonb_array_elements(s.facts) f) AS told,
              (SELECT masked_name FROM haian.citizen WHERE id = s.shown_by) AS presenter,
              CASE WHEN s.verifier_id = {viewer} AND s.undone_at IS NULL AND s.verdict IN ('ACCEPTED', 'NOT_ENTITLED')
                   AND {now} < s.at + interval '5 minutes' THEN s.at + interval '5 minutes' END AS undo_until
       FROM onecode.scan s WHERE s.at >= date_trunc('day', {now}, 'Asia/Shanghai')
       AND (s.organisation_id, s.role, s.place) = (
           SELECT p.organisation_id, p.role, p.place FROM onecode.post_of({viewer}, {now}) p)"""


@sql
def check(id: UUID) -> Any:
    """SELECT s.*, s.facts AS seen, onecode.withheld(s.scene_id, s.verdict, s.facts) AS held_back,
              ARRAY(SELECT f->>'name' FROM jsonb_array_elements(s.facts) f) AS told,
              (SELECT masked_name FROM haian.citizen WHERE id = s.shown_by) AS presenter,
              CASE WHEN s.verifier_id = {viewer} AND s.undone_at IS NULL AND s.verdict IN ('ACCEPTED', 'NOT_ENTITLED')
                   AND {now} < s.at + interval '5 minutes' THEN s.at + interval '5 minutes' END AS undo_until
       FROM onecode.scan s WHERE s.id = {id} AND {viewer} IN (s.verifier_id, s.device_id)"""


@keyset("at timestamptz", "id uuid", descending=True)
def scans() -> Any:
    """SELECT s.*, s.facts AS seen, o.name AS organisation, v.masked_name AS verifier,
              p.masked_name AS presenter, NULL::text AS shown_for,
              (SELECT visitor FROM onecode.pass WHERE id = s.pass_id) AS visitor,
              onecode.wished(s, {now}) AS held_back,
              coalesce(NOT haian.may_consent({viewer}, {viewer}, {now}), false) AS by_guardian
       FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id
       LEFT JOIN haian.citizen v ON v.id = s.verifier_id
       LEFT JOIN haian.citizen p ON p.id = s.shown_by WHERE s.holder_id = {viewer}"""


@sql
def scan(id: UUID | None) -> Any:
    """SELECT s.*, s.facts AS seen, o.name AS organisation, v.masked_name AS verifier,
              p.masked_name AS presenter, NULL::text AS shown_for,
              (SELECT visitor FROM onecode.pass WHERE id = s.pass_id) AS visitor,
              onecode.wished(s, {now}) AS held_back,
              coalesce(NOT haian.may_consent({viewer}, {viewer}, {now}), false) AS by_guardian
       FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id
       LEFT JOIN haian.citizen v ON v.id = s.verifier_id
       LEFT JOIN haian.citizen p ON p.id = s.shown_by WHERE s.id = {id} AND s.holder_id = {viewer}"""


@sql
def is_asked(fact: str, organisation: UUID, scene: str) -> Any:
    """haian.asks_consent({viewer}, {fact}, 'ORGANISATION', {organisation}::text, 'onecode.' || {scene}, {now})"""


@sql
def first_scan(code: str) -> Any:
    """(SELECT id FROM onecode.scan WHERE code = decode({code}, 'hex') AND holder_id = {viewer}
        AND verdict IN ('ACCEPTED', 'NOT_ENTITLED'))"""


@sql
def asked_in(scan: UUID, fact: str) -> Any:
    """SELECT s.organisation_id, o.name AS organisation, s.scene_id, c.name_zh, c.name_en
       FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id JOIN onecode.scene c ON c.id = s.scene_id
       WHERE s.id = {scan} AND s.holder_id = {viewer} AND {fact} = ANY (onecode.withheld(s.scene_id, s.verdict, s.facts))"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def posts_of(tx: Transaction, verifiers: Sequence[UUID | None]) -> dict[UUID | None, Any]:
    """The posts that verifiers hold now, with their scenes. The post decides the scene, never the request."""
    rows = await tx.rows("""SELECT v.id AS who, p.* FROM unnest($1::uuid[]) v(id)
        CROSS JOIN LATERAL onecode.post_of(v.id, $2) p""", list(dict.fromkeys(verifiers)), tx.now)
    return {row["who"]: row for row in rows}


async def post_of(tx: Transaction) -> Any:
    """My post as a verifier with its scene, or None."""
    return next(iter(await tx.read(my_post())), None)


async def first_uses(tx: Transaction, codes: Sequence[str]) -> dict[str, tuple[UUID | None, UUID | None, FirstUse]]:
    """The holder, the verifier and the place of the scan that each code has decided; no word of one that decided none."""
    rows = await tx.rows("""
        SELECT encode(s.code, 'hex') AS code, s.holder_id, coalesce(s.verifier_id, s.device_id) AS by, s.at, s.place, o.name
        FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id
        WHERE s.code = ANY($1) AND s.verdict IN ('ACCEPTED', 'NOT_ENTITLED')""", [bytes.fromhex(code) for code in codes])
    return {row["code"]: (row["holder_id"], row["by"], FirstUse(row["at"], f"{row['name']} {row['place']}".strip()))
            for row in rows}


async def record_scans(tx: Transaction, scans: Sequence[Scan]) -> list[UUID | None]:
    """Keep scans; None for one whose code has decided before, whatever Redis said. Waits for a scan of the same code that is
    not committed yet; all wait in the order of the codes."""
    rows = await tx.rows("""
        WITH given AS MATERIALIZED (
            SELECT uuidv7() AS id, g.* FROM json_to_recordset($1::text::json) AS g (n int, at timestamptz, scene_id text,
                organisation_id uuid, place text, role text, verifier_id uuid, holder_id uuid, code text, verdict text,
                facts jsonb, first_at timestamptz, first_place text, suspended boolean, shown_by uuid, pass_id uuid,
                device_id uuid, settled_at timestamptz)),
        kept AS (
            INSERT INTO onecode.scan (id, at, scene_id, organisation_id, place, role, verifier_id, holder_id, code, verdict,
                facts, first_at, first_place, suspended, shown_by, pass_id, device_id, settled_at)
            SELECT id, at, scene_id, organisation_id, place, role, verifier_id, holder_id, decode(code, 'hex'), verdict,
                facts, first_at, first_place, suspended, shown_by, pass_id, device_id, settled_at
            FROM given ORDER BY code, n ON CONFLICT DO NOTHING RETURNING id)
        SELECT k.id FROM given g LEFT JOIN kept k USING (id) ORDER BY g.n""",
        orjson.dumps([_kept(n, scan) for n, scan in enumerate(scans)], default=str).decode())
    return [row["id"] for row in rows]


def _kept(n: int, scan: Scan) -> dict[str, Any]:
    """What is kept of a scan. One that was read without the server is settled now."""
    tx, post, decision, first = scan.tx, scan.post, scan.decision, scan.decision.first
    is_suspended, device = decision.verdict is Verdict.SUSPENDED, post.get("device_id")
    return {"n": n, "at": scan.at or tx.now, "scene_id": post["scene_id"], "organisation_id": post["organisation_id"],
            "place": post["place"], "role": post["role"], "verifier_id": None if device else tx.viewer.id,
            "holder_id": decision.holder, "code": scan.code,
            "verdict": (Verdict.EXPIRED if is_suspended else decision.verdict).value, "facts": decision.facts,
            "first_at": first and first.at, "first_place": first and first.place, "suspended": is_suspended,
            "shown_by": decision.shown_by, "pass_id": decision.pass_id, "device_id": device,
            "settled_at": scan.at and tx.now}


async def add_facts(tx: Transaction, given: Sequence[tuple[UUID | None, list[dict[str, Any]]]]) -> None:
    """What verifiers see beyond their scenes' bases, at each of several scans."""
    await tx.rows("""UPDATE onecode.scan SET facts = facts || ($2::text[])[array_position($1::uuid[], id)]::jsonb
                     WHERE id = ANY($1)""",
                  [scan for scan, _ in given], [orjson.dumps(facts, default=str).decode() for _, facts in given])


async def forget(connection: Any, citizen: UUID) -> None:
    """Erase a citizen from the scans, after what was asked at them; that a code was used, when and where, stays."""
    await connection.execute("DELETE FROM onecode.ask WHERE holder_id = $1", citizen)
    await connection.execute("UPDATE onecode.scan SET holder_id = NULL, facts = '[]' WHERE holder_id = $1", citizen)
    await connection.execute("UPDATE onecode.scan SET verifier_id = NULL WHERE verifier_id = $1", citizen)
    await connection.execute("UPDATE onecode.scan SET shown_by = NULL WHERE shown_by = $1", citizen)
    await connection.execute("DELETE FROM onecode.choice WHERE citizen_id = $1", citizen)
    await connection.execute("DELETE FROM onecode.chosen WHERE citizen_id = $1", citizen)
    await connection.execute("UPDATE onecode.entry SET verifier_id = NULL WHERE verifier_id = $1", citizen)
    await connection.execute("UPDATE onecode.entry SET reviewed_by = NULL WHERE reviewed_by = $1", citizen)
    await connection.execute("UPDATE onecode.assignment SET set_by = NULL WHERE set_by = $1", citizen)
    await connection.execute("UPDATE onecode.motion SET asked_by = NULL WHERE asked_by = $1", citizen)
    await connection.execute("UPDATE onecode.motion SET decided_by = NULL WHERE decided_by = $1", citizen)
    await connection.execute("DELETE FROM onecode.suspension WHERE citizen_id = $1", citizen)

