"""Clients in GraphQL."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry import ID, Info

from consent.models import Term
from haian import fields
from haian.call import Call
from haian.fields import Connection
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC, SIGNED_IN, role
from oauth import registering, service, store_registered
from oauth.models import Registered, Standing

DEVELOPER, MANAGER = role("developer"), role("manager")
strawberry.enum(Standing, name="OauthStanding")


@fields.object_type(allow=GIVEN)
class OauthClient:
    """A mini-app or program outside the browser, and the organisation that answers for it. `demo`: 演示数据."""

    id: ID
    name: str
    organisation: str
    demo: bool


@fields.object_type(allow=PUBLIC)
class OauthScope:
    """What a client may be let see or do, in words."""

    id: ID
    title: str
    words: str


@fields.object_type(allow=GIVEN)
class OauthRequest:
    """What a client asks me for; good for 10 minutes. `native`: the answer goes to a program on this device."""

    id: ID
    client: OauthClient
    scopes: list[OauthScope]
    native: bool


@fields.object_type(allow=GIVEN)
class OauthDecision:
    """I have decided; the browser goes on at /oauth/continue with the id of the request."""

    id: ID


@fields.object_type(allow=GIVEN)
class OauthOffice:
    """An organisation for which I register clients."""

    id: ID
    name: str


@fields.object_type(allow=GIVEN)
class OauthRegistered:
    """A client as its developers and the district see it. `reason`: why it was refused or ended."""

    id: ID
    name_zh: str
    name_en: str
    organisation: str
    redirects: list[str]
    scopes: list[str]
    demo: bool
    registered_at: datetime
    standing: Standing
    reason: str

    @fields.field()
    def titles(self, info: Info[Call, None]) -> list[str]:
        """What the scopes are called."""
        return service.titles(info.context, self.scopes)


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC)
    async def oauth_scopes(self, info: Info[Call, None]) -> list[OauthScope]:
        """All that a client may ask for."""
        return _scopes(info.context, tuple(info.context.platform.registry.client_scopes))

    @fields.field(allow=DEVELOPER)
    def oauth_offices(self) -> list[OauthOffice]:
        return store_registered.offices()

    @fields.field(allow=DEVELOPER)
    def oauth_mine(self, first: int = 20, after: str | None = None,
                   last: int | None = None, before: str | None = None) -> Connection[OauthRegistered]:
        """The clients of my organisations, newest first."""
        return store_registered.mine(first=first, after=after, last=last, before=before)

    @fields.field(allow=MANAGER)
    def oauth_waiting(self, first: int = 20, after: str | None = None,
                      last: int | None = None, before: str | None = None) -> Connection[OauthRegistered]:
        """What waits for the district's approval, the oldest first; not what the viewer registered."""
        return store_registered.waiting(first=first, after=after, last=last, before=before)

    @fields.field(allow=MANAGER)
    def oauth_clients(self, first: int = 20, after: str | None = None,
                      last: int | None = None, before: str | None = None) -> Connection[OauthRegistered]:
        """All clients, newest first, for the district."""
        return store_registered.all_of_them(first=first, after=after, last=last, before=before)

    @fields.field(allow=SIGNED_IN)
    async def oauth_request(self, info: Info[Call, None], request: ID) -> OauthRequest | None:
        """What is asked for; null where nobody asks any more."""
        return _request(info.context, request, await service.open_(info.context, request))


@strawberry.type
class Mutation:
    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def oauth_allow(self, info: Info[Call, None], request: ID, scopes: list[ID], term: Term) -> OauthDecision:
        """Let the client do these of what it asks for, for 30 days or a year."""
        await service.allow(info.context, request, scopes, term)
        return OauthDecision(id=request)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def oauth_refuse(self, info: Info[Call, None], request: ID) -> OauthDecision:
        await service.refuse(info.context, request)
        return OauthDecision(id=request)

    @fields.mutation(allow=DEVELOPER, recent="if held")
    async def oauth_register(self, info: Info[Call, None], organisation: ID, name_zh: str, name_en: str,
                             redirects: list[str], scopes: list[ID], key: str) -> OauthRegistered:
        """A client of my organisation, which waits for approval."""
        return await registering.register(info.context, parse_id(organisation, "organisation"), (name_zh, name_en),
                                          redirects, scopes, key)

    @fields.mutation(allow=MANAGER, recent="if held")
    async def oauth_decide(self, info: Info[Call, None], id: ID, agree: bool, reason: str = "") -> OauthRegistered:
        """Four eyes: a manager of the district approves a client, or refuses it with a reason."""
        return await registering.decide(info.context, parse_id(id, "id"), agree, reason)

    @fields.mutation(allow=DEVELOPER | MANAGER, unagreed=True)
    async def oauth_end(self, info: Info[Call, None], id: ID, reason: str) -> OauthRegistered:
        """End a client, of my organisation or as the district: its tokens are nobody's from this moment."""
        return await registering.end(info.context, parse_id(id, "id"), reason)


def _request(call: Call, id_: ID, found: service.Wanted | None) -> OauthRequest | None:
    if found is None:
        return None
    return OauthRequest(id=id_, client=_client(found.client, call.viewer.locale), scopes=_scopes(call, found.scopes),
                        native=not found.kept["redirect"].startswith("https:"))


def _client(client: Registered, locale: str) -> OauthClient:
    return OauthClient(id=ID(str(client.id)), name=client.name[locale], organisation=client.organisation, demo=client.demo)


def _scopes(call: Call, scopes: tuple[str, ...]) -> list[OauthScope]:
    known, locale = call.platform.registry.scopes, call.viewer.locale
    return [OauthScope(id=ID(scope), title=known[scope].title[locale], words=known[scope].words[locale])
            for scope in scopes if scope in known]
