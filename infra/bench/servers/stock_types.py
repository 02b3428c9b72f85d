"""The types of the stock server: plain fields, and a resolver with its dataloader for each relation."""

from __future__ import annotations

import datetime as dt
from typing import Any, NewType
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

CitizenId = NewType("CitizenId", str)
"""As the documents name it; here it is the id as it is."""


def made(type_: Any, row: Any) -> Any:
    """A row as its type; the columns have the names of the fields."""
    return type_(**{name: row[name] for name in type_.__annotations__})


@strawberry.type
class Division:
    code: ID
    name: str


@strawberry.type
class Organisation:
    id: ID
    name: str
    kind: str


@strawberry.type
class Membership:
    role: str
    place: str
    organisation_id: Private[UUID]

    @strawberry.field
    async def organisation(self, info: Info) -> Organisation:
        return await info.context["organisations"].load(self.organisation_id)


@strawberry.type
class Child:
    id: ID
    name: str
    born: dt.date | None
    relation: str


@strawberry.type
class Citizen:
    id: ID
    name: str
    masked_name: str
    masked_phone: str | None
    level: str
    demo: bool
    community_code: Private[str | None]

    @strawberry.field
    async def masked_number(self, info: Info) -> str | None:
        found = await info.context["rows"]("shown_number", self.id)
        return found[0]["shown"] if found else None

    @strawberry.field
    async def community(self, info: Info) -> Division | None:
        return await info.context["divisions"].load(self.community_code) if self.community_code else None

    @strawberry.field
    async def memberships(self, info: Info) -> list[Membership]:
        rows = await info.context["rows"]("memberships", self.id, info.context["now"])
        return [made(Membership, row) for row in rows]

    @strawberry.field
    async def children(self, info: Info) -> list[Child]:
        return [made(Child, row) for row in await info.context["rows"]("children", self.id, info.context["now"])]


@strawberry.type
class HomeThing:
    id: ID
    app: str
    kind: str
    title: str
    place: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    link: str
    state: str
    number: int | None


@strawberry.type
class News:
    id: ID
    topic: str
    title: str
    published_at: dt.datetime
    demo: bool
    street_code: Private[str | None]

    @strawberry.field
    async def street(self, info: Info) -> Division | None:
        return await info.context["divisions"].load(self.street_code) if self.street_code else None


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class NewsEdge:
    cursor: str
    node: News


@strawberry.type
class NewsConnection:
    edges: list[NewsEdge]
    page_info: PageInfo


@strawberry.type
class SearchHit:
    id: ID
    app: str
    kind: str
    title: str
    detail: str
    link: str


@strawberry.type
class SearchEdge:
    cursor: str
    node: SearchHit


@strawberry.type
class SearchConnection:
    edges: list[SearchEdge]
    page_info: PageInfo


@strawberry.type
class HealthcarePatient:
    id: ID
    name: str

    @strawberry.field
    def is_me(self, info: Info) -> bool:
        return self.id == info.context["citizen"]


@strawberry.type
class HealthcareDoctor:
    id: ID
    name: str
    title: str
    specialty: str
    demo: bool
    department_id: Private[UUID]

    @strawberry.field
    async def department(self, info: Info) -> HealthcareDepartment:
        return await info.context["departments"].load(self.department_id)


@strawberry.type
class HealthcareDepartment:
    id: ID
    name: str
    place: str
    hospital_id: Private[UUID]

    @strawberry.field
    async def hospital(self, info: Info) -> HealthcareHospital:
        return await info.context["hospitals"].load(self.hospital_id)


@strawberry.type
class HealthcareHospital:
    id: ID
    name: str
    address: str
    phone: str
    demo: bool


@strawberry.type
class HealthcareAppointment:
    id: ID
    number: int
    day: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    fee_cents: int
    reason: str
    cancellable: bool
    word: Private[str]
    canceller: Private[str | None]
    patient_id: Private[UUID]
    doctor_id: Private[UUID]
    department_id: Private[UUID]
    hospital_id: Private[UUID]

    @strawberry.field
    def status(self) -> str:
        return self.word.upper()

    @strawberry.field
    def cancelled_by(self) -> str | None:
        return self.canceller and self.canceller.upper()

    @strawberry.field
    async def patient(self, info: Info) -> HealthcarePatient:
        return await info.context["patients"].load(self.patient_id)

    @strawberry.field
    async def doctor(self, info: Info) -> HealthcareDoctor:
        return await info.context["doctors"].load(self.doctor_id)

    @strawberry.field
    async def department(self, info: Info) -> HealthcareDepartment:
        return await info.context["departments"].load(self.department_id)

    @strawberry.field
    async def hospital(self, info: Info) -> HealthcareHospital:
        return await info.context["hospitals"].load(self.hospital_id)


@strawberry.type
class HealthcareSlot:
    """As much of the refusals as the document needs to be valid; a measured booking is never refused."""

    id: ID
    starts_at: dt.datetime
    ends_at: dt.datetime
    day: dt.date
    fee_cents: int
    capacity: int
    remaining: int
    status: str
    doctor: HealthcareDoctor


@strawberry.type
class HealthcareSoldOut:
    slot: HealthcareSlot
    next: list[HealthcareSlot]


@strawberry.type
class HealthcareAlreadyBooked:
    appointment: HealthcareAppointment


@strawberry.type
class HealthcareNotVerified:
    patient: HealthcarePatient
