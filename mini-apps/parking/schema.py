"""Parking in GraphQL: types, and fields of one line with their authorisation beside them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.acting import acting
from haian.call import Call
from haian.cost import ListSize
from haian.entities import Key
from haian.fields import Audit, Connection
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC, PUBLIC_OWN, SIGNED_IN, role, when
from identity.schema import Division
from parking import service, store
from parking.models import READ, WRITE, BookingStatus, SpaceStatus

OWNER = when("owner", lambda space: store.is_viewer(space.owner_id))
CLERK_HERE = when("property_clerk here", lambda space: store.is_clerk_of(space.community_code))
CLERK, GUARD = role("property_clerk"), role("property_guard")
strawberry.enum(SpaceStatus, name="ParkingSpaceStatus")
strawberry.enum(BookingStatus, name="ParkingBookingStatus")


@fields.object_type(allow=PUBLIC)
class ParkingCommunity:
    """A community that lends spaces."""

    code: ID
    name: str
    spaces: int


@fields.object_type(allow=GIVEN)
class ParkingStay:
    """A booking as the owner of the space sees it: a plate and a time, no person."""

    id: ID
    plate: str
    starts_at: datetime
    ends_at: datetime


@fields.object_type(allow=PUBLIC, key=Key("id", store.offer))
class ParkingOffer:
    """A window in which a space is lent."""

    id: ID
    starts_at: datetime
    ends_at: datetime
    space_id: Private[UUID]

    @fields.field()
    def space(self) -> ParkingSpace:
        return store.space(self.space_id)

    @fields.field(allow=when("owner of the space", lambda offer: store.owns(offer.space_id)))
    def stays(self) -> list[ParkingStay]:
        return store.stays(self.id)


@fields.object_type(allow=GIVEN)
class ParkingOwner:
    """The owner of a space, for the clerk who checks it."""

    id: Private[UUID]
    name: str
    masked_phone: str | None


@fields.object_type(allow=PUBLIC, key=Key("id", store.space))
class ParkingSpace:
    """A parking space 车位. `price_cents`: 分 an hour."""

    id: ID
    lot: str
    label: str
    price_cents: int
    demo: bool
    owner_id: Private[UUID]
    community_code: Private[str]
    status: SpaceStatus = fields.field(allow=OWNER | CLERK_HERE)
    reason: str = fields.field(allow=OWNER | CLERK_HERE)

    @fields.field()
    def community(self) -> Division:
        return store.community(self.community_code)

    @fields.field(allow=OWNER)
    def offers(self) -> list[ParkingOffer]:
        return store.offers_of(self.id)

    @fields.field(allow=CLERK, audit=Audit("SPACE_OWNER_SEEN", subject="id", ground="service"))
    def owner(self) -> ParkingOwner:
        return store.desk_owner(self.id)


@fields.object_type(allow=GIVEN, key=Key("id", store.booking, SIGNED_IN))
class ParkingBooking:
    """A booking of mine. `price_cents`: 分 for the whole stay."""

    id: ID
    plate: str
    starts_at: datetime
    ends_at: datetime
    price_cents: int
    status: BookingStatus
    booked_at: datetime
    space_id: Private[UUID]
    holder_id: Private[UUID]

    @fields.field()
    def space(self) -> ParkingSpace:
        return store.space(self.space_id)

    @fields.field()
    def can_cancel(self) -> bool:
        return store.can_cancel(self.id)


@fields.object_type(allow=GIVEN)
class ParkingTaken:
    """Somebody was first. `others`: up to three spaces of the same community that are free at that time."""

    starts_at: datetime
    ends_at: datetime
    community: Private[str]

    @fields.field()
    def others(self) -> list[ParkingOffer]:
        return store.others(self.community, self.starts_at, self.ends_at)


ParkingBookResult = Annotated[ParkingBooking | ParkingTaken, strawberry.union("ParkingBookResult")]


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC, directives=[ListSize(assumed_size=376)])
    def parking_communities(self) -> list[ParkingCommunity]:
        """Communities that lend spaces, by name."""
        return store.communities()

    @fields.field(allow=PUBLIC_OWN | acting(READ))
    def parking_free(self, community: ID, starts_at: datetime, ends_at: datetime, first: int = 20, after: str | None = None,
                     last: int | None = None, before: str | None = None) -> Connection[ParkingOffer]:
        """Spaces of a community that are free in the whole of a window, cheapest first."""
        return store.free(community, starts_at, ends_at, first=first, after=after, last=last, before=before)

    @fields.field(allow=PUBLIC)
    def parking_offer(self, id: ID) -> ParkingOffer | None:
        return store.offer(id)

    @fields.field(allow=acting(READ))
    def parking_bookings(self, first: int = 20, after: str | None = None,
                         last: int | None = None, before: str | None = None) -> Connection[ParkingBooking]:
        """My bookings, latest first."""
        return store.my_bookings(first=first, after=after, last=last, before=before)

    @fields.field(allow=acting(READ))
    def parking_booking(self, id: ID) -> ParkingBooking | None:
        return store.booking(id)

    @fields.field(allow=SIGNED_IN)
    def parking_my_spaces(self, first: int = 20, after: str | None = None,
                          last: int | None = None, before: str | None = None) -> Connection[ParkingSpace]:
        """Spaces that I have registered."""
        return store.my_spaces(first=first, after=after, last=last, before=before)

    @fields.field(allow=CLERK)
    def parking_desk_spaces(self, first: int = 20, after: str | None = None,
                            last: int | None = None, before: str | None = None) -> Connection[ParkingSpace]:
        """Spaces of my community that wait for a check, longest first."""
        return store.desk_spaces(first=first, after=after, last=last, before=before)

    @fields.field(allow=CLERK | GUARD, audit=Audit("BOOKINGS_SEEN", subject="holder_id", ground="service"))
    def parking_desk_bookings(self, starts_at: datetime, ends_at: datetime, first: int = 50, after: str | None = None,
                              last: int | None = None, before: str | None = None) -> Connection[ParkingBooking]:
        """Bookings in my community within a window: which car may stand where."""
        return store.desk_bookings(starts_at, ends_at, first=first, after=after, last=last, before=before)


@strawberry.type
class Mutation:
    @fields.mutation(allow=SIGNED_IN)
    async def parking_register_space(self, info: Info[Call, None], community: ID, lot: str, label: str, price_cents: int,
                                     key: str) -> ParkingSpace:
        return await service.register_space(info.context, community, lot, label, price_cents, key)

    @fields.mutation(allow=CLERK)
    async def parking_decide_space(self, info: Info[Call, None], id: ID, approve: bool, reason: str = "") -> ParkingSpace:
        return await service.decide_space(info.context, parse_id(id, "id"), approve, reason)

    @fields.mutation(allow=SIGNED_IN)
    async def parking_offer_space(self, info: Info[Call, None], space: ID, starts_at: datetime, ends_at: datetime,
                                  key: str) -> ParkingOffer:
        return await service.offer_space(info.context, parse_id(space, "space"), starts_at, ends_at, key)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def parking_withdraw_offer(self, info: Info[Call, None], id: ID) -> bool:
        return await service.withdraw_offer(info.context, parse_id(id, "id"))

    @fields.mutation(allow=acting(WRITE))
    async def parking_book_space(self, info: Info[Call, None], offer: ID, starts_at: datetime, ends_at: datetime,
                                 plate: str, key: str) -> ParkingBookResult:
        return await service.book_space(info.context, parse_id(offer, "offer"), starts_at, ends_at, plate, key)

    @fields.mutation(allow=acting(WRITE), unagreed=True)
    async def parking_cancel_booking(self, info: Info[Call, None], id: ID) -> ParkingBooking:
        return await service.cancel_booking(info.context, parse_id(id, "id"))
