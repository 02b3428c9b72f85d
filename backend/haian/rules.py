"""Who may: the rules that stand beside each field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from haian.errors import Forbidden, NotCovered, PublicError, Unauthenticated
from haian.reads import Read

if TYPE_CHECKING:
    from haian.call import Call


@dataclass(frozen=True)
class Rule:
    """Everybody, anybody who is signed in, any of the roles (known before the SQL runs), or any row for which a
    predicate holds. `names` say the predicates in the permission matrix. `scope`: what one needs to come here for another,
    for which `covered` asks; without it nobody does (`haian.acting`). `own`: what everybody may ask shows what is the
    viewer's, or signs somebody in, so that a mini-app's token may not."""

    public: bool = False
    signed_in: bool = False
    given: bool = False
    roles: frozenset[str] = frozenset()
    rows: tuple[Callable[[Any], Read], ...] = ()
    names: tuple[str, ...] = ()
    scope: str = ""
    covered: Callable[[], Read] | None = None
    own: bool = False

    def __or__(self, other: Rule) -> Rule:
        """TypeError for two scopes: nobody could say which of them let somebody in."""
        if self.scope and other.scope:
            raise TypeError(f"{self.scope} or {other.scope}: a field has one scope")
        return Rule(self.public or other.public, self.signed_in or other.signed_in, self.given or other.given,
                    self.roles | other.roles, self.rows + other.rows, self.names + other.names,
                    self.scope or other.scope, self.covered or other.covered, self.own or other.own)

    def __str__(self) -> str:
        said = ["everybody"] * self.public + ["signed in"] * self.signed_in + ["with its object"] * self.given
        covers = [f"acting: {self.scope}"] if self.scope else []
        return " | ".join([*said, *sorted(self.roles), *self.names, *covers])

    def by_role(self, call: Call) -> str | None:
        """The role by which the viewer is let in before any row is looked at; "" for everybody and any citizen.
        Who acts for another has no role of their own."""
        viewer = call.viewer
        if self.given or (self.public and not (self.own and viewer.scopes is not None)):
            return ""
        if viewer.is_acting:
            return "" if viewer.subject is None and self.scope in (viewer.scopes or ()) else None
        if self.signed_in and viewer.signed_in:
            return ""
        return next(iter(sorted(self.roles & viewer.roles)), None)

    def asked(self, row: Any, call: Call) -> list[Read]:
        """What is asked of the database where no role lets the viewer in: any one that is true does. None: refused."""
        viewer = call.viewer
        if not viewer.is_acting:
            return [predicate(row) for predicate in self.rows]
        if self.covered is None or viewer.subject is None or (
                viewer.scopes is not None and self.scope not in viewer.scopes):
            return []
        return [self.covered()]

    async def permits(self, row: Any, call: Call) -> bool:
        if self.by_role(call) is not None:
            return True
        for read in self.asked(row, call):
            if await (call.holds(read) if row is None else call.value(read)):
                return True
        return False

    def refusal(self, call: Call) -> PublicError:
        if not call.viewer.signed_in:
            return Unauthenticated()
        return NotCovered() if call.viewer.is_acting else Forbidden()


PUBLIC = Rule(public=True)
PUBLIC_OWN = Rule(public=True, own=True)
"""Everybody, each for themself: what is shown depends on who asks, or is who signs in. No token of a mini-app."""
SIGNED_IN = Rule(signed_in=True)
GIVEN = Rule(given=True)
"""A type whose objects are only ever reached through a field that has decided already."""


def role(*names: str) -> Rule:
    return Rule(roles=frozenset(names))


def when(name: str, predicate: Callable[[Any], Read]) -> Rule:
    """Rows for which the SQL of `predicate` is true; NULL denies."""
    return Rule(rows=(predicate,), names=(name,))
