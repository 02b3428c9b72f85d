"""The manager's desk in GraphQL."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.fields import Audit, Connection
from haian.ids import parse_id
from haian.rules import GIVEN, role
from onecode import desk, store_desk
from onecode.models import Verdict
from onecode.schema_doors import OnecodeEntry
from onecode.schema_scenes import OnecodeScene

MANAGER = role("manager")
strawberry.enum(Verdict, name="OnecodeVerdict")


@fields.object_type(allow=GIVEN)
class OnecodeDesk:
    """An organisation that I manage and that reads codes. `scenes`: those that may run at its gates."""

    id: ID
    name: str

    @fields.field()
    def scenes(self) -> list[OnecodeScene]:
        return store_desk.offered(self.id)


@fields.object_type(allow=GIVEN)
class OnecodePlace:
    """A gate 岗位地点 of my organisation: how many hold a post there now, and its scans today (Asia/Shanghai)."""

    place: str
    guards: int
    accepted: int
    refused: int
    organisation_id: Private[UUID]

    @fields.field()
    def scenes(self) -> list[OnecodeScene]:
        """What runs there."""
        return store_desk.running_at(self.organisation_id, self.place)


@fields.object_type(allow=GIVEN)
class OnecodeHour:
    """The scans of one hour of today (0 to 23, Asia/Shanghai) at a gate; those that were taken back are none."""

    place: str
    hour: int
    accepted: int
    refused: int


@fields.object_type(allow=GIVEN)
class OnecodeRefusals:
    """How often codes were refused today, by reason."""

    many: int
    outcome: Verdict = fields.field(name="verdict")


@strawberry.type
class DeskQuery:
    @fields.field(allow=MANAGER)
    def onecode_desks(self) -> list[OnecodeDesk]:
        """The organisations that I manage and that read codes."""
        return store_desk.desks()

    @fields.field(allow=MANAGER)
    def onecode_places(self, organisation: ID) -> list[OnecodePlace]:
        """Its gates: those where somebody has a post, and those for which scenes are registered."""
        return store_desk.places(parse_id(organisation, "organisation"))

    @fields.field(allow=MANAGER)
    def onecode_hours(self, organisation: ID) -> list[OnecodeHour]:
        """Its flow today."""
        return store_desk.hours(parse_id(organisation, "organisation"))

    @fields.field(allow=MANAGER)
    def onecode_refusals(self, organisation: ID) -> list[OnecodeRefusals]:
        """Why codes were refused today."""
        return store_desk.refusals(parse_id(organisation, "organisation"))

    @fields.field(allow=MANAGER, audit=Audit("ENTRIES_SEEN", subject="verifier_id", office="organisation_id"))
    def onecode_entries(self, organisation: ID, first: int = 20, after: str | None = None,
                        last: int | None = None, before: str | None = None) -> Connection[OnecodeEntry]:
        """Who was let in without a code, newest first."""
        return store_desk.entries(parse_id(organisation, "organisation"), first=first, after=after, last=last, before=before)


@strawberry.type
class DeskMutation:
    @fields.mutation(allow=MANAGER, recent="if held")
    async def onecode_assign(self, info: Info[Call, None], organisation: ID, place: str,
                             scenes: list[str]) -> list[OnecodePlace]:
        """Register which scenes run at a gate from now on; none: the usual one."""
        return await desk.assign(info.context, parse_id(organisation, "organisation"), place, scenes)

    @fields.mutation(allow=MANAGER)
    async def onecode_review(self, info: Info[Call, None], entry: ID, justified: bool, note: str = "") -> OnecodeEntry:
        """Review who was let in without a code."""
        return await desk.review(info.context, parse_id(entry, "entry"), justified, note)

    @fields.mutation(allow=MANAGER, recent=True)
    async def onecode_export(self, info: Info[Call, None], organisation: ID, since: date, days: int = 1) -> str:
        """The scans of up to 31 days as CSV, without whose codes they were."""
        return await desk.export(info.context, parse_id(organisation, "organisation"), since, days)
