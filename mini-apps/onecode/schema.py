"""Onecode in GraphQL: types, and fields of one line with their authorisation beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from haian import fields
from haian.call import Call
from haian.fields import Audit, Connection
from haian.rules import GIVEN, SIGNED_IN, when
from onecode import service, store
from onecode.models import SHOWN_SECONDS, Verdict

VERIFIER = when("verifier", lambda _: store.is_verifier())
strawberry.enum(Verdict, name="OnecodeVerdict")


@fields.object_type(allow=GIVEN)
class OnecodeCode:
    """A code of mine 一码通. `path`: its QR code as an SVG path, `size` units wide, to be framed in white. `short`: to be
    typed where a camera can't read it. `seconds`: how long it is good from now, for phones whose clock is wrong."""

    text: str
    short: str
    path: str
    size: int
    seconds: int
    expires_at: datetime


@fields.object_type(allow=GIVEN)
class OnecodeFact:
    """What a verifier sees of a citizen: a text, or whether something holds."""

    name: str
    text: str | None
    holds: bool | None

    @fields.field()
    def label(self, info: Info[Call, None]) -> str:
        return label(info, self.name)


@fields.object_type(allow=GIVEN)
class OnecodeScene:
    """What is asked of a code, by whom and where 场景."""

    id: ID
    name_zh: Private[str]
    name_en: Private[str]
    facts: Private[list[str]]

    @fields.field()
    def name(self, info: Info[Call, None]) -> str:
        return self.name_en if info.context.viewer.locale == "en" else self.name_zh

    @fields.field()
    def asks(self, info: Info[Call, None]) -> list[str]:
        """The facts that the verifier sees, in words."""
        return [label(info, name) for name in self.facts]


@fields.object_type(allow=GIVEN)
class OnecodePost:
    """Where I read codes 核验方, and how many today (Asia/Shanghai)."""

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
class OnecodeCheck:
    """A scan as its verifier sees it: the verdict and exactly the facts of the scene. `first_at`, `first_place`: where the
    code was used before."""

    id: ID
    at: datetime
    verdict: Verdict
    first_at: datetime | None
    first_place: str | None
    demo: bool
    role: Private[str]
    holder_id: Private[UUID | None]
    seen: Private[Any]

    @fields.field()
    def facts(self) -> list[OnecodeFact]:
        return list(facts_of(self.seen))


@fields.object_type(allow=GIVEN)
class OnecodeScan:
    """A scan of my code, as I see it: who, where, what they saw."""

    id: ID
    at: datetime
    verdict: Verdict
    organisation: str
    place: str
    verifier: str | None
    demo: bool
    scene_id: Private[str]
    seen: Private[Any]

    @fields.field()
    def scene(self) -> OnecodeScene:
        return store.scene(self.scene_id)

    @fields.field()
    def facts(self) -> list[OnecodeFact]:
        return list(facts_of(self.seen))


def label(info: Info[Call, None], name: str) -> str:
    """What a fact is called; its bare name where nobody provides it."""
    fact = info.context.platform.registry.facts.get(name)
    return fact.label[info.context.viewer.locale] if fact else name


def facts_of(seen: Iterable[Any]) -> Iterable[OnecodeFact]:
    for fact in seen:
        value = fact["value"]
        says = isinstance(value, str)
        yield OnecodeFact(name=fact["name"], text=value if says else None, holds=None if says else bool(value))


@strawberry.type
class Query:
    @fields.field(allow=SIGNED_IN)
    def onecode_scans(self, first: int = 20, after: str | None = None,
                      last: int | None = None, before: str | None = None) -> Connection[OnecodeScan]:
        """Who has read my code, newest first."""
        return store.scans(first=first, after=after, last=last, before=before)

    @fields.field(allow=SIGNED_IN)
    def onecode_post(self) -> OnecodePost | None:
        """My post as a verifier; null for a citizen without one."""
        return store.my_post()

    @fields.field(allow=VERIFIER, audit=Audit("SCANS_SEEN", subject="holder_id", role="role"))
    def onecode_post_scans(self, first: int = 20, after: str | None = None,
                           last: int | None = None, before: str | None = None) -> Connection[OnecodeCheck]:
        """The scans of my post today, newest first."""
        return store.post_scans(first=first, after=after, last=last, before=before)


@strawberry.type
class Mutation:
    @fields.mutation(allow=SIGNED_IN)
    async def onecode_issue(self, info: Info[Call, None]) -> OnecodeCode:
        """A new code, to show for 30 seconds and be read once."""
        code = await service.issue(info.context)
        path, size = code.modules
        return OnecodeCode(text=code.text, short=code.short, path=path, size=size, seconds=SHOWN_SECONDS,
                           expires_at=code.expires_at)

    @fields.mutation(allow=VERIFIER)
    async def onecode_scan(self, info: Info[Call, None], code: str, nonce: str) -> OnecodeCheck:
        """Read a code at my post. `nonce`: 8 to 64 signs of the client's; sent again, it gets its first answer."""
        return await service.verify(info.context, code, nonce)
