"""The terms in GraphQL: a version of them, who agreed to which, and what is proposed."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry import ID, Info

from consent import asking, service, store_terms
from consent.models import TermsOutcome
from haian import fields
from haian.call import Call
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC, PUBLIC_OWN, SIGNED_IN, role

MANAGER, SECOND = role("manager"), role("manager", "identity_officer")
strawberry.enum(TermsOutcome, name="ConsentTermsOutcome")


@fields.object_type(allow=PUBLIC)
class ConsentTerms:
    """A version of the terms, in both languages, and what is new in it; when I agreed to it or a later one, null where I
    have not."""

    version: int
    since: datetime
    published_at: datetime
    zh: str
    en: str
    changes_zh: str
    changes_en: str
    accepted_at: datetime | None


@fields.object_type(allow=GIVEN)
class ConsentTermsStanding:
    """To which version somebody has agreed: I, or a child under 14 of mine. `binds_at`: from when they are bound by terms to
    which they have not agreed, null where there are none. `may_accept`: it is mine to agree; under 14 a guardian does."""

    citizen_id: ID
    name: str
    mine: bool
    version: int | None
    accepted_at: datetime | None
    by_guardian: bool
    binds_at: datetime | None
    may_accept: bool


@fields.object_type(allow=GIVEN)
class ConsentTermsProposal:
    """A version that an official of the district proposes and another publishes. `outcome`: null while it waits."""

    id: ID
    zh: str
    en: str
    changes_zh: str
    changes_en: str
    since: datetime
    proposed_at: datetime
    proposer: str | None
    mine: bool
    outcome: TermsOutcome | None
    decided_at: datetime | None
    decider: str | None
    version: int | None


@strawberry.type
class TermsQuery:
    @fields.field(allow=PUBLIC_OWN)
    def consent_terms(self, version: int | None = None) -> ConsentTerms:
        """The terms in force, or a version of them."""
        return store_terms.terms(version)

    @fields.field(allow=PUBLIC_OWN)
    def consent_terms_versions(self) -> list[ConsentTerms]:
        """Every version that was published, newest first; the first may not be in force yet."""
        return store_terms.versions()

    @fields.field(allow=SIGNED_IN)
    def consent_terms_standing(self) -> list[ConsentTermsStanding]:
        """To what I have agreed, then the children for whom I do."""
        return store_terms.standings()

    @fields.field(allow=SECOND)
    def consent_terms_proposals(self) -> list[ConsentTermsProposal]:
        """What officials of the district propose, of which I am one; what waits comes first."""
        return store_terms.proposals()


@strawberry.type
class TermsMutation:
    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def consent_accept(self, info: Info[Call, None], version: int, child: ID | None = None) -> ConsentTerms:
        """Agree to this version, which is in force or will be; as a guardian, for a child under 14."""
        return await service.accept(info.context, version, None if child is None else parse_id(child, "child"))

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def consent_ask_terms(self, info: Info[Call, None]) -> bool:
        """As a child under 14: ask my guardians to agree to the terms for me."""
        return await asking.ask_terms(info.context)

    @fields.mutation(allow=MANAGER, recent="if held")
    async def consent_propose_terms(self, info: Info[Call, None], zh: str, en: str, changes_zh: str, changes_en: str,
                                    since: datetime, key: str) -> ConsentTermsProposal:
        """Propose the next version, in force from `since` on: at least 7 days after another official publishes it."""
        texts = {"zh": zh, "en": en, "changes_zh": changes_zh, "changes_en": changes_en}
        return await service.propose(info.context, texts, since, key)

    @fields.mutation(allow=SECOND, recent="if held")
    async def consent_decide_terms(self, info: Info[Call, None], id: ID, agree: bool) -> ConsentTermsProposal:
        """Publish what another official proposed, or decline it; take back what I proposed."""
        return await service.decide(info.context, parse_id(id, "id"), agree)
