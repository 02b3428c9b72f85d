"""Identity's SQL."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from haian.reads import keyset, sql
from haian.transaction import Transaction


@sql
def viewer() -> Any:
    "SELECT * FROM haian.citizen WHERE id = {viewer}"


@sql
def is_viewer(citizen: UUID) -> Any:
    "{citizen} = {viewer}"


@sql
def citizen(id: UUID) -> Any:
    "SELECT * FROM haian.citizen WHERE id = {id}"


@sql
def entered(id: UUID, held: bool) -> Any:
    """SELECT c.*, CASE WHEN {held} THEN 'IdentityFactorNeeded' ELSE 'Citizen' END AS typename,
              ARRAY(SELECT kind FROM haian.factor WHERE citizen_id = c.id ORDER BY kind) AS ways
       FROM haian.citizen c WHERE id = {id}"""


@sql
def shown_number(citizen: UUID) -> Any:
    "(SELECT shown FROM identity.citizen_number WHERE citizen_id = {citizen})"


@sql
def memberships(citizen: UUID) -> Any:
    """SELECT m.role, m.place, m.organisation_id FROM haian.membership m
       WHERE m.citizen_id = {citizen} AND m.during @> {now} ORDER BY m.role, m.organisation_id"""


@sql
def organisation(id: UUID) -> Any:
    "SELECT * FROM haian.organisation WHERE id = {id}"


@sql
def division(code: str) -> Any:
    "SELECT * FROM haian.division WHERE code = {code}"


@sql
def streets() -> Any:
    "SELECT * FROM haian.division WHERE level = 'street' ORDER BY code"


@sql
def communities(street: str) -> Any:
    "SELECT * FROM haian.division WHERE parent = {street} AND level = 'community' ORDER BY pinyin, code"


@sql
def children(guardian: UUID) -> Any:
    """SELECT c.id, c.name, c.masked_name, c.born, g.relation FROM haian.guardianship g
       JOIN haian.citizen c ON c.id = g.child_id
       WHERE g.guardian_id = {guardian} AND {now} >= g.since AND {now} < g.until
       ORDER BY c.born, c.id"""


@sql
def devices(current: str) -> Any:
    """SELECT id, coalesce(called, name) AS name, name AS kind, place AS place_code, signed_in_at,
              coalesce(seen_at, signed_in_at) AS last_seen_at, id::text = {current} AS current,
              client IS NOT NULL AS is_client
       FROM identity.device WHERE citizen_id = {viewer} AND ended_at IS NULL ORDER BY signed_in_at DESC"""


async def citizen_of_phone(tx: Transaction, phone: str, name: str) -> UUID:
    """The citizen with this number, made on first sign-in. Two first sign-ins at once make one; who leaves the number
    between the two statements leaves it free."""
    found: UUID | None = None
    while found is None:
        made = await tx.value("""INSERT INTO identity.citizen (name, phone, created_at) VALUES ($1, $2, $3)
                                 ON CONFLICT (phone) DO NOTHING RETURNING id""", name, phone, tx.now)
        found = made or await tx.value("SELECT id FROM identity.citizen WHERE phone = $1", phone)
    return found


async def add_device(tx: Transaction, citizen: UUID, session: str, name: str, place: str | None = None,
                     browser: bytes | None = None) -> UUID:
    """A new device of a citizen. `place`: the code of a street; of anything else nothing is kept."""
    made: UUID = await tx.value("""
        INSERT INTO identity.device (citizen_id, session, name, signed_in_at, seen_at, place, browser)
        VALUES ($1, $2, $3, $4, $4, (SELECT code FROM identity.division WHERE code = $5 AND level = 'street'), $6)
        RETURNING id""", citizen, session, name, tx.now, place, browser)
    return made


async def name_device(tx: Transaction, device: UUID, name: str) -> bool:
    return bool(await tx.value("""UPDATE identity.device SET called = $3
                                  WHERE id = $1 AND citizen_id = $2 AND ended_at IS NULL RETURNING true""",
                               device, tx.viewer.id, name))


# Whoever takes hold of several devices does so in the order of their ids, and of browsers after that.

async def note_seen(tx: Transaction, devices: list[UUID]) -> None:
    await tx.rows("""WITH held AS MATERIALIZED (SELECT id FROM identity.device
                         WHERE id = ANY($1::uuid[]) AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE)
                     UPDATE identity.device d SET seen_at = $2 FROM held WHERE d.id = held.id""", devices, tx.now)


async def end_unused(tx: Transaction, before: datetime) -> None:
    await tx.rows("""WITH held AS MATERIALIZED (SELECT id FROM identity.device
                         WHERE ended_at IS NULL AND coalesce(seen_at, signed_in_at) < $1 ORDER BY id FOR NO KEY UPDATE)
                     UPDATE identity.device d SET ended_at = $2 FROM held WHERE d.id = held.id""", before, tx.now)


async def has_other_devices(tx: Transaction, citizen: UUID, device: UUID) -> bool:
    return bool(await tx.value("""SELECT EXISTS (SELECT FROM identity.device
                                  WHERE citizen_id = $1 AND id <> $2 AND ended_at IS NULL)""", citizen, device))


async def end_devices(tx: Transaction, only: UUID | None, but: UUID | None) -> list[tuple[UUID, str]]:
    """End my device `only`, or all `but` this one; returns (device, hash of its session) of each."""
    rows = await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM identity.device WHERE citizen_id = $1 AND ended_at IS NULL
            AND ($3::uuid IS NULL OR id = $3) AND ($4::uuid IS NULL OR id <> $4) ORDER BY id FOR NO KEY UPDATE)
        UPDATE identity.device d SET ended_at = $2 FROM held WHERE d.id = held.id RETURNING d.id, d.session""",
        tx.viewer.id, tx.now, only, but)
    return [(row["id"], row["session"]) for row in rows]


async def set_community(tx: Transaction, code: str) -> bool:
    """Make a community mine; false where the code is no community."""
    return bool(await tx.value("""UPDATE identity.citizen SET community = $2 WHERE id = $1 AND EXISTS (
        SELECT FROM identity.division WHERE code = $2 AND level = 'community') RETURNING true""", tx.viewer.id, code))


# 实名

@sql
def verified(id: UUID) -> Any:
    """SELECT c.*, v.asked_at AS since, identity.tries_left(v.citizen_id, {now}) AS tries_left,
              CASE v.answer WHEN 'AGREED' THEN 'Citizen' WHEN 'DISAGREED' THEN 'IdentityDisagrees'
                            WHEN 'DISPUTED' THEN 'IdentityDisputed' ELSE 'IdentityVerifierAway' END AS typename
       FROM identity.verification v JOIN haian.citizen c ON c.id = v.citizen_id
       WHERE v.id = {id} AND v.citizen_id = {viewer}"""


@sql
def naming() -> Any:
    """SELECT c.level, v.answer AS last, v.asked_at AS last_at, identity.tries_left(c.id, {now}) AS tries_left,
              (SELECT min(opened_at) FROM identity.dispute WHERE claimant_id = c.id AND settled_at IS NULL) AS claimed_at,
              (SELECT min(opened_at) FROM identity.dispute WHERE holder_id = c.id AND settled_at IS NULL) AS questioned_at
       FROM haian.citizen c LEFT JOIN LATERAL (SELECT answer, asked_at FROM identity.verification
                                               WHERE citizen_id = c.id ORDER BY asked_at DESC LIMIT 1) v ON true
       WHERE c.id = {viewer}"""


async def locked_level(tx: Transaction) -> str:
    """My level; my row is held until the transaction ends."""
    found: str = await tx.value("SELECT level FROM identity.citizen WHERE id = $1 FOR NO KEY UPDATE", tx.viewer.id)
    return found


async def has_open_claim(tx: Transaction) -> bool:
    """Whether I claim a number that is another's, and nobody has settled it."""
    return bool(await tx.value("SELECT EXISTS (SELECT FROM identity.dispute WHERE claimant_id = $1 AND settled_at IS NULL)",
                               tx.viewer.id))


async def tries_left(tx: Transaction) -> int:
    left: int = await tx.value("SELECT identity.tries_left($1, $2)", tx.viewer.id, tx.now)
    return left


async def give_up(tx: Transaction, citizen: UUID) -> None:
    """What the citizen gave before and still waits is asked for no more."""
    await tx.rows("""UPDATE identity.verification SET answer = 'LAPSED', answered_at = $2, sealed = NULL
                     WHERE citizen_id = $1 AND answer = 'WAITING'""", citizen, tx.now)


async def add_verification(tx: Transaction, name: str, sealed: bytes) -> UUID:
    made: UUID = await tx.value("""INSERT INTO identity.verification (citizen_id, name, sealed, asked_at, tried_at)
                                   VALUES ($1, $2, $3, $4, $4) RETURNING id""", tx.viewer.id, name, sealed, tx.now)
    return made


async def waiting(connection: Any, verification: UUID, now: datetime) -> Any:
    """What the verifier is to be asked, None where nothing waits; it is noted that it is asked now."""
    return await connection.fetchrow("""UPDATE identity.verification v SET tried_at = $2 FROM identity.citizen c
        WHERE v.id = $1 AND v.answer = 'WAITING' AND c.id = v.citizen_id AND c.phone IS NOT NULL
        RETURNING v.citizen_id, v.name, v.sealed, c.phone""", verification, now)


async def lock_verification(tx: Transaction, verification: UUID) -> Any:
    """A verification that still waits, held until the transaction ends, as is its citizen; None where it does not. The
    citizen is held first, as by whoever asks anew."""
    await tx.rows("""SELECT FROM identity.citizen WHERE id = (SELECT citizen_id FROM identity.verification WHERE id = $1)
        FOR NO KEY UPDATE""", verification)
    return await tx.row("""SELECT citizen_id, name FROM identity.verification WHERE id = $1 AND answer = 'WAITING'
        FOR UPDATE""", verification)


async def answer_verification(tx: Transaction, verification: UUID, answer: str) -> None:
    await tx.rows("""UPDATE identity.verification SET answer = $2, answered_at = $3, sealed = NULL WHERE id = $1""",
                  verification, answer, tx.now)


async def set_name(tx: Transaction, citizen: UUID, name: str, born: date | None) -> None:
    await tx.rows("UPDATE identity.citizen SET level = 'VERIFIED', name = $2, born = $3 WHERE id = $1", citizen, name, born)


async def may_consent(tx: Transaction, born: date | None) -> bool:
    """Whether I may give my own data: I am 14, by what is known of me and by this birth date."""
    return bool(await tx.value("""SELECT haian.may_consent($1, $1, $2)
        AND $3::date <= ($2 AT TIME ZONE 'Asia/Shanghai')::date - interval '14 years'""", tx.viewer.id, tx.now, born))


async def weigh(tx: Transaction, citizen: UUID | None) -> str | None:
    """The level of a real-named citizen by whether they have a passkey, where it is another than before."""
    level: str | None = await tx.value("""
        UPDATE identity.citizen c SET level = now.level
        FROM (SELECT CASE WHEN EXISTS (SELECT FROM haian.factor WHERE citizen_id = $1 AND kind = 'PASSKEY')
                          THEN 'STRONG' ELSE 'VERIFIED' END AS level) now
        WHERE c.id = $1 AND c.level NOT IN ('UNVERIFIED', now.level) RETURNING c.level""", citizen)
    return level


async def lapse(tx: Transaction, before: datetime) -> list[UUID]:
    """Give up what waits since before; returns whose it was."""
    rows = await tx.rows("""
        WITH held AS MATERIALIZED (SELECT id FROM identity.verification WHERE answer = 'WAITING' AND asked_at < $1
                                   ORDER BY id FOR NO KEY UPDATE)
        UPDATE identity.verification v SET answer = 'LAPSED', answered_at = $2, sealed = NULL FROM held
        WHERE v.id = held.id RETURNING v.citizen_id""", before, tx.now)
    return [row["citizen_id"] for row in rows]


async def due_verifications(tx: Transaction, before: datetime, many: int) -> list[UUID]:
    rows = await tx.rows("""SELECT id FROM identity.verification WHERE answer = 'WAITING' AND tried_at < $1
                            ORDER BY tried_at LIMIT $2""", before, many)
    return [row["id"] for row in rows]


async def open_dispute(tx: Transaction, claimant: UUID, name: str, sealed: bytes, index: list[bytes],
                       shown: str) -> UUID | None:
    """Whose number it is that another claims; None where this claim is open already."""
    found: UUID | None = await tx.value("SELECT identity.claim_number($1, $2, $3, $4, $5, $6, NULL)", claimant, name, sealed,
                                        index, shown, tx.now)
    return found


# A number that two gave: seen by those who settle it, never by one of the two, nor by who claimed it for a child.

@keyset("opened_at timestamptz", "id uuid")
def disputes() -> Any:
    """SELECT d.id, d.shown AS masked_number, d.claimed_name, d.opened_at, d.settled_at, d.outcome, d.reason, d.holder_id,
              d.claimant_id
       FROM identity.dispute d
       WHERE d.settled_at IS NULL AND {viewer} NOT IN (d.holder_id, d.claimant_id)
         AND d.claimed_by IS DISTINCT FROM {viewer}"""


@sql
def dispute(id: UUID) -> Any:
    """SELECT d.id, d.shown AS masked_number, d.claimed_name, d.opened_at, d.settled_at, d.outcome, d.reason, d.holder_id,
              d.claimant_id
       FROM identity.dispute d
       WHERE d.id = {id} AND {viewer} NOT IN (d.holder_id, d.claimant_id) AND d.claimed_by IS DISTINCT FROM {viewer}"""


@sql
def party(citizen: UUID) -> Any:
    """SELECT c.id AS citizen_id, c.name, c.phone, c.born, c.level,
              (SELECT max(answered_at) FROM identity.verification v
               WHERE v.citizen_id = c.id AND v.answer = 'AGREED') AS verified_at
       FROM haian.citizen c WHERE c.id = {citizen}"""


async def forget(connection: Any, citizen: UUID) -> None:
    """Remove a citizen. Number, devices, links, mandates, factors and posts go with the row; of what is many, each is held
    before, in the order of those who take several."""
    await connection.execute("SELECT FROM identity.citizen WHERE id = $1 FOR UPDATE", citizen)
    for table, whose in (("device", "citizen_id"), ("verification", "citizen_id"),
                         ("dispute", "holder_id, claimant_id, claimed_by, settled_by")):
        await connection.execute(f"SELECT FROM identity.{table} WHERE $1 IN ({whose}) ORDER BY id FOR UPDATE", citizen)
    await connection.execute("DELETE FROM identity.citizen WHERE id = $1", citizen)
