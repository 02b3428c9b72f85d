"""Identity in GraphQL."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.cost import ListSize
from haian.entities import Key
from haian.fields import Connection
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC, SIGNED_IN, when
from identity import service, store
from identity.models import Level, Relation
from identity.tokens import LIFETIME

SELF = when("self", lambda citizen: store.is_viewer(citizen.id))
strawberry.enum(Level, name="IdentityLevel")
strawberry.enum(Relation, name="IdentityRelation")


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
    """A browser where I am signed in."""

    id: ID
    name: str
    signed_in_at: datetime
    current: bool


@fields.object_type(allow=GIVEN, name="LedgerEntry")
class LedgerEntry:
    """A line of 用数账本: who, in which role, looked at or changed what of mine, and why."""

    id: ID
    at: datetime
    action: str
    actor_role: str
    actor_name: str | None
    organisation: str | None
    fields: list[str]
    reason: str
    by_myself: bool | None


@fields.object_type(allow=GIVEN, name="AccessToken")
class AccessToken:
    """For clients that cannot hold a cookie. `expires_in`: seconds."""

    token: str
    expires_in: int


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC)
    def identity_viewer(self) -> Citizen | None:
        """Who is signed in; null for nobody."""
        return store.viewer()

    @fields.field(allow=SIGNED_IN)
    def identity_devices(self, info: Info[Call, None]) -> list[Device]:
        return store.devices(info.context.viewer.session or "")

    @fields.field(allow=SIGNED_IN)
    def identity_ledger(self, first: int = 20, after: str | None = None,
                        last: int | None = None, before: str | None = None) -> Connection[LedgerEntry]:
        """用数账本: newest first."""
        return store.ledger(first=first, after=after, last=last, before=before)

    @fields.field(allow=PUBLIC, directives=[ListSize(assumed_size=23)])
    def identity_streets(self) -> list[Division]:
        return store.streets()

    @fields.field(allow=PUBLIC)
    def identity_communities(self, street: ID) -> list[Division]:
        return store.communities(street)


@strawberry.type
class Mutation:
    @fields.mutation(allow=PUBLIC)
    async def identity_request_code(self, info: Info[Call, None], phone: str) -> int:
        """Send a one-time code by SMS; the answer is the seconds until another may be asked for."""
        return await service.request_code(info.context, phone)

    @fields.mutation(allow=PUBLIC)
    async def identity_sign_in(self, info: Info[Call, None], phone: str, code: str, device: str = "") -> Citizen:
        return await service.sign_in(info.context, phone, code, device)

    @fields.mutation(allow=SIGNED_IN)
    async def identity_sign_out(self, info: Info[Call, None]) -> bool:
        return await service.sign_out(info.context)

    @fields.mutation(allow=SIGNED_IN)
    async def identity_end_device(self, info: Info[Call, None], id: ID) -> bool:
        return await service.end_device(info.context, parse_id(id, "id"))

    @fields.mutation(allow=SIGNED_IN)
    async def identity_end_other_devices(self, info: Info[Call, None]) -> int:
        return await service.end_other_devices(info.context)

    @fields.mutation(allow=SIGNED_IN)
    async def identity_choose_community(self, info: Info[Call, None], code: ID) -> Citizen:
        return await service.choose_community(info.context, code)

    @fields.mutation(allow=SIGNED_IN)
    async def identity_access_token(self, info: Info[Call, None]) -> AccessToken:
        """Made from the session's cookie alone: a token that was stolen ends after its ten minutes."""
        return AccessToken(token=service.access_token(info.context), expires_in=LIFETIME)
