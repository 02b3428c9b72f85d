"""What officials propose about scenes, in GraphQL."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry import ID, Info

from haian import fields
from haian.call import Call
from haian.ids import parse_id
from haian.rules import GIVEN, role
from onecode import motions, store_motions
from onecode.models import Offline
from onecode.schema_scenes import OnecodeScene

OFFICIAL = role("manager", "identity_officer")


@fields.object_type(allow=GIVEN)
class OnecodeMotion:
    """That a scene begins (BEGIN) or ends (END), proposed by one official of the district and decided by another. `mine`: I
    proposed it. `agreed`: null until it is decided."""

    id: ID
    kind: str
    scene_id: str
    reason: str
    asked_at: datetime
    asker: str | None
    mine: bool
    decided_at: datetime | None
    agreed: bool | None

    @fields.field()
    def scene(self) -> OnecodeScene:
        """As it was proposed."""
        return store_motions.scene_of(self.id)


@fields.object_type(allow=GIVEN)
class OnecodeScenePost:
    """A post that reads codes: at which kind of organisation, in which role. `id`: both, with a space between."""

    id: ID
    organisation_kind: str
    role: str


@fields.object_type(allow=GIVEN)
class OnecodeFactName:
    """A fact that a scene may ask, in words."""

    name: str
    label: str


@strawberry.type
class MotionQuery:
    @fields.field(allow=OFFICIAL)
    def onecode_facts(self, info: Info[Call, None]) -> list[OnecodeFactName]:
        """What there is to ask: what the nouns provide."""
        return [OnecodeFactName(name=each.name, label=each.label[info.context.viewer.locale])
                for each in info.context.platform.registry.facts.values()]

    @fields.field(allow=OFFICIAL)
    def onecode_motions(self) -> list[OnecodeMotion]:
        """What is proposed about scenes, open ones first."""
        return store_motions.motions()

    @fields.field(allow=OFFICIAL)
    def onecode_scene_posts(self) -> list[OnecodeScenePost]:
        """The posts for which a scene may be proposed."""
        return store_motions.posts()


@strawberry.type
class MotionMutation:
    @fields.mutation(allow=OFFICIAL, recent="if held")
    async def onecode_propose_scene(
            self, info: Info[Call, None], id: ID, name_zh: str, name_en: str, post: str, facts: list[str],
            ground_zh: str, ground_en: str, source: str, retention_days: int, reason: str, key: str,
            demands: list[str] | None = None, beyond: list[str] | None = None, offline: Offline = Offline.NONE,
            code_seconds: int = 30) -> OnecodeMotion:
        """Propose a new scene. `post`: as in `onecodeScenePosts`."""
        kind, _, reader = post.partition(" ")
        draft = motions.Draft(id, name_zh, name_en, kind, reader, ground_zh, ground_en, source, retention_days,
                              offline.value, code_seconds, facts, demands or [], beyond or [])
        return await motions.propose(info.context, draft, reason, key)

    @fields.mutation(allow=OFFICIAL, recent="if held")
    async def onecode_propose_end(self, info: Info[Call, None], scene: ID, reason: str, key: str) -> OnecodeMotion:
        """Propose that a scene ends, everywhere and at once."""
        return await motions.propose_end(info.context, scene, reason, key)

    @fields.mutation(allow=OFFICIAL, recent="if held")
    async def onecode_decide_scene(self, info: Info[Call, None], id: ID, agree: bool) -> OnecodeMotion:
        """Agree to what another official proposed, or decline it."""
        return await motions.decide(info.context, parse_id(id, "id"), agree)
