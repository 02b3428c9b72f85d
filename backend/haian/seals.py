"""The seals of the ledger, verified: what the database chained is computed here once more, from the lines themselves.

Each seal holds, for each of its lines, the id and the SHA-256 of what it says, and the hash of the seal before it. So a line
that was changed, taken away or put in later is found and named; and who would hide it would have to make all later seals
anew, and then the newest hash is not the one that was written down elsewhere (the worker logs each, `verify` prints it).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from haian.call import Platform

log = structlog.get_logger()
FIRST = hashlib.sha256(b"").digest()
"""What the first seal names as the one before it."""
ID, LEAF = 16, 48
AT_ONCE = 50
KEPT_MONTHS = 37
"""Months from the first day of one whose lines may be dropped: three years after its end (PIPL, art. 56)."""
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
HOWEVER_LONG = "SET LOCAL statement_timeout = 0"
"""A ledger of years that was never sealed takes minutes, once."""
LINE = """id, at, actor_id, actor_role, subject_id, action, object, fields, reason, ground, office, acting"""
SEALS = """SELECT number, kind, month, lines, leaves, at, previous, hash FROM haian.audit_seal
    WHERE number > $1 ORDER BY number LIMIT $2"""
LINES = f"SELECT {LINE} FROM haian.audit WHERE id = ANY($1::uuid[]) AND at >= $2 AND at < $3"
DONE = """SELECT date_trunc('month', at)::date AS month, count(*) FROM haian.audit
    WHERE xid < (SELECT sealed_to FROM haian.audit_sealing) GROUP BY 1"""
ADDED = """SELECT a.id FROM haian.audit a
    WHERE a.at >= $1 AND a.at < $2 AND a.xid < (SELECT sealed_to FROM haian.audit_sealing)
    AND a.id NOT IN (SELECT encode(substr(s.leaves, 48 * i + 1, 16), 'hex')::uuid
                     FROM haian.audit_seal s, generate_series(0, s.lines - 1) i WHERE s.month = $1 AND s.kind = 'SEALED')
    ORDER BY a.id LIMIT 20"""
AHEAD = "SELECT id FROM haian.audit WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()) ORDER BY id LIMIT 20"


@dataclass(frozen=True)
class Fault:
    """What is wrong: `what` is `chain`, `changed`, `gone`, `added`, `early` or `head`; of which line, and where."""

    what: str
    seal: int | None = None
    line: UUID | None = None
    month: dt.date | None = None


@dataclass
class Found:
    """What a verification saw: the lines and seals that were looked at, the newest hash, and everything that is wrong."""

    lines: int = 0
    seals: int = 0
    newest: bytes = FIRST
    faults: list[Fault] = field(default_factory=list)


async def seal(platform: Platform) -> None:
    """Seal what is written and done. The worker's log, which is kept elsewhere, has the hash of each seal."""
    async with platform.db.transaction("haian_worker") as connection:
        await connection.execute(HOWEVER_LONG)
        for made in await connection.fetch("SELECT number, lines, hash FROM haian.seal_audit($1)", platform.clock.now()):
            log.info("ledger.sealed", number=made["number"], lines=made["lines"], hash=made["hash"].hex())


async def verify(connection: Any, head: bytes | None = None) -> Found:
    """Everything that is wrong with the ledger, in one snapshot. `head`: a hash that was written down and must be there."""
    found, heads, dropped = Found(), {FIRST}, Counter[dt.date]()
    kept: dict[dt.date, int] = {}
    async for batch in seals_of(connection):
        for each in batch:
            check_chain(found, each)
            heads.add(bytes(each["hash"]))
            if each["kind"] == "DROPPED":
                check_dropped(found, each, kept)
                dropped[each["month"]] = each["number"]
            else:
                kept[each["month"]] = kept.get(each["month"], 0) + each["lines"]
    async for batch in seals_of(connection):
        there = [each for each in batch if each["kind"] == "SEALED" and each["number"] > dropped[each["month"]]]
        await check_lines(connection, found, there)
    await check_added(connection, found, kept)
    if head is not None and head not in heads:
        found.faults.append(Fault("head"))
    return found


async def seals_of(connection: Any) -> AsyncIterator[Sequence[Any]]:
    """All seals in their order, some at a time."""
    last = 0
    while batch := await connection.fetch(SEALS, last, AT_ONCE):
        yield batch
        last = batch[-1]["number"]


def check_chain(found: Found, seal: Any) -> None:
    """A seal says the truth about itself and names the one before it."""
    found.seals += 1
    whole = seal["number"] == found.seals and seal["previous"] == found.newest and seal["hash"] == hash_of(seal)
    if not whole:
        found.faults.append(Fault("chain", seal["number"]))
    found.newest = bytes(seal["hash"])
    found.seals = seal["number"]


def check_dropped(found: Found, seal: Any, kept: dict[dt.date, int]) -> None:
    """A month is dropped when its time is over, and all of it."""
    months = (seal["at"].year - seal["month"].year) * 12 + seal["at"].month - seal["month"].month
    if months < KEPT_MONTHS:
        found.faults.append(Fault("early", seal["number"], month=seal["month"]))
    if kept.pop(seal["month"], 0) != seal["lines"]:
        found.faults.append(Fault("chain", seal["number"], month=seal["month"]))


async def check_lines(connection: Any, found: Found, seals: Iterable[Any]) -> None:
    """Each line of the seals is there and says what it said."""
    for seal in seals:
        leaves = dict(split(seal["leaves"]))
        rows = await connection.fetch(LINES, list(leaves), *bounds_of(seal["month"]))
        now = {row["id"]: leaf_of(row) for row in rows}
        for id_, leaf in leaves.items():
            if now.get(id_) != leaf:
                found.faults.append(Fault("changed" if id_ in now else "gone", seal["number"], id_, seal["month"]))
        found.lines += len(leaves)


async def check_added(connection: Any, found: Found, kept: dict[dt.date, int]) -> None:
    """There are no lines beside those that were sealed, but such as were written since."""
    there = {row["month"]: row["count"] for row in await connection.fetch(DONE)}
    for month in sorted(month for month, count in there.items() if count != kept.get(month, 0)):
        added = await connection.fetch(ADDED, *bounds_of(month))
        found.faults += [Fault("added", line=row["id"], month=month) for row in added]
    found.faults += [Fault("added", line=row["id"]) for row in await connection.fetch(AHEAD)]


def bounds_of(month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The first moment of a month and that of the next, in UTC."""
    first = dt.datetime(month.year, month.month, 1, tzinfo=dt.UTC)
    return first, (first + dt.timedelta(days=32)).replace(day=1)


def split(leaves: bytes) -> Iterable[tuple[UUID, bytes]]:
    """Each line's id and hash."""
    for place in range(0, len(leaves), LEAF):
        yield UUID(bytes=bytes(leaves[place:place + ID])), bytes(leaves[place + ID:place + LEAF])


def leaf_of(row: Any) -> bytes:
    """The hash of what a line says, as `haian.seal_audit` makes it."""
    fields = "".join(map(netstring, row["fields"]))
    said = (row["id"], microseconds(row["at"]), row["actor_id"], row["actor_role"], row["subject_id"], row["action"],
            row["object"], fields, row["reason"], row["ground"], row["office"], row["acting"])
    return hashlib.sha256("".join(map(netstring, said)).encode()).digest()


def hash_of(seal: Any) -> bytes:
    """The hash of a seal, as `haian.add_seal` makes it."""
    said = (seal["previous"].hex(), seal["number"], seal["kind"], f"{seal['month']:%Y-%m}", seal["lines"],
            hashlib.sha256(seal["leaves"]).hexdigest(), microseconds(seal["at"]))
    return hashlib.sha256("".join(map(netstring, said)).encode()).digest()


def netstring(value: Any) -> str:
    """A value with the length of its UTF-8 before it (https://cr.yp.to/proto/netstrings.txt); `-` for none."""
    return "-" if value is None else f"{len(str(value).encode())}:{value},"


def microseconds(at: dt.datetime) -> int:
    return (at - EPOCH) // dt.timedelta(microseconds=1)
