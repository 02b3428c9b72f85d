"""工作台: the desks of the posts that I hold, of all nouns, and what waits at each."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import strawberry
from strawberry import Info

from haian import fields
from haian.call import Call
from haian.reads import Fragment
from haian.registry import Desk, Registry
from haian.rules import GIVEN, SIGNED_IN


@fields.object_type(allow=GIVEN)
class HomeDesk:
    """A page where I work. `organisations`: for which; `waiting`: how many things wait for me there, `since` when the
    oldest of them does."""

    link: str
    organisations: list[str]
    waiting: int
    since: datetime | None


@strawberry.type
class Query:
    @fields.field(allow=SIGNED_IN)
    def home_desks(self, info: Info[Call, None]) -> list[HomeDesk]:
        """The desks of the viewer's posts, those where something waits first, the oldest before the others; none for who
        holds no post."""
        return desks(info.context.platform.registry)()


@cache
def desks(registry: Registry) -> Fragment:
    """The desks of all nouns as one read."""
    every = " UNION ALL ".join(desk_of(turn, desk) for turn, desk in enumerate(registry.desks))

    def home_desks() -> Any: ...
    return Fragment(home_desks, f"SELECT link, organisations, waiting, since FROM ({every}) desks"
                                " ORDER BY since NULLS LAST, turn")


def desk_of(turn: int, desk: Desk) -> str:
    """One desk: a row for who works there, counting only what waits for them. ValueError for a read that takes values:
    nobody would give them."""
    waiting = "SELECT 0 AS waiting, NULL::timestamptz AS since"
    if desk.waiting:
        read = desk.waiting().fragment
        if read.types:
            raise ValueError(f"{read.name}: a desk's read takes no values")
        waiting = (f"SELECT count(*)::int AS waiting, min(w.{desk.since}) AS since"
                   f" FROM (SELECT {desk.since} FROM ({read.text}) every WHERE {desk.open} AND posts.names IS NOT NULL) w")
    kind = f" AND o.kind = '{desk.kind}'" if desk.kind else ""
    roles = ", ".join(f"'{role}'" for role in desk.roles)
    return (f"SELECT {turn} AS turn, '{desk.link}' AS link, posts.names AS organisations, w.waiting, w.since"
            " FROM (SELECT array_agg(DISTINCT o.name ORDER BY o.name) AS names FROM haian.membership m"
            " JOIN haian.organisation o ON o.id = m.organisation_id WHERE m.citizen_id = {viewer}"
            f" AND m.during @> {{now}} AND m.role IN ({roles}){kind}) posts"
            f" CROSS JOIN LATERAL ({waiting}) w WHERE posts.names IS NOT NULL")
