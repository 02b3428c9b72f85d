"""My next things: the home blocks of all mini-apps, in the order in which they are due."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import strawberry
from strawberry import ID, Info

from haian import fields
from haian.call import Call
from haian.reads import Fragment
from haian.registry import Registry
from haian.rules import GIVEN, PUBLIC_OWN

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
    @fields.field(allow=PUBLIC_OWN)
    def home_things(self, info: Info[Call, None]) -> list[HomeThing]:
        """The next things of the viewer, soonest first, six at the most; none where nobody is signed in."""
        return things(info.context.platform.registry)()


@cache
def things(registry: Registry) -> Fragment:
    """The blocks of all nouns as one read. What has no time of its own waits for an answer now, and comes first."""
    blocks = [block_of(turn, noun, block.rows().fragment) for turn, (noun, block) in enumerate(registry.home_blocks)]

    def home_things() -> Any: ...
    return Fragment(home_things, f"SELECT * FROM ({' UNION ALL '.join(blocks)}) things"
                                 f" ORDER BY starts_at NULLS FIRST, turn, ends_at, id LIMIT {SHOWN}")


def block_of(turn: int, noun: str, block: Fragment) -> str:
    """One noun's block. ValueError for one that takes values: nobody would give them."""
    if block.types:
        raise ValueError(f"{block.name}: a home block takes no values")
    columns = ", ".join(f"b.{name}" for name in COLUMNS)
    return (f"SELECT b.* FROM (SELECT NULL::int AS number) none CROSS JOIN LATERAL (SELECT {turn} AS turn, '{noun}' AS app,"
            f" b.id::text AS id, {columns}, number::int AS number FROM ({block.text}) b) b")  # its own, or that of `none`
