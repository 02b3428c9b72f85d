"""Who is let in without a code 紧急放行, in GraphQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.rules import GIVEN
from onecode import doors, store
from onecode.models import Cause, Undoing
from onecode.schema_scenes import VERIFIER, OnecodeScene

strawberry.enum(Cause, name="OnecodeCause")
strawberry.enum(Undoing, name="OnecodeUndoing")


@fields.object_type(allow=GIVEN)
class OnecodeEntry:
    """Somebody was let in without a code. `justified`: what the manager found; null until then. `mine`: I let them in, so
    that another has to review it."""

    id: ID
    at: datetime
    place: str
    cause: Cause
    words: str
    people: int
    verifier: str | None
    mine: bool
    reviewed_at: datetime | None
    justified: bool | None
    note: str
    scene_id: Private[str]
    verifier_id: Private[UUID | None]
    organisation_id: Private[UUID]

    @fields.field()
    def scene(self) -> OnecodeScene:
        return store.scene(self.scene_id)


@strawberry.type
class DoorMutation:
    @fields.mutation(allow=VERIFIER)
    async def onecode_let_in(self, info: Info[Call, None], cause: Cause, people: int, key: str,
                             words: str = "") -> OnecodeEntry:
        """Let somebody in at my post who has no code, in an emergency. It is reviewed."""
        return await doors.let_in(info.context, cause, words, people, key)
