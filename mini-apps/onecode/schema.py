"""Onecode in GraphQL: types, and fields of one line with their authorisation beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from consent.models import Term
from haian import fields
from haian.acting import acting
from haian.call import Call
from haian.fields import Audit, Connection
from haian.ids import parse_id
from haian.rules import GIVEN, SIGNED_IN
from onecode import asks, doors, offline, schema_gates, service, store, store_asks, store_showing
from onecode.models import SHOW, AskState, Reply, Undoing, Verdict
from onecode.schema_asks import AskQuery
from onecode.schema_desk import DeskMutation, DeskQuery
from onecode.schema_doors import DoorMutation
from onecode.schema_motions import MotionMutation, MotionQuery
from onecode.schema_offline import OfflineMutation, OfflineQuery
from onecode.schema_passes import OnecodeCode, PassesMutation, PassesQuery, shown
from onecode.schema_scenes import VERIFIER, OnecodePost, OnecodeScene, SceneMutation, SceneQuery, label
from onecode.schema_showing import ShowingMutation, ShowingQuery

SCANS_SEEN = Audit("SCANS_SEEN", subject="holder_id", role="role", ground="shown", names="told")


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
class OnecodeWithheld:
    """A fact that a scene asks beyond its base, and that was not shown: the holder has not consented."""

    name: str

    @fields.field()
    def label(self, info: Info[Call, None]) -> str:
        return label(info, self.name)


@fields.object_type(allow=GIVEN)
class OnecodeWish:
    """A fact that was asked of me beyond a scene's base, and not shown. `asked`: I am under 14, and asked my guardians."""

    name: str
    organisation_id: Private[UUID]
    scene_id: Private[str]

    @fields.field()
    def label(self, info: Info[Call, None]) -> str:
        return label(info, self.name)

    @fields.field()
    def asked(self) -> bool:
        return store.is_asked(self.name, self.organisation_id, self.scene_id)


@fields.object_type(allow=GIVEN)
class OnecodeCheck:
    """A scan as its verifier sees it: the verdict and exactly the facts of the scene. `first_at`, `first_place`: where the
    code was used before. `presenter`: who showed the code, where it is another's. `settled_at`: read without the server,
    known here since then. `undo_until`: how long I may take it back; null where I may not."""

    id: ID
    at: datetime
    first_at: datetime | None
    first_place: str | None
    presenter: str | None
    undone_at: datetime | None
    undone_for: Undoing | None
    undo_until: datetime | None
    settled_at: datetime | None
    demo: bool
    role: Private[str]
    holder_id: Private[UUID | None]
    seen: Private[Any]
    told: Private[list[str]]
    held_back: Private[list[str]]
    outcome: Verdict = fields.field(name="verdict")

    @fields.field()
    def facts(self) -> list[OnecodeFact]:
        return list(facts_of(self.seen))

    @fields.field()
    def withheld(self) -> list[OnecodeWithheld]:
        """What was asked beyond and not shown."""
        return [OnecodeWithheld(name=name) for name in self.held_back]

    @fields.field()
    def asking(self) -> AskState | None:
        """How it stands that the holder is asked for it; null where nobody was."""
        return store_asks.state(self.id)


@fields.object_type(allow=GIVEN)
class OnecodeScan:
    """A scan of my code, as I see it: who, where, what they saw. `presenter`: who showed it for me; `shown_for`: whose
    code it was that I showed; `visitor`: whom I had invited. `by_guardian`: I am under 14, a guardian consents. `role`: of
    who read it; `gate` or `partner` where that was no person, and `verifier` is null."""

    id: ID
    at: datetime
    organisation: str
    place: str
    role: str
    verifier: str | None
    presenter: str | None
    shown_for: str | None
    undone_at: datetime | None
    undone_for: Undoing | None
    visitor: str | None
    settled_at: datetime | None
    demo: bool
    by_guardian: bool
    organisation_id: Private[UUID]
    scene_id: Private[str]
    seen: Private[Any]
    held_back: Private[list[str]]
    outcome: Verdict = fields.field(name="verdict")

    @fields.field()
    def scene(self) -> OnecodeScene:
        return store.scene(self.scene_id)

    @fields.field()
    def facts(self) -> list[OnecodeFact]:
        return list(facts_of(self.seen))

    @fields.field()
    def withheld(self) -> list[OnecodeWish]:
        """What was asked beyond, not shown, and would not be shown now either."""
        return [OnecodeWish(name=name, organisation_id=self.organisation_id, scene_id=self.scene_id)
                for name in self.held_back]


def facts_of(seen: Iterable[Any]) -> Iterable[OnecodeFact]:
    for fact in seen:
        value = fact["value"]
        says = isinstance(value, str)
        yield OnecodeFact(name=fact["name"], text=value if says else None, holds=None if says else bool(value))


@strawberry.type
class Query(ShowingQuery, SceneQuery, PassesQuery, OfflineQuery, DeskQuery, MotionQuery, schema_gates.Query, AskQuery):
    @fields.field(allow=SIGNED_IN)
    def onecode_scans(self, first: int = 20, after: str | None = None,
                      last: int | None = None, before: str | None = None) -> Connection[OnecodeScan]:
        """Who has read my code, newest first."""
        return store.scans(first=first, after=after, last=last, before=before)

    @fields.field(allow=SIGNED_IN)
    def onecode_shown_for_others(self, first: int = 20, after: str | None = None,
                                 last: int | None = None, before: str | None = None) -> Connection[OnecodeScan]:
        """Who has read the codes that I showed for others, newest first."""
        return store_showing.shown_for_others(first=first, after=after, last=last, before=before)

    @fields.field(allow=SIGNED_IN)
    def onecode_post(self) -> OnecodePost | None:
        """My post as a verifier; null for a citizen without one."""
        return store.my_post()

    @fields.field(allow=VERIFIER, audit=SCANS_SEEN)
    def onecode_post_scans(self, first: int = 20, after: str | None = None,
                           last: int | None = None, before: str | None = None) -> Connection[OnecodeCheck]:
        """The scans of my post today, newest first."""
        return store.post_scans(first=first, after=after, last=last, before=before)


@strawberry.type
class Mutation(ShowingMutation, SceneMutation, DoorMutation, PassesMutation, OfflineMutation, DeskMutation,
               MotionMutation,
               schema_gates.Mutation):
    @fields.mutation(allow=acting(SHOW), brief=True)
    async def onecode_issue(self, info: Info[Call, None]) -> OnecodeCode:
        """A new code, to show for 30 seconds and be read once; of whom one acts for 亲属码, where one does."""
        return shown(await service.issue(info.context))

    @fields.mutation(allow=VERIFIER)
    async def onecode_scan(self, info: Info[Call, None], code: str, nonce: str) -> OnecodeCheck:
        """Read a code at my post. `nonce`: 8 to 64 signs of the client's; sent again, it gets its first answer."""
        return await offline.read(info.context, code, nonce)

    @fields.mutation(allow=SIGNED_IN)
    async def onecode_settle(self, info: Info[Call, None], code: str, key: str, post: str | None = None) -> OnecodeCheck:
        """Settle what I read without the server, at the post and in the scene that I had then: up to a week later. `post`:
        what my phone had then (`OnecodeOfflineKit`), only to be checked."""
        return await offline.settle(info.context, code, key, post)

    @fields.mutation(allow=VERIFIER)
    async def onecode_undo(self, info: Info[Call, None], scan: ID, why: Undoing) -> OnecodeCheck:
        """Take back a scan that I made in the last 5 minutes. Its code stays used."""
        return await doors.undo(info.context, parse_id(scan, "scan"), why)

    @fields.mutation(allow=SIGNED_IN)
    async def onecode_allow(self, info: Info[Call, None], scan: ID, fact: str, term: Term) -> OnecodeScan:
        """Let who read my code in this scan see, from the next one on, a fact that was withheld."""
        return await service.allow(info.context, parse_id(scan, "scan"), fact, term)

    @fields.mutation(allow=SIGNED_IN)
    async def onecode_ask_guardian(self, info: Info[Call, None], scan: ID, fact: str, term: Term) -> OnecodeScan:
        """As a child under 14: ask my guardians to let who read my code see, from the next scan on, what was withheld."""
        return await service.ask_guardian(info.context, parse_id(scan, "scan"), fact, term)

    @fields.mutation(allow=SIGNED_IN)
    async def onecode_answer(self, info: Info[Call, None], scan: ID, reply: Reply) -> OnecodeScan:
        """Say whether who has just read my code may see what they ask for."""
        return await asks.answer(info.context, parse_id(scan, "scan"), reply)
