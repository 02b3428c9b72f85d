"""监护人同意: a child under 14 asks its guardians to consent, and the first of them who answers decides (PIPL art. 31).

`ask` runs inside the transaction of whichever noun would have been given the consent. What a guardian agrees to is given by
them at that moment, as `giving.give` does it: it ends with the guardianship, and when the child is 14.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from consent import giving, store_asked
from consent.errors import GuardianUnknown, NotWaiting, YourOwn
from consent.models import Asked, Receiver, Term
from haian.cache import limit
from haian.call import Call
from haian.errors import InvalidArgument, NotFound, PublicError
from haian.reads import Shown
from haian.transaction import Transaction

WAITS = timedelta(days=7)
ASKED_AN_HOUR = 20
TERMS_A_DAY = 5


async def ask(call: Call, tx: Transaction, asked: Asked, term: Term) -> None:
    """Ask my guardians to agree to what I may not agree to myself; each who may is told. Asked again, it waits as before
    and nobody is told twice. InvalidArgument for once: nobody waits at a door for a guardian. YourOwn, GuardianUnknown,
    RateLimited."""
    if term is Term.ONCE:
        raise InvalidArgument(argument="term")
    await limit(call.platform.line, f"consent:request:{tx.viewer.id}", ASKED_AN_HOUR, 3600)
    made = await store_asked.ask(tx, asked, term.value, tx.now + WAITS)
    if made["id"] is None:
        raise await _nobody(tx)
    if made["told"]:
        await tx.audit("CONSENT_ASKED", tx.viewer.id, role="citizen", object_=str(made["id"]), fields=[asked.fact])
        await tx.emit_to("consent.guardian_asked", made["told"], id=made["id"], receiver=asked.receiver_name,
                         child=await store_asked.name_of(tx, tx.viewer.id))


async def _nobody(tx: Transaction) -> type[PublicError]:
    """Why there is nobody to ask."""
    [[mine]] = await tx.read(store_asked.is_mine_to_give())
    return YourOwn if mine else GuardianUnknown


async def ask_terms(call: Call) -> bool:
    """Ask my guardians to agree to the terms for me. YourOwn, GuardianUnknown, RateLimited."""
    await limit(call.platform.line, f"consent:ask_terms:{call.viewer.id}", TERMS_A_DAY, 86400)
    async with call.writing("consent") as tx:
        guardians = await store_asked.guardians(tx)
        if not guardians:
            raise await _nobody(tx)
        await tx.audit("TERMS_ASKED", tx.viewer.id, role="citizen")
        await tx.emit_to("consent.terms_asked", guardians, child=await store_asked.name_of(tx, tx.viewer.id))
    return True


async def answer(call: Call, request: UUID, agree: bool) -> Shown:
    """Agree to what a child of mine asks, or do not. Whoever answers first decides; said again, it stays. NotFound,
    NotWaiting."""
    async with call.writing("consent") as tx:
        found = await store_asked.answer(tx, request, agree)
        if found is not None:
            await _answered(tx, found, agree)
        elif not await _is_said(tx, request, agree):
            raise NotWaiting if await store_asked.was_for_me(tx, request) else NotFound
    return store_asked.request(request)


async def _is_said(tx: Transaction, request: UUID, agree: bool) -> bool:
    """Whether the viewer has answered just this before."""
    [*before] = await tx.read(store_asked.request(request))
    return bool(before) and before[0]["answered_by"] == tx.viewer.id and (before[0]["state"] == "DECLINED") is not agree


async def _answered(tx: Transaction, found: Any, agree: bool) -> None:
    """What follows from the answer, in the ledger of both; child and other guardians hear of it."""
    child, fact = found["child_id"], [found["fact"]]
    if agree:
        asked = Asked(found["fact"], Receiver(found["receiver_kind"]), found["receiver"], found["receiver_name"],
                      found["purpose"], {"zh": found["purpose_zh"], "en": found["purpose_en"]})
        await giving.give(tx, child, asked, Term(found["term"]))
    else:
        await tx.audit("CONSENT_DECLINED", child, role="guardian", object_=str(found["id"]), fields=fact)
    await tx.audit("CHILD_ANSWERED", tx.viewer.id, role="citizen", object_=str(found["id"]), fields=fact,
                   reason="AGREED" if agree else "DECLINED")
    words = {"id": found["id"], "guardian": await store_asked.name_of(tx, tx.viewer.id), "receiver": found["receiver_name"]}
    await tx.emit("consent.guardian_agreed" if agree else "consent.guardian_declined", child, **words)
    await tx.emit_to("consent.guardian_answered", await store_asked.others(tx, child), id=found["id"])
