"""服务协议: who agrees to which version, and how a version comes about: one official of the district proposes it, another
publishes it, everybody is told, and 7 days later or more it binds."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from consent import store_terms as store
from consent.errors import (
    FourEyes,
    TermsByGuardian,
    TermsChanged,
    TermsDecided,
    TermsInvalid,
    TermsTooLate,
    TermsTooSoon,
    TermsWaiting,
)
from haian.call import Call, Platform
from haian.errors import Forbidden
from haian.reads import Shown
from haian.transaction import Answer, Transaction

NOTICE = timedelta(days=7)
LATEST = timedelta(days=366)
"""No version can be published that is in force before one that was: a slip of the hand must not bar them for long."""
TOLD_AT_ONCE = 500
LENGTHS = {"zh": (20, 20_000), "en": (20, 20_000), "changes_zh": (2, 1000), "changes_en": (2, 1000)}


async def accept(call: Call, version: int, child: UUID | None = None) -> Shown:
    """Agree to the terms that are in force, or will be; for a child under 14, a guardian does. TermsChanged,
    TermsByGuardian, Forbidden."""
    async with call.writing("consent") as tx:
        citizen = child or tx.viewer.id
        if citizen is None or not await store.may_accept(tx, citizen):
            raise TermsByGuardian if citizen == tx.viewer.id else Forbidden
        if not await store.is_offered(tx, version):
            raise TermsChanged
        if await store.accept(tx, citizen, version):
            await tx.audit("TERMS_ACCEPTED", citizen, role="citizen" if citizen == tx.viewer.id else "guardian",
                           object_=str(version), reason=str(version))
            await tx.emit("consent.terms_accepted", citizen, version=version)
            for coming in await store.missed(tx, version):
                await tx.emit("consent.terms", tx.viewer.id, version=coming["version"], since=coming["since"])
    return store.terms(version)


def _clean(name: str, text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    shortest, longest = LENGTHS[name]
    if not shortest <= len(text) <= longest or "\x00" in text:
        raise TermsInvalid(field=name, shortest=shortest, longest=longest)
    return text


async def propose(call: Call, texts: dict[str, str], since: datetime, key: str) -> Shown:
    """Propose the next version, as a manager of the district. TermsInvalid, Forbidden, TermsTooSoon, TermsTooLate,
    TermsWaiting."""
    clean = {name: _clean(name, text) for name, text in texts.items()}
    async with call.writing("consent") as tx:
        if tx.viewer.id not in await store.officials(tx, ["manager"]):
            raise Forbidden

        async def decide() -> Answer:
            await _check_notice(tx, since)
            made = await store.propose(tx, clean, since)
            if made is None:
                raise TermsWaiting
            await tx.audit("TERMS_PROPOSED", tx.viewer.id, role="manager", object_=str(made))
            seconds = [each for each in await store.officials(tx, ["manager", "identity_officer"]) if each != tx.viewer.id]
            await tx.emit_to("consent.terms_proposed", seconds, id=made)
            return {"id": str(made)}
        made = await tx.once("consent.propose_terms", key, {**clean, "since": since}, decide)
    return store.proposal(UUID(made["id"]))


async def decide(call: Call, proposal: UUID, agree: bool) -> Shown:
    """Publish what another official proposed, or decline it; who proposed it takes it back so. Forbidden, TermsDecided,
    FourEyes, TermsTooSoon, TermsTooLate."""
    async with call.writing("consent") as tx:
        role = await store.office(tx)
        if role is None:
            raise Forbidden
        found = await store.hold_proposal(tx, proposal)
        if found is None:
            raise TermsDecided
        mine, version = found["proposed_by"] == tx.viewer.id, None
        if agree and mine:
            raise FourEyes
        if agree:
            await _check_notice(tx, found["since"])
            version = await store.publish(tx, found)
        outcome = "PUBLISHED" if agree else "WITHDRAWN" if mine else "DECLINED"
        await store.decide(tx, proposal, outcome, version)
        await tx.audit(f"TERMS_{outcome}", found["proposed_by"], role=role, object_=str(proposal), ground="duty")
        if not mine:
            await tx.emit("consent.terms_decided", found["proposed_by"], id=proposal)
    return store.proposal(proposal)


async def _check_notice(tx: Transaction, since: datetime) -> None:
    """TermsTooSoon where nobody could be told 7 days before, or an earlier version is not in force by then. TermsTooLate."""
    if since < tx.now + NOTICE or since <= await store.last_since(tx):
        raise TermsTooSoon
    if since > tx.now + LATEST:
        raise TermsTooLate


async def tell(platform: Platform) -> None:
    """Everybody who agreed to an earlier version hears of the new one, some at a time; each part is told once. Who agrees
    for the first time afterwards hears of it then (`accept`)."""
    while True:
        async with platform.writing("consent") as tx:
            found = await store.to_tell(tx, TOLD_AT_ONCE)
            if found is None:
                return
            await tx.emit_to("consent.terms", found["givers"], version=found["version"], since=found["since"])
