"""Every citizen ID number found by the newest index key too, so that an old one may go.

As with the key that seals (`sealing`): first all processes are given the new key among HAIAN_INDEX_KEYS_OLD, then as
HAIAN_INDEX_KEY, with the old one among the others. All the while a claim is known by all keys of who makes it, so that of
two one has the number. Then this runs, while everything runs. When the old key is given to nobody any more, it runs again
and forgets what was found by that. What cannot be made anew, since the number is nobody's now, stays under its old key.

The worker runs it, so nobody has to remember; and no process starts that was not given a key by which alone a number is
found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag

from haian import macs
from haian.call import Platform
from haian.db import Database
from haian.settings import Settings
from haian.transaction import Transaction
from identity import numbers, store_numbers
from identity.numbers import FieldKeys
from identity.sealing import reseal

log = structlog.get_logger()
A_TURN = 500
A_SAMPLE = 5
FIRST = UUID(int=0)


@dataclass
class Indexed:
    """How many numbers are found by the newest key now, how many by old ones alone, and how many old entries went."""

    done: int = 0
    left: int = 0
    gone: int = 0


async def lacks_key(db: Database, settings: Settings) -> bool:
    """Whether a number is found by none of the index keys that this process was given. It must not serve then: somebody
    else could have that number from it."""
    known = [macs.name_of(key) for key in macs.keys(settings)]
    async with db.writing_as("identity") as connection:
        if await store_numbers.needs_another(connection, known):
            return True
        rows = await store_numbers.unnamed(connection, known, A_SAMPLE)
    return None in _keys_of(settings, rows)


def _keys_of(settings: Settings, rows: Iterable[Any]) -> Iterator[bytes | None]:
    """By the name of which key each was made, None for none of ours; of those that none of our keys opens nobody knows."""
    for row in rows:
        with suppress(InvalidTag):
            number = numbers.unseal(row["sealed"], FieldKeys.of(settings), row["citizen"].bytes)
            made = {each[macs.NAME_BYTES:]: each[:macs.NAME_BYTES] for each in numbers.index(number, settings)}
            yield made.get(row["digest"])


async def _name(platform: Platform) -> None:
    """What was made before keys had names is known by the name of the one key that there was, if we were given it."""
    async with platform.db.writing_as("identity") as connection:
        rows = await store_numbers.unnamed(connection, [], A_SAMPLE)
    key = next(_keys_of(platform.settings, rows), None)
    named = A_TURN if key else 0
    while key and named == A_TURN:
        async with platform.writing("identity") as tx:
            named = await store_numbers.name_unnamed(tx, key, A_TURN)


async def reindex(platform: Platform, *, give_up: bool = False) -> Indexed:
    """All of them, some hundred in a transaction. Run again, it finds what is left. `give_up`: what is found by a key alone
    that we were not given is let go."""
    await _name(platform)
    found = Indexed()
    after: UUID | None = FIRST
    digest: bytes | None = b""
    while after is not None:
        async with platform.writing("identity") as tx:
            after = await _turn(tx, platform, after, found)
    known = [macs.name_of(key) for key in macs.keys(platform.settings)]
    async with platform.writing("identity") as tx:
        await store_numbers.need_key(tx, known[0])
        if give_up:
            await store_numbers.give_up(tx, known)
    while digest is not None:
        async with platform.writing("identity") as tx:
            gone = await store_numbers.forget_digests(tx, known, digest, A_TURN)
        found.gone += len(gone)
        digest = max(gone) if len(gone) == A_TURN else None
    return found


async def keep_up(platform: Platform) -> None:
    """Seal and find all numbers by the newest keys: what is told is what was left to do, and what none of our keys opens."""
    sealed, indexed = await reseal(platform), await reindex(platform)
    if sealed.done or sealed.shut or indexed.done or indexed.gone:
        log.info("numbers.resealed", sealed=sealed.done, shut=sealed.shut, indexed=indexed.done, gone=indexed.gone)


async def _turn(tx: Transaction, platform: Platform, after: UUID, found: Indexed) -> UUID | None:
    """The next numbers; the last of them, None where there are no more."""
    settings = platform.settings
    keys, newest = FieldKeys.of(settings), macs.name_of(settings.index_key)
    rows = await store_numbers.indexed_otherwise(tx, newest, after, A_TURN)
    for row in rows:
        try:
            number = numbers.unseal(row["sealed"] or b"", keys, row["citizen"].bytes if row["citizen"] else b"")
        except InvalidTag:
            found.left += 1
            continue
        made = await store_numbers.index_again(tx, row["id"], numbers.index(number, settings))
        found.done, found.left = found.done + made, found.left + (not made)
    return rows[-1]["id"] if len(rows) == A_TURN else None
