"""The SQL of the terms and of who agreed to which version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.transaction import Transaction

# -- reads -----------------------------------------------------------------------------------------------------------


# Whoever agreed to a later version has agreed to this one too.
@sql
def terms(version: int | None) -> Any:
    """SELECT t.version, t.since, t.published_at, t.zh, t.en, t.changes_zh, t.changes_en,
              (SELECT min(a.at) FROM consent.acceptance a WHERE a.citizen_id = {viewer} AND a.version >= t.version
               AND haian.may_consent(a.given_by, {viewer}, {now})) AS accepted_at
       FROM consent.terms t WHERE t.version = coalesce({version},
           (SELECT max(f.version) FROM consent.terms f WHERE f.since <= {now}))"""


@sql
def versions() -> Any:
    """SELECT t.version, t.since, t.published_at, t.zh, t.en, t.changes_zh, t.changes_en,
              (SELECT min(a.at) FROM consent.acceptance a WHERE a.citizen_id = {viewer} AND a.version >= t.version
               AND haian.may_consent(a.given_by, {viewer}, {now})) AS accepted_at
       FROM consent.terms t ORDER BY t.version DESC"""


# For myself, and for each child under 14 of whom I am a guardian.
@sql
def standings() -> Any:
    """SELECT c.id AS citizen_id, c.name, c.id = {viewer} AS mine, a.version, a.at AS accepted_at,
              coalesce(a.given_by <> c.id, false) AS by_guardian, haian.terms_bind(c.id, {now}) AS binds_at,
              haian.may_consent({viewer}, c.id, {now}) IS TRUE AS may_accept
       FROM haian.citizen c LEFT JOIN LATERAL (
           SELECT x.version, x.at, x.given_by FROM consent.acceptance x
           WHERE x.citizen_id = c.id AND haian.may_consent(x.given_by, c.id, {now})
           ORDER BY x.version DESC LIMIT 1) a ON true
       WHERE c.id IN (SELECT {viewer} UNION ALL SELECT g.child_id FROM haian.guardianship g
                      WHERE g.guardian_id = {viewer} AND g.since <= {now} AND {now} < g.until
                        AND haian.may_consent({viewer}, g.child_id, {now}))
       ORDER BY c.id <> {viewer}, c.born, c.id"""


# What officials of the district propose: what waits, and what was decided of late.
@sql
def proposals() -> Any:
    """SELECT p.id, p.zh, p.en, p.changes_zh, p.changes_en, p.since, p.proposed_at, p.outcome, p.decided_at, p.version,
              p.proposed_by = {viewer} AS mine, w.name AS proposer, d.name AS decider
       FROM consent.terms_proposal p LEFT JOIN haian.citizen w ON w.id = p.proposed_by
       LEFT JOIN haian.citizen d ON d.id = p.decided_by
       WHERE EXISTS (SELECT FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
                     WHERE m.citizen_id = {viewer} AND m.role IN ('manager', 'identity_officer') AND m.during @> {now}
                       AND o.kind = 'district')
       ORDER BY p.outcome IS NOT NULL, p.proposed_at DESC LIMIT 20"""


@sql
def proposal(id: UUID) -> Any:
    """SELECT p.id, p.zh, p.en, p.changes_zh, p.changes_en, p.since, p.proposed_at, p.outcome, p.decided_at, p.version,
              p.proposed_by = {viewer} AS mine, w.name AS proposer, d.name AS decider
       FROM consent.terms_proposal p LEFT JOIN haian.citizen w ON w.id = p.proposed_by
       LEFT JOIN haian.citizen d ON d.id = p.decided_by WHERE p.id = {id}"""


# -- writes ----------------------------------------------------------------------------------------------------------


async def may_accept(tx: Transaction, citizen: UUID) -> bool:
    """Whether it is the viewer's to agree for this citizen: themself from 14 on, a guardian before."""
    return bool(await tx.value("SELECT haian.may_consent($1, $2, $3)", tx.viewer.id, citizen, tx.now))


async def is_offered(tx: Transaction, version: int) -> bool:
    """Whether this version is in force, or will be."""
    return bool(await tx.value("""SELECT EXISTS (SELECT FROM consent.terms t WHERE t.version = $1 AND t.version >=
                                  (SELECT max(version) FROM consent.terms WHERE since <= $2))""", version, tx.now))


async def accept(tx: Transaction, citizen: UUID, version: int) -> bool:
    """Agree for a citizen; false where that stands already. What a guardian said is said anew from 14 on."""
    return bool(await tx.value("""
        INSERT INTO consent.acceptance AS a (citizen_id, version, at, given_by) VALUES ($1, $2, $3, $4)
        ON CONFLICT (citizen_id, version) DO UPDATE SET at = excluded.at, given_by = excluded.given_by
            WHERE haian.may_consent(a.given_by, a.citizen_id, excluded.at) IS NOT TRUE RETURNING true""",
        citizen, version, tx.now, tx.viewer.id))


async def missed(tx: Transaction, version: int) -> Sequence[Any]:
    """The versions to come that everybody was told of before the viewer, who has just agreed to this one, had ever agreed to
    any. Their rows are held: whom `to_tell` does not see yet waits here until it has told the others."""
    return await tx.rows("""WITH coming AS MATERIALIZED (
            SELECT version, since, told_to, told_at FROM consent.terms WHERE version > $1 AND since > $3 FOR SHARE)
        SELECT version, since FROM coming WHERE (told_at IS NOT NULL OR told_to >= $2)
          AND (SELECT count(*) FROM consent.acceptance a WHERE a.given_by = $2) = 1 ORDER BY version""",
        version, tx.viewer.id, tx.now)


async def officials(tx: Transaction, roles: list[str]) -> list[UUID]:
    """Who holds one of these roles in the district now."""
    rows = await tx.rows("""SELECT DISTINCT m.citizen_id FROM haian.membership m JOIN haian.organisation o
                            ON o.id = m.organisation_id AND o.kind = 'district'
                            WHERE m.role = ANY ($1::text[]) AND m.during @> $2::timestamptz""", roles, tx.now)
    return [row[0] for row in rows]


async def office(tx: Transaction) -> str | None:
    """In which of the two roles the viewer decides on terms: as a manager of the district, else as an identity officer."""
    found: str | None = await tx.value("""SELECT max(m.role) FROM haian.membership m JOIN haian.organisation o
        ON o.id = m.organisation_id AND o.kind = 'district'
        WHERE m.citizen_id = $1 AND m.role IN ('manager', 'identity_officer') AND m.during @> $2::timestamptz""",
        tx.viewer.id, tx.now)
    return found


async def propose(tx: Transaction, texts: dict[str, str], since: Any) -> UUID | None:
    """Keep a proposal; None where another still waits."""
    made: UUID | None = await tx.value("""
        INSERT INTO consent.terms_proposal (zh, en, changes_zh, changes_en, since, proposed_by, proposed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ((true)) WHERE outcome IS NULL DO NOTHING RETURNING id""",
        texts["zh"], texts["en"], texts["changes_zh"], texts["changes_en"], since, tx.viewer.id, tx.now)
    return made


async def last_since(tx: Transaction) -> Any:
    """When the newest version that was published comes into force, or came."""
    return await tx.value("SELECT max(since) FROM consent.terms")


async def hold_proposal(tx: Transaction, id: UUID) -> Any:
    """A proposal that waits, held until the transaction ends."""
    return await tx.row("SELECT * FROM consent.terms_proposal WHERE id = $1 AND outcome IS NULL FOR UPDATE", id)


async def publish(tx: Transaction, proposal: Any) -> int:
    """The next version; one at a time, since a proposal waits alone."""
    version: int = await tx.value("""
        INSERT INTO consent.terms (version, since, published_at, zh, en, changes_zh, changes_en)
        SELECT max(version) + 1, $1, $2, $3, $4, $5, $6 FROM consent.terms RETURNING version""",
        proposal["since"], tx.now, proposal["zh"], proposal["en"], proposal["changes_zh"], proposal["changes_en"])
    return version


async def decide(tx: Transaction, id: UUID, outcome: str, version: int | None) -> None:
    await tx.rows("""UPDATE consent.terms_proposal SET outcome = $2, decided_by = $3, decided_at = $4, version = $5
                     WHERE id = $1""", id, outcome, tx.viewer.id, tx.now, version)


async def to_tell(tx: Transaction, many: int) -> Any:
    """version, since and `givers`: the next who agreed to an earlier version, for themselves or for a child, and not to this
    one yet; they count as told. No givers: it was told to all. None where nothing is to be told."""
    told = await tx.row("""SELECT version, since, told_to FROM consent.terms WHERE told_at IS NULL
                           ORDER BY version LIMIT 1 FOR UPDATE""")
    if told is None:
        return None
    rows = await tx.rows("""
        SELECT DISTINCT a.given_by FROM consent.acceptance a WHERE a.given_by > $1 AND NOT EXISTS (
            SELECT FROM consent.acceptance b WHERE b.citizen_id = a.citizen_id AND b.version >= $2)
        ORDER BY a.given_by LIMIT $3""", told["told_to"], told["version"], many)
    givers = [row[0] for row in rows]
    await tx.rows("""UPDATE consent.terms SET told_to = coalesce($2::uuid, told_to),
                         told_at = CASE WHEN $2::uuid IS NULL THEN $3::timestamptz END WHERE version = $1""",
                  told["version"], givers[-1] if givers else None, tx.now)
    return {"version": told["version"], "since": told["since"], "givers": givers}


async def forget(connection: Any, citizen: UUID) -> None:
    """What they agreed to; what they agreed to for a child stays the child's. Terms that they wrote lose their name."""
    await connection.execute("DELETE FROM consent.acceptance WHERE citizen_id = $1", citizen)
    await connection.execute("UPDATE consent.terms_proposal SET proposed_by = NULL WHERE proposed_by = $1", citizen)
    await connection.execute("UPDATE consent.terms_proposal SET decided_by = NULL WHERE decided_by = $1", citizen)
