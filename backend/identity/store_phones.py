"""Identity's SQL of the numbers that citizens sign in with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.transaction import Transaction


@sql
def my_phone() -> Any:
    """SELECT phone, demo AS shared, phone IS NOT NULL AND NOT EXISTS (
                  SELECT FROM haian.factor WHERE citizen_id = c.id AND since <= {now} - interval '1 day') AS old_needed
       FROM haian.citizen c WHERE id = {viewer}"""


async def locked_phone(tx: Transaction) -> str | None:
    """My number; my row is held until the transaction ends."""
    found: str | None = await tx.value("SELECT phone FROM identity.citizen WHERE id = $1 FOR UPDATE", tx.viewer.id)
    return found


async def take_phone(tx: Transaction, citizen: UUID | None, phone: str) -> bool:
    """This citizen signs in with this number from now on; false where somebody has it."""
    return bool(await tx.value("SELECT identity.take_phone($1, $2)", citizen, phone))


async def level_of_holder(tx: Transaction, phone: str) -> str | None:
    """How well whoever has this number is known."""
    found: str | None = await tx.value("SELECT level FROM identity.citizen WHERE phone = $1", phone)
    return found


async def at_desk(tx: Transaction, phone: str, owner: UUID | None) -> Any:
    """The account that has the number and that of the card, held until the transaction ends; with a child's guardians."""
    return await tx.rows("""
        SELECT c.id, c.phone, c.name, c.demo, NOT coalesce(c.born <= ($3::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
                                                           - interval '14 years', true) AS is_child,
               ARRAY(SELECT g.guardian_id FROM haian.guardianship g
                     WHERE g.child_id = c.id AND g.since <= $3 AND $3 < g.until) AS guardians
        FROM identity.citizen c WHERE c.phone = $1 OR c.id = $2 ORDER BY c.id FOR UPDATE OF c""", phone, owner, tx.now)


async def free_phone(tx: Transaction, citizen: UUID) -> None:
    await tx.rows("UPDATE identity.citizen SET phone = NULL WHERE id = $1", citizen)
