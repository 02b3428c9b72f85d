"""The schema of a subgraph as the composers read it: `@key` on entities, references to what other nouns own, `@shareable`
on the kernel's types, and nothing that this noun's own fields do not lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    StringValueNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from graphql.language import BooleanValueNode, NameNode
from strawberry.printer import print_schema

from haian.entities import Key

SPECIFICATION = "https://specs.apollo.dev/federation/v2.9"
"""2.11 is refused by one of the two public composers."""
IMPORTED = ("@cost", "@key", "@listSize", "@shareable")
ROOTS = ("Query", "Mutation", "Subscription")
MACHINERY = {"_Any", "_Entity", "_Service", "_entities", "_service"}


@dataclass(frozen=True)
class Ownership:
    """Whose a type is: `noun`'s own, another noun's, or the kernel's, which every subgraph shares."""

    noun: str
    nouns: frozenset[str]
    keys: Mapping[type, Key]

    def of(self, origin: Any) -> str:
        return next((name for base in getattr(origin, "__mro__", ())
                     if (name := base.__module__.partition(".")[0]) in {*self.nouns, "gateway", "haian"}), self.noun)


def federated_sdl(schema: strawberry.Schema, ownership: Ownership) -> str:
    """What `_service { sdl }` answers. LookupError where a type of another noun has no key."""
    document = parse(print_schema(schema), no_location=True)
    shown = [directed(definition, schema, ownership) for definition in document.definitions
             if not isinstance(definition, DirectiveDefinitionNode | SchemaDefinitionNode)]
    kept = reachable([definition for definition in shown if name_of(definition) not in MACHINERY])
    text = "\n\n".join(print_ast(definition) for definition in kept)
    imports = ", ".join(f'"{name}"' for name in IMPORTED if name in text)
    return f'extend schema @link(url: "{SPECIFICATION}", import: [{imports}])\n\n{text}\n'


def directed(definition: DefinitionNode, schema: strawberry.Schema, ownership: Ownership) -> DefinitionNode:
    """An object type with the directives that its owner gives it."""
    if not isinstance(definition, ObjectTypeDefinitionNode):
        return definition
    name, fields = definition.name.value, definition.fields or ()
    if name in ROOTS:
        return changed(definition, fields=tuple(field for field in fields if field.name.value not in MACHINERY))
    origin = getattr(schema.get_type_by_name(name), "origin", None)
    owner, key = ownership.of(origin), ownership.keys.get(origin) if origin else None
    if owner == "haian":
        return with_directive(definition, "shareable")
    if owner in ownership.nouns and owner != ownership.noun:
        if key is None:
            raise LookupError(f"{ownership.noun} refers to {name} of {owner}, which has no key")
        named = tuple(field for field in fields if field.name.value == key.field)
        stub = changed(definition, fields=named, description=None)
        return with_directive(stub, "key", fields=key.field, resolvable=False)
    return with_directive(definition, "key", fields=key.field) if key else definition


def with_directive(definition: ObjectTypeDefinitionNode, name: str, **arguments: Any) -> ObjectTypeDefinitionNode:
    made = ConstDirectiveNode(name=NameNode(value=name), arguments=tuple(
        ConstArgumentNode(name=NameNode(value=key), value=literal(value)) for key, value in arguments.items()))
    return changed(definition, directives=(*(definition.directives or ()), made))


def literal(value: str | bool) -> Any:
    return BooleanValueNode(value=value) if isinstance(value, bool) else StringValueNode(value=value)


def changed(definition: ObjectTypeDefinitionNode, **values: Any) -> ObjectTypeDefinitionNode:
    names = ("name", "fields", "directives", "interfaces", "description")
    return ObjectTypeDefinitionNode(**{name: getattr(definition, name) for name in names} | values)


def name_of(definition: Any) -> str:
    return str(definition.name.value)


def reachable(definitions: Iterable[DefinitionNode]) -> list[DefinitionNode]:
    """What the root fields and the own entities lead to; a subgraph without a mutation has no type for it."""
    known = {name_of(definition): definition for definition in definitions}
    found: set[str] = set()
    waiting = [name for name, each in known.items() if name in ROOTS or is_entity(each)]
    while waiting:
        name = waiting.pop()
        if name in known and name not in found:
            found.add(name)
            waiting += named_in(known[name])
    return [known[name] for name in known if name in found]


def is_entity(definition: Any) -> bool:
    """Whether a definition has a key that is resolved here."""
    return any(directive.name.value == "key" and len(directive.arguments) == 1 for directive in definition.directives or ())


def named_in(definition: DefinitionNode) -> Iterator[str]:
    names: list[str] = []

    class Names(Visitor):
        def enter_named_type(self, node: NamedTypeNode, *_: Any) -> None:
            names.append(node.name.value)

    visit(DocumentNode(definitions=(definition,)), Names())
    yield from names
