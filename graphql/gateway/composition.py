"""One schema from the manifests: Query, Mutation and Subscription of every noun, and home, which is made of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType
from strawberry.printer import print_schema
from strawberry.tools import merge_types

from gateway import home, nodes, ticks
from gateway.cost import say_pages
from haian.fields import CONFIG, TYPE_RULES, Declared
from haian.registry import Registry
from haian.rules import GIVEN, Rule

HOME = "home"
OPERATIONS = ("Query", "Mutation", "Subscription")


class RuleMissing(Exception):
    """A field without a declared rule: nothing is served until it has one."""


def compose(registry: Registry, parts: Sequence[Any] | None = None) -> strawberry.Schema:
    """The schema of all nouns, or of some modules. RuleMissing, or strawberry's own errors for a clash of names."""
    if parts is not None:
        return made_of(parts)
    every = [*(module for _, module in modules(registry)), nodes]
    with nodes.shown():
        return made_of(every)


def made_of(chosen: Sequence[Any]) -> strawberry.Schema:
    """The schema of these modules."""
    merged: dict[str, Any] = {}
    for kind in OPERATIONS:
        found = tuple(part for module in chosen if (part := getattr(module, kind, None)))
        merged[kind] = merge_types(kind, found) if found else None
    types = [type_ for module in chosen for type_ in getattr(module, "TYPES", ())]
    schema = strawberry.Schema(query=merged["Query"], mutation=merged["Mutation"], subscription=merged["Subscription"],
                               types=types, config=CONFIG)
    if missing := [name for name, rule in rules(schema) if rule is None]:
        raise RuleMissing(", ".join(missing))
    say_pages(schema._schema)
    return schema


def modules(registry: Registry) -> Iterator[tuple[str, Any]]:
    """Each noun with the modules that hold its types and root fields."""
    for app in registry.apps:
        yield app.noun, app.schema
        if app.live:
            yield app.noun, app.live
    yield HOME, home
    yield HOME, ticks


def print_sdl(schema: strawberry.Schema) -> str:
    return print_schema(schema) + "\n"


def rules(schema: strawberry.Schema) -> Iterator[tuple[str, Rule | None]]:
    """Every field of the schema with its rule; None where none was declared."""
    for type_ in sorted(schema._schema.type_map.values(), key=lambda each: each.name):
        if type_.name.startswith("__") or not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            continue
        definition = type_.extensions.get("strawberry-definition")
        own = type_rule(getattr(definition, "origin", None)) if type_.name not in OPERATIONS else None
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field_rule(field.extensions.get("strawberry-definition"), own)


def roles(schema: strawberry.Schema) -> frozenset[str]:
    """All roles that some rule names."""
    return frozenset(role for _, rule in rules(schema) if rule for role in rule.roles)


def type_rule(origin: Any) -> Rule | None:
    """The rule of a type's objects; a generic type's copies have the rule of the generic."""
    return next((TYPE_RULES[base] for base in getattr(origin, "__mro__", ()) if base in TYPE_RULES), None)


def field_rule(field: Any, own: Rule | None) -> Rule | None:
    """The field's own rule where it has one, else that of its type."""
    declared = (e.allow for e in getattr(field, "extensions", ()) if isinstance(e, Declared))
    rule: Rule | None = next(declared, None) or getattr(field, "metadata", {}).get("allow")
    if rule is None or rule == GIVEN:
        return own
    return rule
