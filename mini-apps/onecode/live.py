"""What of onecode is told as it happens: what becomes of a code while it is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.ids import parse_id
from haian.rules import GIVEN, SIGNED_IN
from onecode import asks, desk, service, store
from onecode.models import AskState, Fate
from onecode.schema import OnecodeCheck, OnecodeScan
from onecode.schema_desk import MANAGER

strawberry.enum(Fate, name="OnecodeFate")


@fields.object_type(allow=GIVEN)
class OnecodeShown:
    """What became of a code of mine. SHOWN: nothing yet. READ: `scan` says by whom, and what they saw. OVER: it ran out."""

    fate: Fate
    scan_id: Private[UUID | None]

    @fields.field()
    def scan(self) -> OnecodeScan | None:
        return store.scan(self.scan_id)


@fields.object_type(allow=GIVEN)
class OnecodeFlowEvent:
    """READY: from now on everything is told. FLOW: there was a scan, or an entry. RESYNC: something may have been missed.
    OVER: ask again, to be let in anew."""

    change: str


@fields.object_type(allow=GIVEN)
class OnecodeAsked:
    """How it stands that the holder is asked for more; `check` is the scan with what may be seen of it now."""

    state: AskState
    scan_id: Private[UUID]

    @fields.field()
    def check(self) -> OnecodeCheck:
        return store.check(self.scan_id)


@strawberry.type
class Subscription:
    @fields.subscription(allow=MANAGER)
    async def onecode_flow_changes(self, info: Info[Call, None], organisation: ID) -> AsyncIterator[OnecodeFlowEvent]:
        """That the flow at an organisation which I manage has changed."""
        return await desk.flow_changes(info.context, parse_id(organisation, "organisation"), OnecodeFlowEvent)

    @fields.subscription(allow=SIGNED_IN)
    async def onecode_shown(self, info: Info[Call, None], code: str) -> AsyncIterator[OnecodeShown]:
        """What becomes of a code of mine, whose text is given: SHOWN, then READ or OVER, and the end."""
        return await service.shown(info.context, code, OnecodeShown)

    @fields.subscription(allow=SIGNED_IN)
    async def onecode_asked(self, info: Info[Call, None], scan: ID) -> AsyncIterator[OnecodeAsked]:
        """Whether the holder of a code that I have read lets me see what the scene asks beyond: WAITING, then what became
        of it, and the end."""
        return await asks.follow(info.context, parse_id(scan, "scan"), OnecodeAsked)
