"""What Python adds to an answer: values of resolvers, and the holes that a plan's statement left.

Nulls spread as GraphQL says (October 2021, §6.4.4): an error where no null may be lands at the next place where one may.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import decimal
import inspect
import typing
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLString,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path

from gateway.compiler import Compiler
from gateway.plan import Hole, Plan, PythonField
from gateway.shapes import Shape, shape_of, shaped
from gateway.sites import Asked, InfoOf, Resolver, declared, definition
from haian import citizens
from haian.call import Call, Look
from haian.fields import CLIENT_SEEN, client_look, fetch
from haian.reads import Read

PARSE: dict[Any, Any] = {UUID: UUID, dt.datetime: dt.datetime.fromisoformat, dt.date: dt.date.fromisoformat,
                         decimal.Decimal: decimal.Decimal}
Error = tuple[list[Any], BaseException]


class Lands(Exception):
    """An error on its way up to where a null may be."""

    def __init__(self, path: list[Any], cause: BaseException) -> None:
        super().__init__(str(cause))
        self.path, self.cause = path, cause


class Completion:
    """The values of one answer that Python makes, and what went wrong with them."""

    def __init__(self, compiler: Compiler, schema: Any, call: Call, variables: Any) -> None:
        self.compiler, self.schema, self.call, self.variables = compiler, schema, call, variables
        self.errors: list[Error] = []

    async def field(self, parent: GraphQLObjectType, nodes: list[FieldNode], source: Any, path: list[Any]) -> Any:
        """A field of an object that Python has, its rule checked. Lands for an error where no null may be."""
        name = nodes[0].name.value
        if name == "__typename":
            return parent.name
        of = parent.fields[name]

        async def value() -> Any:
            info = self.compiler.info(parent, of, nodes)._replace(
                context=self.call, variable_values=self.variables, path=path_of(path))
            assert of.resolve
            found = of.resolve(source, info, **get_argument_values(of, nodes[0], self.variables))
            return await found if inspect.isawaitable(found) else found
        return await self.settle(of.type, nodes, value(), path)

    async def settle(self, type_: Any, nodes: list[FieldNode], value: Any, path: list[Any]) -> Any:
        """Await a value and complete it; an error becomes null, or Lands where none may be."""
        try:
            return await self.complete(type_, nodes, await value, path)
        except Exception as error:
            lands = error if isinstance(error, Lands) else Lands(path, error)
            if is_non_null_type(type_):
                raise lands from error
            self.errors.append((lands.path, lands.cause))
            return None

    async def complete(self, type_: Any, nodes: list[FieldNode], value: Any, path: list[Any]) -> Any:
        """CompleteValue (§6.4.3)."""
        if isinstance(value, Exception):
            raise value
        if value is None:
            if is_non_null_type(type_):
                raise TypeError("null where none may be")
            return None
        type_ = get_nullable_type(type_)
        if is_list_type(type_):
            return await self.items(type_.of_type, nodes, value, path)
        if is_leaf_type(type_):
            return type_.serialize(value)
        if is_abstract_type(type_):
            type_ = self.schema._schema.get_type(type(value).__strawberry_definition__.name)
        fields = self.compiler.collect(type_, nodes)
        values = await asyncio.gather(*(self.field(type_, group, value, [*path, key]) for key, group in fields.items()))
        return dict(zip(fields, values, strict=True))

    async def items(self, type_: Any, nodes: list[FieldNode], values: Sequence[Any], path: list[Any]) -> list[Any]:
        async def given(value: Any) -> Any:
            return value
        return list(await asyncio.gather(*(
            self.settle(type_, nodes, given(value), [*path, index]) for index, value in enumerate(values))))


WORD, NUMBER = GraphQLString.serialize, GraphQLInt.serialize
Leaves: TypeAlias = "list[tuple[str, str, Callable[[Any], Any], bool]]"
"""By response key: which attribute it is, what writes it, and whether it may be null."""


def leaves_of(compiler: Compiler, type_: Any, nodes: list[FieldNode]) -> Leaves | None:
    """How an object is shown of which an operation wants no more than plain values of its own; None where a resolver, a rule
    or another object is among them."""
    type_ = get_nullable_type(type_)
    found: Leaves = []
    if not isinstance(type_, GraphQLObjectType):
        return None
    for key, group in compiler.collect(type_, nodes).items():
        of = type_.fields.get(group[0].name.value)
        leaf = of and get_nullable_type(of.type)
        if of is None or not is_leaf_type(leaf) or Resolver.of(of) or declared(of) or citizens.is_shown(leaf):
            return None
        found.append((key, definition(of).python_name, leaf.serialize, not is_non_null_type(of.type)))
    return found


def plainly(leaves: Leaves, value: Any) -> dict[str, Any] | None:
    """The object, complete; None where a value is not as its type says, which `Completion` then finds a place for."""
    found: dict[str, Any] = {}
    for key, name, written, is_nullable in leaves:
        own = getattr(value, name, None)
        if own is None and not is_nullable:
            return None
        try:
            if own is None or (written is WORD and type(own) is str) or (
                    written is NUMBER and type(own) is int and -(2**31) <= own < 2**31):
                found[key] = own  # as it is, which is seen at once
            else:
                found[key] = written(own)
        except GraphQLError:
            return None
    return found


class Repair:
    """Fills the holes of one answer: Python's values where a resolver gives one, else a null and an error."""

    def __init__(self, completion: Completion, plan: Plan, asked: Asked) -> None:
        self.completion, self.plan, self.asked, self.call = completion, plan, asked, completion.call
        self.failed: list[tuple[list[Any], int, Error]] = []
        self.python: list[tuple[list[Any], Hole, Any, Any]] = []
        self.denied: set[tuple[Any, ...]] = set()

    async def whole(self, data: Any) -> tuple[Any, list[Error]]:
        """The data without holes, and the errors."""
        data = self.spread(self.find(data, []))
        waiting = [fill for work in self.python if reachable(data, [*work[0], ""]) for fill in self.fill(*work)]
        if waiting:
            await asyncio.gather(*waiting)
        return self.spread(data), self.completion.errors

    def spread(self, data: Any) -> Any:
        """The data with the nulls of what has failed so far."""
        for path, lands, error in self.failed:
            if reachable(data, path):
                self.completion.errors.append(error)
                if lands:
                    put(data, path[:lands], None)
                else:
                    data = None
        self.denied |= {tuple(path) for path, _, _ in self.failed}
        self.failed.clear()
        return data

    def find(self, value: Any, path: list[Any]) -> Any:
        """The value without its holes, which are noted."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict | list):
                    value[index] = self.find(item, [*path, index])
        elif isinstance(value, dict):
            if "!" in value:
                return self.open(self.plan.holes[value["!"]], value, path)
            for key, item in value.items():
                if isinstance(item, dict | list):
                    value[key] = self.find(item, [*path, key])
        return value

    def open(self, hole: Hole, value: dict[str, Any], path: list[Any]) -> Any:
        if hole.citizen:
            return citizens.shown(hole.citizen, value["v"], self.call)
        if hole.audit:
            self.note(hole, value["s"])
            return self.find(value["v"], path)
        if hole.fields:
            inside = self.find(value["v"], path)
            self.python.append((path, hole, inside, value.get("r")))
            return inside
        cause = hole.error or self.asked.failures[hole.site or 0]
        self.failed.append((path, hole.lands, (path, cause)))
        return None

    def note(self, hole: Hole, seen: list[Any]) -> None:
        """Whose data this field showed, unless it is the viewer's own; a mini-app's look is never that."""
        assert hole.audit
        if hole.audit is CLIENT_SEEN:
            self.call.looks[client_look(self.call, hole.scope, hole.names)] = None
        for subject, role, office, saw in seen:
            if subject is not None and UUID(subject) != self.call.viewer.id:
                acting, audit = role if hole.audit.role else hole.acting, hole.audit
                names = tuple(saw) if audit.names else hole.names
                self.call.looks[Look(audit.action, acting, UUID(subject), names, audit.ground,
                                     UUID(office) if office else None, hole.scope)] = None

    def fill(self, path: list[Any], hole: Hole, inside: dict[str, Any], row: Any) -> Iterator[Coroutine[Any, Any, None]]:
        """The fields of one object that Python answers, where they were not denied: at once, or what has to be awaited."""
        assert hole.parent
        source = None if row is None else restored(definition(hole.parent).origin, row)
        for key, field in hole.fields:
            if (*path, key) not in self.denied and not self.is_filled(key, field, inside, source):
                yield self.fill_one([*path, key], field, inside, source)

    def is_filled(self, key: str, field: PythonField, inside: dict[str, Any], source: Any) -> bool:
        """Whether the field could be shown without waiting for anything."""
        if not field.shapes:
            field.shapes.append(self.shape(field))
        shape = field.shapes[0]
        try:
            if shape is not None:
                inside[key] = shaped(shape, self.answer(field, source), self.call)
        except Exception:  # whatever it is, it comes again, and is told at its place
            return False
        return shape is not None

    def shape(self, field: PythonField) -> Shape | None:
        declaration = declared(field.of)
        if field.resolver.is_async or (declaration and declaration.audit):
            return None
        return shape_of(self.completion.compiler, field.of.type, list(field.info.field_nodes))

    def answer(self, field: PythonField, source: Any) -> Any:
        """What the resolver answers; its rule was checked by the statement."""
        variables = self.completion.variables
        return field.resolver(source, field.arguments.values(variables, self.call), InfoOf(self.call, field.info, variables))

    async def fill_one(self, path: list[Any], field: PythonField, inside: dict[str, Any], source: Any) -> None:
        value, nodes = self.value(field, source), field.info.field_nodes
        try:
            inside[path[-1]] = await self.completion.settle(field.of.type, nodes, value, path)
        except Lands as error:
            self.failed.append((path, field.lands, (error.path, error.cause)))

    async def value(self, field: PythonField, source: Any) -> Any:
        """What the resolver answers, read where it names a read, and who looked."""
        found = self.answer(field, source)
        found = await found if inspect.isawaitable(found) else found
        if isinstance(found, Read):
            found = await fetch(self.call, found, field.resolver.field.type, self.completion.schema)
        found = citizens.shown(field.of.type, found, self.call)
        declaration = declared(field.of)
        if declaration and declaration.audit and self.call.viewer.subject is None:
            selections = self.completion.compiler.selections
            declaration.look(self.call, found, tuple(sorted(set(selections.leaves(field.info.field_nodes)))))
        return found


def path_of(keys: list[Any]) -> Any:
    found = None
    for key in keys:
        found = Path(found, key, None)
    return found


@cache
def parsers(origin: Any) -> dict[str, Any]:
    """How the columns of a type, as JSON has them, become what its resolvers expect."""
    hints = typing.get_type_hints(origin)
    return {name: PARSE[hint] for name, whole in hints.items() for hint in (whole, *typing.get_args(whole))
            if hint in PARSE}


def restored(origin: Any, row: dict[str, Any]) -> Any:
    """The row that came with a hole, as the object that its resolvers expect."""
    known = parsers(origin)
    return origin(**{name: known[name](value) if value is not None and name in known else value
                     for name, value in row.items()})


def reachable(data: Any, path: list[Any]) -> bool:
    """Whether nothing above this place is null already."""
    for key in path[:-1]:
        if data is None:
            return False
        data = data[key]
    return data is not None


def put(data: Any, path: list[Any], value: Any) -> None:
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value
