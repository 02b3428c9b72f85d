"""Consent in GraphQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from consent import asking, giving, my_data, questions, store, store_asked, store_given
from consent.models import LookKind, Receiver, RequestState, Term
from consent.schema_my_data import ConsentChild, ConsentClosing, ConsentHolder, ConsentKept, ConsentRetained
from consent.schema_terms import TermsMutation, TermsQuery
from haian import fields
from haian.call import Call
from haian.fields import Audit, Connection, field
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC, SIGNED_IN, role

MANAGER = role("manager")
SEEN = Audit("QUESTION_SEEN", subject="citizen_id", ground="duty", office="organisation_id")
strawberry.enum(LookKind, name="ConsentLookKind")
strawberry.enum(Receiver, name="ConsentReceiver")
strawberry.enum(Term, name="ConsentTerm")
strawberry.enum(RequestState, name="ConsentRequestState")


@fields.object_type(allow=GIVEN)
class ConsentLine:
    """A line of the ledger that was questioned. Who asked reads the name as in their ledger, who answers reads it whole."""

    at: datetime
    action: str
    actor_role: str
    actor_name: str | None
    fields: list[str]
    ground: str
    reason: str


@fields.object_type(allow=GIVEN)
class ConsentQuestion:
    """质疑: what I asked about a line of the ledger, who answers until when, the answer. `late`: it was due before now.
    `about`: the id of the thing, such as a scan, that the line is of."""

    id: ID
    organisation: str
    text: str
    asked_at: datetime
    due_at: datetime
    late: bool
    answer: str | None
    answered_at: datetime | None
    about: str | None
    entry_id: Private[UUID]
    entry_at: Private[datetime]
    citizen_id: Private[UUID]

    @fields.field()
    def line(self) -> ConsentLine | None:
        return store.line_of(self.entry_id, self.entry_at, self.citizen_id)


@fields.object_type(allow=GIVEN)
class ConsentDeskQuestion:
    """A question that a manager answers: what was asked, about which line, until when."""

    id: ID
    organisation: str
    text: str
    asked_at: datetime
    due_at: datetime
    late: bool
    answer: str | None
    answered_at: datetime | None
    entry_id: Private[UUID]
    entry_at: Private[datetime]
    citizen_id: Private[UUID]
    organisation_id: Private[UUID]

    @fields.field()
    def asker(self) -> str | None:
        """Who asked, masked."""
        return store.asker(self.citizen_id)

    @fields.field()
    def line(self) -> ConsentLine | None:
        return store.line_of(self.entry_id, self.entry_at, self.citizen_id)


@fields.object_type(allow=GIVEN)
class ConsentEntry:
    """An entry of 用数账本: who, in which role and for which organisation, looked at or changed what of mine, and why. Looks
    of one day that are alike (person, role, office, action) are one entry: the newest, `times` since `first_at`, with all
    that they saw. `look`: nothing was changed. `ground`: the legal ground. `acting`: the scope by which somebody acted for
    me. `actor_name` is masked, except of those whose name the law lets me know: who decides for an authority, my child's
    teacher, who acts for me."""

    id: ID
    at: datetime
    first_at: datetime
    times: int
    look: bool
    kind: LookKind
    action: str
    actor_role: str
    actor_name: str | None
    organisation: str | None
    fields: list[str]
    reason: str
    ground: str
    acting: str
    by_myself: bool

    @field()
    def question(self) -> ConsentQuestion | None:
        """What I asked last about these lines."""
        return store.question_of(self.id, self.at)


@fields.object_type(allow=GIVEN)
class ConsentGiven:
    """What I let somebody know or do: `fact` (or a scope) of mine, for `receiver_name`, what for. `once`: for one use.
    `used`: how often it was, `used_at` when last. `by_guardian`: a guardian of mine gave it. `ended_at`: taken back, or
    used up."""

    id: ID
    fact: str
    receiver_kind: Receiver
    receiver_name: str
    once: bool
    since: datetime
    until: datetime
    ended_at: datetime | None
    used: int
    used_at: datetime | None
    by_guardian: bool
    purpose_zh: Private[str]
    purpose_en: Private[str]

    @fields.field()
    def label(self, info: Info[Call, None]) -> str:
        """The fact or the scope, in words."""
        return giving.label(info.context, self.fact)

    @fields.field()
    def purpose(self, info: Info[Call, None]) -> str:
        """What for, in the words in which I agreed to it."""
        return info.context.spoken(self.purpose_zh, self.purpose_en)


@fields.object_type(allow=GIVEN)
class ConsentRequest:
    """What a child under 14 asks its guardians to agree to: `fact` of the child, for `receiver_name`, for `term` from the
    answer. `is_mine`: I am the child. `guardian`: who answered."""

    id: ID
    child_id: ID
    is_mine: bool
    child: str
    fact: str
    receiver_kind: Receiver
    receiver_name: str
    term: Term
    asked_at: datetime
    until: datetime
    state: RequestState
    guardian: str | None
    answered_at: datetime | None
    purpose_zh: Private[str]
    purpose_en: Private[str]

    @fields.field()
    def label(self, info: Info[Call, None]) -> str:
        """The fact or the scope, in words."""
        return giving.label(info.context, self.fact)

    @fields.field()
    def purpose(self, info: Info[Call, None]) -> str:
        return info.context.spoken(self.purpose_zh, self.purpose_en)


@strawberry.type
class Query(TermsQuery):
    @fields.field(allow=SIGNED_IN)
    def consent_ledger(self, child: ID | None = None, kind: LookKind | None = None, since: datetime | None = None,
                       until: datetime | None = None, first: int = 20, after: str | None = None,
                       last: int | None = None, before: str | None = None) -> Connection[ConsentEntry]:
        """用数账本, newest first: mine, or that of `child`, of whom I am a guardian."""
        return store.ledger(child, kind, since, until, first=first, after=after, last=last, before=before)

    @fields.field(allow=SIGNED_IN)
    def consent_given(self, child: ID | None = None, first: int = 20, after: str | None = None,
                      last: int | None = None, before: str | None = None) -> Connection[ConsentGiven]:
        """What I let others know and do, as it stands, newest first; or that of `child`, for whom I consent."""
        return store_given.standing(child, first=first, after=after, last=last, before=before)

    @fields.field(allow=SIGNED_IN)
    def consent_requests(self) -> list[ConsentRequest]:
        """What I ask my guardians as a child under 14, and what the children ask for whom I consent; the thirty latest."""
        return store_asked.requests()

    @fields.field(allow=SIGNED_IN)
    def consent_closing(self) -> ConsentClosing | None:
        """Whether my account is to be closed."""
        return store.closing(None)

    @fields.field(allow=SIGNED_IN)
    def consent_children(self) -> list[ConsentChild]:
        """The children for whom I consent: I may close their accounts."""
        return store.children()

    @fields.field(allow=PUBLIC)
    def consent_holders(self, info: Info[Call, None]) -> list[ConsentHolder]:
        """Who forgets when, once an account is closed."""
        return [ConsentHolder(name=name, days=days) for name, days in my_data.holders(info.context)]

    @fields.field(allow=PUBLIC)
    def consent_kept(self, info: Info[Call, None]) -> list[ConsentKept]:
        """What is kept by law."""
        return [ConsentKept(what=what, ground=ground, days=days) for what, ground, days in my_data.kept(info.context)]

    @fields.field(allow=PUBLIC)
    def consent_retained(self, info: Info[Call, None]) -> list[ConsentRetained]:
        """What is deleted after which time, though nobody asks for it."""
        return [ConsentRetained(what=what, ground=ground, days=days)
                for what, ground, days in my_data.retained(info.context)]

    @fields.field(allow=SIGNED_IN)
    def consent_questions(self, first: int = 20, after: str | None = None,
                          last: int | None = None, before: str | None = None) -> Connection[ConsentQuestion]:
        """What I questioned, newest first."""
        return store.questions(first=first, after=after, last=last, before=before)

    @fields.field(allow=SIGNED_IN)
    def consent_questions_about(self, things: list[ID]) -> list[ConsentQuestion]:
        """What I questioned of these things, such as scans of my code."""
        return store.questions_about([str(thing) for thing in things[:100]])

    @fields.field(allow=MANAGER, audit=SEEN)
    def consent_desk_questions(self, first: int = 20, after: str | None = None,
                               last: int | None = None, before: str | None = None) -> Connection[ConsentDeskQuestion]:
        """What is to be answered for the organisations that I manage; what is due first comes first."""
        return store.desk_questions(first=first, after=after, last=last, before=before)


@strawberry.type
class Mutation(TermsMutation):
    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def consent_end(self, info: Info[Call, None], id: ID) -> ConsentGiven:
        """Take a consent back, mine or that of a child for whom I consent: nobody may rest on it from this moment."""
        return await giving.end(info.context, parse_id(id, "id"))

    @fields.mutation(allow=SIGNED_IN)
    async def consent_answer_request(self, info: Info[Call, None], id: ID, agree: bool) -> ConsentRequest:
        """Agree to what a child of mine asks, or do not; the first guardian's word counts."""
        return await asking.answer(info.context, parse_id(id, "id"), agree)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def consent_ask(self, info: Info[Call, None], entry: ID, text: str, key: str) -> ConsentQuestion:
        """Question a line of my ledger or of my child's; the answer is due in 5 working days."""
        return await questions.ask(info.context, parse_id(entry, "entry"), text, key)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def consent_ask_about(self, info: Info[Call, None], thing: ID, text: str, key: str) -> ConsentQuestion:
        """Question what somebody did with a thing of mine, such as a scan of my code; due in 5 working days too."""
        return await questions.ask_about(info.context, parse_id(thing, "thing"), text, key)

    @fields.mutation(allow=MANAGER)
    async def consent_answer(self, info: Info[Call, None], id: ID, text: str) -> ConsentDeskQuestion:
        return await questions.answer(info.context, parse_id(id, "id"), text)

    @fields.mutation(allow=SIGNED_IN, recent=True, unagreed=True)
    async def consent_export(self, info: Info[Call, None], child: ID | None = None) -> str:
        """Everything held about me, or about a child under 14 for whom I decide, as JSON text."""
        return await my_data.export(info.context, parse_id(child, "child") if child else None)

    @fields.mutation(allow=SIGNED_IN, recent=True, unagreed=True)
    async def consent_close(self, info: Info[Call, None], child: ID | None = None) -> ConsentClosing:
        """Close my account in 30 days, or that of a child for whom I consent."""
        return await my_data.close(info.context, parse_id(child, "child") if child else None)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def consent_keep(self, info: Info[Call, None], child: ID | None = None) -> ConsentClosing | None:
        """Do not close my account after all, or that of a child for whom I consent."""
        return await my_data.keep(info.context, parse_id(child, "child") if child else None)
