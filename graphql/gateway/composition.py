"""One schema from the manifests: Query, Mutation and Subscription of every noun, and home, which is made of all."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, default_field_resolver
from strawberry.printer import print_schema
from strawberry.tools import merge_types

from gateway import desks, home, nodes, ticks
from gateway.cost import say_pages
from haian import citizens
from haian.fields import CONFIG, TYPE_RULES, Declared
from haian.registry import Registry
from haian.rules import GIVEN, Rule
from haian.steps import Recent

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
    name_citizens(schema._schema)
    return schema


def name_citizens(core: GraphQLSchema) -> None:
    """Where fields are executed one by one, whoever is a mini-app's token is told its names of citizens, and means them."""
    for type_ in core.type_map.values():
        for field in type_.fields.values() if isinstance(type_, GraphQLObjectType) else ():
            arguments = {name: given.type for name, given in field.args.items() if citizens.is_taken(given.type)}
            if arguments or citizens.is_shown(field.type):
                field.resolve = naming(field.resolve or default_field_resolver, field.type, arguments)
                field.subscribe = field.subscribe and naming(field.subscribe, None, arguments)


def naming(resolve: Any, type_: Any, arguments: dict[str, Any]) -> Any:
    """A resolver behind which citizens have their ids, and before which each has the viewer's name. `type_`: of its value,
    None where that is no value yet."""
    def named(source: Any, info: Any, **given: Any) -> Any:
        call = info.context
        found = resolve(source, info, **citizens.taken(arguments, given, call))
        if type_ is None or call.viewer.client is None:
            return found
        return later(found, call) if inspect.isawaitable(found) else citizens.shown(type_, found, call)

    async def later(found: Any, call: Any) -> Any:
        return citizens.shown(type_, await found, call)
    return named


def modules(registry: Registry) -> Iterator[tuple[str, Any]]:
    """Each noun with the modules that hold its types and root fields."""
    for app in registry.apps:
        yield app.noun, app.schema
        if app.live:
            yield app.noun, app.live
    yield HOME, home
    yield HOME, desks
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


def mutations(schema: strawberry.Schema) -> dict[str, Declared]:
    """What is declared of every mutation."""
    core = schema._schema.mutation_type
    return {name: next(e for e in field.extensions["strawberry-definition"].extensions if isinstance(e, Declared))
            for name, field in (core.fields if core else {}).items()}


def recent(schema: strawberry.Schema) -> dict[str, Recent]:
    """Every mutation, and whether it wants a second factor that is recent."""
    return {name: declared.recent for name, declared in mutations(schema).items()}


def brief(schema: strawberry.Schema) -> frozenset[str]:
    """The mutations that change what is in Redis alone."""
    return frozenset(name for name, declared in mutations(schema).items() if declared.brief)


def unagreed(schema: strawberry.Schema) -> frozenset[str]:
    """The mutations that are open to whoever has not agreed to the terms."""
    return frozenset(name for name, declared in mutations(schema).items() if not declared.needs_terms)


def acting(schema: strawberry.Schema) -> frozenset[str]:
    """The fields at which one may act for another: `Query.name`."""
    return frozenset(name for name, rule in rules(schema) if rule and rule.scope)


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
