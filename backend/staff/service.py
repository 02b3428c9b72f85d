"""The rules of posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from haian.cache import limit
from haian.call import Call, Platform
from haian.errors import NotFound
from haian.reads import Shown
from haian.registry import Event
from haian.transaction import Answer, Transaction
from identity.naming import checked_name
from identity.service import checked_phone
from staff import store
from staff.errors import (
    DatesInvalid,
    HeldAlready,
    InvitationOver,
    InvitedAlready,
    LastManager,
    NameFirst,
    NoColleague,
    NoteInvalid,
    NotManager,
    PlaceInvalid,
    ReasonMissing,
    RoleUnknown,
    SecondPerson,
    Yourself,
)
from staff.models import ANSWER_WITHIN, FURTHEST, cleaned


async def invite(call: Call, organisation: UUID, name: str, phone: str, role: str, place: str, since: datetime | None,
                 until: datetime | None, key: str) -> Shown:
    """Invite whoever has this name and number to a post. What comes back is the same whether or not the number is known.
    In the district a second official must approve it first. NameInvalid, PhoneInvalid, PlaceInvalid, DatesInvalid,
    NotManager, RoleUnknown, Yourself, InvitedAlready, RateLimited."""
    name, phone, where = checked_name(name), checked_phone(phone), cleaned(place, 40)
    if where is None:
        raise PlaceInvalid
    await limit(call.platform.line, f"invite:{call.viewer.id}", 60, 3600)
    async with call.writing("staff") as tx:
        given = {"organisation": organisation, "name": name, "phone": phone, "role": role, "place": where, "since": since,
                 "until": until}
        answer = await tx.once("staff.invite", key, given, lambda: _invite(tx, organisation, given))
    return store.invitation(answer["id"])


async def _invite(tx: Transaction, organisation: UUID, given: dict[str, Any]) -> Answer:
    office = await store.hold_office(tx, organisation)
    if office is None:
        raise NotManager
    if not await store.has_role(tx, given["role"], office["kind"]):
        raise RoleUnknown
    if office["phone"] == given["phone"]:
        raise Yourself
    since, until = given["since"] or tx.now, given["until"]
    if since > tx.now + FURTHEST or (until is not None and until <= max(since, tx.now)):
        raise DatesInvalid
    phone, four_eyes = given["phone"], office["kind"] == "district"
    made = await store.add_invitation(tx, organisation, {**given, "since": since, "shown": f"{phone[:3]}****{phone[-4:]}"},
                                      tx.now + ANSWER_WITHIN, four_eyes)
    if made is None:
        raise InvitedAlready
    if four_eyes:
        await tx.emit_to("staff.to_approve", await store.seconds(tx, organisation), name=given["name"])
    else:
        await _tell(tx, made, organisation, "POST_OFFERED", "manager")
    return {"id": made}


async def _tell(tx: Transaction, invitation: UUID, office: UUID, action: str, role: str) -> None:
    """The invited hears of it, if they have an account, and finds in their ledger who did it."""
    found = await store.whom(tx, invitation)
    if found is not None:
        await tx.audit(action, found["citizen_id"], role=role, object_=found["role"], office=office)
        await tx.emit("staff.invited", found["citizen_id"], organisation=found["organisation"])


async def approve(call: Call, invitation: UUID, agree: bool) -> Shown:
    """The second pair of eyes for a post of the whole district. NotFound where it is not of mine, SecondPerson,
    InvitationOver."""
    async with call.writing("staff") as tx:
        held = await store.hold_invitation(tx, invitation)
        if held is None or held["office"] is None or not held["four_eyes"]:
            raise NotFound
        if held["invited_by"] == tx.viewer.id or held["is_mine"]:
            raise SecondPerson
        if not held["is_open"] or held["approved_at"] is not None:
            raise InvitationOver
        if agree:
            await store.approve(tx, invitation)
            await _tell(tx, invitation, held["organisation_id"], "POST_APPROVED", held["office"])
        else:
            await store.close_invitation(tx, invitation, "DECLINED")
        if held["invited_by"]:
            await tx.emit("staff.approved" if agree else "staff.declined", held["invited_by"], name=held["name"])
    return store.invitation(invitation)


async def withdraw(call: Call, invitation: UUID) -> Shown:
    """A manager takes an invitation back that nobody has answered. NotFound, InvitationOver."""
    async with call.writing("staff") as tx:
        held = await store.hold_invitation(tx, invitation)
        if held is None or held["office"] != "manager":
            raise NotFound
        if held["outcome"] is not None:
            raise InvitationOver
        await store.close_invitation(tx, invitation, "WITHDRAWN")
    return store.invitation(invitation)


async def answer(call: Call, invitation: UUID, accept: bool) -> Shown:
    """Accept or refuse what I am invited to; returns my posts. NotFound where it is not for me, NameFirst, InvitationOver,
    HeldAlready."""
    async with call.writing("staff") as tx:
        if await store.hold_invitation(tx, invitation) is None:
            raise NotFound
        offer = await store.offered(tx, invitation)
        if offer is None:
            raise NotFound
        if not offer["is_open"]:
            raise InvitationOver
        if accept:
            if not offer["named"]:
                raise NameFirst
            if await store.add_post(tx, offer) is None:
                raise HeldAlready
        await store.close_invitation(tx, invitation, "ACCEPTED" if accept else "REFUSED", tx.viewer.id)
        action = "POST_ACCEPTED" if accept else "POST_REFUSED"
        await tx.audit(action, tx.viewer.id, role="citizen", object_=offer["role"], office=offer["organisation_id"])
        if offer["invited_by"]:
            await tx.emit("staff.answered", offer["invited_by"], id=invitation)
        await tx.emit("staff.changed", tx.viewer.id)
    return store.mine()


async def end(call: Call, post: UUID, reason: str) -> bool:
    """A manager ends a post of the organisation, at once. ReasonMissing, NotFound where it is not there, LastManager."""
    why = cleaned(reason, 100)
    if why is None or len(why) < 2:
        raise ReasonMissing
    async with call.writing("staff") as tx:
        held = await store.post(tx, post)
        if held is None or await store.hold_office(tx, held["organisation_id"]) is None:
            raise NotFound
        await end_held(tx, held, why)
    return True


async def end_held(tx: Transaction, held: Any, why: str) -> None:
    """A post ends now, by who may end it; its organisation's managers are held. LastManager."""
    if held["role"] == "manager" and held["now"] and await store.managers(tx, held["organisation_id"]) < 2:
        raise LastManager
    await store.end_post(tx, held["id"], why)
    await tx.audit("POST_ENDED", held["citizen_id"], role="manager", object_=held["role"], reason=why,
                   office=held["organisation_id"])
    await tx.emit("staff.ended", held["citizen_id"], organisation=held["organisation"], reason=why)


async def hand_over(call: Call, post: UUID, to: UUID, note: str, key: str) -> Shown:
    """Hand my place to a colleague's post, with a note. NoteInvalid, NoColleague."""
    said = cleaned(note.replace("\r\n", "\n"), 500, lines=True)
    if said is None:
        raise NoteInvalid
    async with call.writing("staff") as tx:
        async def decide() -> Answer:
            held = await store.colleague(tx, post, to)
            if held is None:
                raise NoColleague
            made = await store.add_hand_over(tx, post, to, held, said)
            await tx.audit("SHIFT_HANDED_OVER", held["citizen_id"], role=held["role"], office=held["organisation_id"])
            await tx.emit("staff.handed_over", held["citizen_id"], place=held["place"])
            return {"id": made}
        await tx.once("staff.hand_over", key, {"post": post, "to": to, "note": said}, decide)
    return store.hand_overs()


async def take_over(call: Call, hand_over: UUID) -> Shown:
    """Take over what was handed to me. NotFound where it was taken, or offered to another by now."""
    async with call.writing("staff") as tx:
        taken = await store.take_over(tx, hand_over)
        if taken is None:
            raise NotFound
        await tx.audit("SHIFT_TAKEN_OVER", taken["from_id"], role=taken["role"], office=taken["organisation_id"])
        await tx.emit("staff.taken_over", taken["from_id"], place=taken["place"])
        await tx.emit("staff.changed", tx.viewer.id)
    return store.hand_overs()


async def lapse(platform: Platform) -> None:
    """What nobody answered is over."""
    async with platform.writing("staff") as tx:
        await store.lapse(tx)


async def follow_phone(platform: Platform, event: Event) -> None:
    """Somebody has another number: what they are invited to goes with them."""
    async with platform.writing("staff") as tx:
        await store.follow_phone(tx, UUID(event.payload["id"]), event.payload["phone"], event.payload["to"], event.at)
