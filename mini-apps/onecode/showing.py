"""亲属码: whose codes somebody shows beside their own: a child's, or an old mother's by her mandate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from haian.call import Call
from haian.errors import NotCovered
from haian.transaction import Transaction
from onecode import store_showing
from onecode.models import SHOW, Verdict

NOTED_SECONDS = 3600


async def note(call: Call) -> None:
    """Say once an hour in the ledger of whom one acts for that their code is shown: each renewal would be a line. NotCovered
    where that has ended meanwhile."""
    key = f"haian:onecode:shown:{call.viewer.id}:{call.viewer.subject}"
    if await call.platform.redis.exists(key):
        return
    async with call.writing("onecode") as tx:
        if not await tx.may(SHOW):
            raise NotCovered
        await tx.audit("CODE_SHOWN_FOR", tx.viewer.subject, role="citizen")
    await call.platform.redis.set(key, 1, ex=NOTED_SECONDS)


async def standings(tx: Transaction, shows: Sequence[tuple[UUID, UUID | None]]) -> list[Verdict | None]:
    """What stands in the way of codes, by their holders and by who shows them for these, at the moment of their scan:
    SUSPENDED where either has stopped theirs, EXPIRED where that may not be shown any more."""
    found = await store_showing.standings(tx, shows) if shows else ()
    return [Verdict.SUSPENDED if each["suspended"] else None if each["may_show"] else Verdict.EXPIRED for each in found]


async def note_carried(tx: Transaction) -> None:
    """Say in the ledger of whom one acts for that their codes are carried. NotCovered where that has ended meanwhile."""
    if not await tx.may(SHOW):
        raise NotCovered
    if tx.viewer.subject:
        await tx.audit("CODE_CARRIED_FOR", tx.viewer.subject, role="citizen")


async def may_show(tx: Transaction, citizen: UUID, holder: UUID, at: datetime) -> bool:
    """Whether who showed a holder's code might at the moment of its scan."""
    return bool((await tx.read(store_showing.may_show(citizen, holder, at)))[0][0])
