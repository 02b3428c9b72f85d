"""My next things: the home blocks of all mini-apps, in the order in which they are due."""

from __future__ import annotations

import asyncio
from datetime import datetime

import strawberry
from strawberry import ID, Info

from haian import fields
from haian.call import Call
from haian.reads import Read
from haian.rules import GIVEN, PUBLIC

SHOWN = 6
COLUMNS = ("kind", "title", "place", "starts_at", "ends_at", "link", "state")


@fields.object_type(allow=GIVEN)
class HomeThing:
    """A thing that awaits me. `app` and `kind` choose its picture and words; `title` and `place` are names; `number` is my
    place in a queue 号序, where there is one."""

    id: ID
    app: str
    kind: str
    title: str
    place: str
    starts_at: datetime | None
    ends_at: datetime | None
    link: str
    state: str
    number: int | None


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC)
    async def home_things(self, info: Info[Call, None]) -> list[HomeThing]:
        """The next things of the viewer, soonest first, six at the most; none where nobody is signed in."""
        call = info.context
        if not call.viewer.signed_in:
            return []
        blocks = call.platform.registry.home_blocks
        found = await asyncio.gather(*(things(call, noun, block.rows()) for noun, block in blocks))
        return sorted((thing for each in found for thing in each), key=due)[:SHOWN]


def due(thing: HomeThing) -> float:
    """What has no time of its own waits for an answer now."""
    return thing.starts_at.timestamp() if thing.starts_at else 0.0


async def things(call: Call, noun: str, read: Read) -> list[HomeThing]:
    return [HomeThing(id=ID(str(row["id"])), app=noun, number=row.get("number"), **{name: row[name] for name in COLUMNS})
            for row in await call.rows(read)]
