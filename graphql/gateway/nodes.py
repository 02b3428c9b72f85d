"""Any object by its id (Relay Global Object Identification): every type whose key is `id` is a Node.

An id is a UUID and no two objects have the same, but a school or hospital is also an organisation: what is said of it by the
noun whose it is comes first. What the viewer may not see is not there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_type_hints

import strawberry
from strawberry import ID, Info

from haian import fields
from haian.call import Call
from haian.cost import Cost
from haian.entities import ENTITIES, Key
from haian.errors import PublicError
from haian.reads import Read
from haian.rules import GIVEN, PUBLIC

FIELD = "id"
CAPABILITY = "identity"
REFUSALS = {"FORBIDDEN", "UNAUTHENTICATED", "NOT_FOUND", "INVALID_ARGUMENT"}


@strawberry.interface
class Node:
    """Something that can be fetched again by its id."""

    id: ID


fields.TYPE_RULES[Node] = GIVEN


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC, directives=[Cost(weight="10")])
    async def node(self, info: Info[Call, None], id: ID) -> Node | None:
        """The object with this id; null where there is none, or none that the viewer may see."""
        found = await asyncio.gather(*(one(info, origin, key, id) for origin, key in nodes()))
        return next((each for each in found if each is not None), None)


def nodes() -> list[tuple[type, Key]]:
    """Every type that is a Node, with its key; what stands for others last. What has no id but a citizen's is none."""
    known = [(origin, key) for origin, key in ENTITIES.items()
             if key.field == FIELD and get_type_hints(origin)[FIELD] is not fields.CitizenId]
    return sorted(known, key=lambda each: each[0].__module__.startswith(CAPABILITY))


async def one(info: Any, origin: type, key: Key, id_: str) -> Any:
    """The object of this type, by the rule of its key; None where there is none to be seen."""
    call: Call = info.context
    if key.allow.by_role(call) is None and not key.allow.rows:
        return None
    try:
        read = key.read(id_)
        assert isinstance(read, Read)
        rows = await call.rows(read)
        made = await fields.hydrate(origin, rows[0], info.schema, call) if rows else None
        is_there = made is not None and not isinstance(made, Exception)
        return made if is_there and await key.allow.permits(made, call) else None
    except PublicError as refusal:
        if refusal.code in REFUSALS:
            return None
        raise


@contextmanager
def shown() -> Iterator[None]:
    """Within the block the types are Nodes: a subgraph, whose router knows references, is made outside of it."""
    of: Any = Node
    definitions = [origin.__strawberry_definition__ for origin, _ in nodes()]  # type: ignore[attr-defined]
    for definition in definitions:
        definition.interfaces.append(of.__strawberry_definition__)
    try:
        yield
    finally:
        for definition in definitions:
            definition.interfaces.remove(of.__strawberry_definition__)
