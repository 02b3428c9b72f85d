"""The rules of acting for another: the principal gives, confirms and ends; the delegate accepts, and may end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from delegation import store
from delegation.errors import CodeWrong, MandateInvalid, NotOpen, TheirPhone, ToMyself, TooYoung
from delegation.models import CONSENT, CONSENT_TITLE, Document, How
from haian import macs
from haian.cache import limit
from haian.call import Call, Platform
from haian.codes import new_digits
from haian.errors import NotFound, PublicError
from haian.ids import new_id
from haian.reads import Shown
from haian.registry import Event
from haian.steps import COOL_OFF
from haian.transaction import Answer, Transaction
from haian.viewer import Viewer
from identity import pressure
from identity.service import checked_phone
from identity.sms import sender

CODE = re.compile(r"[0-9]{6}")
CODE_LASTS = timedelta(minutes=10)
OFFER_LASTS = timedelta(days=7)
TRIES = 5
SHORTEST_DAYS, SHORTEST_ASKED, LONGEST_DAYS = 1, 2, 366
"""What is asked for may count by a told code: a day later, so that of a single day nothing would be left."""
TOLD_SECONDS = 7 * 86400


def titles(call: Call, scopes: Sequence[str]) -> list[str]:
    """What scopes and limits are called, in the reader's language; one that is not offered any more by its own name."""
    known = {name: scope.title for name, scope in call.platform.registry.scopes.items()} | {CONSENT: CONSENT_TITLE}
    return [known[scope][call.viewer.locale] if scope in known else scope for scope in scopes]


def checked(call: Call, called: str, scopes: Sequence[str], days: int,
            shortest: int = SHORTEST_DAYS) -> tuple[str, list[str]]:
    """What the delegate is called, and the scopes in order. MandateInvalid."""
    called, chosen = " ".join(unicodedata.normalize("NFC", called).split()), sorted(set(scopes))
    if not (1 <= len(called) <= 20 and called.isprintable()):
        raise MandateInvalid(argument="called")
    if not chosen or not set(chosen) <= call.platform.registry.scopes.keys():
        raise MandateInvalid(argument="scopes")
    if not shortest <= days <= LONGEST_DAYS:
        raise MandateInvalid(argument="days")
    return called, chosen


async def give(call: Call, phone: str, called: str, scopes: Sequence[str], days: int, work: str, key: str) -> Shown:
    """Name who may act for me, in what and how long; a code to confirm it goes to my own phone. The answer is the same
    whether or not the number is anybody's. PhoneInvalid, MandateInvalid, ToMyself, TooYoung, RateLimited, WorkNeeded."""
    phone = checked_phone(phone)
    called, chosen = checked(call, called, scopes, days)
    await limit(call.platform.line, f"delegation:give:{call.viewer.id}", 20, 3600)
    codes: list[str] = []
    async with call.writing("delegation") as tx:
        mine = await store.citizen(tx, tx.viewer.id)
        if mine["phone"] == phone:
            raise ToMyself
        if not mine["is_adult"]:
            raise TooYoung

        async def decide() -> Answer:
            await pressure.admit(call, mine["phone"], work)
            made = await store.give(tx, mine["id"], phone, called, chosen, tx.now + timedelta(days=days))
            codes.append(await _new_code(call, tx, made))
            await tx.audit("MANDATE_ASKED", mine["id"], role="citizen", object_=str(made))
            return {"id": made}
        given = {"phone": phone, "called": called, "scopes": chosen, "days": days}
        answer = await tx.once("delegation.give", key, given, decide)
    for code in codes:  # none where the key was used before
        await sender(call.platform).send(mine["phone"], "mandate", code)
    return store.mandate(UUID(str(answer["id"])))


async def _new_code(call: Call, tx: Transaction, mandate: UUID) -> str:
    code = new_digits()
    if not await store.keep_code(tx, mandate, macs.mac(call.platform.settings, _said(mandate, code)), tx.now + CODE_LASTS):
        raise NotOpen
    return code


def _said(mandate: UUID, code: str) -> bytes:
    return f"mandate:{mandate}:{code}".encode()


async def send_code(call: Call, mandate: UUID, work: str) -> int:
    """A new code for what I give; the seconds until another may be asked for. Whoever asked for a mandate gets none: that
    would say whether the number is anybody's. NotOpen, RateLimited, WorkNeeded."""
    async with call.writing("delegation") as tx:
        principal = await store.principal_of(tx, mandate)
        if principal is None or principal["id"] != call.viewer.id:
            raise NotOpen
        await pressure.admit(call, principal["phone"], work)
        code = await _new_code(call, tx, mandate)
    await sender(call.platform).send(principal["phone"], "mandate", code)
    return 60


async def confirm(call: Call, mandate: UUID, code: str) -> Shown:
    """Confirm a mandate with the code that was sent to the principal's phone: the principal, or whoever asked for it and was
    told the code by them. Who was given their number by the operator would have the code too: so what was told counts a day
    later, and where the principal holds a second factor not at all. CodeWrong, TheirPhone, NotOpen."""
    refusal: type[PublicError] | None = None
    async with call.writing("delegation") as tx:  # a try counts, whatever comes of it
        principal = await store.principal_of(tx, mandate)
        right = bool(CODE.fullmatch(code)) and principal is not None
        right = right and await store.take_code(tx, mandate, macs.macs(call.platform.settings, _said(mandate, code)), TRIES)
        if not right:
            refusal = CodeWrong
        elif principal["id"] == call.viewer.id:
            await confirmed(tx, mandate, How.PHONE)
        elif principal["has_factor"]:
            refusal = TheirPhone
        else:
            await confirmed(tx, mandate, How.CALL_BACK)
    if refusal:
        raise refusal
    return store.mandate(mandate)


async def ask(call: Call, phone: str, scopes: Sequence[str], days: int, work: str, key: str) -> str:
    """Ask a principal to let me act for them: a code goes to their number, by text or read to them, and counts when they
    told it to me. The id of what I asked for, the same whether or not the number is anybody's: the worker sends the code, so
    that neither the time of the answer says it nor that no message can be sent. PhoneInvalid, MandateInvalid, ToMyself,
    RateLimited, WorkNeeded."""
    phone = checked_phone(phone)
    await limit(call.platform.line, f"delegation:ask:{call.viewer.id}", 5, 3600)
    async with call.writing("delegation") as tx:
        mine = await store.citizen(tx, tx.viewer.id)
        called, chosen = checked(call, str(mine["name"])[:20], scopes, days, SHORTEST_ASKED)
        if mine["phone"] == phone:
            raise ToMyself

        async def decide() -> Answer:
            await pressure.admit(call, phone, work)  # for any number, so that a refusal says nothing about it
            principal = await store.citizen(tx, phone=phone)
            if principal is None or not principal["is_adult"]:
                return {"id": new_id()}
            made = await store.give(tx, principal["id"], mine["phone"], called, chosen, tx.now + timedelta(days=days),
                                    mine["id"])
            await tx.audit("MANDATE_ASKED", principal["id"], role="delegate", object_=str(made))
            await tx.emit("delegation.asked", None, id=made, helper=mine["id"])
            return {"id": made}
        answer = await tx.once("delegation.ask", key, {"phone": phone, "scopes": chosen, "days": days}, decide)
    return str(answer["id"])


async def call_back(platform: Platform, event: Event) -> None:
    """Send the code of what somebody asked for to the principal. Told again it is a new one, which counts."""
    call, mandate = Call(platform, Viewer(UUID(event.payload["helper"]))), UUID(event.payload["id"])
    with suppress(NotOpen):  # it has ended meanwhile
        async with call.writing("delegation") as tx:
            principal = await store.principal_of(tx, mandate)
            if principal is None or not principal["phone"]:
                return
            code = await _new_code(call, tx, mandate)
        await sender(platform).send(principal["phone"], "mandate_call", code)


async def confirmed(tx: Transaction, mandate: UUID, how: How, document: Document | None = None) -> None:
    """The principal means it: it counts from now on where it is known who acts, by a told code a day later; else it waits
    for them. NotOpen."""
    ready = tx.now + COOL_OFF if how is How.CALL_BACK else None
    found = await store.confirm(tx, mandate, how.value, document.value if document else None, tx.now + OFFER_LASTS, ready)
    if found is None:
        raise NotOpen
    role = "desk_officer" if how is How.DESK else "citizen"
    await tx.audit("MANDATE_GIVEN", found["principal_id"], role=role, object_=str(mandate),
                   reason=document.value if document else "", ground="consent" if document else "")
    if found["helper_id"]:
        words = await _begun(tx, mandate, found, ready)
        await tx.emit("delegation.waits" if ready else "delegation.received", found["helper_id"], **words)
    elif holder := await store.citizen(tx, phone=found["delegate_phone"]):
        giver = await store.citizen(tx, found["principal_id"])
        await tx.emit("delegation.offered", holder["id"], id=mandate, principal=giver["masked_name"],
                      called=found["called"])


async def _begun(tx: Transaction, mandate: UUID, found: Any, ready: datetime | None = None) -> dict[str, Any]:
    """The principal is told who acts for them from now on, or from when; the words of it."""
    principal, helper = await store.citizen(tx, found["principal_id"]), await store.citizen(tx, found["helper_id"])
    words = {"id": mandate, "principal": principal["name"], "called": found["called"], "helper": helper["masked_name"],
             "until": found["until"]} | ({"ready_at": ready} if ready else {})
    await tx.emit("delegation.cooling" if ready else "delegation.given", principal["id"], **words)
    if ready:  # of its own, so that phones do not wait for the operator of text messages
        await tx.emit("delegation.told", None, id=mandate, principal=principal["id"])
    return words


async def tell_number(platform: Platform, event: Event) -> None:
    """A code was told: the number hears by text what it was for, once, beside all devices. Unavailable: to be told again."""
    async with platform.writing("delegation") as tx:
        principal = await store.citizen(tx, UUID(event.payload["principal"]))
    told = f"haian:delegation:told:{event.id}"
    if principal and principal["phone"] and not await platform.redis.exists(told):
        await sender(platform).send(principal["phone"], "mandate_cooling", "")
        await platform.redis.set(told, 1, ex=TOLD_SECONDS)


async def accept(call: Call, mandate: UUID) -> Shown:
    """Accept what is offered to the number that I sign in with; it counts from now on. NotOpen."""
    async with call.writing("delegation") as tx:
        found = await store.accept(tx, mandate)
        if found is None:
            raise NotOpen
        await tx.audit("MANDATE_ACCEPTED", found["principal_id"], role="delegate", object_=str(mandate))
        await _begun(tx, mandate, found)
    return store.mandate(mandate)


async def end(call: Call, mandate: UUID) -> Shown:
    """End a mandate that I gave, was given or am offered, at once; one that has ended stays so. NotFound."""
    async with call.writing("delegation") as tx:
        found = await store.end(tx, mandate)
        if found is None and not await store.is_mine(tx, mandate):
            raise NotFound
        if found is not None:
            by_principal = found["principal_id"] == tx.viewer.id
            await tx.audit("MANDATE_ENDED", found["principal_id"], role="citizen" if by_principal else "delegate",
                           object_=str(mandate))
            await _tell_ended(tx, mandate, found)
    return store.mandate(mandate)


async def _tell_ended(tx: Transaction, mandate: UUID, found: Any) -> None:
    principal = await store.citizen(tx, found["principal_id"])
    for citizen in (found["principal_id"], found["helper_id"]):
        if citizen and found["confirmed_at"]:
            await tx.emit("delegation.ended", citizen, id=mandate, principal=principal["name"], called=found["called"])


async def follow_phone(platform: Platform, event: Event) -> None:
    """Somebody has another number: what waits for them goes with them, and not to who is given the old one."""
    async with platform.writing("delegation") as tx:
        await store.follow_phone(tx, event.payload["phone"], event.payload["to"], event.at)
