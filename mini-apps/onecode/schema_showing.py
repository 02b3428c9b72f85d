"""Who may show codes, in GraphQL: whose, and whether they are in use."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry import ID, Info

from haian import fields
from haian.call import Call
from haian.rules import GIVEN, SIGNED_IN
from onecode import store_showing, suspending


@fields.object_type(allow=GIVEN)
class OnecodeState:
    """Whether my code may be shown. `suspended_since`: since when it is suspended 停用; null while it is in use.
    `carried_stopped_at`: when codes that a device of mine carried were stopped last: what was fetched before is good no
    more where a suspension stopped it."""

    suspended_since: datetime | None
    carried_stopped_at: datetime | None


@fields.object_type(allow=GIVEN)
class OnecodeHolder:
    """Somebody whose code I may show 亲属码: a child of mine (`guardian`), or who gave me a mandate for it.
    `carried_stopped_at`: as that of `OnecodeState`, of what a device of mine carried for them."""

    id: ID
    name: str
    guardian: bool
    carried_stopped_at: datetime | None


@strawberry.type
class ShowingQuery:
    @fields.field(allow=SIGNED_IN)
    def onecode_holders(self) -> list[OnecodeHolder]:
        """Whose code I may show beside my own."""
        return store_showing.holders()

    @fields.field(allow=SIGNED_IN)
    def onecode_state(self) -> OnecodeState:
        """Whether my code may be shown."""
        return store_showing.state()


@strawberry.type
class ShowingMutation:
    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def onecode_suspend(self, info: Info[Call, None]) -> OnecodeState:
        """Stop all my codes at once 停用, such as when a phone is lost."""
        return await suspending.suspend(info.context)

    @fields.mutation(allow=SIGNED_IN, recent="if held")
    async def onecode_resume(self, info: Info[Call, None]) -> OnecodeState:
        """Let my code be shown again."""
        return await suspending.resume(info.context)
