"""What of onecode is told as it happens: what becomes of a code while it is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import strawberry
from strawberry import Info, Private

from haian import fields
from haian.call import Call
from haian.rules import GIVEN, SIGNED_IN
from onecode import service, store
from onecode.models import Fate
from onecode.schema import OnecodeScan

strawberry.enum(Fate, name="OnecodeFate")


@fields.object_type(allow=GIVEN)
class OnecodeShown:
    """What became of a code of mine. SHOWN: nothing yet. READ: `scan` says by whom, and what they saw. OVER: it ran out."""

    fate: Fate
    scan_id: Private[UUID | None]

    @fields.field()
    def scan(self) -> OnecodeScan | None:
        return store.scan(self.scan_id)


@strawberry.type
class Subscription:
    @fields.subscription(allow=SIGNED_IN)
    async def onecode_shown(self, info: Info[Call, None], code: str) -> AsyncIterator[OnecodeShown]:
        """What becomes of a code of mine, whose text is given: SHOWN, then READ or OVER, and the end."""
        return await service.shown(info.context, code, OnecodeShown)
