"""Verifiers that are no person, in GraphQL: for the managers who register them and the district that approves them.
The devices themselves speak the HTTP API of `server.gates`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry import ID, Info, Private

from consent.giving import label
from haian import fields, qr
from haian.call import Call
from haian.fields import Connection
from haian.ids import parse_id
from haian.rules import GIVEN, role
from onecode import gates, store_gates
from onecode.models import Verdict
from onecode.verifiers import PAGE, Kind, Standing

MANAGER, PLATFORM = role("manager"), role("manager", "identity_officer")
strawberry.enum(Kind, name="OnecodeVerifierKind")
strawberry.enum(Standing, name="OnecodeVerifierStanding")


@fields.object_type(allow=GIVEN)
class OnecodeVerifierScene:
    """A scene that a verifier of mine can have. `asks`: the facts that it sees, in words."""

    id: ID
    name_zh: Private[str]
    name_en: Private[str]
    facts: Private[list[str]]

    @fields.field()
    def name(self, info: Info[Call, None]) -> str:
        return info.context.spoken(self.name_zh, self.name_en)

    @fields.field()
    def asks(self, info: Info[Call, None]) -> list[str]:
        return [label(info.context, name) for name in self.facts]


@fields.object_type(allow=GIVEN)
class OnecodeVerifierOffice:
    """An organisation that I manage and that can have verifiers. `partners`: they are third parties, not gates;
    `decides`: it is the district's, which approves those of all others."""

    id: ID
    name: str
    partners: bool
    decides: bool


@fields.object_type(allow=GIVEN)
class OnecodeVerifier:
    """A gate 闸机 or a third party 第三方 that reads codes. `mine`: I registered it, so that somebody else approves
    it; `awake`: it was heard of in the last two minutes."""

    id: ID
    kind: Kind
    organisation: str
    place: str
    standing: Standing
    asked_at: datetime
    asker: str | None
    decider: str | None
    enrolled_at: datetime | None
    seen_at: datetime | None
    scanned_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str
    mine: bool
    awake: bool
    name_zh: Private[str]
    name_en: Private[str]
    facts: Private[list[str]]

    @fields.field()
    def scene(self, info: Info[Call, None]) -> str:
        return info.context.spoken(self.name_zh, self.name_en)

    @fields.field()
    def asks(self, info: Info[Call, None]) -> list[str]:
        """The facts that it sees, in words."""
        return [label(info.context, name) for name in self.facts]

    @fields.field()
    def accepted_today(self) -> int:
        return store_gates.scans_today(self.id, True)

    @fields.field()
    def refused_today(self) -> int:
        return store_gates.scans_today(self.id, False)


@fields.object_type(allow=GIVEN)
class OnecodeEnrolment:
    """A one-time code by which a device registers its key. `path`: its QR code as an SVG path, `size` units wide, to
    be framed in white."""

    code: str
    path: str
    size: int
    expires_at: datetime


@fields.object_type(allow=GIVEN)
class OnecodeScanned:
    """A scan of a verifier, as the district sees it. `name` is masked; `saw`: which facts it was shown, not what they
    said."""

    id: ID
    at: datetime
    verdict: Verdict
    place: str
    name: str | None
    saw: list[str]


@fields.object_type(allow=GIVEN)
class OnecodeScannedPage:
    """Scans of a verifier; `more`: there are older ones."""

    scans: list[OnecodeScanned]
    more: bool


@strawberry.type
class Query:
    @fields.field(allow=PLATFORM)
    def onecode_verifier_offices(self) -> list[OnecodeVerifierOffice]:
        """Where I register verifiers, or approve them."""
        return store_gates.offices()

    @fields.field(allow=MANAGER)
    def onecode_verifier_scenes(self, organisation: ID) -> list[OnecodeVerifierScene]:
        """The scenes of an organisation that I manage."""
        return store_gates.scenes(parse_id(organisation, "organisation"))

    @fields.field(allow=MANAGER)
    def onecode_verifiers(self, organisation: ID, first: int = 50, after: str | None = None,
                          last: int | None = None, before: str | None = None) -> Connection[OnecodeVerifier]:
        """The verifiers of an organisation that I manage, newest first."""
        return store_gates.verifiers(parse_id(organisation, "organisation"), first=first, after=after, last=last,
                                     before=before)

    @fields.field(allow=PLATFORM)
    def onecode_all_verifiers(self, first: int = 50, after: str | None = None,
                              last: int | None = None, before: str | None = None) -> Connection[OnecodeVerifier]:
        """All verifiers, for the district: those that wait for approval first."""
        return store_gates.all_verifiers(first=first, after=after, last=last, before=before)


@strawberry.type
class Mutation:
    @fields.mutation(allow=MANAGER, recent="if held")
    async def onecode_register_verifier(self, info: Info[Call, None], organisation: ID, kind: Kind, scene: ID, place: str,
                                        key: str) -> OnecodeVerifier:
        """Ask for a gate or a third party's access. It counts when the district has approved it and its key is
        registered."""
        return await gates.register(info.context, parse_id(organisation, "organisation"), kind, scene, place, key)

    @fields.mutation(allow=PLATFORM, recent="if held")
    async def onecode_decide_verifier(self, info: Info[Call, None], id: ID, agree: bool) -> OnecodeVerifier:
        """Approve or decline what somebody else registered."""
        return await gates.decide(info.context, parse_id(id, "id"), agree)

    @fields.mutation(allow=MANAGER, recent="if held")
    async def onecode_enrol_verifier(self, info: Info[Call, None], id: ID) -> OnecodeEnrolment:
        """A one-time code, good for 15 minutes, by which the device registers its key."""
        code, until = await gates.enrolment(info.context, parse_id(id, "id"))
        path, size = qr.modules(code)
        return OnecodeEnrolment(code=code, path=path, size=size, expires_at=until)

    @fields.mutation(allow=PLATFORM)
    async def onecode_revoke_verifier(self, info: Info[Call, None], id: ID, reason: str) -> OnecodeVerifier:
        """End it at once."""
        return await gates.revoke(info.context, parse_id(id, "id"), reason)

    @fields.mutation(allow=PLATFORM, recent=True)
    async def onecode_show_scanned(self, info: Info[Call, None], id: ID, reason: str,
                                   before: datetime | None = None) -> OnecodeScannedPage:
        """Whom a verifier scanned, newest first, 50 at a time. Each of them is told, with the reason."""
        call = info.context
        found = await gates.show_scanned(call, parse_id(id, "id"), reason, before)
        return OnecodeScannedPage(scans=[_scanned(call, scan) for scan in found], more=len(found) == PAGE)


def _scanned(call: Call, scan: Any) -> OnecodeScanned:
    return OnecodeScanned(id=ID(str(scan["id"])), at=scan["at"], verdict=Verdict(scan["verdict"]), place=scan["place"],
                          name=scan["name"], saw=[label(call, fact["name"]) for fact in scan["facts"]])
