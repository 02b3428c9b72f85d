"""Scenes, requests and what they came to, in GraphQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from certificates import store, store_presenting
from certificates.models import Area, Fate, Standing
from certificates.schema_wallet import CertificatesKind, CertificatesLabel
from haian import fields
from haian.call import Call
from haian.rules import GIVEN, PUBLIC

strawberry.enum(Area, name="CertificatesArea")
strawberry.enum(Fate, name="CertificatesFate")


@fields.object_type(allow=PUBLIC)
class CertificatesScene:
    """用证场景: who asks for what, and on which ground. `role`: the post that may ask; `uses`: how often somebody
    presented."""

    id: ID
    area: Area
    role: str
    uses: int
    name_zh: Private[str]
    name_en: Private[str]
    ground_zh: Private[str]
    ground_en: Private[str]
    kind_id: Private[str]

    @fields.field()
    def name(self, info: Info[Call, None]) -> str:
        return info.context.spoken(self.name_zh, self.name_en)

    @fields.field()
    def ground(self, info: Info[Call, None]) -> str:
        """The law that it rests on."""
        return info.context.spoken(self.ground_zh, self.ground_en)

    @fields.field()
    def kind(self) -> CertificatesKind:
        return store.kind(self.kind_id)

    @fields.field()
    def asks(self) -> list[CertificatesLabel]:
        """Exactly what is seen; nothing: that a certificate which counts is held."""
        return store_presenting.asks(self.id)


@fields.object_type(allow=GIVEN)
class CertificatesAsked:
    """A request as its verifier shows it. `link` opens our own wallet, `wallet` any other (OpenID4VP 1.0); each with the
    path and size of its QR code."""

    id: ID
    link: str
    path: str
    size: int
    wallet: str
    wallet_path: str
    wallet_size: int
    seconds: int


@fields.object_type(allow=GIVEN)
class CertificatesOffer:
    """存入其他钱包 (OpenID4VCI 1.0): what that wallet scans, as text and QR code, and the six digits to type there."""

    text: str
    path: str
    size: int
    code: str
    seconds: int


@fields.object_type(allow=GIVEN)
class CertificatesRequest:
    """What is asked of me. `whom`: who asks. `standing`: of my certificate of the kind; null where I have none."""

    id: ID
    whom: str
    until: datetime
    is_over: bool
    outcome: Fate | None
    certificate_id: ID | None
    standing: Standing | None
    scene_id: Private[str]

    @fields.field()
    def scene(self) -> CertificatesScene:
        return store_presenting.scene(self.scene_id)


@fields.object_type(allow=GIVEN)
class CertificatesSeen:
    """One thing that was shown: a text, or whether something holds."""

    name: str
    text: str | None
    holds: bool | None


@fields.object_type(allow=GIVEN)
class CertificatesAnswer:
    """What came of a request of mine as a verifier. `trouble`: in one word, why a presentation is not believed."""

    id: ID
    fate: Fate
    trouble: str
    answered_at: datetime | None
    role: Private[str]
    scene_id: Private[str]
    organisation_id: Private[UUID]
    holder_id: Private[UUID | None]
    seen: Private[Any]
    told: Private[list[str]]

    @fields.field()
    def scene(self) -> CertificatesScene:
        return store_presenting.scene(self.scene_id)

    @fields.field()
    def shown(self) -> list[CertificatesSeen]:
        return [CertificatesSeen(name=name, text=value if isinstance(value, str) else None,
                                 holds=value if isinstance(value, bool) else None)
                for name, value in (self.seen or {}).items()]
