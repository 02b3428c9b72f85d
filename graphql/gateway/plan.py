"""A compiled plan: one statement, where its parameters come from, and what it leaves open."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo, is_non_null_type

from gateway.sites import Arguments, Asked, Resolver, Site
from haian.errors import PublicError
from haian.fields import Audit


class NotCompiled(Exception):
    """Plain execution must do this operation."""


class ColumnsUnknown(Exception):
    """Which columns a fragment has must be asked of the database before the plan can be made."""


@dataclass(frozen=True)
class PythonField:
    """A field that Python answers, from the row that came with its object. `shapes`: once that is known, how it is shown
    where nothing has to be awaited, or None."""

    of: GraphQLField
    resolver: Resolver
    arguments: Arguments
    info: GraphQLResolveInfo[Any]
    lands: int
    shapes: list[Any] = field(default_factory=list, compare=False)


@dataclass(frozen=True)
class Hole:
    """`lands`: the length of the path at which a null comes to rest. One of: an `error`; the failure of a `site`; `fields`
    of an object that Python answers; an `audit` of whom was seen, by whoever is `acting` in that role or by that `scope`;
    else a citizen's id, whom the viewer knows by a name of its own."""

    lands: int
    error: PublicError | None = None
    site: int | None = None
    parent: GraphQLObjectType | None = None
    fields: tuple[tuple[str, PythonField], ...] = ()
    audit: Audit | None = None
    acting: str = ""
    scope: str = ""
    names: tuple[str, ...] = ()
    citizen: Any = None


@dataclass
class Plan:
    """The statement, where each of its parameters comes from, and what its holes mean. A slot: ("viewer",), ("now",),
    ("subject",), ("value", constant) or ("site", number, index)."""

    sql: str = ""
    slots: list[tuple[Any, ...]] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where in the response we are: how deep, where a null from here comes to rest, and by which names."""

    depth: int = 0
    lands: int = 0
    names: tuple[str, ...] = ()

    def down(self, type_: Any, name: str = "[]") -> Place:
        depth = self.depth + 1
        return Place(depth, self.lands if is_non_null_type(type_) else depth, (*self.names, name))


@dataclass
class Walk:
    """The plans of one operation for one kind of viewer, by the fragments that their sites name, and what they have in
    common: their sites and the names of their rows. `fields`: those of a mutation. `leaves`: how what its service returned
    is read off, where that is all, as is known when `is_seen`. `is_careful`: an answer was not as plans trust that it is."""

    sites: dict[tuple[str, ...], Site] = field(default_factory=dict)
    roots: list[Site] | None = None
    fields: dict[str, list[FieldNode]] | None = None
    leaves: list[Any] | None = None
    is_seen: bool = False
    numbers: dict[tuple[str, ...], int] = field(default_factory=dict)
    plans: OrderedDict[tuple[Any, ...], Plan] = field(default_factory=OrderedDict)
    is_careful: bool = False

    def number(self, names: tuple[str, ...]) -> int:
        return self.numbers.setdefault(names, len(self.numbers))

    def take_care(self) -> None:
        """Make plans that look at each field from now on."""
        self.is_careful = True
        self.plans.clear()


def parameters(plan: Plan, asked: Asked) -> list[Any]:
    """The values of a plan's parameters, in their order."""
    found: list[Any] = []
    for slot in plan.slots:
        source = slot[0]
        if source == "site":
            found.append(asked.values[slot[1]][slot[2]])
        elif source == "viewer":
            found.append(asked.call.viewer.linked)
        elif source == "now":
            found.append(asked.call.clock.now())
        elif source == "subject":
            found.append(asked.call.viewer.for_whom)
        else:
            found.append(slot[1])
    return found
