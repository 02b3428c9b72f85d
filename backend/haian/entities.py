"""Entities: types whose objects another server may refer to by their key (Apollo Federation 2.9, `@key`).

    @fields.object_type(allow=PUBLIC, key=Key("code", store.division))
    class Division: ...

From this one line come the directive and the reference resolver of the noun's subgraph; the plain schema shows neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from haian.rules import GIVEN, Rule


@dataclass(frozen=True)
class Key:
    """The field that names an object, the read that finds it, and who may follow a reference to it: by default whoever
    may see the type's objects. A type that is GIVEN with its object needs a rule of its own here."""

    field: str
    read: Callable[..., Any]
    allow: Rule = GIVEN

    def under(self, rule: Rule) -> Key:
        """This key on a type with `rule`. TypeError where neither says who may."""
        if self.allow == GIVEN and rule == GIVEN:
            raise TypeError(f"the key {self.field!r} needs allow=: nobody led to the object who has decided")
        return self if self.allow != GIVEN else replace(self, allow=rule)


ENTITIES: dict[type, Key] = {}
