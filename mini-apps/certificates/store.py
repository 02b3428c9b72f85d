"""The SQL of certificates: named reads, one function a write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from certificates.models import Record
from haian.reads import keyset, sql
from haian.transaction import Transaction

# -- reads -----------------------------------------------------------------------------------------------------------


@sql
def kind(id: str) -> Any:
    "SELECT * FROM certificates.kind WHERE id = {id}"


@sql
def kinds() -> Any:
    "SELECT * FROM certificates.kind ORDER BY position"


@sql
def to_claim() -> Any:
    """SELECT * FROM certificates.kind k WHERE NOT EXISTS (
           SELECT FROM certificates.certificate c
           WHERE c.citizen_id = {viewer} AND c.kind_id = k.id AND c.state <> 'REVOKED')
       ORDER BY k.position"""


@sql
def mine() -> Any:
    """SELECT c.*, certificates.standing(c, {now}) AS standing FROM certificates.certificate c
       JOIN certificates.kind k ON k.id = c.kind_id
       WHERE c.citizen_id = {viewer} AND c.state <> 'REVOKED' ORDER BY k.position"""


@sql
def certificate(id: UUID) -> Any:
    """SELECT c.*, certificates.standing(c, {now}) AS standing FROM certificates.certificate c
       WHERE c.id = {id} AND c.citizen_id = {viewer}"""


@sql
def claimed(id: UUID) -> Any:
    """SELECT 'CertificatesCertificate' AS typename, c.*, certificates.standing(c, {now}) AS standing
       FROM certificates.certificate c WHERE c.id = {id} AND c.citizen_id = {viewer}"""


@sql
def nowhere() -> Any:
    "SELECT 'CertificatesNotFoundThere' AS typename"


@sql
def away() -> Any:
    "SELECT 'CertificatesIssuerAway' AS typename"


@sql
def claims_of(certificate: UUID) -> Any:
    """SELECT l.name, l.label_zh, l.label_en, c.shown ->> l.name AS value FROM certificates.certificate c
       JOIN certificates.claim l ON l.kind_id = c.kind_id WHERE c.id = {certificate} ORDER BY l.position"""


@sql
def labels(kind: str, names: list[str]) -> Any:
    """SELECT n.name, coalesce(l.label_zh, '年满 ' || substr(n.name, 5) || ' 岁') AS label_zh,
              coalesce(l.label_en, substr(n.name, 5) || ' or over') AS label_en
       FROM unnest({names}) WITH ORDINALITY n(name, at)
       LEFT JOIN certificates.claim l ON l.kind_id = {kind} AND l.name = n.name ORDER BY l.position, n.at"""


@sql
def label_of(kind: str, claim: str) -> Any:
    "SELECT name, label_zh, label_en FROM certificates.claim WHERE kind_id = {kind} AND name = {claim}"


@keyset("at timestamptz", "id uuid", descending=True)
def uses(certificate: UUID) -> Any:
    """SELECT u.*, c.kind_id FROM certificates.use u JOIN certificates.certificate c ON c.id = u.certificate_id
       WHERE u.certificate_id = {certificate} AND u.citizen_id = {viewer}"""


@sql
def corrections_of(certificate: UUID) -> Any:
    """SELECT x.*, NULL::uuid AS subject FROM certificates.correction x WHERE x.certificate_id = {certificate}
       AND x.citizen_id = {viewer} ORDER BY x.asked_at DESC, x.id DESC LIMIT 20"""


@sql
def correction(id: UUID) -> Any:
    """SELECT x.*, CASE WHEN x.citizen_id <> {viewer} THEN x.citizen_id END AS subject FROM certificates.correction x
       WHERE x.id = {id} AND (x.citizen_id = {viewer} OR EXISTS (
           SELECT FROM haian.membership m
           WHERE m.citizen_id = {viewer} AND m.role = 'certificate_officer' AND m.during @> {now}))"""


@keyset("asked_at timestamptz", "id uuid")
def waiting() -> Any:
    """SELECT x.*, x.citizen_id AS subject FROM certificates.correction x WHERE x.outcome IS NULL
       AND EXISTS (SELECT FROM haian.membership m WHERE m.citizen_id = {viewer} AND m.role = 'certificate_officer'
                   AND m.during @> {now})"""


@sql
def current_value(certificate: UUID, claim: str) -> Any:
    "(SELECT c.shown ->> {claim} FROM certificates.certificate c WHERE c.id = {certificate})"


@sql
def identifier_of(certificate: UUID) -> Any:
    "(SELECT c.identifier FROM certificates.certificate c WHERE c.id = {certificate})"


@sql
def holder_name(citizen: UUID) -> Any:
    "(SELECT c.masked_name FROM haian.citizen c WHERE c.id = {citizen})"


# -- writes ----------------------------------------------------------------------------------------------------------


async def claim_rules(tx: Transaction, kind_id: str) -> Sequence[Any]:
    """What a kind says, in order."""
    return await tx.rows("SELECT name, masking, disclosable FROM certificates.claim WHERE kind_id = $1 ORDER BY position",
                         kind_id)


async def holds(tx: Transaction, kind_id: str) -> bool:
    return bool(await tx.value("""SELECT true FROM certificates.certificate WHERE citizen_id = $1 AND kind_id = $2
                                  AND state <> 'REVOKED'""", tx.viewer.id, kind_id))


async def hold_serial(tx: Transaction, kind_id: str, issuer_code: str, serial: str) -> None:
    """Whoever else issues or corrects something of this serial waits for the end, and reads what was done here."""
    await tx.rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"certificates:{kind_id}:{issuer_code}:{serial}")


async def next_version(tx: Transaction, kind_id: str, issuer_code: str, serial: str) -> int:
    """The version that a certificate is to have: one more than any that was issued of it, to whomever: two spouses have one
    serial, which is held."""
    found: int = await tx.value("""SELECT coalesce(max(version), 0) + 1 FROM certificates.certificate
        WHERE kind_id = $1 AND issuer_code = $2 AND serial = $3""", kind_id, issuer_code, serial)
    return found


async def add(tx: Transaction, id_: UUID, citizen: UUID | None, kind_id: str, identifier_: str, record: Record, version: int,
              born: Any, shown: dict[str, str], sealed: bytes, demo: bool = False) -> bool:
    """Keep a certificate; false where one of this kind is held."""
    made = await tx.value("""INSERT INTO certificates.certificate (id, citizen_id, kind_id, identifier, serial, version,
            issuer, issuer_code, issued_on, valid_from, valid_until, born, shown, claimed_at, demo)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING RETURNING true""",
        id_, citizen, kind_id, identifier_, record.serial, version, record.issuer, record.issuer_code, record.issued_on,
        record.valid_from, record.valid_until, born, shown, tx.now, demo)
    if made:
        await tx.rows("INSERT INTO certificates.vault VALUES ($1, $2)", id_, sealed)
    return bool(made)


async def my_sealed(tx: Transaction, id_: UUID, held: bool = False) -> Any:
    """A certificate of mine with what it says, sealed; None where there is none. `held`: it stays as it is until the end."""
    return await tx.row(f"""SELECT c.*, certificates.standing(c, $3) AS standing, v.sealed FROM certificates.certificate c
        JOIN certificates.vault v ON v.certificate_id = c.id
        WHERE c.id = $1 AND c.citizen_id = $2 {'FOR SHARE OF c' if held else ''}""", id_, tx.viewer.id, tx.now)


async def add_use(tx: Transaction, certificate_id: UUID, citizen: UUID | None, what: str, claims: Sequence[str],
                  whom: str = "", scene: str | None = None) -> None:
    await tx.rows("""INSERT INTO certificates.use (at, certificate_id, citizen_id, what, whom, scene_id, claims)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)""",
                  tx.now, certificate_id, citizen, what, whom, scene, list(claims))


async def ask_correction(tx: Transaction, certificate_id: UUID, kind_id: str, claim: str, says: str,
                         words: str) -> UUID | None:
    """None where one is open."""
    made: UUID | None = await tx.value("""INSERT INTO certificates.correction
            (certificate_id, citizen_id, kind_id, claim, says, words, asked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id""",
        certificate_id, tx.viewer.id, kind_id, claim, says, words, tx.now)
    return made


async def open_correction(tx: Transaction, id_: UUID) -> Any:
    """One that waits, with its certificate; None where there is none."""
    return await tx.row("""SELECT x.*, c.serial, c.issuer_code, k.code
        FROM certificates.correction x JOIN certificates.certificate c ON c.id = x.certificate_id
        JOIN certificates.kind k ON k.id = c.kind_id WHERE x.id = $1 AND x.outcome IS NULL""", id_)


async def answer_correction(tx: Transaction, id_: UUID, outcome: str, answer: str) -> bool:
    """False where another was first."""
    return bool(await tx.value("""UPDATE certificates.correction
        SET outcome = $2, answer = $3, answered_at = $4, answered_by = $5
        WHERE id = $1 AND outcome IS NULL RETURNING true""", id_, outcome, answer, tx.now, tx.viewer.id))


async def copies(tx: Transaction, kind_id: str, issuer_code: str, serial: str) -> Sequence[Any]:
    """The certificates of one serial that were not revoked, with what they say, sealed."""
    return await tx.rows("""SELECT c.id, c.citizen_id, v.sealed FROM certificates.certificate c
        JOIN certificates.vault v ON v.certificate_id = c.id
        WHERE c.kind_id = $1 AND c.issuer_code = $2 AND c.serial = $3 AND c.state <> 'REVOKED' ORDER BY c.id""",
        kind_id, issuer_code, serial)


async def renew(tx: Transaction, id_: UUID, identifier_: str, version: int, born: Any, shown: dict[str, str],
                sealed: bytes) -> bool:
    """The next version of a certificate, in its place; false where it was revoked."""
    made = await tx.value("""UPDATE certificates.certificate SET identifier = $2, version = $3, born = $4, shown = $5,
            changed_at = $6 WHERE id = $1 AND state <> 'REVOKED' RETURNING true""",
        id_, identifier_, version, born, shown, tx.now)
    if made:
        await tx.rows("UPDATE certificates.vault SET sealed = $2 WHERE certificate_id = $1", id_, sealed)
    return bool(made)


async def sealed_otherwise(tx: Transaction, key: bytes, after: UUID, many: int) -> Sequence[Any]:
    """What is not sealed with this key, by the certificate's id."""
    return await tx.rows("""SELECT certificate_id AS id, sealed FROM certificates.vault
        WHERE substring(sealed FROM 1 FOR 4) <> $1 AND certificate_id > $2 ORDER BY certificate_id LIMIT $3""",
        key, after, many)


async def seal_again(tx: Transaction, id_: UUID, before: bytes, sealed: bytes) -> bool:
    """Put the new seal in the place of the old; false where the row has changed or gone meanwhile."""
    return bool(await tx.value("""UPDATE certificates.vault SET sealed = $3 WHERE certificate_id = $1 AND sealed = $2
                                  RETURNING true""", id_, before, sealed))


async def forget(connection: Any, citizen: UUID) -> None:
    """All that is held about a citizen who closed their account, in the order of who revokes, renews and seals anew."""
    await connection.execute("SELECT FROM certificates.status_version FOR NO KEY UPDATE")
    await connection.execute("SELECT FROM certificates.certificate WHERE citizen_id = $1 ORDER BY id FOR UPDATE", citizen)
    await connection.execute("""SELECT FROM certificates.vault WHERE certificate_id IN (
        SELECT id FROM certificates.certificate WHERE citizen_id = $1) ORDER BY certificate_id FOR UPDATE""", citizen)
    await connection.execute("DELETE FROM certificates.certificate WHERE citizen_id = $1", citizen)
    await connection.execute("UPDATE certificates.correction SET answered_by = NULL WHERE answered_by = $1", citizen)
