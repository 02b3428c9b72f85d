"""授权: a citizen lets somebody know one fact, or do what one scope says, once or until a day; and takes it back at once.

`give` and `use` run inside the transaction of whichever noun asks: what was agreed to, and what was done with it, stand or
fall together. Who may give for a child, and that what is given once is used once, the database decides
(`haian.give_consent`, `haian.use_consent`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from consent import store_asked, store_given
from consent.errors import GuardianNeeded, GuardianUnknown
from consent.models import LASTS, Asked, Term
from haian.call import Call, Platform
from haian.errors import Forbidden, NotFound, PublicError
from haian.reads import Shown
from haian.registry import Event
from haian.transaction import Transaction


async def give(tx: Transaction, citizen: UUID, asked: Asked, term: Term, *, about: UUID | None = None,
               lasts: timedelta | None = None) -> UUID:
    """Consent of `citizen`, by whoever acts in `tx`: themself, or a guardian for a child under 14. `about`: the one thing
    for which it is given once; `lasts`: another time than the term's. Forbidden, GuardianNeeded, GuardianUnknown."""
    until = tx.now + (lasts or LASTS[term])
    made = await store_given.give(tx, citizen, asked, term is Term.ONCE, about, until)
    if made is None:
        raise await _refusal(tx, citizen)
    await tx.audit("CONSENT_GIVEN", citizen, role=_role(tx, citizen), object_=str(made), fields=[asked.fact],
                   reason=term.value)
    await tx.emit("consent.given", citizen, id=made)
    return made


async def use(tx: Transaction, citizen: UUID, asked: Asked, about: UUID | None = None) -> UUID | None:
    """The consent on which `asked` may be known or done now, which is used by that; None where there is none."""
    return await store_given.use(tx, citizen, asked, about)


async def use_all(tx: Transaction, wanted: Sequence[tuple[UUID, Asked]]) -> list[UUID | None]:
    """The same for several citizens, in one statement."""
    return await store_given.use_all(tx, wanted)


async def end(call: Call, consent: UUID) -> Shown:
    """Take a consent back: nobody may rest on it from now on. One that is over already stays as it is. NotFound."""
    async with call.writing("consent") as tx:
        found = await store_given.end(tx, consent)
        if found:
            await tx.audit("CONSENT_ENDED", found["citizen_id"], role=_role(tx, found["citizen_id"]), object_=str(consent),
                           fields=[found["fact"]])
            await tx.emit("consent.ended", found["citizen_id"], id=consent, receiver=found["receiver"],
                          kind=found["receiver_kind"])
        elif not await tx.read(store_given.given(consent)):
            raise NotFound
    return store_given.given(consent)


def label(call: Call, name: str) -> str:
    """A fact or a scope in words; its bare name where nobody offers it any more."""
    registry, locale = call.platform.registry, call.viewer.locale
    fact, scope = registry.facts.get(name), registry.scopes.get(name)
    return fact.label[locale] if fact else scope.title[locale] if scope else name


async def _refusal(tx: Transaction, citizen: UUID) -> type[PublicError]:
    """Why consent is not the viewer's to give: a child asks its guardians, for anybody else it is not theirs at all."""
    if tx.viewer.id != citizen:
        return Forbidden
    [[known]] = await tx.read(store_asked.has_guardian())
    return GuardianNeeded if known else GuardianUnknown


def _role(tx: Transaction, citizen: UUID) -> str:
    return "citizen" if tx.viewer.id == citizen else "guardian"


async def end_of_client(platform: Platform, event: Event) -> None:
    """A mini-app was ended for good: what was given to it stands no longer."""
    async with platform.writing("consent") as tx:
        await store_given.end_of_client(tx, event.payload["id"])
