"""异常查询: who looks at very many people in ten minutes is reported to a manager, who says whether that was in order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from haian.call import Call, Platform
from haian.errors import NotFound
from haian.reads import Shown
from haian.transaction import Transaction, statement_of
from staff import service, store, store_bursts
from staff.errors import BurstAnswered, ReasonMissing
from staff.models import BurstOutcome, cleaned

QUIET = timedelta(hours=1)
SEARCHED_BACK = timedelta(days=1)
"""How far a worker that was away looks back."""
PASSED_ON = timedelta(days=3)


async def search(platform: Platform) -> None:
    """Raise an alert for each burst since the last search, count on those of the last hour, pass on what nobody answers."""
    async with platform.writing("staff") as tx:
        since = max(min(await store_bursts.searched_to(tx), tx.now), tx.now - SEARCHED_BACK)
        for found in await _read(platform, tx, store_bursts.found(since, tx.now, platform.settings.burst_people)):
            await _raise(tx, found)
        for grown in await _read(platform, tx, store_bursts.grown()):
            await store_bursts.grow(tx, grown)
        for late in await store_bursts.pass_on(tx, tx.now - PASSED_ON):
            await _tell(tx, late, None)
        await store_bursts.searched(tx)


async def _read(platform: Platform, tx: Transaction, read: Any) -> Any:
    """The ledger is read as everything is read: who writes posts cannot."""
    return await platform.db.fetch(*statement_of(read, None, tx.now))


async def _raise(tx: Transaction, found: Any) -> None:
    made = await store_bursts.add(tx, found, tx.now + QUIET)
    if made is not None:
        await tx.audit("LOOKS_REPORTED", found["citizen_id"], role="system", object_=str(made), ground="duty",
                       office=found["organisation_id"])
        await _tell(tx, found, found["organisation_id"])


async def _tell(tx: Transaction, burst: Any, organisation: UUID | None) -> None:
    """The managers of an organisation hear of it, or those of the district."""
    await tx.emit_to("staff.burst", await store_bursts.managers_of(tx, organisation, burst["citizen_id"]),
                     organisation=burst["organisation"], people=burst["people"])


async def answer(call: Call, burst: UUID, outcome: BurstOutcome, note: str) -> Shown:
    """A manager, never of their own looks: it was in order, or the post by which was looked ends now. ReasonMissing,
    NotFound, BurstAnswered, LastManager."""
    why = cleaned(note, 200)
    if why is None or len(why) < 2:
        raise ReasonMissing
    async with call.writing("staff") as tx:
        held = await store_bursts.hold(tx, burst)
        if held is None:
            raise NotFound
        if held["outcome"] is not None:
            raise BurstAnswered
        if outcome is BurstOutcome.POST_ENDED:
            await store.hold_managers(tx, held["organisation_id"])
            for post in await store_bursts.posts_of(tx, held):
                await service.end_held(tx, post, why)
        await store_bursts.answer(tx, burst, outcome.value, why)
        await tx.audit("LOOKS_CHECKED", held["citizen_id"], role="manager", object_=str(burst), ground="duty",
                       reason=outcome.value, office=held["organisation_id"])
        await tx.emit("staff.burst_answered", tx.viewer.id)
    return store_bursts.burst(burst)
