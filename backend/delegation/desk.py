"""At the desk: an officer gives and confirms for a principal who stands there with a document, and attests guardians."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from delegation import store, store_family
from delegation.errors import GuardianUnfit, MandateInvalid, OfAge, PersonUnknown, ToMyself, TooYoung
from delegation.models import CONSENT, Document, How, Kin
from delegation.service import checked, confirmed
from haian.cache import limit
from haian.call import Call
from haian.errors import Forbidden, NotFound
from haian.reads import Shown
from haian.transaction import Answer, Transaction
from identity import enrolling
from identity.errors import ChildDisputed, NumberInvalid, PhoneInvalid
from identity.naming import citizen_of_number
from identity.service import checked_phone

CARD = re.compile(r"[ -]*([0-9Xx][ -]*){15,}")
"""Longer than any number of a phone: meant for that of a citizen ID card."""


async def _whom(call: Call, argument: str, said: str) -> UUID | None:
    """Who is meant at my desk: by the number of their phone, or of the citizen ID card that lies there. PhoneInvalid,
    NumberInvalid, RateLimited."""
    await limit(call.platform.line, f"delegation:desk:{call.viewer.id}", 240, 3600)
    try:
        if CARD.fullmatch(said):
            return await citizen_of_number(call, said)
        phone = checked_phone(said)
    except (NumberInvalid, PhoneInvalid) as refused:
        raise type(refused)(argument=argument) from None
    async with call.writing("delegation") as tx:
        found = await store.citizen(tx, phone=phone)
        return found["id"] if found else None


async def look_up(call: Call, said: str) -> Shown | None:
    """Whom an officer has before them, to compare with the document. The errors of `_whom`."""
    found = await _whom(call, "person", said)
    return store.person(found) if found else None


async def give(call: Call, principal: str, delegate: str, called: str, scopes: Sequence[str], days: int,
               document: Document, key: str) -> Shown:
    """For a principal who stands at my desk with a document: given and confirmed at once. Both have signed in once.
    Forbidden, MandateInvalid, PersonUnknown, ToMyself, TooYoung, the errors of `_whom`."""
    called, chosen = checked(call, called, scopes, days)
    giver, phone = await _whom(call, "principal", principal), checked_phone(delegate)
    async with call.writing("delegation") as tx:
        await _check_desk(tx)

        async def decide() -> Answer:
            made = await _given(tx, giver, phone, called, chosen, tx.now + timedelta(days=days))
            await confirmed(tx, made, How.DESK, document)
            return {"id": made}
        given = {"giver": giver, "phone": phone, "called": called, "scopes": chosen, "days": days,
                 "document": document.value}
        answer = await tx.once("delegation.give_at_desk", key, given, decide)
    return store.confirmed_at_desk(UUID(str(answer["id"])))


async def _given(tx: Transaction, principal: UUID | None, phone: str, called: str, scopes: Sequence[str],
                 until: datetime) -> UUID:
    giver, helper = await store.citizen(tx, principal), await store.citizen(tx, phone=phone)
    if giver is None or helper is None:
        raise PersonUnknown(argument="delegate" if giver else "principal")
    if len({giver["id"], helper["id"], tx.viewer.id}) < 3:
        raise ToMyself(argument="delegate")
    if not giver["is_adult"]:
        raise TooYoung(argument="principal")
    return await store.give(tx, giver["id"], phone, called, scopes, until, helper["id"])


async def _check_desk(tx: Transaction) -> None:
    """Only at a desk. Forbidden."""
    if await store.my_desk(tx) is None:
        raise Forbidden


async def attest(call: Call, guardian: str, papers: enrolling.Papers, kin: Kin, limits: Sequence[str],
                 seen: Document) -> Shown:
    """A guardian of a child, from documents that an officer saw: until the child is 18, but for what custody forbids. A
    child whose number is nobody's is enrolled by the name in its papers; where it is one of another name, staff settle whose
    it is, and nothing is attested. Forbidden, PersonUnknown, GuardianUnfit, OfAge, ToMyself, MandateInvalid,
    ChildPhoneUnfit, ChildDisputed."""
    forbidden = sorted(set(limits))
    if not set(forbidden) <= call.platform.registry.scopes.keys() | {CONSENT}:
        raise MandateInvalid(argument="limits")
    acts, known = await _whom(call, "guardian", guardian), await citizen_of_number(call, papers.number)
    async with call.writing("delegation") as tx:
        await _check_desk(tx)
        if known is None and papers.name:
            known = await enrolling.enrol(tx, papers, seen.value)
        family = await _family(tx, acts, known)
        _check_kin(family)
        disputed = papers.name not in ("", family["child_name"])
        if disputed:
            if await enrolling.claim(tx, papers):
                await tx.emit("delegation.child_disputed", family["guardian"], child=papers.name)
        else:
            await store.attest(tx, family["guardian"], family["child"], kin.value, forbidden, family["of_age_at"],
                               seen.value)
            await store_family.settle(tx, family["guardian"], family["child"])
            await _tell_family(tx, "GUARDIAN_ATTESTED", "delegation.guardian", family, seen.value)
    if disputed:  # the claim stays
        raise ChildDisputed(argument="childName")
    return store.guardian_at_desk(family["guardian"], family["child"])


def _check_kin(family: Any) -> None:
    """Who is under 18 has a guardian, who is real-named and 18. OfAge, GuardianUnfit."""
    if not family["is_child"]:
        raise OfAge(argument="child")
    if not family["is_fit"]:
        raise GuardianUnfit(argument="guardian")


async def end_guardian(call: Call, guardian: str, child: str, seen: Document) -> Shown:
    """End a guardianship, from a document that an officer saw. Forbidden, PersonUnknown, ToMyself, NotFound."""
    acts, known = await _whom(call, "guardian", guardian), await citizen_of_number(call, child)
    async with call.writing("delegation") as tx:
        await _check_desk(tx)
        family = await _family(tx, acts, known)
        if not await store.end_guardian(tx, family["guardian"], family["child"]):
            raise NotFound
        await store_family.settle(tx, family["guardian"], family["child"])
        await _tell_family(tx, "GUARDIAN_ENDED", "delegation.guardian_ended", family, seen.value)
    return store.guardian_at_desk(family["guardian"], family["child"])


async def _family(tx: Transaction, acts: UUID | None, known: UUID | None) -> Any:
    """The guardian and the child before a desk. PersonUnknown, ToMyself."""
    family = await store.family(tx, acts, known) if acts and known else None
    if family is None:
        raise PersonUnknown(argument="child" if acts else "guardian")
    if len({family["guardian"], family["child"], tx.viewer.id}) < 3:
        raise ToMyself(argument="guardian")
    return family


async def _tell_family(tx: Transaction, action: str, event: str, family: Any, seen: str) -> None:
    words = {"guardian": family["guardian_name"], "child": family["child_name"], "until": family["of_age_at"]}
    for citizen in (family["guardian"], family["child"]):
        await tx.audit(action, citizen, role="desk_officer", object_=str(family["child"]), reason=seen, ground="duty")
        await tx.emit(event, citizen, **words)
