"""Who may: the rules that stand beside each field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from haian.errors import Forbidden, PublicError, Unauthenticated
from haian.reads import Read

if TYPE_CHECKING:
    from haian.call import Call


@dataclass(frozen=True)
class Rule:
    """Everybody, anybody who is signed in, any of the roles (known before the SQL runs), or any row for which a
    predicate holds. `names` say the predicates in the permission matrix."""

    public: bool = False
    signed_in: bool = False
    given: bool = False
    roles: frozenset[str] = frozenset()
    rows: tuple[Callable[[Any], Read], ...] = ()
    names: tuple[str, ...] = ()

    def __or__(self, other: Rule) -> Rule:
        return Rule(self.public or other.public, self.signed_in or other.signed_in, self.given or other.given,
                    self.roles | other.roles, self.rows + other.rows, self.names + other.names)

    def __str__(self) -> str:
        said = ["everybody"] * self.public + ["signed in"] * self.signed_in + ["with its object"] * self.given
        return " | ".join([*said, *sorted(self.roles), *self.names])

    def by_role(self, call: Call) -> str | None:
        """The role by which the viewer is let in before any row is looked at; "" for everybody and any citizen."""
        if self.public or self.given or (self.signed_in and call.viewer.signed_in):
            return ""
        return next(iter(sorted(self.roles & call.viewer.roles)), None)

    async def permits(self, row: Any, call: Call) -> bool:
        if self.by_role(call) is not None:
            return True
        for predicate in self.rows:
            if await call.value(predicate(row)):
                return True
        return False

    def refusal(self, call: Call) -> PublicError:
        return Forbidden() if call.viewer.signed_in else Unauthenticated()


PUBLIC = Rule(public=True)
SIGNED_IN = Rule(signed_in=True)
GIVEN = Rule(given=True)
"""A type whose objects are only ever reached through a field that has decided already."""


def role(*names: str) -> Rule:
    return Rule(roles=frozenset(names))


def when(name: str, predicate: Callable[[Any], Read]) -> Rule:
    """Rows for which the SQL of `predicate` is true; NULL denies."""
    return Rule(rows=(predicate,), names=(name,))
