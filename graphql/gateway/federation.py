"""Each noun alone as a subgraph (Apollo Federation 2.9): the same code and rules, of whose schema only its own is shown.

The whole registry is in each process, so what nouns offer to others (home blocks, search sources, facts) needs no further
server: docs/decisions says why. A type of another noun is shown as a reference, by its key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NewType, Union

import strawberry
from strawberry import Info

from gateway.composition import HOME, compose, modules
from gateway.federated_sdl import Ownership, federated_sdl
from haian import citizens, fields
from haian.call import Call
from haian.entities import ENTITIES, Key
from haian.errors import InvalidArgument
from haian.reads import Read
from haian.registry import Registry
from haian.rules import PUBLIC

Representation = NewType("Representation", object)
Representation._scalar_definition = strawberry.scalar(  # type: ignore[attr-defined]
    name="_Any", serialize=lambda value: value, parse_value=lambda value: value)


@fields.object_type(allow=PUBLIC, name="_Service")
class Service:
    """What a composer asks for."""

    sdl: str


@dataclass(frozen=True)
class Subgraph:
    """A noun's schema: what is executed, and what is shown to the composers."""

    schema: strawberry.Schema
    sdl: str


def subgraphs(registry: Registry) -> list[str]:
    """The names of all subgraphs: the nouns, and home, which is made of all."""
    return [*(app.noun for app in registry.apps), HOME]


def subgraph(registry: Registry, noun: str) -> Subgraph:
    """The subgraph of a noun. KeyError for an unknown one, LookupError where it refers to a type without a key."""
    parts = [module for name, module in modules(registry) if name == noun]
    if not parts:
        raise KeyError(noun)
    own = {origin: key for origin, key in ENTITIES.items() if package(origin) == noun}
    ownership = Ownership(noun, frozenset(app.noun for app in registry.apps), ENTITIES)
    shown: list[str] = []
    schema = compose(registry, [*parts, Root(own, shown)])
    shown.append(federated_sdl(schema, ownership))
    return Subgraph(schema, shown[0])


def package(origin: type) -> str:
    """The noun in whose code a type stands."""
    return origin.__module__.partition(".")[0]


class Root:
    """The root fields that a router needs (Apollo Federation subgraph specification), in the place of a noun's module."""

    def __init__(self, own: Mapping[type, Key], shown: list[str]) -> None:
        async def _service() -> Service:
            return Service(sdl=shown[0])

        members: dict[str, Any] = {"_service": fields.field(_service, allow=PUBLIC, name="_service")}
        if own:
            members["_entities"] = fields.field(entities_of(own), allow=PUBLIC, name="_entities")
        self.TYPES = tuple(own)
        self.Query = strawberry.type(type("Query", (), members))


def entities_of(own: Mapping[type, Key]) -> Any:
    """The resolver of references: each by the rule of its key, all reads of one kind in one statement."""
    union = strawberry.union("_Entity")
    keys = {origin.__strawberry_definition__.name: (origin, key) for origin, key in own.items()}  # type: ignore[attr-defined]

    async def _entities(info: Info[Call, None], representations: Any) -> Any:
        found = await asyncio.gather(*(resolve(info, keys, each) for each in representations), return_exceptions=True)
        return list(found)

    of: Any = Annotated[Union[tuple(own)], union]  # noqa: UP007 - made of a tuple
    _entities.__annotations__ |= {"representations": list[Representation], "return": list[of | None]}
    return _entities


async def resolve(info: Any, keys: Mapping[str, tuple[type, Key]], representation: Any) -> Any:
    """One reference as its object; None where there is none. The key's refusal for who may not follow it."""
    given = representation if isinstance(representation, dict) else {}
    origin, key = keys.get(str(given.get("__typename")), (None, None))
    value = given.get(key.field) if key else None
    if key is None or not isinstance(value, str):
        raise InvalidArgument(argument="representations")
    call: Call = info.context
    if key.allow.by_role(call) is None and not key.allow.rows:
        raise key.allow.refusal(call)
    field = info.schema._schema.type_map[given["__typename"]].fields[key.field]
    read = key.read(citizens.taken({key.field: field.type}, {key.field: value}, call)[key.field])
    assert isinstance(read, Read)
    rows = await call.rows(read)
    if not rows:
        return None
    made = await fields.hydrate(origin, rows[0], info.schema, call)
    if not isinstance(made, Exception) and not await key.allow.permits(made, call):
        raise key.allow.refusal(call)
    return made


def references(registry: Registry) -> Iterator[tuple[str, Key]]:
    """Every type with a key: for the permission matrix."""
    for app in registry.apps:
        assert app.schema
    for origin, key in sorted(ENTITIES.items(), key=lambda each: each[0].__name__):
        yield origin.__name__, key
