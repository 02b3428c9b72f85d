"""What a resolver answers, shown at once where nothing of it has to be awaited: no task for each of its fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLString,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from gateway.compiler import Compiler
from gateway.sites import InfoOf, Resolver, declared, definition
from haian import citizens
from haian.call import Call
from haian.reads import Read

WORD = GraphQLString.serialize


class NotPlain(Exception):
    """It is not as its type says, or has to be awaited: `Completion` does it, and finds a place for what is wrong."""


@dataclass(frozen=True)
class Shape:
    """How a value is shown: a leaf as it is `written`, a list by the shape of its items, an object by its fields, each read
    off by its attribute or a resolver."""

    is_nullable: bool
    written: Callable[[Any], Any] | None = None
    items: Shape | None = None
    fields: tuple[tuple[str, Callable[[Any, Call], Any], Shape], ...] = ()


def shape_of(compiler: Compiler, type_: Any, nodes: list[FieldNode]) -> Shape | None:
    """None where a rule, an argument, a citizen's id, something that is awaited or an abstract type is among it."""
    nullable, inner = not is_non_null_type(type_), get_nullable_type(type_)
    if is_leaf_type(inner):
        return None if citizens.is_shown(inner) else Shape(nullable, inner.serialize)
    if is_list_type(inner):
        items = shape_of(compiler, inner.of_type, nodes)
        return items and Shape(nullable, items=items)
    if not isinstance(inner, GraphQLObjectType):
        return None
    fields = []
    for key, group in compiler.collect(inner, nodes).items():
        of = inner.fields.get(group[0].name.value)
        shape = shape_of(compiler, of.type, group) if of else None
        read = reader(compiler, inner, of, group) if shape else None
        if shape is None or read is None:
            return None
        fields.append((key, read, shape))
    return Shape(nullable, fields=tuple(fields))


Reader: TypeAlias = Callable[[Any, Call], Any]


def reader(compiler: Compiler, parent: GraphQLObjectType, of: Any, nodes: list[FieldNode]) -> Reader | None:
    """What gives the value of a field of an object that Python has."""
    resolver, declaration, name = Resolver.of(of), declared(of), definition(of).python_name
    if resolver is None:
        return None if declaration else lambda source, _: getattr(source, name, None)
    if resolver.is_async or of.args or (declaration and (not declaration.allow.given or declaration.audit)):
        return None
    info = compiler.info(parent, of, nodes)
    return lambda source, call: resolver(source, {}, InfoOf(call, info) if resolver.info else None)


def shaped(shape: Shape, value: Any, call: Call) -> Any:
    """A value as it is shown. NotPlain, or whatever error its resolvers raise."""
    if value is None:
        if not shape.is_nullable:
            raise NotPlain
        return None
    if shape.written:
        return value if shape.written is WORD and type(value) is str else shape.written(value)
    if shape.items:
        if not isinstance(value, list):
            raise NotPlain
        return [shaped(shape.items, each, call) for each in value]
    if isinstance(value, Exception | Read):
        raise NotPlain
    return {key: shaped(inner, read(value, call), call) for key, read, inner in shape.fields}
