"""Codes for where there is no network 离线码, in GraphQL: what a phone carries, and what a verifier needs to read them."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.acting import acting
from haian.call import Call
from haian.ids import parse_id
from haian.rules import GIVEN, SIGNED_IN
from onecode import handing, offline, store_offline
from onecode.models import SHOW
from onecode.schema_scenes import VERIFIER, label
from onecode.verifiers import encoded


@fields.object_type(allow=GIVEN)
class OnecodeCarriedKind:
    """Codes that say exactly what these scenes ask: the server's parts, in base64url (docs/protocols.md), each for one of
    the device's keys, in their order through all kinds."""

    codes: list[str]
    scenes: Private[list[dict[str, str]]]

    @fields.field()
    def label(self, info: Info[Call, None]) -> str:
        """The names of the scenes."""
        locale = info.context.viewer.locale
        return ("、" if locale == "zh" else ", ").join(scene[locale] for scene in self.scenes)


@fields.object_type(allow=GIVEN)
class OnecodeCarried:
    """Codes for a device of mine to carry, by what they say. `now`: the server's
    time."""

    kinds: list[OnecodeCarriedKind]
    now: datetime
    until: datetime


@fields.object_type(allow=GIVEN)
class OnecodeKey:
    """A key by which the server signs codes: Ed25519, in base64url; `name`: the first 2 bytes of its SHA-256."""

    name: str
    key: str


@fields.object_type(allow=GIVEN)
class OnecodeDemand:
    """A fact that a scene asks, and whether it has to hold."""

    name: str
    demanded: bool

    @fields.field()
    def label(self, info: Info[Call, None]) -> str:
        return label(info, self.name)


@fields.object_type(allow=GIVEN)
class OnecodeOfflineKit:
    """What my post needs to read codes without the server. `allowed`: whether its scene takes them then; `division`: where
    its residents live; `revoked`: the secrets of batches of which no code passes, stopped after `after`, at most 2,000;
    `upto`: what to give as `after` the next time, and at once where there are `more`; `now`: the server's time; `post`: what
    names post, place and scene, to be said with what was read there."""

    post: str
    organisation: str
    place: str
    allowed: bool
    division: str
    code_seconds: int
    revoked: list[str]
    upto: int
    more: bool
    now: datetime
    facts: Private[list[str]]
    demands: Private[list[str]]
    name_zh: Private[str]
    name_en: Private[str]

    @fields.field()
    def scene(self, info: Info[Call, None]) -> str:
        return self.name_zh if info.context.viewer.locale == "zh" else self.name_en

    @fields.field()
    def asks(self) -> list[OnecodeDemand]:
        return [OnecodeDemand(name=name, demanded=name in self.demands) for name in self.facts]

    @fields.field()
    def keys(self, info: Info[Call, None]) -> list[OnecodeKey]:
        signer = offline.signer(info.context.platform)
        return [OnecodeKey(name=signer.name.hex(), key=encoded(signer.public))]


@strawberry.type
class OfflineQuery:
    @fields.field(allow=VERIFIER)
    def onecode_offline_kit(self, after: int = 0) -> OnecodeOfflineKit | None:
        """What my post needs to read codes where there is no network. `after`: what was stopped up to there is known."""
        return store_offline.kit(after, offline.MOST_STOPPED)

    @fields.field(allow=SIGNED_IN)
    def onecode_kept_key(self, info: Info[Call, None]) -> str:
        """The key (AES-256, base64url) under which my phones keep what I read without the server until it is settled."""
        return encoded(offline.kept_key(info.context))


@strawberry.type
class OfflineMutation:
    @fields.mutation(allow=SIGNED_IN)
    async def onecode_hand_in(self, info: Info[Call, None], who: ID, sealed: list[str]) -> list[bool]:
        """Hand in what `who` read without the server, left sealed on this phone and did not come back for: settled as
        theirs. `sealed`: at most 20, each as it is kept: iv and AES-256-GCM in base64url. Of each whether it is over."""
        return await handing.hand_in(info.context, parse_id(who, "who"), sealed)

    @fields.mutation(allow=acting(SHOW))
    async def onecode_carry(self, info: Info[Call, None], device_keys: list[str]) -> OnecodeCarried:
        """Codes for a device of mine to carry, mine or of whom one acts for. `device_keys`: P-256 keys of it, one for each
        code, compressed, in base64url: for 30 of them five kinds of scenes get six codes each."""
        batch = await offline.carry(info.context, device_keys)
        kinds = [OnecodeCarriedKind(codes=kind.codes, scenes=kind.scenes) for kind in batch.kinds]
        return OnecodeCarried(kinds=kinds, now=info.context.clock.now(), until=batch.until)
