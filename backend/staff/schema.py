"""Posts in GraphQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.fields import Audit, Connection
from haian.ids import parse_id
from haian.rules import GIVEN, SIGNED_IN, role
from staff import bursts, service, store, store_bursts
from staff.models import BurstOutcome, Standing

MANAGER, SECOND = role("manager"), role("manager", "identity_officer")
strawberry.enum(Standing, name="StaffStanding")
strawberry.enum(BurstOutcome, name="StaffBurstOutcome")


@fields.object_type(allow=GIVEN)
class StaffPost:
    """A role of mine in an organisation, at a place in it (a gate, a class). `until` is null where no end is known; `now`:
    whether it has begun."""

    id: ID
    role: str
    place: str
    organisation: str
    since: datetime
    until: datetime | None
    now: bool


@fields.object_type(allow=GIVEN)
class StaffOffice:
    """An organisation in which I decide who holds a post. `manages`: whether I invite, or am only the second pair of eyes;
    `four_eyes`: whether a second official must approve; `roles`: the posts that it has."""

    id: ID
    name: str
    manages: bool
    four_eyes: bool
    roles: list[str]


@fields.object_type(allow=GIVEN)
class StaffHeld:
    """A post of somebody, as the manager sees it."""

    id: ID
    name: str
    masked_phone: str | None
    role: str
    place: str
    since: datetime
    until: datetime | None
    mine: bool
    citizen_id: Private[UUID]
    organisation_id: Private[UUID]


@fields.object_type(allow=GIVEN)
class StaffInvitation:
    """An invitation as those see it who decide. `phone` is masked; `mine`: I gave it. Who answered it finds in their ledger
    who looks."""

    id: ID
    name: str
    phone: str
    role: str
    place: str
    since: datetime
    until: datetime | None
    standing: Standing
    asked_at: datetime
    answer_by: datetime
    four_eyes: bool
    mine: bool
    inviter: str | None
    approver: str | None
    citizen_id: Private[UUID | None]
    organisation_id: Private[UUID]


@fields.object_type(allow=GIVEN)
class StaffOffer:
    """An invitation to me. `named`: my name is proven, so that I may accept."""

    id: ID
    role: str
    place: str
    organisation: str
    since: datetime
    until: datetime | None
    answer_by: datetime
    inviter: str | None
    named: bool


@fields.object_type(allow=GIVEN)
class StaffColleague:
    """Who else holds the role of my post `post` now; `id` is theirs."""

    id: ID
    post: ID
    name: str
    place: str
    citizen_id: Private[UUID]
    organisation_id: Private[UUID]
    my_role: Private[str]


@fields.object_type(allow=GIVEN)
class StaffHandOver:
    """A shift that was handed to me, or by me; `other` is the colleague."""

    id: ID
    role: str
    place: str
    organisation: str
    note: str
    at: datetime
    taken_at: datetime | None
    to_me: bool
    other: str | None


@fields.object_type(allow=GIVEN)
class StaffBurst:
    """异常查询: somebody in these `roles` looked at so many `people`, in so many `looks`, between `since` and `until`; what
    a manager found of it, once one has answered."""

    id: ID
    organisation: str
    name: str
    roles: list[str]
    people: int
    looks: int
    since: datetime
    until: datetime
    raised_at: datetime
    outcome: BurstOutcome | None
    note: str | None
    answered_at: datetime | None
    answerer: str | None
    citizen_id: Private[UUID]
    organisation_id: Private[UUID]


@strawberry.type
class Query:
    @fields.field(allow=SIGNED_IN)
    def staff_mine(self) -> list[StaffPost]:
        """My posts, those that begin later too; none that has ended."""
        return store.mine()

    @fields.field(allow=SIGNED_IN)
    def staff_offers(self) -> list[StaffOffer]:
        """What I am invited to."""
        return store.offers()

    @fields.field(allow=SIGNED_IN,
                  audit=Audit("COLLEAGUES_SEEN", subject="citizen_id", role="my_role", office="organisation_id"))
    def staff_colleagues(self) -> list[StaffColleague]:
        """Who holds the same posts as I do: to whom a shift can be handed."""
        return store.colleagues()

    @fields.field(allow=SIGNED_IN)
    def staff_hand_overs(self) -> list[StaffHandOver]:
        """Shifts that wait for me, then those of the last weeks."""
        return store.hand_overs()

    @fields.field(allow=SECOND)
    def staff_offices(self) -> list[StaffOffice]:
        """Where I decide who holds a post."""
        return store.offices()

    @fields.field(allow=MANAGER, audit=Audit("POSTS_SEEN", subject="citizen_id", office="organisation_id"))
    def staff_posts(self, organisation: ID, first: int = 50, after: str | None = None,
                    last: int | None = None, before: str | None = None) -> Connection[StaffHeld]:
        """All posts of an organisation that I manage, those that begin later too."""
        return store.posts(parse_id(organisation, "organisation"), first=first, after=after, last=last, before=before)

    @fields.field(allow=SECOND, audit=Audit("POSTS_SEEN", subject="citizen_id", office="organisation_id"))
    def staff_invitations(self, organisation: ID) -> list[StaffInvitation]:
        """Invitations of the last 60 days, open ones first."""
        return store.invitations(parse_id(organisation, "organisation"))

    @fields.field(allow=MANAGER, audit=Audit("REPORT_SEEN", subject="citizen_id", ground="duty", office="organisation_id"))
    def staff_bursts(self) -> list[StaffBurst]:
        """Bursts of look-ups that I answer for, open ones first."""
        return store_bursts.bursts()


@strawberry.type
class Mutation:
    @fields.mutation(allow=MANAGER, recent="if held")
    async def staff_invite(self, info: Info[Call, None], organisation: ID, name: str, phone: str, role: str, key: str,
                           place: str = "", since: datetime | None = None, until: datetime | None = None) -> StaffInvitation:
        """Invite somebody to a post. It counts from their acceptance, and not before `since`."""
        return await service.invite(info.context, parse_id(organisation, "organisation"), name, phone, role, place, since,
                                    until, key)

    @fields.mutation(allow=SECOND, recent="if held")
    async def staff_approve(self, info: Info[Call, None], id: ID, agree: bool) -> StaffInvitation:
        """Agree to a post of the whole district that another official offers, or decline it."""
        return await service.approve(info.context, parse_id(id, "id"), agree)

    @fields.mutation(allow=MANAGER)
    async def staff_withdraw(self, info: Info[Call, None], id: ID) -> StaffInvitation:
        return await service.withdraw(info.context, parse_id(id, "id"))

    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def staff_answer(self, info: Info[Call, None], id: ID, accept: bool) -> list[StaffPost]:
        """Accept or refuse an invitation; returns my posts."""
        return await service.answer(info.context, parse_id(id, "id"), accept)

    @fields.mutation(allow=MANAGER, recent="if held")
    async def staff_end(self, info: Info[Call, None], post: ID, reason: str) -> bool:
        """End a post at once."""
        return await service.end(info.context, parse_id(post, "post"), reason)

    @fields.mutation(allow=MANAGER, recent="if held")
    async def staff_answer_burst(self, info: Info[Call, None], id: ID, outcome: BurstOutcome, note: str) -> StaffBurst:
        """Say what a burst of look-ups was: in order, or the post by which was looked ends now."""
        return await bursts.answer(info.context, parse_id(id, "id"), outcome, note)

    @fields.mutation(allow=SIGNED_IN)
    async def staff_hand_over(self, info: Info[Call, None], post: ID, to: ID, key: str,
                              note: str = "") -> list[StaffHandOver]:
        """Hand the place of my post to a colleague's post."""
        return await service.hand_over(info.context, parse_id(post, "post"), parse_id(to, "to"), note, key)

    @fields.mutation(allow=SIGNED_IN)
    async def staff_take_over(self, info: Info[Call, None], id: ID) -> list[StaffHandOver]:
        return await service.take_over(info.context, parse_id(id, "id"))
