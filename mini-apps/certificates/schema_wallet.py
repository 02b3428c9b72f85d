"""The wallet in GraphQL: certificates, their kinds, uses and corrections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from certificates import store
from certificates.errors import IssuerAway, NotFoundThere
from certificates.models import Outcome, Standing, Use
from haian import fields
from haian.call import Call
from haian.errors import PublicError
from haian.fields import Connection
from haian.rules import GIVEN

for each, name in ((Standing, "CertificatesStanding"), (Outcome, "CertificatesOutcome"), (Use, "CertificatesUseKind")):
    strawberry.enum(each, name=name)


@fields.object_type(allow=GIVEN)
class CertificatesKind:
    """A kind of certificate 证照类型. `tone`: the colour of its card."""

    id: ID
    tone: str
    name_zh: Private[str]
    name_en: Private[str]
    office_zh: Private[str]
    office_en: Private[str]

    @fields.field()
    def name(self, info: Info[Call, None]) -> str:
        return info.context.spoken(self.name_zh, self.name_en)

    @fields.field()
    def office(self, info: Info[Call, None]) -> str:
        """Who issues it."""
        return info.context.spoken(self.office_zh, self.office_en)


@fields.object_type(allow=GIVEN)
class CertificatesLabel:
    """What a claim is called."""

    name: str
    label_zh: Private[str]
    label_en: Private[str]

    @fields.field()
    def label(self, info: Info[Call, None]) -> str:
        return info.context.spoken(self.label_zh, self.label_en)


@fields.object_type(allow=GIVEN)
class CertificatesClaim:
    """A claim of a certificate, masked."""

    name: str
    value: str
    label_zh: Private[str]
    label_en: Private[str]

    @fields.field()
    def label(self, info: Info[Call, None]) -> str:
        return info.context.spoken(self.label_zh, self.label_en)


@fields.object_type(allow=GIVEN)
class CertificatesWhole:
    """A claim of a certificate, whole."""

    name: str
    value: str


@fields.object_type(allow=GIVEN)
class CertificatesCertificate:
    """A certificate of mine 电子证照. `identifier` as in GB/T 36904; `standing`: whether it counts today."""

    id: ID
    identifier: str
    version: int
    issuer: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    standing: Standing
    claimed_at: datetime
    demo: bool
    kind_id: Private[str]

    @fields.field()
    def kind(self) -> CertificatesKind:
        return store.kind(self.kind_id)

    @fields.field()
    def claims(self) -> list[CertificatesClaim]:
        """What it says, masked, in order."""
        return store.claims_of(self.id)

    @fields.field()
    def corrections(self) -> list[CertificatesCorrection]:
        """What I asked to be corrected, newest first."""
        return store.corrections_of(self.id)

    @fields.field()
    def uses(self, first: int = 20, after: str | None = None,
             last: int | None = None, before: str | None = None) -> Connection[CertificatesUse]:
        """使用记录: what was done with it, newest first."""
        return store.uses(self.id, first=first, after=after, last=last, before=before)


@fields.object_type(allow=GIVEN)
class CertificatesUse:
    """What was done with a certificate of mine. `whom`: who saw it."""

    id: ID
    at: datetime
    what: Use
    whom: str
    kind_id: Private[str]
    claims: Private[list[str]]

    @fields.field()
    def saw(self) -> list[CertificatesLabel]:
        """Which claims were seen."""
        return store.labels(self.kind_id, self.claims)


@fields.object_type(allow=GIVEN)
class CertificatesCorrection:
    """纠错: what a certificate should say. `outcome` is null while the office checks it."""

    id: ID
    says: str
    words: str
    asked_at: datetime
    outcome: Outcome | None
    answer: str
    answered_at: datetime | None
    kind_id: Private[str]
    claim: Private[str]
    certificate_id: Private[UUID]
    citizen_id: Private[UUID]
    subject: Private[UUID | None]

    @fields.field()
    def kind(self) -> CertificatesKind:
        return store.kind(self.kind_id)

    @fields.field()
    def about(self) -> CertificatesLabel:
        """What is said to be wrong."""
        return store.label_of(self.kind_id, self.claim)

    @fields.field()
    def now_says(self) -> str | None:
        """What the certificate says now, masked."""
        return store.current_value(self.certificate_id, self.claim)

    @fields.field()
    def identifier(self) -> str | None:
        return store.identifier_of(self.certificate_id)

    @fields.field()
    def holder(self) -> str | None:
        """Whose it is, masked."""
        return store.holder_name(self.citizen_id)


def sentence(info: Info[Call, None], refusal: type[PublicError]) -> str:
    """The words of a refusal, in the reader's language."""
    return info.context.platform.registry.catalogue.say(refusal.code, info.context.viewer.locale)


@fields.object_type(allow=GIVEN)
class CertificatesNotFoundThere:
    """The office has no such certificate of mine."""

    @fields.field()
    def message(self, info: Info[Call, None]) -> str:
        return sentence(info, NotFoundThere)


@fields.object_type(allow=GIVEN)
class CertificatesIssuerAway:
    """The office does not answer."""

    @fields.field()
    def message(self, info: Info[Call, None]) -> str:
        return sentence(info, IssuerAway)


CertificatesClaimResult = Annotated[CertificatesCertificate | CertificatesNotFoundThere | CertificatesIssuerAway,
                                    strawberry.union("CertificatesClaimResult")]
