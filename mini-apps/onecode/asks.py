"""当面同意: what a scene asks beyond its base, and no consent stands for, is asked of the holder at once. Their phone asks
for two minutes, the verifier's waits; a yes is a consent, and what rests on it is seen from that moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from datetime import timedelta
from typing import Any
from uuid import UUID

from consent import giving
from consent.models import Term
from haian.call import Call
from haian.errors import NotFound
from haian.feeds import Feed
from haian.live import Message, citizen_channel
from haian.reads import Shown
from haian.transaction import Transaction
from haian.viewer import Viewer
from onecode import facts, store, store_asks
from onecode.errors import AskAnswered, AskOver
from onecode.models import AskState, Reply, Scan

WAITS = timedelta(minutes=2)
MARGIN = 0.2  # seconds after which it is over for the clock of the database's reader too


async def ask(scans: Sequence[Scan]) -> None:
    """Ask holders for what the scenes want and was not given. A gate has no screen to wait at; under 14 nobody is asked at
    the door (a guardian decides, `onecodeAskGuardian`)."""
    open_ = [(scan, names) for scan in scans if scan.tx.viewer.session is not None
             if (names := [name for name in scan.post["beyond"] if name not in scan.given])]
    if not open_:
        return
    tx = scans[0].tx
    asked = await store_asks.ask(tx, [(scan.id, scan.decision.holder, names) for scan, names in open_], tx.now + WAITS)
    for scan, _ in open_:
        scan.is_asked = scan.id in asked


async def answer(call: Call, scan: UUID, reply: Reply) -> Shown:
    """Give what is asked of me at a scan, once or from now on, or do not. Said again it stays. NotFound, AskAnswered where
    another answer was first, AskOver after two minutes or where the scan was taken back."""
    async with call.writing("onecode") as tx:
        found = await store_asks.hold(tx, scan)
        if found is None or tx.viewer.id is None:
            raise NotFound
        if found["is_open"]:
            await store_asks.answer(tx, scan, reply.value)
            await (_deny(tx, found) if reply is Reply.DENIED else _give(call, tx, found, reply))
            for who in (found["verifier_id"], tx.viewer.id):
                await tx.emit("onecode.answered", who, id=scan)
        elif found["answer"] != reply.value:
            raise AskAnswered if found["answer"] else AskOver
    return store.scan(scan)


async def _deny(tx: Transaction, found: Any) -> None:
    await tx.audit("CODE_FACTS_DENIED", tx.viewer.id, role="citizen", object_=str(found["scan_id"]), fields=found["facts"],
                   office=found["organisation_id"])


async def _give(call: Call, tx: Transaction, found: Any, reply: Reply) -> None:
    """The consent, its use, and the line in the ledger that the verifier saw something by it: all of it or nothing."""
    holder, scan, names = found["holder_id"], found["scan_id"], sorted(found["facts"])  # in the order of `giving.use_all`
    once = reply is Reply.ONCE
    for name in names:
        wish = facts.asked(name, found)
        if not await giving.use(tx, holder, wish, scan):
            await giving.give(tx, holder, wish, Term.ONCE if once else Term.YEAR, about=scan if once else None,
                              lasts=WAITS if once else None)
            await giving.use(tx, holder, wish, scan)
    await store.add_facts(tx, [(scan, await facts.values(call, names, holder, found))])
    verifier = copy(tx)
    verifier.viewer = Viewer(found["verifier_id"])
    await verifier.audit("CODE_FACTS_GIVEN", holder, role=found["role"], object_=str(scan), fields=names, ground="consent",
                         office=found["organisation_id"])


async def follow(call: Call, scan: UUID, as_: Callable[..., Any]) -> Feed[Any]:
    """How a question of mine as a verifier stands: now, and when it is answered or over the last time. NotFound."""
    found = await call.rows(store_asks.asked_by_me(scan))
    if not found or call.viewer.id is None:
        raise NotFound
    left = (found[0]["until"] - call.clock.now()).total_seconds()

    async def show(told: Message) -> Any:
        if told["type"] not in ("ready", "over", "onecode.answered", "onecode.undone"):
            return None
        return as_(state=AskState(await call.value(store_asks.state(scan))), scan_id=scan)
    return Feed(citizen_channel(call.viewer.id), show, seconds=max(left, 0.0) + MARGIN,
                ends=lambda told: told.state is not AskState.WAITING)
