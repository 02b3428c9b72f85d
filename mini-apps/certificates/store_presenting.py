"""The SQL of scenes, requests and credentials."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from certificates.status_list import anywhere
from haian.errors import Unavailable
from haian.reads import sql
from haian.transaction import Transaction

PLACES_TRIED = 100

# -- reads -----------------------------------------------------------------------------------------------------------


@sql
def scenes() -> Any:
    "SELECT * FROM certificates.scene ORDER BY area, position"


@sql
def scene(id: str) -> Any:
    "SELECT * FROM certificates.scene WHERE id = {id}"


@sql
def my_scenes() -> Any:
    """SELECT s.* FROM certificates.scene s WHERE EXISTS (
           SELECT FROM haian.membership m WHERE m.citizen_id = {viewer} AND m.role = s.role AND m.during @> {now})
       ORDER BY s.area, s.position"""


@sql
def asks(scene: str) -> Any:
    """SELECT n.name, coalesce(l.label_zh, '年满 ' || substr(n.name, 5) || ' 岁') AS label_zh,
              coalesce(l.label_en, substr(n.name, 5) || ' or over') AS label_en
       FROM certificates.scene s CROSS JOIN unnest(s.claims) WITH ORDINALITY n(name, at)
       LEFT JOIN certificates.claim l ON l.kind_id = s.kind_id AND l.name = n.name WHERE s.id = {scene} ORDER BY n.at"""


@sql
def claims() -> Any:
    "SELECT * FROM certificates.claim ORDER BY kind_id, position"


@sql
def claims_of_kind(kind: str) -> Any:
    "SELECT * FROM certificates.claim WHERE kind_id = {kind} ORDER BY position"


@sql
def asked_of_me(token: str) -> Any:
    """SELECT r.id, r.whom, r.scene_id, r.until, r.outcome, r.until <= {now} AS is_over, c.id AS certificate_id,
              CASE WHEN c.id IS NOT NULL THEN certificates.standing(c, {now}) END AS standing
       FROM certificates.request r JOIN certificates.scene s ON s.id = r.scene_id
       LEFT JOIN certificates.certificate c ON c.citizen_id = {viewer} AND c.kind_id = s.kind_id AND c.state <> 'REVOKED'
       WHERE r.token = sha256(convert_to({token}, 'UTF8'))"""


@sql
def answer_of(id: UUID) -> Any:
    """SELECT r.*, coalesce(r.outcome, CASE WHEN r.until <= {now} THEN 'OVER' ELSE 'OPEN' END) AS fate,
              ARRAY(SELECT jsonb_object_keys(r.seen)) AS told
       FROM certificates.request r WHERE r.id = {id} AND r.verifier_id = {viewer}"""


@sql
def status_version() -> Any:
    "SELECT version FROM certificates.status_version"


@sql
def marked(number: int) -> Any:
    """SELECT m.index, m.status FROM (SELECT x.index, certificates.status_of(x) AS status
       FROM certificates.credential x WHERE x.list = {number} AND x.until > {now}) m WHERE m.status > 0"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def my_post_for(tx: Transaction, scene_id: str) -> Any:
    """The scene with my post that may ask in it, or None."""
    return await tx.row("""SELECT s.*, m.organisation_id, trim(o.name || ' ' || m.place) AS whom
        FROM certificates.scene s JOIN haian.membership m
            ON m.role = s.role AND m.citizen_id = $2 AND m.during @> $3::timestamptz
        JOIN haian.organisation o ON o.id = m.organisation_id WHERE s.id = $1
        ORDER BY m.organisation_id, m.place LIMIT 1""", scene_id, tx.viewer.id, tx.now)


async def add_request(tx: Transaction, token: bytes, post: Any, nonce: str, until: datetime) -> UUID:
    made: UUID = await tx.value("""INSERT INTO certificates.request
            (token, scene_id, organisation_id, whom, role, verifier_id, nonce, asked_at, until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id""", token, post["id"], post["organisation_id"],
        post["whom"], post["role"], tx.viewer.id, nonce, tx.now, until)
    return made


async def open_request(tx: Transaction, token: bytes, held: bool = True) -> Any:
    """A request that can be answered now, with its scene; held until the end where it is to be answered."""
    return await tx.row(f"""SELECT r.*, s.kind_id, s.claims, s.name_zh, s.name_en FROM certificates.request r
        JOIN certificates.scene s ON s.id = r.scene_id
        WHERE r.token = $1 AND r.outcome IS NULL AND r.until > $2 {'FOR UPDATE OF r' if held else ''}""", token, tx.now)


async def close_request(tx: Transaction, id_: UUID, outcome: str, holder: UUID | None = None, seen: Any = None,
                        trouble: str = "") -> None:
    await tx.rows("""UPDATE certificates.request SET outcome = $2, answered_at = $3, holder_id = $4, seen = $5, trouble = $6
                     WHERE id = $1""", id_, outcome, tx.now, holder, seen, trouble)


async def my_certificate(tx: Transaction, kind_id: str) -> Any:
    """My certificate of a kind, where it counts today, with what it says, sealed."""
    return await tx.row("""SELECT c.*, v.sealed FROM certificates.certificate c
        JOIN certificates.vault v ON v.certificate_id = c.id
        WHERE c.citizen_id = $1 AND c.kind_id = $2 AND certificates.standing(c, $3) = 'VALID'""",
        tx.viewer.id, kind_id, tx.now)


async def certificate_of(tx: Transaction, id_: UUID, citizen: UUID) -> Any:
    """A certificate that counts today, with what it says, sealed; it stays as it is until the end."""
    return await tx.row("""SELECT c.*, v.sealed FROM certificates.certificate c
        JOIN certificates.vault v ON v.certificate_id = c.id
        WHERE c.id = $1 AND c.citizen_id = $2 AND certificates.standing(c, $3) = 'VALID' FOR SHARE OF c""",
        id_, citizen, tx.now)


async def open_claims(tx: Transaction, kind_id: str) -> list[str]:
    """What stands openly in a credential of a kind."""
    rows = await tx.rows("""SELECT name FROM certificates.claim WHERE kind_id = $1 AND NOT disclosable
                            ORDER BY position""", kind_id)
    return [row["name"] for row in rows]


async def add_credential(tx: Transaction, certificate_id: UUID, version: int, wallet: str,
                         until: datetime) -> tuple[int, int]:
    """A place by chance that nobody has. Unavailable where the lists are so full that none is found."""
    for _ in range(PLACES_TRIED):
        number, index = anywhere()
        if await tx.value("""INSERT INTO certificates.credential (certificate_id, version, list, index, wallet, issued_at,
                until) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (list, index) DO NOTHING RETURNING true""",
                certificate_id, version, number, index, wallet, tx.now, until):
            return number, index
    raise Unavailable


async def end_here(tx: Transaction, certificate_id: UUID) -> None:
    """The credential that this transaction made for one presentation has no place any more."""
    await tx.rows("DELETE FROM certificates.credential WHERE certificate_id = $1 AND wallet = 'HERE'", certificate_id)


async def count_use(tx: Transaction, scene_id: str) -> None:
    """One more presented in a scene. Others who do wait for the end: it comes last."""
    await tx.rows("UPDATE certificates.scene SET uses = uses + 1 WHERE id = $1", scene_id)


async def credential_at(tx: Transaction, number: int, index: int) -> Any:
    """A credential with its certificate's holder and whether it counts."""
    return await tx.row("""SELECT x.id, x.certificate_id, c.citizen_id, certificates.status_of(x) AS status
        FROM certificates.credential x LEFT JOIN certificates.certificate c ON c.id = x.certificate_id
        WHERE x.list = $1 AND x.index = $2""", number, index)


async def set_state(tx: Transaction, id_: UUID, before: str, after: str) -> Any:
    """Suspend or resume a certificate of mine; None where there is none in that state."""
    return await tx.row("""UPDATE certificates.certificate SET state = $3, changed_at = $5
        WHERE id = $1 AND citizen_id = $4 AND state = $2 RETURNING id, kind_id""", id_, before, after, tx.viewer.id, tx.now)


async def revoke(tx: Transaction, identifier: str, reason: str) -> Any:
    """As the office: it counts no more, and what was to be corrected in it is answered with that. None where no certificate
    that counts has this identifier."""
    found = await tx.row("""UPDATE certificates.certificate SET state = 'REVOKED', reason = $2, changed_at = $3
        WHERE identifier = $1 AND state <> 'REVOKED' AND citizen_id <> $4 RETURNING id, kind_id, citizen_id""",
        identifier, reason, tx.now, tx.viewer.id)
    if found:
        await tx.rows("""UPDATE certificates.correction SET outcome = 'REFUSED', answer = $2, answered_at = $3,
            answered_by = $4 WHERE certificate_id = $1 AND outcome IS NULL""", found["id"], reason, tx.now, tx.viewer.id)
    return found


async def forget(connection: Any, citizen: UUID) -> None:
    await connection.execute("UPDATE certificates.request SET holder_id = NULL, seen = NULL WHERE holder_id = $1", citizen)
    await connection.execute("UPDATE certificates.request SET verifier_id = NULL WHERE verifier_id = $1", citizen)
