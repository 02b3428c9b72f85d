"""The posts that a citizen holds: guessed from what was seen last, and made sure of in the statement that uses them.

A post may end by anybody's hand or by time. So nothing tells a process to forget; a compiled statement itself looks whether
the roles that it was compiled for are those held now, in the snapshot that its answer comes from, and gives nothing if not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

MOST_KNOWN = 10_000
"""Citizens with posts that one process remembers; who holds none, as nearly everybody, takes no room."""
HELD = "FROM haian.membership m WHERE m.citizen_id = ${who}::uuid AND m.during @> ${now}::timestamptz"
ROLES = f"SELECT coalesce(array_agg(DISTINCT m.role ORDER BY m.role), '{{{{}}}}') {HELD}"


class PostsChanged(Exception):
    """The posts held now are not those that were guessed."""


class Posts:
    """What one process saw last."""

    def __init__(self) -> None:
        self.seen: OrderedDict[UUID, frozenset[str]] = OrderedDict()

    def guess(self, citizen: UUID) -> frozenset[str]:
        return self.seen.get(citizen, frozenset())

    def learn(self, citizen: UUID, roles: frozenset[str]) -> None:
        self.seen.pop(citizen, None)
        if roles:
            self.seen[citizen] = roles
            if len(self.seen) > MOST_KNOWN:
                self.seen.popitem(last=False)


@lru_cache(4096)
def making_sure(statement: str, count: int, has_posts: bool) -> str:
    """A statement of one value and `count` parameters that gives NULL unless the posts are as guessed. Two or three more
    parameters: the citizen, the time, and the guessed roles in their order where there are any."""
    if has_posts:
        held = f"({ROLES.format(who=count + 1, now=count + 2)}) = ${count + 3}::text[]"
    else:
        held = f"NOT EXISTS (SELECT {HELD.format(who=count + 1, now=count + 2)})"
    return f"SELECT CASE WHEN {held} THEN ({statement}) END"


def sure_values(values: Sequence[Any], citizen: UUID, now: Any, roles: frozenset[str]) -> list[Any]:
    """The parameters of `making_sure`."""
    return [*values, citizen, now, *([sorted(roles)] if roles else [])]
