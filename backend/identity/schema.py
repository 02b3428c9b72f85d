"""Identity in GraphQL."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.cost import ListSize
from haian.entities import Key
from haian.fields import Connection
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC, PUBLIC_OWN, SIGNED_IN, when
from identity import desk_phones, devices, disputes, naming, phones, service, store, store_phones
from identity.models import Level, Outcome, Relation, Standing
from identity.schema_disputes import OFFICER, IdentityDispute
from identity.schema_phones import DESK, IdentityAtDesk, IdentityPhone
from identity.tokens import LIFETIME

SELF = when("self", lambda citizen: store.is_viewer(citizen.id))
strawberry.enum(Level, name="IdentityLevel")
strawberry.enum(Relation, name="IdentityRelation")
strawberry.enum(Standing, name="IdentityStanding")


@fields.object_type(allow=PUBLIC, name="Division", key=Key("code", store.division))
class Division:
    """A street-level unit or community of the district; `code` after 国家统计局 2023."""

    code: ID
    name: str
    level: str
    parent: ID | None


@fields.object_type(allow=PUBLIC, name="Organisation", key=Key("id", store.organisation))
class Organisation:
    """A community, property company, hospital, school or the district. `source` cites a real name; `demo`: 演示数据."""

    id: ID
    kind: str
    name: str
    source: str | None
    demo: bool
    division_code: Private[str]

    @fields.field()
    def division(self) -> Division | None:
        return store.division(self.division_code)


@fields.object_type(allow=GIVEN, name="Membership")
class Membership:
    """A post: a role in an organisation, at a place in it (a gate, a class)."""

    role: str
    place: str
    organisation_id: Private[UUID]

    @fields.field()
    def organisation(self) -> Organisation:
        return store.organisation(self.organisation_id)


@fields.object_type(allow=GIVEN, name="Child")
class Child:
    """A child whom I act for as guardian 监护人."""

    id: ID
    name: str
    born: date | None
    relation: Relation


@fields.object_type(allow=GIVEN, name="Citizen", key=Key("id", store.citizen, SELF))
class Citizen:
    """A citizen 公民, as much of one as the viewer may see."""

    id: ID
    masked_name: str
    demo: bool
    community_code: Private[str | None]
    name: str = fields.field(allow=SELF)
    masked_phone: str | None = fields.field(allow=SELF)
    level: Level = fields.field(allow=SELF)

    @fields.field(allow=SELF)
    def masked_number(self) -> str | None:
        return store.shown_number(self.id)

    @fields.field(allow=SELF)
    def community(self) -> Division | None:
        return store.division(self.community_code)

    @fields.field(allow=SELF)
    def memberships(self) -> list[Membership]:
        return store.memberships(self.id)

    @fields.field(allow=SELF)
    def children(self) -> list[Child]:
        return store.children(self.id)


@fields.object_type(allow=GIVEN, name="Device")
class Device:
    """A browser where I am signed in, or a mini-app that I let in (`is_client`). `name`: what I call it, else its `kind`;
    `last_seen_at`: to the hour."""

    id: ID
    name: str
    kind: str
    signed_in_at: datetime
    last_seen_at: datetime
    current: bool
    is_client: bool
    place_code: Private[str | None]

    @fields.field()
    def street(self) -> Division | None:
        """About where it signed in, by its network; never nearer than a street-level unit."""
        return store.division(self.place_code)


@fields.object_type(allow=GIVEN, name="AccessToken")
class AccessToken:
    """For clients that cannot hold a cookie. `expires_in`: seconds."""

    token: str
    expires_in: int


@fields.object_type(allow=GIVEN)
class IdentityNaming:
    """How far I am with 实名. `last`: what became of name and number when I gave them last. `claimed_at`: since when staff
    check a number that I gave and another account has; `questioned_at`: since when, one of mine that another gave."""

    level: Level
    last: Standing | None
    last_at: datetime | None
    tries_left: int
    claimed_at: datetime | None
    questioned_at: datetime | None


@fields.object_type(allow=GIVEN)
class IdentityDisagrees:
    """The verifier says that name, number and phone are not one person's. `tries_left`: within 24 hours."""

    tries_left: int


@fields.object_type(allow=GIVEN)
class IdentityDisputed:
    """The verifier agrees, but another account has the number: staff settle whose it is."""

    since: datetime


@fields.object_type(allow=GIVEN)
class IdentityVerifierAway:
    """The verifier does not answer; it is asked again for a day, and a message tells what came of it."""

    since: datetime


@fields.object_type(allow=GIVEN)
class IdentityFactorNeeded:
    """The code is right, but the account is real-named and this browser is new to it: numbers pass to others, so a passkey,
    a recovery code or a staff desk has to say who it is. `ways`: what the citizen has, as FactorKind."""

    ways: list[str]


IdentitySignInResult: TypeAlias = Annotated[Citizen | IdentityFactorNeeded, strawberry.union("IdentitySignInResult")]
IdentityVerifyResult: TypeAlias = Annotated[
    Citizen | IdentityDisagrees | IdentityDisputed | IdentityVerifierAway, strawberry.union("IdentityVerifyResult")]


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC_OWN)
    def identity_viewer(self) -> Citizen | None:
        """Who is signed in; null for nobody."""
        return store.viewer()

    @fields.field(allow=SIGNED_IN)
    def identity_devices(self, info: Info[Call, None]) -> list[Device]:
        return store.devices(info.context.viewer.session or "")

    @fields.field(allow=SIGNED_IN)
    def identity_naming(self) -> IdentityNaming:
        return store.naming()

    @fields.field(allow=SIGNED_IN)
    def identity_phone(self) -> IdentityPhone:
        return store_phones.my_phone()

    @fields.field(allow=OFFICER)
    def identity_disputes(self, first: int = 20, after: str | None = None,
                          last: int | None = None, before: str | None = None) -> Connection[IdentityDispute]:
        """What is to be settled, the oldest first; not what concerns the officer's own number."""
        return store.disputes(first=first, after=after, last=last, before=before)

    @fields.field(allow=OFFICER)
    def identity_dispute(self, id: ID) -> IdentityDispute:
        return store.dispute(parse_id(id, "id"))

    @fields.field(allow=PUBLIC, directives=[ListSize(assumed_size=23)])
    def identity_streets(self) -> list[Division]:
        return store.streets()

    @fields.field(allow=PUBLIC)
    def identity_communities(self, street: ID) -> list[Division]:
        return store.communities(street)


@strawberry.type
class Mutation:
    @fields.mutation(allow=PUBLIC_OWN, unagreed=True)
    async def identity_request_code(self, info: Info[Call, None], phone: str, work: str = "") -> int:
        """Send a one-time code by SMS; the answer is the seconds until another may be asked for. `work`: the solved
        challenge of IDENTITY_WORK_NEEDED."""
        return await service.request_code(info.context, phone, work)

    @fields.mutation(allow=PUBLIC_OWN, unagreed=True)
    async def identity_sign_in(self, info: Info[Call, None], phone: str, code: str,
                               device: str = "") -> IdentitySignInResult:
        """Sign in with the code that was sent; on a new device of a real-named account it is the first of two."""
        return await service.sign_in(info.context, phone, code, device)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def identity_sign_out(self, info: Info[Call, None]) -> bool:
        return await service.sign_out(info.context)

    @fields.mutation(allow=SIGNED_IN, recent="if held", unagreed=True)
    async def identity_end_device(self, info: Info[Call, None], id: ID) -> bool:
        return await service.end_device(info.context, parse_id(id, "id"))

    @fields.mutation(allow=SIGNED_IN, recent="if held", unagreed=True)
    async def identity_end_other_devices(self, info: Info[Call, None]) -> int:
        return await service.end_other_devices(info.context)

    @fields.mutation(allow=SIGNED_IN)
    async def identity_name_device(self, info: Info[Call, None], id: ID, name: str) -> bool:
        return await devices.name_device(info.context, parse_id(id, "id"), name)

    @fields.mutation(allow=SIGNED_IN)
    async def identity_choose_community(self, info: Info[Call, None], code: ID) -> Citizen:
        return await service.choose_community(info.context, code)

    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def identity_ask_phone(self, info: Info[Call, None], phone: str, work: str = "") -> IdentityPhone:
        """换手机号: send a code to the number that I want to sign in with, and where it takes one to the old."""
        return IdentityPhone(**await phones.ask(info.context, phone, work))

    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def identity_change_phone(self, info: Info[Call, None], phone: str, code: str, old_code: str = "") -> Citizen:
        """Sign in with this number from now on, by its code and, where it takes one, that of the old."""
        return await phones.change(info.context, phone, code, old_code)

    @fields.mutation(allow=DESK, recent=True)
    async def identity_desk_ask_phone(self, info: Info[Call, None], phone: str, work: str = "") -> IdentityPhone:
        """At a desk: send a code to the number of who stands there."""
        return IdentityPhone(phone=await desk_phones.ask(info.context, phone, work), old_needed=False, shared=False)

    @fields.mutation(allow=DESK, recent=True)
    async def identity_desk_phone(self, info: Info[Call, None], phone: str, code: str,
                                  card: str) -> IdentityAtDesk:
        """Take the number from the account of somebody else; give it to that of the card, where it has none."""
        return IdentityAtDesk(outcome=await desk_phones.settle(info.context, phone, code, card))

    @fields.mutation(allow=SIGNED_IN)
    async def identity_verify(self, info: Info[Call, None], name: str, number: str) -> IdentityVerifyResult:
        """实名: name and citizen ID number as on the card; the phone is the one that I sign in with."""
        return await naming.verify(info.context, name, number)

    @fields.mutation(allow=SIGNED_IN, recent=True, unagreed=True)
    async def identity_show_number(self, info: Info[Call, None]) -> str:
        """My whole citizen ID number; everywhere else it is masked."""
        return await naming.show_number(info.context)

    @fields.mutation(allow=OFFICER, recent=True)
    async def identity_settle_dispute(self, info: Info[Call, None], id: ID, outcome: Outcome,
                                      reason: str) -> IdentityDispute:
        return await disputes.settle(info.context, parse_id(id, "id"), outcome, reason)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def identity_access_token(self, info: Info[Call, None]) -> AccessToken:
        """Made from the session's cookie alone: a token that was stolen ends after its ten minutes."""
        return AccessToken(token=service.access_token(info.context), expires_in=LIFETIME)
