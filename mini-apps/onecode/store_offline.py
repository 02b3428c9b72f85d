"""The SQL of codes that are carried for where there is no network 离线码."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from haian.call import Platform
from haian.reads import sql
from haian.transaction import Transaction


@sql
def needs() -> Any:
    """SELECT masked_name AS name, coalesce(community_code, '') AS community,
              community_code IS NOT NULL AS resident_of_district,
              coalesce(born <= ({now} AT TIME ZONE 'Asia/Shanghai')::date - interval '18 years', false) AS adult,
              coalesce(born <= ({now} AT TIME ZONE 'Asia/Shanghai')::date - interval '65 years', false) AS senior
       FROM haian.citizen WHERE id = {subject}"""


# What they demand first: whoever is asked for most is met most often.
@sql
def kinds() -> Any:
    """SELECT facts, jsonb_agg(jsonb_build_object('zh', name_zh, 'en', name_en) ORDER BY since, id) AS scenes
       FROM onecode.scene WHERE offline = 'OFFLINE' AND since <= {now} AND coalesce({now} < until, true)
       GROUP BY facts ORDER BY max(cardinality(demands)) DESC, min(since), min(id)"""


@sql
def kit(after: int, most: int) -> Any:
    """SELECT onecode.post_id(p) AS post, p.organisation, p.place, p.name_zh, p.name_en, p.facts, p.demands,
              p.offline = 'OFFLINE' AS allowed, p.code_seconds, {now} AS now,
              coalesce(o.division_code, '') AS division, s.revoked, s.upto, s.more
       FROM onecode.post_of({viewer}, {now}) p JOIN haian.organisation o ON o.id = p.organisation_id
       CROSS JOIN onecode.stopped_after({after}, {now}, {most}) s"""


@sql
def post_at(at: datetime) -> Any:
    "SELECT p.*, onecode.post_id(p) AS post FROM onecode.post_then({viewer}, {at}) p"


@sql
def division_of(organisation: UUID) -> Any:
    "SELECT coalesce(division_code, '') AS division FROM haian.organisation WHERE id = {organisation}"


@sql
def batch(number: str) -> Any:
    """SELECT b.citizen_id, b.shown_by, b.revoked_at FROM onecode.offline_code c
       JOIN onecode.offline_batch b ON b.id = c.batch_id WHERE c.number = decode({number}, 'hex')"""


@sql
def read_here(code: str, shown_at: datetime) -> Any:
    """SELECT s.id FROM onecode.scan s
       WHERE s.code = decode({code}, 'hex') AND s.verdict IN ('ACCEPTED', 'NOT_ENTITLED')
         AND {viewer} IN (s.verifier_id, s.device_id)
         AND s.settled_at IS NULL AND s.at >= {shown_at}::timestamptz
         AND s.at < {shown_at}::timestamptz + interval '1 minute'"""


async def held_at(tx: Transaction, at: datetime) -> Any:
    """The post that the viewer held then, with its scene and place of that time; or None."""
    return next(iter(await tx.read(post_at(at))), None)


class Held(NamedTuple):
    """The batch that new codes are of, the secret by which they are known, and the place of the first in it."""

    id: bytes
    secret: bytes
    first: int


async def carry(tx: Transaction, fresh: tuple[bytes, bytes], devices: list[bytes], each: int,
                until: datetime) -> Held | None:
    """More codes that the viewer's device carries, of theirs or of whom they act for, one for each of its keys, `each` of a
    kind: of its batch, or of a `fresh` one (id, secret) where it holds none that has room. None where codes of either are
    stopped. `one_at_a_time` comes first."""
    [row] = await tx.rows("""
        WITH may AS (SELECT WHERE NOT EXISTS (SELECT FROM onecode.suspension WHERE citizen_id IN ($3, $10))),
             held AS (UPDATE onecode.offline_batch SET made = made + $5, until = $7
                      WHERE citizen_id = $3 AND session = $4 AND shown_by IS NOT DISTINCT FROM $10::uuid
                        AND revoked_at IS NULL AND until > $6 AND secret IS NOT NULL AND made + $5 <= 256
                        AND EXISTS (SELECT FROM may) RETURNING id, secret, made - $5 AS first),
             begun AS (INSERT INTO onecode.offline_batch (id, secret, citizen_id, session, made, since, until, device, codes,
                                                          shown_by)
                       SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::uuid FROM may WHERE NOT EXISTS (SELECT FROM held)
                       RETURNING id, secret, 0 AS first)
        SELECT * FROM held UNION ALL SELECT * FROM begun
        UNION ALL SELECT NULL, NULL, NULL WHERE NOT EXISTS (SELECT FROM may) LIMIT 1""",
        *fresh, tx.viewer.for_whom, tx.viewer.session, len(devices), tx.now, until, devices[0], each,
        tx.viewer.id if tx.viewer.subject else None)
    return Held(row["id"], row["secret"], row["first"]) if row["id"] else None


async def number(tx: Transaction, batch: bytes, numbers: list[bytes]) -> None:
    """By which numbers its codes are found."""
    await tx.rows("INSERT INTO onecode.offline_code (number, batch_id) SELECT unnest($2::bytea[]), $1", batch, numbers)


async def one_at_a_time(tx: Transaction) -> None:
    """Who stops a citizen's codes and who fetches some to carry wait for each other: none is missed by the list. Who fetches
    for another waits for both, always in one order."""
    for citizen in sorted({str(who) for who in (tx.viewer.id, tx.viewer.subject) if who}):
        await tx.rows("SELECT pg_advisory_xact_lock(hashtext('onecode.carried'), hashtext($1))", citizen)


async def stop_mine(tx: Transaction) -> None:
    """No code that the viewer's devices carry passes from now on."""
    await tx.rows("SELECT onecode.stop_carried($1, NULL, $2)", tx.viewer.id, tx.now)


async def stop_session(platform: Platform, citizen: UUID, session: str, now: datetime) -> None:
    """No code that a device carries passes from now on: its session has ended. May run twice."""
    async with platform.db.writing_as("onecode") as connection:
        await connection.execute("SELECT onecode.stop_carried($1, $2, $3)", citizen, session, now)


async def stop_ended(platform: Platform) -> None:
    """What is carried for another ends with the right to it. May run twice."""
    async with platform.db.writing_as("onecode") as connection:
        await connection.execute("SELECT onecode.stop_ended($1)", platform.clock.now())


async def forget(connection: Any, citizen: UUID) -> None:
    """Erase what a citizen's devices carry, and others' for them: it passes nowhere."""
    await connection.execute("""DELETE FROM onecode.offline_batch WHERE id IN (
        SELECT id FROM onecode.offline_batch WHERE citizen_id = $1 OR shown_by = $1 ORDER BY id FOR UPDATE)""", citizen)
