"""当面同意 in GraphQL: what I am asked at a scan, and how that stands."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.rules import GIVEN, SIGNED_IN
from onecode import store, store_asks
from onecode.models import AskState, Reply
from onecode.schema_scenes import OnecodeScene, label

strawberry.enum(AskState, name="OnecodeAskState")
strawberry.enum(Reply, name="OnecodeReply")


@fields.object_type(allow=GIVEN)
class OnecodeAsk:
    """What a verifier would see of me beyond the scene's base, and who it is. `seconds`: how long I may answer."""

    scan_id: ID
    organisation: str
    place: str
    verifier: str | None
    until: datetime
    seconds: int
    scene_id: Private[str]
    names: Private[list[str]]

    @fields.field()
    def scene(self) -> OnecodeScene:
        return store.scene(self.scene_id)

    @fields.field()
    def asks(self, info: Info[Call, None]) -> list[str]:
        """The facts, in words."""
        return [label(info, name) for name in self.names]


@strawberry.type
class AskQuery:
    @fields.field(allow=SIGNED_IN)
    def onecode_asks(self) -> list[OnecodeAsk]:
        """What I am asked at this moment."""
        return store_asks.mine()
