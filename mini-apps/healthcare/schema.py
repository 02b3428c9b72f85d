"""Healthcare in GraphQL: appointments of those who come, and the desk."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.acting import acting
from haian.call import Call
from haian.fields import Audit, CitizenId, Connection
from haian.ids import parse_id
from haian.rules import GIVEN, role
from healthcare import service, store
from healthcare.models import READ, WRITE, Canceller, Mark, Status
from healthcare.schema_doctors import (
    DoctorQuery,
    HealthcareDepartment,
    HealthcareDoctor,
    HealthcareHospital,
    HealthcareSlot,
)

DESK = role("registrar")
SEEN = Audit("APPOINTMENTS_SEEN", subject="patient_id", ground="service")
OFFERED = 6
for words in (Status, Mark, Canceller):
    strawberry.enum(words, name=f"Healthcare{words.__name__}")


@fields.object_type(allow=GIVEN)
class HealthcarePatient:
    """A patient, seen by themselves, a guardian, or the desk of the hospital."""

    id: CitizenId
    name: str
    masked_name: str
    masked_phone: str | None
    born: date | None
    is_me: bool = fields.field(lambda self: store.is_viewer(self.id))


@fields.object_type(allow=GIVEN)
class HealthcareAppointment:
    """An appointment. `number` is 号序: an earlier time has a lower number. `reason`: why the hospital cancelled it."""

    id: ID
    status: Status
    number: int
    day: date
    starts_at: datetime
    ends_at: datetime
    fee_cents: int
    booked_at: datetime
    cancelled_at: datetime | None
    cancelled_by: Canceller | None
    reason: str
    patient_id: Private[UUID]
    doctor_id: Private[UUID]
    department_id: Private[UUID]
    hospital_id: Private[UUID]

    @fields.field()
    def patient(self) -> HealthcarePatient:
        return store.patient(self.patient_id)

    @fields.field()
    def doctor(self) -> HealthcareDoctor:
        return store.doctor(self.doctor_id)

    @fields.field()
    def department(self) -> HealthcareDepartment:
        return store.department(self.department_id)

    @fields.field()
    def hospital(self) -> HealthcareHospital:
        return store.hospital(self.hospital_id)

    @fields.field()
    def cancellable(self) -> bool:
        return store.is_cancellable(self.status, self.starts_at)


@fields.object_type(allow=GIVEN)
class HealthcareSoldOut:
    """约满: somebody was quicker. `next` are the free slots of the same department that are nearest in time."""

    slot_id: Private[UUID]

    @fields.field()
    def slot(self) -> HealthcareSlot:
        return store.slot(self.slot_id)

    @fields.field()
    def next(self) -> list[HealthcareSlot]:
        return store.nearest_free(self.slot_id, OFFERED)


@fields.object_type(allow=GIVEN)
class HealthcareAlreadyBooked:
    """The patient has this appointment on that day in that department."""

    appointment_id: Private[UUID]

    @fields.field()
    def appointment(self) -> HealthcareAppointment:
        return store.appointment(self.appointment_id)


@fields.object_type(allow=GIVEN)
class HealthcareNotVerified:
    """Booking needs real names; `patient` is who has none yet: the viewer or the child."""

    patient_id: Private[UUID]

    @fields.field()
    def patient(self) -> HealthcarePatient:
        return store.patient(self.patient_id)


HealthcareBooking: TypeAlias = Annotated[
    HealthcareAppointment | HealthcareSoldOut | HealthcareAlreadyBooked | HealthcareNotVerified,
    strawberry.union("HealthcareBooking")]


@fields.object_type(allow=GIVEN)
class HealthcareSchedule:
    """A session in which a doctor sits, as the desk sees it. `closed_at`: 停诊."""

    id: ID
    day: date
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    closed_reason: str
    doctor_id: Private[UUID]
    booked: int = fields.field(lambda self: store.booked(self.id))
    capacity: int = fields.field(lambda self: store.capacity(self.id))

    @fields.field()
    def doctor(self) -> HealthcareDoctor:
        return store.doctor(self.doctor_id)


@strawberry.type
class Query(DoctorQuery):
    @fields.field(allow=acting(WRITE))
    def healthcare_patients(self) -> list[HealthcarePatient]:
        """For whom I may book: for me and my children, or for whom I act."""
        return store.patients()

    @fields.field(allow=acting(READ))
    def healthcare_coming(self, first: int = 20, after: str | None = None,
                          last: int | None = None, before: str | None = None) -> Connection[HealthcareAppointment]:
        """What is to come for me and my children, soonest first."""
        return store.coming(first=first, after=after, last=last, before=before)

    @fields.field(allow=acting(READ))
    def healthcare_past(self, first: int = 20, after: str | None = None,
                        last: int | None = None, before: str | None = None) -> Connection[HealthcareAppointment]:
        """What is over or cancelled, latest first."""
        return store.past(first=first, after=after, last=last, before=before)

    @fields.field(allow=acting(READ))
    def healthcare_appointment(self, id: ID) -> HealthcareAppointment | None:
        """An appointment of mine or of my child; null for any other."""
        return store.appointment(id)

    @fields.field(allow=DESK)
    def healthcare_desks(self) -> list[HealthcareHospital]:
        """The hospitals at whose desk I work."""
        return store.desks()

    @fields.field(allow=DESK)
    def healthcare_desk_schedules(self, day: date, first: int = 50, after: str | None = None,
                                  last: int | None = None, before: str | None = None) -> Connection[HealthcareSchedule]:
        """Who sits on a day at my desk's hospital."""
        return store.desk_schedules(day, first=first, after=after, last=last, before=before)

    @fields.field(allow=DESK, audit=SEEN)
    def healthcare_desk_appointments(self, day: date, schedule: ID | None = None, first: int = 50,
                                     after: str | None = None, last: int | None = None,
                                     before: str | None = None) -> Connection[HealthcareAppointment]:
        """Who is booked on a day at my desk's hospital, of one schedule or all. Every look is in the patient's ledger."""
        return store.desk_appointments(day, schedule, first=first, after=after, last=last, before=before)


@strawberry.type
class Mutation:
    @fields.mutation(allow=acting(WRITE))
    async def healthcare_book(self, info: Info[Call, None], slot: ID, patient: CitizenId, key: str) -> HealthcareBooking:
        return await service.book(info.context, parse_id(slot, "slot"), parse_id(patient, "patient"), key)

    @fields.mutation(allow=acting(WRITE), unagreed=True)
    async def healthcare_cancel(self, info: Info[Call, None], id: ID) -> HealthcareAppointment:
        return await service.cancel(info.context, parse_id(id, "id"))

    @fields.mutation(allow=DESK)
    async def healthcare_close_schedule(self, info: Info[Call, None], id: ID, reason: str) -> HealthcareSchedule:
        return await service.close_schedule(info.context, parse_id(id, "id"), reason)

    @fields.mutation(allow=DESK)
    async def healthcare_open_schedule(self, info: Info[Call, None], id: ID) -> HealthcareSchedule:
        return await service.open_schedule(info.context, parse_id(id, "id"))

    @fields.mutation(allow=DESK, audit=SEEN)
    async def healthcare_mark(self, info: Info[Call, None], id: ID, status: Mark) -> HealthcareAppointment:
        return await service.mark(info.context, parse_id(id, "id"), status)
