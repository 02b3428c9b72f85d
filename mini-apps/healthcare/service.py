"""The rules of booking. Resident: book, cancel. Desk: close and open a schedule, mark who came. Worker: remind."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from haian.call import Call, Platform
from haian.clock import SHANGHAI
from haian.errors import NotFound
from haian.feeds import Feed, tell
from haian.live import Message
from haian.reads import Shown
from haian.registry import Event
from haian.transaction import Answer, Transaction
from haian.viewer import ANONYMOUS
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
from healthcare.models import Mark, SlotChange, Status

RUSH_SECONDS = 0.1
REMIND_AT = 9
"""The hour of the day before, in Shanghai, from which patients are reminded."""
BEFORE = {Mark.ARRIVED: {"booked", "noshow"}, Mark.NOSHOW: {"booked"}, Mark.BOOKED: {"arrived", "noshow"}}
SHOWS = {"HealthcareAppointment": store.appointment, "HealthcareSoldOut": store.sold_out,
         "HealthcareAlreadyBooked": store.already_booked, "HealthcareNotVerified": store.not_verified}


class _Standing(Exception):
    """The patient has an appointment that day: the seat that was taken is given back."""


async def book(call: Call, slot: UUID, patient: UUID, key: str) -> Shown:
    """Book a seat of a slot for me or my child, once for each key. Sold out, already booked that day in that department, and
    not real-named are results. NotYourPatient, NotFound, SlotBegan, ScheduleClosed, KeyReused."""
    async with call.writing("healthcare") as tx:
        async def decide() -> Answer:
            if not await store.is_my_patient(tx, patient):
                raise NotYourPatient
            if someone := await store.unverified(tx, patient):
                return await _refuse(tx, patient, "HealthcareNotVerified", someone)
            return await _book(tx, slot, patient)
        answer = await tx.once("healthcare.book", key, {"slot": slot, "patient": patient}, decide)
    return SHOWS[answer["typename"]](UUID(str(answer["id"])))


async def _book(tx: Transaction, slot: UUID, patient: UUID) -> Answer:
    try:
        async with tx.savepoint():
            if not await store.take_seat(tx, slot):
                await _check_bookable(tx, slot)
                return await _refuse(tx, patient, "HealthcareSoldOut", slot)
            made = await store.add_appointment(tx, slot, patient)
            if made is None:
                raise _Standing
    except _Standing:
        standing = await store.standing(tx, slot, patient)
        if standing is None:  # cancelled meanwhile: nothing stands in the way any more
            return await _book(tx, slot, patient)
        return await _refuse(tx, patient, "HealthcareAlreadyBooked", standing)
    await tx.audit("APPOINTMENT_BOOKED", patient, role=_role(tx, patient), object_=str(made))
    await _tell(tx, "healthcare.booked", made)
    return {"typename": "HealthcareAppointment", "id": made}


async def _check_bookable(tx: Transaction, slot: UUID) -> None:
    """Why a slot gives no seat, other than being sold out."""
    found = await store.slot_now(tx, slot)
    if found is None:
        raise NotFound
    if found["starts_at"] <= tx.now:
        raise SlotBegan
    if not found["open"]:
        raise ScheduleClosed


async def _refuse(tx: Transaction, patient: UUID, typename: str, id_: UUID) -> Answer:
    await tx.audit("APPOINTMENT_REFUSED", patient, role=_role(tx, patient), object_=str(id_), reason=typename)
    return {"typename": typename, "id": id_}


def _role(tx: Transaction, patient: UUID) -> str:
    return "citizen" if patient == tx.viewer.id else "guardian"


async def _tell(tx: Transaction, event: str, appointment: UUID) -> None:
    """An event for the patient, and for the guardians of a child."""
    facts = await store.facts(tx, appointment)
    for citizen in await store.watchers(tx, facts.pop("patient_id")):
        await tx.emit(event, citizen, **facts)


async def cancel(call: Call, appointment: UUID) -> Shown:
    """Cancel until the slot begins; what I cancelled already stays so. NotFound, TooLate, NotCancellable."""
    async with call.writing("healthcare") as tx:
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
        await _tell(tx, "healthcare.cancelled", appointment)
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
        patient = (await store.facts(tx, appointment))["patient_id"]
        await tx.audit("APPOINTMENT_CANCELLED", patient, role="registrar", object_=str(appointment))
        await _tell(tx, "healthcare.schedule_closed", appointment)


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
                       reason=to.value)
    return store.desk_appointment(appointment)


async def remind(platform: Platform) -> None:
    """From 9:00 on, remind of tomorrow's appointments that were booked before; each once."""
    today = platform.clock.today()
    due = today + timedelta(hours=REMIND_AT)
    if platform.clock.now() < due:
        return
    async with platform.db.writing_as("healthcare") as connection:
        tx = Transaction(connection, "healthcare", ANONYMOUS, platform.clock)
        for appointment in await store.due_reminders(tx, (today + timedelta(days=1)).date(), due):
            await _tell(tx, "healthcare.reminded", appointment)


async def finish(platform: Platform) -> None:
    """Whoever arrived is fulfilled when the session is over."""
    async with platform.db.writing_as("healthcare") as connection:
        await store.fulfil(Transaction(connection, "healthcare", ANONYMOUS, platform.clock))


async def erase(connection: Any, citizen: UUID) -> None:
    await store.forget(connection, citizen)
