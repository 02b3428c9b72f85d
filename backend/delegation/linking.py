"""A guardian by a certificate fact: a real-named parent names a child, and a register says what they are to it.

The register is asked outside any transaction. What custody has settled at a desk stands, for other accounts of the same two
numbers too: a link that a desk ended is not made anew here, one that it limited is not widened. Who contradicts another link
is sent to the desk, with the other side told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from delegation import store, store_family
from delegation.errors import (
    GuardianUnfit,
    KinAway,
    KinContradicted,
    KinDisagrees,
    LinkEnded,
    OfAge,
    PersonUnknown,
    ToMyself,
)
from delegation.models import Kin
from delegation.registers import Card, family_registry
from haian.cache import limit
from haian.call import Call, Platform
from haian.reads import Shown
from haian.transaction import Transaction
from identity import enrolling
from identity.errors import ChildDisputed, NameInvalid, NumberInvalid
from identity.naming import by_nobody, checked_name, citizen_of_number, my_card
from identity.verifiers import Answer

ASKED_A_DAY = 5
LATE = timedelta(days=7)
"""A birthday is told that long afterwards, where the worker was away, and no longer."""
REGISTER = "REGISTER"


def papers(call: Call, name: str, number: str) -> enrolling.Papers:
    """As a parent typed them. NumberInvalid, NameInvalid."""
    try:
        checked_name(name)
        return enrolling.papers(call, number, name, "")
    except (NumberInvalid, NameInvalid) as refused:
        raise type(refused)(argument="number" if isinstance(refused, NumberInvalid) else "name") from None


async def link(call: Call, papers: enrolling.Papers) -> Shown:
    """Link a child to me, by its name and number, where a register says that I am its guardian. A child whose number is
    nobody's is enrolled; under another name staff settle whose it is. GuardianUnfit, OfAge, ToMyself, KinDisagrees, KinAway,
    KinContradicted, LinkEnded, ChildDisputed, PersonUnknown, RateLimited."""
    await limit(call.platform.line, f"delegation:link:{call.viewer.id}", ASKED_A_DAY, 86400)
    await _check(call, papers)
    card = await my_card(call)
    if card is None:
        raise GuardianUnfit
    answer, kin = await family_registry(call.platform).kin(Card(*card), Card(papers.name, papers.number))
    if kin is None:
        raise KinDisagrees if answer is Answer.DISAGREES else KinAway
    known = await citizen_of_number(call, papers.number)
    async with call.writing("delegation") as tx:
        family, refusal = await _linked(tx, papers, known, kin)
    if refusal:  # what was told and written down stays
        raise refusal
    return store.my_family(family["child"])


async def _check(call: Call, papers: enrolling.Papers) -> None:
    """What is known before the register is asked. GuardianUnfit, OfAge."""
    async with call.writing("delegation") as tx:
        if not await store_family.is_fit(tx):
            raise GuardianUnfit
        if not papers.born or not await store_family.is_under_18(tx, papers.born):
            raise OfAge(argument="number")


async def _linked(tx: Transaction, papers: enrolling.Papers, known: UUID | None, kin: Kin) -> tuple[Any, Any]:
    """The family, linked; or why it is not, which commits with what the others are told."""
    settled = await store_family.settled(tx, papers.index)
    if settled and settled["ended"]:
        return None, LinkEnded(argument="number")
    known = known or await enrolling.enrol(tx, papers, REGISTER, enrolling.GUARDIAN)
    family = await store.family(tx, tx.viewer.id, known) if tx.viewer.id and known else None
    if family is None:
        raise PersonUnknown(argument="number")
    if family["guardian"] == family["child"]:
        raise ToMyself(argument="number")
    if not family["is_child"]:
        raise OfAge(argument="number")
    if papers.name != family["child_name"]:
        if await enrolling.claim(tx, papers, enrolling.GUARDIAN):
            await tx.emit("delegation.child_disputed", family["guardian"], child=papers.name)
        return family, ChildDisputed(argument="name")
    limits = settled["limits"] if settled else ()
    made = await store_family.link(tx, family["child"], kin.value, family["of_age_at"], limits, REGISTER)
    if not made:
        return family, await _not_made(tx, family, kin)
    await _tell(tx, family, "GUARDIAN_LINKED", "delegation.guardian_joined")
    for citizen in (family["guardian"], family["child"]):
        await tx.emit("delegation.guardian", citizen, guardian=family["guardian_name"], child=family["child_name"],
                      until=family["of_age_at"])
    return family, None


async def _not_made(tx: Transaction, family: Any, kin: Kin) -> Any:
    """Nothing where the link is there already, as it was; else why it is the desk's."""
    before = await store_family.link_of(tx, family["child"])
    if before is None:
        await _tell(by_nobody(tx), family, "GUARDIAN_CONTRADICTED", "delegation.contradicted", "other")
        return KinContradicted(argument="number")
    return None if before["stands"] else LinkEnded(argument="number")


async def _tell(tx: Transaction, family: Any, action: str, event: str, role: str = "guardian") -> None:
    """The child's ledger, and the other guardians. What a guardian did for themself is in theirs; who is none is named to
    nobody, not even in what is kept of a message."""
    await tx.audit(action, family["child"], role=role, object_=str(family["child"]), reason=REGISTER, ground="kin")
    if role == "guardian":
        await tx.audit(action, family["guardian"], role="citizen", object_=str(family["child"]), reason=REGISTER)
    named = {"guardian": family["guardian_name"]} if role == "guardian" else {}
    await tx.emit_to(event, await store_family.other_guardians(tx, family["guardian"], family["child"]),
                     child=family["child_name"], **named)


async def tell_grown(platform: Platform) -> None:
    """On the 18th birthday guardianships have ended by themselves: the child, whose account is now their own, and each
    guardian are told, once."""
    async with platform.writing("delegation") as tx:
        for child in await store_family.take_grown(tx, tx.now - LATE):
            names = {"child": child["name"], "guardians": "、".join(child["guardians"])}
            await tx.emit("delegation.grown", child["id"], **names)
            await tx.emit_to("delegation.child_grown", child["guardian_ids"], **names)
