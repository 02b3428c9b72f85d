"""Scenes 场景 in GraphQL: what each asks, on which ground, and which of them a verifier serves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.rules import GIVEN, PUBLIC, SIGNED_IN, when
from onecode import scenes, store, store_scenes
from onecode.models import VISIT_LABELS, Offline

VERIFIER = when("verifier", lambda _: store.is_verifier())
strawberry.enum(Offline, name="OnecodeOffline")


def label(info: Info[Call, None], name: str) -> str:
    """What a fact is called; its bare name where nobody provides it."""
    fact, locale = info.context.platform.registry.facts.get(name), info.context.viewer.locale
    return fact.label[locale] if fact else VISIT_LABELS.get(name, {}).get(locale, name)


@fields.object_type(allow=GIVEN)
class OnecodeScene:
    """What is asked of a code, by whom and where 场景. `organisation_kind`: who runs it; `role`: whose post reads the codes.
    `source`: the law that the ground rests on. `code_seconds`: how long a code may have been shown. `until`: since when it
    has ended, for what it was in the history."""

    id: ID
    organisation_kind: str
    role: str
    source: str
    retention_days: int
    code_seconds: int
    offline: Offline
    since: datetime | None
    until: datetime | None
    name_zh: Private[str]
    name_en: Private[str]
    ground_zh: Private[str]
    ground_en: Private[str]
    facts: Private[list[str]]
    demands: Private[list[str]]
    beyond: Private[list[str]]

    @fields.field()
    def name(self, info: Info[Call, None]) -> str:
        return info.context.spoken(self.name_zh, self.name_en)

    @fields.field()
    def ground(self, info: Info[Call, None]) -> str:
        """Why what is asked may be asked."""
        return info.context.spoken(self.ground_zh, self.ground_en)

    @fields.field()
    def asks(self, info: Info[Call, None]) -> list[str]:
        """The facts that the verifier sees, in words."""
        return [label(info, name) for name in self.facts]

    @fields.field()
    def needs(self, info: Info[Call, None]) -> list[str]:
        """Those of them that have to hold."""
        return [label(info, name) for name in self.demands]

    @fields.field()
    def asks_beyond(self, info: Info[Call, None]) -> list[str]:
        """What is seen besides only where the holder has agreed."""
        return [label(info, name) for name in self.beyond]


@fields.object_type(allow=GIVEN)
class OnecodePost:
    """Where and in which scene I read codes 核验方, and how many there today (Asia/Shanghai). `post`: what names that, to
    be compared."""

    post: str
    organisation: str
    place: str
    role: Private[str]
    organisation_id: Private[UUID]
    scene_id: Private[str]

    @fields.field()
    def scene(self) -> OnecodeScene:
        return store.scene(self.scene_id)

    @fields.field()
    def accepted_today(self) -> int:
        return store.scans_today(self.organisation_id, self.role, self.place, True)

    @fields.field()
    def refused_today(self) -> int:
        return store.scans_today(self.organisation_id, self.role, self.place, False)


@fields.object_type(allow=GIVEN)
class OnecodeDuty:
    """A scene that I may serve now: it runs at a post of mine. `served`: it is the one that my next scan is in."""

    id: ID
    organisation: str
    place: str
    served: bool
    scene_id: Private[str]

    @fields.field()
    def scene(self) -> OnecodeScene:
        return store.scene(self.scene_id)


@strawberry.type
class SceneQuery:
    @fields.field(allow=PUBLIC)
    def onecode_scenes(self) -> list[OnecodeScene]:
        """Where a code is asked for, and what of it."""
        return store_scenes.running()

    @fields.field(allow=SIGNED_IN)
    def onecode_duties(self) -> list[OnecodeDuty]:
        """The scenes among which I choose: those that run at my own posts."""
        return store_scenes.duties()


@strawberry.type
class SceneMutation:
    @fields.mutation(allow=VERIFIER)
    async def onecode_serve(self, info: Info[Call, None], duty: ID) -> OnecodePost:
        """Serve one of my own scenes from now on."""
        return await scenes.serve(info.context, duty)
