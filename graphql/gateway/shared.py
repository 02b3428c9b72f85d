"""Which answers are the same for everybody: proved from the declarations, never said by hand.

A query's answer is shared when each of its fields may be seen by everybody, and depends on nobody: a column, or a resolver
that is not given the call and reaches nothing but store functions whose SQL does not name {viewer} or {subject}. (Such a
resolver is one line: an architecture test holds it.) What is not proved is personal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType, ModuleType
from typing import Any

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_object_type,
    visit,
)

from gateway.composition import field_rule, type_rule
from gateway.documents import Operation
from haian import citizens
from haian.reads import Fragment, Keyset
from haian.rules import GIVEN, PUBLIC, Rule

OPEN = (PUBLIC, GIVEN)
PERSONAL = {"viewer", "subject"}


def is_shared(core: GraphQLSchema, operation: Operation) -> bool:
    """Whether the answer of an operation without errors is the same for everybody who asks at the same time."""
    if operation.type is not OperationType.QUERY:
        return False
    types, shared = TypeInfo(core), True

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            nonlocal shared
            parent, field = types.get_parent_type(), types.get_field_def()
            if node.name.value == "__typename":
                return
            shared = (shared and parent is not None and field is not None and not node.name.value.startswith("__")
                      and all(map(is_open, possible(core, parent))) and all(map(is_open, possible(core, field.type)))
                      and is_open_field(field, parent))

    visit(operation.document, TypeInfoVisitor(types, Fields()))
    return shared


def possible(core: GraphQLSchema, type_: Any) -> Iterator[Any]:
    """The object types that a value of this type may have; none of a leaf."""
    named = get_named_type(type_)
    if is_abstract_type(named):
        yield from core.get_possible_types(named)
    elif is_object_type(named):
        yield named


def is_open(type_: GraphQLObjectType) -> bool:
    """Whether everybody may see every object of a type, wherever it is reached."""
    rule = own(type_)
    return rule is None or rule in OPEN


def own(type_: Any) -> Rule | None:
    definition = type_.extensions.get("strawberry-definition")
    return type_rule(getattr(definition, "origin", None))


def is_open_field(field: Any, parent: Any) -> bool:
    """Whether everybody may see a field, and sees the same; each mini-app has its own names of citizens."""
    definition = field.extensions.get("strawberry-definition")
    rule = field_rule(definition, own(parent) or GIVEN)
    if definition is None or rule not in OPEN or citizens.is_shown(field.type):
        return False
    base = definition.base_resolver
    return base is None or (base.info_parameter is None and all(map(is_impersonal, reached(base.wrapped_func))))


def reached(function: Callable[..., Any]) -> Iterator[Any]:
    """What a function's code names outside itself: what it finds in modules, and everything else that it knows by a name;
    the function itself where code within it might name more."""
    code: Any = getattr(function, "__code__", None)
    if code is None or code.co_freevars or any(isinstance(each, CodeType) for each in code.co_consts):
        yield function
        return
    known = [function.__globals__[name] for name in code.co_names if name in function.__globals__]
    for each in known:
        if isinstance(each, ModuleType):
            yield from (getattr(each, name) for name in code.co_names if hasattr(each, name))
        else:
            yield each


def is_impersonal(named: Any) -> bool:
    """Whether what a resolver names is a store function that does not ask who is there."""
    if isinstance(named, Keyset):
        return all(map(is_impersonal, named.fragments))
    return isinstance(named, Fragment) and all(name not in PERSONAL for _, name in named.parts)
