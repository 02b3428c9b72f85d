"""Visitors' passes 访客码 in GraphQL: what a host sees of them, and what a visitor does."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry import ID, Info

from haian import fields
from haian.call import Call
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC, SIGNED_IN
from onecode import passes, service, store_passes
from onecode.models import SHOWN_SECONDS, Code, Invitation, PassState
from onecode.pictures import SIZE

strawberry.enum(PassState, name="OnecodePassState")


@fields.object_type(allow=GIVEN)
class OnecodeCode:
    """A code to show. `modules`: those of its QR code, `size` in each row, to be framed in white: from above row by row,
    five of them a sign (0 to 9, A to V for 0 to 31; the first is the highest bit, and 1 is black). `short`: to be typed
    where a camera can't read it. `seconds`: how long it is good from now, for phones whose clock is wrong."""

    text: str
    short: str
    modules: str
    size: int
    seconds: int
    expires_at: datetime


def shown(code: Code) -> OnecodeCode:
    return OnecodeCode(text=code.text, short=code.short, modules=code.modules, size=SIZE, seconds=SHOWN_SECONDS,
                       expires_at=code.expires_at)


@fields.object_type(allow=GIVEN)
class OnecodePass:
    """A visitor whom I invited 访客码. `link`: the SHA-256 of the secret in the link; the browser that made it knows it."""

    id: ID
    link: str
    visitor: str
    plate: str
    community: str
    starts_at: datetime
    ends_at: datetime
    entries: int
    remaining: int
    state: PassState


@fields.object_type(allow=GIVEN)
class OnecodeVisit:
    """A visit as the visitor sees it: where, whom, until when, how many entries are left. `code`: to be shown at the gate,
    while the pass is OPEN."""

    visitor: str
    community: str
    host: str
    starts_at: datetime
    ends_at: datetime
    entries: int
    remaining: int
    state: PassState
    code: OnecodeCode | None


@strawberry.type
class PassesQuery:
    @fields.field(allow=SIGNED_IN)
    def onecode_passes(self) -> list[OnecodePass]:
        """The visitors whom I invited, the newest 50."""
        return store_passes.passes()


@strawberry.type
class PassesMutation:
    @fields.mutation(allow=SIGNED_IN)
    async def onecode_invite(self, info: Info[Call, None], link: str, visitor: str, starts_at: datetime, ends_at: datetime,
                             entries: int, key: str, plate: str = "") -> OnecodePass:
        """Invite a visitor. `link`: SHA-256, in hexadecimal, of a secret of 26 signs that only the link holds."""
        given = Invitation(link, visitor, plate, starts_at, ends_at, entries)
        return await passes.invite(info.context, given, key)

    @fields.mutation(allow=SIGNED_IN, unagreed=True)
    async def onecode_end_pass(self, info: Info[Call, None], id: ID) -> OnecodePass:
        """End a visitor's pass at once."""
        return await passes.end(info.context, parse_id(id, "id"))

    @fields.mutation(allow=PUBLIC, unagreed=True)
    async def onecode_visit(self, info: Info[Call, None], secret: str) -> OnecodeVisit:
        """My visit, by the secret of the link that I was sent, with a new code while I may enter."""
        visit, code = await service.visit(info.context, secret)
        return OnecodeVisit(visitor=visit["visitor"], community=visit["community"], host=visit["host"],
                            starts_at=visit["starts_at"], ends_at=visit["ends_at"], entries=visit["entries"],
                            remaining=visit["remaining"], state=PassState(visit["state"]),
                            code=shown(code) if code else None)
