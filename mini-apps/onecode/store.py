"""Onecode's SQL: named reads, one function a write."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction
from onecode.models import Decision, FirstUse

# -- reads -----------------------------------------------------------------------------------------------------------


@sql
def is_verifier() -> Any:
    "(EXISTS (SELECT FROM onecode.post WHERE citizen_id = {viewer} AND during @> {now}))"


@sql
def my_post() -> Any:
    """SELECT * FROM onecode.post WHERE citizen_id = {viewer} AND during @> {now}
       ORDER BY organisation_id, scene_id, place LIMIT 1"""


@sql
def scene(id: str) -> Any:
    "SELECT * FROM onecode.scene WHERE id = {id}"


@sql
def scans_today(organisation: UUID, role: str, place: str, accepted: bool) -> Any:
    """(SELECT count(*) FROM onecode.scan WHERE organisation_id = {organisation} AND role = {role} AND place = {place}
        AND at >= date_trunc('day', {now}, 'Asia/Shanghai') AND (verdict = 'ACCEPTED') = {accepted})"""


@keyset("at timestamptz", "id uuid", descending=True)
def post_scans() -> Any:
    """SELECT s.*, s.facts AS seen FROM onecode.scan s WHERE s.at >= date_trunc('day', {now}, 'Asia/Shanghai')
       AND (s.organisation_id, s.role, s.place) = (
           SELECT p.organisation_id, p.role, p.place FROM onecode.post p WHERE p.citizen_id = {viewer} AND p.during @> {now}
           ORDER BY p.organisation_id, p.scene_id, p.place LIMIT 1)"""


@sql
def check(id: UUID) -> Any:
    "SELECT *, facts AS seen FROM onecode.scan WHERE id = {id} AND verifier_id = {viewer}"


@keyset("at timestamptz", "id uuid", descending=True)
def scans() -> Any:
    """SELECT s.*, s.facts AS seen, o.name AS organisation, v.masked_name AS verifier
       FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id
       LEFT JOIN haian.citizen v ON v.id = s.verifier_id WHERE s.holder_id = {viewer}"""


@sql
def scan(id: UUID | None) -> Any:
    """SELECT s.*, s.facts AS seen, o.name AS organisation, v.masked_name AS verifier
       FROM onecode.scan s JOIN haian.organisation o ON o.id = s.organisation_id
       LEFT JOIN haian.citizen v ON v.id = s.verifier_id WHERE s.id = {id} AND s.holder_id = {viewer}"""


@sql
def first_scan(code: str) -> Any:
    """(SELECT id FROM onecode.scan WHERE code = decode({code}, 'hex') AND holder_id = {viewer}
        AND verdict IN ('ACCEPTED', 'NOT_ENTITLED'))"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def post_of(tx: Transaction) -> Any:
    """My post as a verifier with its scene, or None. The post decides the scene, never the request."""
    return next(iter(await tx.read(my_post())), None)


async def first_use(tx: Transaction, code: str) -> tuple[UUID | None, UUID | None, FirstUse] | None:
    """The holder, the verifier and the place of the scan that a code has decided; None where it has decided none."""
    row = await tx.row("""SELECT s.holder_id, s.verifier_id, s.at, s.place, o.name FROM onecode.scan s
        JOIN haian.organisation o ON o.id = s.organisation_id
        WHERE s.code = $1 AND s.verdict IN ('ACCEPTED', 'NOT_ENTITLED')""", bytes.fromhex(code))
    return row and (row["holder_id"], row["verifier_id"], FirstUse(row["at"], f"{row['name']} {row['place']}".strip()))


async def record_scan(tx: Transaction, post: Any, code: str, decision: Decision) -> UUID | None:
    """Keep a scan; None where the code has decided before, whatever Redis said. Waits for a scan of the same code that
    is not committed yet."""
    first = decision.first
    made: UUID | None = await tx.value("""INSERT INTO onecode.scan (at, scene_id, organisation_id, place, role, verifier_id,
        holder_id, code, verdict, facts, first_at, first_place)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING id""",
        tx.now, post["scene_id"], post["organisation_id"], post["place"], post["role"], tx.viewer.id, decision.holder,
        bytes.fromhex(code), decision.verdict.value, decision.facts, first and first.at, first and first.place)
    return made


async def forget(connection: Any, citizen: UUID) -> None:
    """Erase a citizen from the scans; that a code was used, when and where, stays."""
    await connection.execute("UPDATE onecode.scan SET holder_id = NULL, facts = '[]' WHERE holder_id = $1", citizen)
    await connection.execute("UPDATE onecode.scan SET verifier_id = NULL WHERE verifier_id = $1", citizen)

