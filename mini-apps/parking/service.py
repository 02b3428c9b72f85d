"""Parking's rules. One mutation is one call here is one transaction; the database decides every race."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from haian.call import Call, Platform
from haian.errors import NotCovered, NotFound
from haian.reads import Shown
from haian.transaction import Answer, Transaction
from parking import store
from parking.errors import (
    OfferBooked,
    OfferOverlaps,
    OwnSpace,
    PlateBusy,
    PlateInvalid,
    SpaceInvalid,
    SpaceKnown,
    SpaceUnchecked,
    TimeInvalid,
    TooLate,
)
from parking.models import WRITE, BookingStatus, SpaceStatus, is_booking, is_offer, is_plate, price

AHEAD = timedelta(minutes=30)


def clean(text: str) -> str:
    """NFC without spaces around it. SpaceInvalid for characters that nobody can see."""
    text = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(sign).startswith("C") for sign in text):
        raise SpaceInvalid
    return text


async def register_space(call: Call, community: str, lot: str, label: str, price_cents: int, key: str) -> Shown:
    """Register a space of mine, for a property clerk to check. SpaceInvalid, SpaceKnown."""
    lot, label = clean(lot), clean(label)
    if not (1 <= len(lot) <= 40 and 1 <= len(label) <= 20 and 0 <= price_cents <= 10000):
        raise SpaceInvalid
    async with call.writing("parking") as tx:
        async def decide() -> Answer:
            if not await store.is_community(tx, community):
                raise SpaceInvalid
            space = await store.add_space(tx, community, lot, label, price_cents)
            if space is None:
                raise SpaceKnown
            return {"id": space}
        given = {"community": community, "lot": lot, "label": label, "price_cents": price_cents}
        answer = await tx.once("parking.register_space", key, given, decide)
    return store.space(answer["id"])


async def decide_space(call: Call, space: UUID, approve: bool, reason: str) -> Shown:
    """A clerk has checked a space of her community. NotFound where it is not hers to decide, or decided."""
    status = SpaceStatus.APPROVED if approve else SpaceStatus.REJECTED
    async with call.writing("parking") as tx:
        row = await store.decide_space(tx, space, status.value, clean(reason)[:100])
        if row is None:
            raise NotFound
        await tx.audit(f"SPACE_{status.value}", row["owner_id"], role="property_clerk", object_=str(space),
                       reason=row["reason"], ground="service")
        await tx.emit(f"parking.space_{status.value.lower()}", row["owner_id"],
                      id=space, lot=row["lot"], label=row["label"], reason=row["reason"])
    return store.space(space)


async def offer_space(call: Call, space: UUID, starts_at: datetime, ends_at: datetime, key: str) -> Shown:
    """Lend my space for a window. NotFound, SpaceUnchecked, TimeInvalid, OfferOverlaps."""
    async with call.writing("parking") as tx:
        async def decide() -> Answer:
            if not is_offer(starts_at, ends_at, tx.now):
                raise TimeInvalid
            held = await store.my_space(tx, space)
            if held is None:
                raise NotFound
            if held["status"] != SpaceStatus.APPROVED.value:
                raise SpaceUnchecked
            offer = await store.add_offer(tx, held, starts_at, ends_at)
            if offer is None:
                raise OfferOverlaps
            return {"id": offer}
        given = {"space": space, "starts_at": starts_at, "ends_at": ends_at}
        answer = await tx.once("parking.offer_space", key, given, decide)
    return store.offer(answer["id"])


async def withdraw_offer(call: Call, offer: UUID) -> bool:
    """Take back a window that nobody has booked in. NotFound, OfferBooked."""
    async with call.writing("parking") as tx:
        if await store.hold_offer(tx, offer, mine=True) is None:
            raise NotFound
        if not await store.withdraw_offer(tx, offer):
            raise OfferBooked
    return True


async def book_space(call: Call, offer: UUID, starts_at: datetime, ends_at: datetime, plate: str, key: str) -> Shown:
    """Book a space for a plate: a ParkingBooking, or ParkingTaken with what else is free. One answer for each key.
    PlateInvalid, TimeInvalid, NotFound (the offer was withdrawn), OwnSpace, PlateBusy, NotCovered."""
    plate = unicodedata.normalize("NFC", plate).strip().upper()
    if not is_plate(plate):
        raise PlateInvalid
    async with call.writing("parking") as tx:
        if not await tx.may(WRITE):
            raise NotCovered
        given = {"offer": offer, "starts_at": starts_at, "ends_at": ends_at, "plate": plate}
        answer = await tx.once("parking.book_space", key, given, lambda: _book(tx, offer, starts_at, ends_at, plate))
    return store.book_result(answer["booking"], answer["space"], starts_at, ends_at)


async def _book(tx: Transaction, offer: UUID, starts_at: datetime, ends_at: datetime, plate: str) -> Answer:
    if not is_booking(starts_at, ends_at, tx.now):
        raise TimeInvalid
    held = await store.hold_offer(tx, offer, mine=False)
    if held is None:
        raise NotFound
    if held["owner_id"] == tx.viewer.for_whom:
        raise OwnSpace
    cents = price(held["price_cents"], starts_at, ends_at)
    booking = await store.book_space(tx, held, starts_at, ends_at, plate, cents)
    if booking is None:
        if await store.plate_is_busy(tx, plate, starts_at, ends_at):
            raise PlateBusy
        await tx.audit("BOOKING_REFUSED", tx.viewer.for_whom, role="citizen", object_=str(offer), reason="taken")
    else:
        words = {"id": booking, "lot": held["lot"], "label": held["label"], "plate": plate, "starts_at": starts_at}
        await _done_for(tx, "SPACE_BOOKED", booking)
        for citizen in {tx.viewer.for_whom, tx.viewer.id}:
            await tx.emit("parking.booked", citizen, **words)
        await tx.emit("parking.space_booked", held["owner_id"], **words)
    return {"booking": booking, "space": held["space_id"]}


async def _done_for(tx: Transaction, action: str, booking: UUID) -> None:
    """What is done for another, or by a mini-app, is in the ledger of whose it is."""
    if tx.viewer.is_acting:
        await tx.audit(action, tx.viewer.for_whom, role="citizen", object_=str(booking))


async def cancel_booking(call: Call, booking: UUID) -> Shown:
    """Cancel my booking before it begins; what I cancelled already stays so. NotFound, TooLate."""
    async with call.writing("parking") as tx:
        if not await tx.may(WRITE):
            raise NotCovered
        row = await store.cancel_booking(tx, booking)
        if row is None:
            status = await store.status_of_mine(tx, booking)
            if status == BookingStatus.CANCELLED.value:
                return store.booking(booking)
            raise TooLate if status else NotFound
        await _done_for(tx, "SPACE_CANCELLED", booking)
        await tx.emit("parking.cancelled", row["owner_id"], id=booking, lot=row["lot"], label=row["label"],
                      starts_at=row["starts_at"])
    return store.booking(booking)


async def remind(platform: Platform) -> None:
    """Half an hour before a booking begins its holder hears of it, once."""
    async with platform.writing("parking") as tx:
        for row in await store.remind(tx, tx.now + AHEAD):
            words: dict[str, Any] = {name: row[name] for name in ("id", "plate", "lot", "label", "starts_at")}
            await tx.emit("parking.starting", row["holder_id"], **words)
