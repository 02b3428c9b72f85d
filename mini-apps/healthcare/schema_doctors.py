"""What everybody may look up of healthcare in GraphQL: hospitals, their departments and doctors, and the times of these."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import ID, Private

from haian import fields
from haian.entities import Key
from haian.fields import Connection
from haian.rules import PUBLIC
from healthcare import store
from healthcare.models import Grade, SlotStatus, Title

for words in (Grade, Title, SlotStatus):
    strawberry.enum(words, name=f"Healthcare{words.__name__}")


@fields.object_type(allow=PUBLIC, key=Key("id", store.hospital))
class HealthcareHospital:
    """A hospital. `source` cites a real name; `demo`: 演示数据."""

    id: ID
    name: str
    grade: Grade
    address: str
    phone: str
    demo: bool
    source: str | None

    @fields.field()
    def departments(self) -> list[HealthcareDepartment]:
        return store.departments(self.id)


@fields.object_type(allow=PUBLIC, key=Key("id", store.department))
class HealthcareDepartment:
    """A department; `place` is where to go: building, floor, area."""

    id: ID
    name: str
    place: str
    hospital_id: Private[UUID]

    @fields.field()
    def hospital(self) -> HealthcareHospital:
        return store.hospital(self.hospital_id)

    @fields.field()
    def doctors(self, first: int = 20, after: str | None = None,
                last: int | None = None, before: str | None = None) -> Connection[HealthcareDoctor]:
        """Chief doctors first."""
        return store.doctors(self.id, first=first, after=after, last=last, before=before)

    @fields.field()
    def earliest(self) -> datetime | None:
        """When its first free slot begins; null where it has none."""
        return store.earliest(self.id)


@fields.object_type(allow=PUBLIC)
class HealthcareDay:
    """A day on which a doctor sits; `closed` where all of it is 停诊."""

    day: date
    remaining: int
    closed: bool
    doctor_id: Private[UUID]

    @fields.field()
    def slots(self) -> list[HealthcareSlot]:
        return store.slots(self.doctor_id, self.day)


@fields.object_type(allow=PUBLIC, key=Key("id", store.doctor))
class HealthcareDoctor:
    """A doctor (FHIR Practitioner) of one department."""

    id: ID
    name: str
    title: Title
    specialty: str
    demo: bool
    department_id: Private[UUID]

    @fields.field()
    def department(self) -> HealthcareDepartment:
        return store.department(self.department_id)

    @fields.field()
    def remaining(self, day: date | None = None) -> int:
        """余号 of a day, or of all coming days."""
        return store.doctor_remaining(self.id, day)

    @fields.field()
    def days(self) -> list[HealthcareDay]:
        return store.days(self.id)


@fields.object_type(allow=PUBLIC, key=Key("id", store.slot))
class HealthcareSlot:
    """A time at which `capacity` patients are seen. `fee_cents`: in 分, paid at the hospital."""

    id: ID
    starts_at: datetime
    ends_at: datetime
    day: date
    fee_cents: int
    capacity: int
    remaining: int
    open: Private[bool]
    doctor_id: Private[UUID]

    @fields.field()
    def status(self) -> SlotStatus:
        return store.slot_status(self.open, self.remaining, self.starts_at)

    @fields.field()
    def doctor(self) -> HealthcareDoctor:
        return store.doctor(self.doctor_id)


@strawberry.type
class DoctorQuery:
    @fields.field(allow=PUBLIC)
    def healthcare_hospitals(self) -> list[HealthcareHospital]:
        return store.hospitals()

    @fields.field(allow=PUBLIC)
    def healthcare_hospital(self, id: ID) -> HealthcareHospital | None:
        return store.hospital(id)

    @fields.field(allow=PUBLIC)
    def healthcare_department(self, id: ID) -> HealthcareDepartment | None:
        return store.department(id)

    @fields.field(allow=PUBLIC)
    def healthcare_doctor(self, id: ID) -> HealthcareDoctor | None:
        return store.doctor(id)

    @fields.field(allow=PUBLIC)
    def healthcare_slot(self, id: ID) -> HealthcareSlot | None:
        return store.slot(id)
