"""Identity's SQL."""

from __future__ import annotations

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
       WHERE g.guardian_id = {guardian} AND {guardian} = {viewer} AND {now} >= g.since AND {now} < g.until
       ORDER BY c.born, c.id"""


@sql
def devices(current: str) -> Any:
    """SELECT id, name, signed_in_at, id::text = {current} AS current FROM identity.device
       WHERE citizen_id = {viewer} AND ended_at IS NULL ORDER BY signed_in_at DESC"""


@keyset("at timestamptz", "id uuid", descending=True)
def ledger() -> Any:
    """SELECT a.id, a.at, a.action, a.actor_role, a.fields, a.reason, a.actor_id = a.subject_id AS by_myself,
              c.masked_name AS actor_name,
              (SELECT o.name FROM haian.membership m JOIN haian.organisation o ON o.id = m.organisation_id
               WHERE m.citizen_id = a.actor_id AND m.role = a.actor_role AND m.during @> a.at
               ORDER BY m.organisation_id LIMIT 1) AS organisation
       FROM haian.audit a LEFT JOIN haian.citizen c ON c.id = a.actor_id WHERE a.subject_id = {viewer}"""


async def citizen_of_phone(tx: Transaction, phone: str, name: str) -> UUID:
    """The citizen with this number, made on first sign-in. Two first sign-ins at once make one."""
    made = await tx.value("""INSERT INTO identity.citizen (name, phone, created_at) VALUES ($1, $2, $3)
                             ON CONFLICT (phone) DO NOTHING RETURNING id""", name, phone, tx.now)
    found: UUID = made or await tx.value("SELECT id FROM identity.citizen WHERE phone = $1", phone)
    return found


async def add_device(tx: Transaction, citizen: UUID, session: str, name: str) -> UUID:
    made: UUID = await tx.value("""INSERT INTO identity.device (citizen_id, session, name, signed_in_at)
                                   VALUES ($1, $2, $3, $4) RETURNING id""", citizen, session, name, tx.now)
    return made


async def has_other_devices(tx: Transaction, citizen: UUID, device: UUID) -> bool:
    return bool(await tx.value("""SELECT EXISTS (SELECT FROM identity.device
                                  WHERE citizen_id = $1 AND id <> $2 AND ended_at IS NULL)""", citizen, device))


async def end_devices(tx: Transaction, only: UUID | None, but: UUID | None) -> list[tuple[UUID, str]]:
    """End my device `only`, or all `but` this one; returns (device, hash of its session) of each."""
    rows = await tx.rows("""UPDATE identity.device SET ended_at = $2 WHERE citizen_id = $1 AND ended_at IS NULL
                            AND ($3::uuid IS NULL OR id = $3) AND ($4::uuid IS NULL OR id <> $4)
                            RETURNING id, session""", tx.viewer.id, tx.now, only, but)
    return [(row["id"], row["session"]) for row in rows]


async def set_community(tx: Transaction, code: str) -> bool:
    """Make a community mine; false where the code is no community."""
    return bool(await tx.value("""UPDATE identity.citizen SET community = $2 WHERE id = $1 AND EXISTS (
        SELECT FROM identity.division WHERE code = $2 AND level = 'community') RETURNING true""", tx.viewer.id, code))


async def add_citizen_number(tx: Transaction, citizen: UUID, sealed: bytes, digest: bytes, shown: str) -> bool:
    """Keep a citizen ID number; false where somebody has it already."""
    return bool(await tx.value("""INSERT INTO identity.citizen_number VALUES ($1, $2, $3, $4)
                                  ON CONFLICT DO NOTHING RETURNING true""", citizen, sealed, digest, shown))

