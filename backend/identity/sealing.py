"""Every sealed citizen ID number sealed anew with the newest key, so that an old one may go.

First all processes are given the new key among HAIAN_FIELD_KEYS_OLD, so that all open with both; then they are given it as
HAIAN_FIELD_KEY, and the old one among the others, so that they seal with the new. Then this runs, while everything runs.
When it has nothing left to do, the old key may go. The worker runs it by itself, at its start and some times a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag

from haian.call import Platform
from haian.transaction import Transaction
from identity import numbers, store_numbers
from identity.numbers import FieldKeys

RESEALED_SECONDS = 6 * 3600
"""How often the worker looks for what is left, beside at its start."""
A_TURN = 500
FIRST = UUID(int=0)


@dataclass
class Resealed:
    """How many rows were sealed anew, and how many no key of ours opens: those stay as they are."""

    done: int = 0
    shut: int = 0


async def reseal(platform: Platform) -> Resealed:
    """All of them, some hundred in a transaction. Run again, it finds what is left."""
    keys, found = FieldKeys.of(platform.settings), Resealed()
    for table in store_numbers.SEALED:
        after: UUID | None = FIRST
        while after is not None:
            async with platform.writing("identity") as tx:
                after = await _turn(tx, table, keys, after, found)
    return found


async def _turn(tx: Transaction, table: str, keys: FieldKeys, after: UUID, found: Resealed) -> UUID | None:
    """The next rows; the last of them, None where there are no more."""
    rows = await store_numbers.sealed_otherwise(tx, table, keys.id, after, A_TURN)
    for row in rows:
        try:
            number = numbers.unseal(row["sealed"], keys, row["citizen"].bytes)
        except InvalidTag:
            found.shut += 1
            continue
        sealed = numbers.seal(number, keys, row["citizen"].bytes)
        found.done += await store_numbers.seal_again(tx, table, row["id"], row["sealed"], sealed)
    return rows[-1]["id"] if len(rows) == A_TURN else None
