"""Citizens whom the demo's office knows: real-named, each with a number of their own."""

from __future__ import annotations

from datetime import date
from itertools import count
from uuid import UUID

from tests.clients import Phone, Served, new_number

from identity.demo import number
from identity.numbers import FieldKeys, index, mask, seal

TURNS = count(1)
ADULT = date(1988, 5, 12)


async def named(served: Served, order: int = 202, born: date = ADULT) -> Phone:
    """Somebody who is real-named. What the office has of them is in the order places and the birth date, whose
    day is another for each, so that no two have one number."""
    phone, keys = await served.signed_in(new_number()), served.platform.settings
    months, day = divmod(next(TURNS), 28)
    made = number(born.replace(month=1 + months % 12, day=1 + day), order)
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen SET name = '王海燕', born = $2, level = 'VERIFIED' WHERE id = $1",
                                 UUID(phone.id), date.fromisoformat(f"{made[6:10]}-{made[10:12]}-{made[12:14]}"))
        await connection.execute(
            "SELECT identity.add_number($1, $2, $3, $4)", UUID(phone.id),
            seal(made, FieldKeys.of(keys), UUID(phone.id).bytes), index(made, keys), mask(made))
    phone.number = made  # type: ignore[attr-defined]
    return phone
