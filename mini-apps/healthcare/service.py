"""The rules of booking. Resident: book, cancel. Desk: close and open a schedule, mark who came. Worker: remind."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from haian.call import Call, Platform
from haian.clock import SHANGHAI
from haian.errors import NotCovered, NotFound
from haian.feeds import Feed, tell
from haian.live import Message
from haian.moment import Decision, Wish
from haian.reads import Shown
from haian.registry import Event
from haian.transaction import Answer, Transaction
from healthcare import store
from healthcare.errors import (
    NotCancellable,
    NotMarkable,
    NotToday,
    NotYourPatient,
    ReasonInvalid,
    ScheduleClosed,
    ScheduleOver,
    SlotBegan,
    TooLate,
)
from healthcare.models import WRITE, Mark, SlotChange, Status

RUSH_SECONDS = 0.1
REMIND_AT = 9
"""The hour of the day before, in Shanghai, from which patients are reminded."""
BEFORE = {Mark.ARRIVED: {"booked", "noshow"}, Mark.NOSHOW: {"booked"}, Mark.BOOKED: {"arrived", "noshow"}}
SAID = ("id", "patient", "hospital", "department", "place", "doctor", "starts_at", "number", "reason", "slot_id",
        "doctor_id")
"""What an event about an appointment carries."""
SHOWS = {"HealthcareAppointment": store.appointment, "HealthcareSoldOut": store.sold_out,
         "HealthcareAlreadyBooked": store.already_booked, "HealthcareNotVerified": store.not_verified}


async def book(call: Call, slot: UUID, patient: UUID, key: str) -> Shown:
    """Book a seat of a slot for me, my child or for whom I act, once for each key. Sold out, already booked that day in that
    department, and not real-named are results. NotCovered, NotYourPatient, NotFound, SlotBegan, ScheduleClosed,
    KeyReused."""
    answer = await call.decide(BOOK, key, {"slot": slot, "patient": patient})
    return SHOWS[answer["typename"]](UUID(str(answer["id"])))


async def _booked(wish: Wish, made: Mapping[str, Any]) -> Answer:
    """What the database decided of one booking."""
    tx, slot, patient = wish.tx, wish.given["slot"], wish.given["patient"]
    if not made["is_mine"]:
        raise NotYourPatient
    if made["unverified"]:
        return await _refuse(tx, patient, "HealthcareNotVerified", made["unverified"])
    if made["standing"]:
        return await _refuse(tx, patient, "HealthcareAlreadyBooked", made["standing"])
    if made["id"] is None:
        _check_bookable(tx, made)
        return await _refuse(tx, patient, "HealthcareSoldOut", slot)
    await tx.audit("APPOINTMENT_BOOKED", patient, role=_role(tx, patient), object_=str(made["id"]))
    await _tell(tx, "healthcare.booked", made)
    return {"typename": "HealthcareAppointment", "id": made["id"]}


BOOK = Decision("healthcare.book", "healthcare", WRITE, store.book, _booked)


def _check_bookable(tx: Transaction, slot: Mapping[str, Any]) -> None:
    """Why a slot gives no seat, other than being sold out."""
    if slot["slot_starts_at"] is None:
        raise NotFound
    if slot["slot_starts_at"] <= tx.now:
        raise SlotBegan
    if not slot["open"]:
        raise ScheduleClosed


async def _refuse(tx: Transaction, patient: UUID, typename: str, id_: UUID) -> Answer:
    await tx.audit("APPOINTMENT_REFUSED", patient, role=_role(tx, patient), object_=str(id_), reason=typename)
    return {"typename": typename, "id": id_}


def _role(tx: Transaction, patient: UUID) -> str:
    """Of what somebody does for another, `tx.may` knows the role."""
    return "citizen" if patient == tx.viewer.for_whom else "guardian"


async def _tell(tx: Transaction, event: str, facts: Mapping[str, Any]) -> None:
    """An event for the patient, for the guardians of a child, and for whoever did it for them."""
    payload = {name: facts[name] for name in SAID}
    helper = [tx.viewer.id] if tx.viewer.subject and tx.viewer.id else []
    for citizen in dict.fromkeys([*facts["watchers"], *helper]):
        await tx.emit(event, citizen, **payload)


async def cancel(call: Call, appointment: UUID) -> Shown:
    """Cancel until the slot begins; what I cancelled already stays so. NotFound, TooLate, NotCancellable,
    NotCovered."""
    async with call.writing("healthcare") as tx:
        if not await tx.may(WRITE):
            raise NotCovered
        found = await store.lock_mine(tx, appointment)
        if found is None:
            raise NotFound
        if found["status"] == Status.CANCELLED.value:
            return store.appointment(appointment)
        if found["status"] != Status.BOOKED.value:
            raise NotCancellable
        if not await store.cancel(tx, appointment):
            raise TooLate
        await tx.audit("APPOINTMENT_CANCELLED", found["patient_id"], role=_role(tx, found["patient_id"]),
                       object_=str(appointment))
        await _tell(tx, "healthcare.cancelled", await store.facts(tx, appointment))
    return store.appointment(appointment)


async def close_schedule(call: Call, schedule: UUID, reason: str) -> Shown:
    """停诊: whoever is booked is cancelled and told why. Closed already, it stays so. NotFound, ScheduleOver,
    ReasonInvalid."""
    reason = unicodedata.normalize("NFC", reason).strip()
    if not 2 <= len(reason) <= 100 or "\x00" in reason:
        raise ReasonInvalid
    async with call.writing("healthcare") as tx:
        found = await _my_schedule(tx, schedule)
        if found["closed_at"] is None:
            gone = await store.close(tx, schedule, reason)
            await tx.audit("SCHEDULE_CLOSED", None, role="registrar", object_=str(schedule), reason=reason)
            await tx.emit("healthcare.schedule_changed", None, doctor_id=found["doctor_id"])
            await _tell_closed(tx, gone)
    return store.desk_schedule(schedule)


async def _tell_closed(tx: Transaction, appointments: Iterable[UUID]) -> None:
    for appointment in appointments:
        facts = await store.facts(tx, appointment)
        await tx.audit("APPOINTMENT_CANCELLED", facts["patient_id"], role="registrar", object_=str(appointment),
                       ground="service")
        await _tell(tx, "healthcare.schedule_closed", facts)


async def open_schedule(call: Call, schedule: UUID) -> Shown:
    """Open a schedule again: whoever was cancelled books anew. NotFound, ScheduleOver."""
    async with call.writing("healthcare") as tx:
        found = await _my_schedule(tx, schedule)
        if found["closed_at"] is not None:
            await store.reopen(tx, schedule)
            await tx.emit("healthcare.schedule_changed", None, doctor_id=found["doctor_id"])
            await tx.audit("SCHEDULE_OPENED", None, role="registrar", object_=str(schedule))
    return store.desk_schedule(schedule)


def times_of(doctor: UUID) -> str:
    return f"haian:live:healthcare:{doctor}"


async def announce(platform: Platform, event: Event) -> None:
    """Whoever looks at a doctor's times sees what others book and give back, and what the desk closes and opens."""
    slot, doctor = event.payload.get("slot_id"), event.payload.get("doctor_id")
    if doctor:
        await tell(platform.redis, times_of(UUID(doctor)), event.id, {"type": "slot" if slot else "schedule", "slot": slot})


def slot_changes(doctor: UUID, after: str | None, shown: Callable[..., Any]) -> Feed[Any]:
    """The changes of a doctor's times. In a rush only the latest of each slot, ten in a second."""
    def show(told: Message) -> Any:
        slot = told.get("slot")
        return shown(change=SlotChange(told["type"]), cursor=told.get("cursor"), slot_id=UUID(slot) if slot else None)
    return Feed(times_of(doctor), show, after=after, pace=RUSH_SECONDS, key=lambda told: told.get("slot"))


async def _my_schedule(tx: Transaction, schedule: UUID) -> Any:
    found = await store.my_schedule(tx, schedule)
    if found is None:
        raise NotFound
    if found["ends_at"] <= tx.now:
        raise ScheduleOver
    return found


async def mark(call: Call, appointment: UUID, to: Mark) -> Shown:
    """Mark 签到, 未到, or take either back, on the day of the appointment; what is marked so already stays. A no-show only
    from the slot's beginning on. NotFound, NotToday, NotMarkable."""
    async with call.writing("healthcare") as tx:
        found = await store.of_my_desk(tx, appointment)
        if found is None:
            raise NotFound
        if found["day"] != tx.now.astimezone(SHANGHAI).date():
            raise NotToday
        if found["status"] == to.value:
            return store.desk_appointment(appointment)
        if found["status"] not in BEFORE[to] or (to is Mark.NOSHOW and tx.now < found["starts_at"]):
            raise NotMarkable
        await store.mark(tx, appointment, to.value)
        await tx.audit("APPOINTMENT_MARKED", found["patient_id"], role="registrar", object_=str(appointment),
                       reason=to.value, ground="service")
    return store.desk_appointment(appointment)


async def remind(platform: Platform) -> None:
    """From 9:00 on, remind of tomorrow's appointments that were booked before; each once."""
    today = platform.clock.today()
    due = today + timedelta(hours=REMIND_AT)
    if platform.clock.now() < due:
        return
    async with platform.writing("healthcare") as tx:
        for appointment in await store.due_reminders(tx, (today + timedelta(days=1)).date(), due):
            await _tell(tx, "healthcare.reminded", await store.facts(tx, appointment))


async def finish(platform: Platform) -> None:
    """Whoever arrived is fulfilled when the session is over."""
    async with platform.writing("healthcare") as tx:
        await store.fulfil(tx)


async def erase(connection: Any, citizen: UUID) -> None:
    await store.forget(connection, citizen)
