"""Delegation in GraphQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry import ID, Info, Private

from delegation import desk, linking, service, store
from delegation.models import Document, Ground, How, Kin, State, Tie
from haian import fields
from haian.call import Call
from haian.fields import Audit, Connection
from haian.ids import parse_id
from haian.registry import Scope
from haian.rules import GIVEN, PUBLIC, SIGNED_IN, role
from identity import enrolling

DESK = role("desk_officer")
for words in (Ground, State, How, Kin, Tie, Document):
    strawberry.enum(words, name=f"Delegation{words.__name__}")


def _titles(self: Any, info: Info[Call, None]) -> list[str]:
    return service.titles(info.context, self.scopes)


@fields.object_type(allow=PUBLIC)
class DelegationScope:
    """Something that one may let another do, in words; `of_them`: for a reader whom it is not about."""

    id: ID
    title: str
    words: str
    of_them: str

    @staticmethod
    def of(scope: Scope, locale: str) -> DelegationScope:
        return DelegationScope(id=ID(scope.id), title=scope.title[locale], words=scope.words[locale],
                               of_them=scope.of_them[locale])


@fields.object_type(allow=GIVEN)
class DelegationPrincipal:
    """Somebody for whom I may act, until when. `scopes`: of a mandate, what it covers; a guardian has none named.
    `relation`: of a guardian, what they are to the child."""

    id: ID
    name: str
    ground: Ground
    relation: str | None
    scopes: list[str]
    until: datetime
    titles: list[str] = fields.field(_titles, description="What the scopes are called.")


@fields.object_type(allow=GIVEN)
class DelegationFamily:
    """A guardian and a child, one of whom is me or a child of mine. `consents`: the child is under 14, and this guardian
    consents for it. `scopes`: what custody forbids, of my own links."""

    id: ID
    tie: Tie
    child_id: ID
    child: str
    guardian: str
    relation: Kin
    until: datetime
    consents: bool
    scopes: Private[list[str]]
    limits: list[str] = fields.field(_titles, description="What custody forbids, in words.")


@fields.object_type(allow=GIVEN)
class DelegationMandate:
    """亲友代办: given by me, or to me by `principal`. `called` and `phone` (masked) say to whom. `number`: the whole number,
    for the one who typed it, until it is accepted; `helper`: the masked name of who acts; `offered_until`: so long it waits
    to be accepted; `ready_at`: where a code was told, it counts from then on."""

    id: ID
    principal_id: ID
    given_by_me: bool
    principal: str
    called: str
    phone: str
    number: str | None
    helper: str | None
    scopes: list[str]
    state: State
    asked_at: datetime
    confirmed_at: datetime | None
    confirmed_how: How | None
    offered_until: datetime | None
    ready_at: datetime | None
    until: datetime
    ended_at: datetime | None
    titles: list[str] = fields.field(_titles, description="What the scopes are called.")


@fields.object_type(allow=GIVEN)
class DelegationAct:
    """Something that a delegate saw or did by a mandate."""

    id: ID
    at: datetime
    action: str
    fields: list[str]


@fields.object_type(allow=GIVEN)
class DelegationPerson:
    """Whom an officer has before them: enough to compare with a document."""

    id: ID
    masked_name: str
    level: str


@fields.object_type(allow=GIVEN)
class DelegationAtDesk:
    """What was confirmed at my desk. `phone`: the delegate's, masked."""

    id: ID
    principal: str
    called: str
    phone: str
    scopes: list[str]
    until: datetime
    titles: list[str] = fields.field(_titles, description="What the scopes are called.")


@fields.object_type(allow=GIVEN)
class DelegationAsked:
    """What I asked for, to be confirmed by its id."""

    id: ID


@fields.object_type(allow=GIVEN)
class DelegationGuardian:
    """A guardian as attested or ended at my desk. `scopes`: what custody forbids them."""

    id: ID
    guardian: str
    child: str
    relation: Kin
    scopes: list[str]
    until: datetime
    ended_at: datetime | None
    titles: list[str] = fields.field(_titles, description="What the scopes are called.")


@strawberry.type
class Query:
    @fields.field(allow=SIGNED_IN)
    def delegation_principals(self) -> list[DelegationPrincipal]:
        """For whom I may act now: my children, then who gave me a mandate."""
        return store.principals()

    @fields.field(allow=SIGNED_IN)
    def delegation_family(self) -> list[DelegationFamily]:
        """My children, who else is their guardian, and my own guardians."""
        return store.my_family()

    @fields.field(allow=PUBLIC)
    def delegation_scopes(self, info: Info[Call, None]) -> list[DelegationScope]:
        """What one may let another do."""
        return [DelegationScope.of(each, info.context.viewer.locale)
                for each in info.context.platform.registry.scopes.values()]

    @fields.field(allow=SIGNED_IN)
    def delegation_mandates(self) -> list[DelegationMandate]:
        """What I gave and what I was given, those that count first; the fifty latest."""
        return store.mandates()

    @fields.field(allow=SIGNED_IN)
    def delegation_log(self, mandate: ID, first: int = 20, after: str | None = None,
                       last: int | None = None, before: str | None = None) -> Connection[DelegationAct]:
        """What was seen and done by a mandate that I gave or was given: the same for both, latest first."""
        return store.log(mandate, first=first, after=after, last=last, before=before)


@strawberry.type
class Mutation:
    @fields.mutation(allow=SIGNED_IN)
    async def delegation_give(self, info: Info[Call, None], phone: str, called: str, scopes: list[ID], days: int,
                              key: str, work: str = "") -> DelegationMandate:
        """Let somebody act for me: it counts once I confirmed it with the code that comes to my phone, and they accepted it.
        `work`: the solved challenge of IDENTITY_WORK_NEEDED."""
        return await service.give(info.context, phone, called, scopes, days, work, key)

    @fields.mutation(allow=SIGNED_IN)
    async def delegation_send_code(self, info: Info[Call, None], id: ID, work: str = "") -> int:
        """Another code; the answer is the seconds until the next may be asked for."""
        return await service.send_code(info.context, parse_id(id, "id"), work)

    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def delegation_confirm(self, info: Info[Call, None], id: ID, code: str) -> DelegationMandate:
        return await service.confirm(info.context, parse_id(id, "id"), code)

    @fields.mutation(allow=SIGNED_IN)
    async def delegation_accept(self, info: Info[Call, None], id: ID) -> DelegationMandate:
        """Accept what is offered to the number that I sign in with; within 7 days."""
        return await service.accept(info.context, parse_id(id, "id"))

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def delegation_end(self, info: Info[Call, None], id: ID) -> DelegationMandate:
        """End it at once, or decline it; both may."""
        return await service.end(info.context, parse_id(id, "id"))

    @fields.mutation(allow=DESK, audit=Audit("PERSON_LOOKED_UP", subject="id", ground="duty"))
    async def delegation_desk_person(self, info: Info[Call, None], person: str) -> DelegationPerson | None:
        """Whose number this is, of a phone or of the citizen ID card that lies there, for the officer who has them at the
        desk. Every look is in that person's ledger. A mutation: no such number is ever in an address."""
        return await desk.look_up(info.context, person)

    @fields.mutation(allow=DESK, recent="if held")
    async def delegation_give_at_desk(self, info: Info[Call, None], principal: str, delegate: str, called: str,
                                      scopes: list[ID], days: int, seen: Document, key: str) -> DelegationAtDesk:
        """For a principal who stands at my desk with a document that I have `seen`, named by phone or card number."""
        return await desk.give(info.context, principal, delegate, called, scopes, days, seen, key)

    @fields.mutation(allow=SIGNED_IN)
    async def delegation_ask(self, info: Info[Call, None], phone: str, scopes: list[ID], days: int,
                             key: str, work: str = "") -> DelegationAsked:
        """Ask somebody to let me act for them; it counts once they told me the code that goes to their number. The answer is
        the same whether or not the number is anybody's."""
        return DelegationAsked(id=ID(await service.ask(info.context, phone, scopes, days, work, key)))

    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def delegation_link_child(self, info: Info[Call, None], name: str, number: str) -> DelegationFamily:
        """Add a child of mine by its name and citizen ID number, where the registers of households and births call me its
        guardian. There is no key: with one the browser would keep the number until it is answered."""
        return await linking.link(info.context, linking.papers(info.context, name, number))

    @fields.mutation(allow=DESK, recent="if held")
    async def delegation_attest(self, info: Info[Call, None], guardian: str, child: str, kin: Kin, limits: list[ID],
                                seen: Document, child_name: str = "", child_phone: str = "") -> DelegationGuardian:
        """A guardian (by the number of their phone or card) of a child (by the citizen ID number), from documents that I
        have `seen`; `limits`: what custody forbids. A child whose number is nobody's is enrolled by `child_name`, and with
        its own `child_phone` if it has one."""
        papers = enrolling.papers(info.context, child, child_name, child_phone)
        return await desk.attest(info.context, guardian, papers, kin, limits, seen)

    @fields.mutation(allow=DESK, recent="if held")
    async def delegation_end_guardian(self, info: Info[Call, None], guardian: str, child: str,
                                      seen: Document) -> DelegationGuardian:
        """End a guardianship, from a document that I have `seen`."""
        return await desk.end_guardian(info.context, guardian, child, seen)
