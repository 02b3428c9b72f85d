"""Arguments for any field of the schema: the least that it takes, or anything of the right type."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    Undefined,
    get_named_type,
)
from hypothesis import strategies as st

NASTY = ["", "\u0000", "a\u0000b", "１２３", "x" * 5000, "' OR 1=1 --", "{}", "%", "370211005", "370211005001",
         "13800000001", "鲁B12345", "00000000-0000-0000-0000-000000000000"]
TEXTS = st.one_of(st.text(max_size=30), st.sampled_from(NASTY))
IDS = st.one_of(st.uuids().map(str), st.sampled_from(["370211005", "370211005001"]), TEXTS)
TIMES = st.one_of(st.datetimes().map(lambda at: f"{at.isoformat()}+08:00"), TEXTS, st.sampled_from([
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2027-03-02T10:00:00+08:00", "2027-03-02T10:00:00"]))
SCALARS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "Int": (1, st.integers(-2**31, 2**31 - 1)), "Float": (1.0, st.floats(allow_nan=False, allow_infinity=False)),
    "Boolean": (True, st.booleans()), "String": ("测试", TEXTS), "ID": ("", IDS), "CitizenId": ("", IDS),
    "DateTime": ("2027-03-02T10:00:00+08:00", TIMES),
    "Date": ("2027-03-02", st.one_of(st.dates().map(str), TEXTS)),
}


def least(type_: Any) -> Any:
    """The least value of an input type."""
    if not isinstance(type_, GraphQLNonNull):
        return None
    inner = type_.of_type
    if isinstance(inner, GraphQLList):
        return []
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    if isinstance(inner, GraphQLInputObjectType):
        return {name: least(field.type) for name, field in inner.fields.items() if is_needed(field)}
    return str(uuid4()) if inner.name in ("ID", "CitizenId") else SCALARS[inner.name][0]


def any_of(type_: Any) -> st.SearchStrategy[Any]:
    """Any value of an input type."""
    if not isinstance(type_, GraphQLNonNull):
        return st.one_of(st.none(), any_of(GraphQLNonNull(type_)))
    inner = type_.of_type
    if isinstance(inner, GraphQLList):
        return st.lists(any_of(inner.of_type), max_size=3)
    if isinstance(inner, GraphQLEnumType):
        return st.sampled_from(sorted(inner.values))
    if isinstance(inner, GraphQLInputObjectType):
        return st.fixed_dictionaries({name: any_of(field.type) for name, field in inner.fields.items()})
    return SCALARS[inner.name][1]


def is_needed(argument: Any) -> bool:
    return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined


def request_of(kind: str, name: str, field: GraphQLField, whole: bool = False) -> tuple[str, dict[str, Any]]:
    """A document that asks for a root field and its leaves, and the least variables. `whole`: with every argument."""
    used = {argument: given for argument, given in field.args.items() if whole or is_needed(given)}
    declared = ", ".join(f"${argument}: {given.type}" for argument, given in used.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in used)
    head = f"{kind} {f'({declared})' if declared else ''}"
    return (f"{head} {{ {name}{f'({passed})' if passed else ''} {leaves(field.type)} }}",
            {argument: least(given.type) for argument, given in used.items()})


def leaves(type_: Any) -> str:
    """The selection of an object that costs least."""
    composite = isinstance(get_named_type(type_), GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    return "{ __typename }" if composite else ""
