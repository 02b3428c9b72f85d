"""Declared fields as a plan sees them: called with symbols for the row that is not there yet.

A field is one line that names a store function. Where it depends on nothing but its row, it is called once, when the plan is
made. Where it has arguments or looks at the call, it is a *site*: called at each request with the real arguments, which is
cheap, since a store function runs nothing; the fragment that it names is part of what the plan is kept by.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLResolveInfo,
    VariableNode,
    get_named_type,
    is_non_null_type,
    is_scalar_type,
)
from graphql.execution.values import get_argument_values
from strawberry.types.arguments import convert_arguments
from strawberry.types.info import Info

from haian import citizens
from haian.call import Call
from haian.errors import PublicError
from haian.fields import Declared, columns
from haian.reads import Fragment, Read, bind

PYTHON, FAILED = "python", "failed"
"""What a plan is kept by in the place of a fragment, where a site named none."""


class NotDeclared(Exception):
    """A resolver looks inside a row that is not there yet: only Python can answer it."""


class Column:
    """A column of a row while a resolver is traced. It can be handed on to a store function and nothing else: whoever looks
    at its value would decide once for all rows."""

    __slots__ = ("sql",)

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def _refuse(self, *_: Any) -> Any:
        raise NotDeclared("a declared read cannot look at a column: put the condition in the SQL")

    __bool__ = __str__ = __format__ = __len__ = __iter__ = __eq__ = __lt__ = __getitem__ = __contains__ = _refuse
    __hash__ = object.__hash__


class Row:
    """The row of an object while its fields are traced: `self.doctor_id` is a column."""

    def __init__(self, alias: str, type_: Any) -> None:
        self.row_alias, self.row_columns = alias, columns(definition(type_).origin)

    def __getattr__(self, name: str) -> Column:
        if name.startswith("__") or name not in self.row_columns:
            raise AttributeError(name)
        return Column(f'{self.row_alias}."{name}"')


def definition(of: Any) -> Any:
    """What Strawberry knows of a type or field."""
    return of.extensions["strawberry-definition"]


def declared(of: GraphQLField) -> Declared | None:
    """The declaration of a field, if it has one."""
    for extension in definition(of).extensions:
        if isinstance(extension, Declared):
            return extension
    return None


@dataclass(frozen=True)
class Resolver:
    """The function behind a field, called as Strawberry would call it but with nothing around it."""

    function: Callable[..., Any]
    takes_self: bool
    info: str | None
    is_async: bool
    field: Any

    @classmethod
    def of(cls, of: GraphQLField) -> Resolver | None:
        """None for a plain column."""
        base = definition(of).base_resolver
        if base is None:
            return None
        function = base.wrapped_func
        info = base.info_parameter
        return cls(function, "self" in inspect.signature(function).parameters, info and info.name, base.is_async,
                   definition(of))

    def __call__(self, source: Any, arguments: Mapping[str, Any], info: Any) -> Any:
        extra = {self.info: Info(info, self.field)} if self.info else {}
        return self.function(*([source] if self.takes_self else []), **arguments, **extra)


class Arguments:
    """The arguments of a field in a document. Scalars are taken as they are; whatever else there is, as graphql-core and
    Strawberry take it."""

    def __init__(self, of: GraphQLField, node: FieldNode, converter: Any) -> None:
        self.of, self.node, self.converter = of, node, converter
        self.taken = definition(of).arguments
        names = {converter.config.name_converter.from_argument(argument): argument.python_name for argument in self.taken}
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        self.variables = [(names[name], value.name.value, is_non_null_type(of.args[name].type))
                          for name, value in given.items() if isinstance(value, VariableNode)]
        self.is_plain = all(isinstance(given[name], VariableNode) and is_scalar_type(get_named_type(of.args[name].type))
                            for name in given) and not any(
                                is_non_null_type(of.args[name].type) and name not in given for name in names)
        self.citizens = {name: of.args[name].type for name in given if citizens.is_taken(of.args[name].type)}
        self.is_constant = not self.variables and not self.citizens and not any(map(has_variable, given.values()))
        self.fixed: dict[str, Any] | None = None

    def values(self, variables: Any, call: Call) -> dict[str, Any]:
        """By their Python names. GraphQLError where a null is given for what may not be null."""
        if self.fixed is not None:
            return self.fixed
        if self.is_plain and not (self.citizens and call.viewer.client):
            coerced = variables.coerced
            found = {}
            for python, name, required in self.variables:
                if name not in coerced:
                    if required:
                        return self._values(variables, call)
                    continue
                if (value := coerced[name]) is None and required:
                    return self._values(variables, call)
                found[python] = value
            return found
        return self._values(variables, call)

    def _values(self, variables: Any, call: Call) -> dict[str, Any]:
        given = citizens.taken(self.citizens, get_argument_values(self.of, self.node, variables), call)
        found = dict(convert_arguments(given, self.taken, self.converter.scalar_registry, self.converter.config))
        if self.is_constant:
            self.fixed = found
        return found


def has_variable(value: Any) -> bool:
    """Whether a value of a document depends on the request."""
    return isinstance(value, VariableNode) or any(map(has_variable, (
        *getattr(value, "values", ()), *(field.value for field in getattr(value, "fields", ())))))


class InfoOf:
    """What graphql-core tells a resolver, in the context of one call, with its variables."""

    __slots__ = ("_info", "context", "variable_values")

    def __init__(self, call: Call, info: GraphQLResolveInfo[Any], variables: Any = None) -> None:
        self.context, self._info, self.variable_values = call, info, variables

    def __getattr__(self, name: str) -> Any:
        return getattr(self._info, name)


@dataclass(eq=False)
class Site:
    """A field that is called at each request. `inner`: the sites below it, by the fragment that it named, as
    far as plans have been there. `is_python`:
    it named no store function and is left to Python; `is_static`: what it named once, it names always."""

    number: int
    resolver: Resolver
    arguments: Arguments
    row: Row | None
    info: GraphQLResolveInfo[Any]
    inner: dict[Fragment, list[Site]] = field(default_factory=dict)
    is_python: bool = False
    is_static: bool = False

    def call(self, variables: Any, call: Call) -> Read | Exception | None:
        """The Read that the field names; the refusal of its arguments; None for what only Python can answer."""
        try:
            given = self.arguments.values(variables, call)
            read = self.resolver(self.row, given, InfoOf(call, self.info) if self.resolver.info else None)
        except (PublicError, GraphQLError) as error:
            return error
        except Exception as error:
            if self.row is None:
                return error
            read = None
        if isinstance(read, Read):
            return read
        self.is_python = True
        return None


@dataclass
class Asked:
    """One request on its way through a plan: what its sites named, in the order of the plan's sites."""

    variables: Any
    call: Call
    fragments: list[Any] = field(default_factory=list)
    values: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    reads: dict[int, Read] = field(default_factory=dict)
    failures: dict[int, Exception] = field(default_factory=dict)
    is_known: bool = True

    def visit(self, sites: list[Site]) -> None:
        """Call the sites, and those below them. `is_known` becomes False where a plan has not been there yet."""
        for site in sites:
            if site.number not in self.reads and not site.is_python:
                self.ask(site)
            if site.is_python:
                self.fragments.append(PYTHON)
            elif site.number in self.failures:
                self.fragments.append(FAILED)
            else:
                fragment = self.reads[site.number].fragment
                self.fragments.append(fragment)
                if fragment in site.inner:
                    self.visit(site.inner[fragment])
                else:
                    self.is_known = False

    def ask(self, site: Site) -> None:
        found = site.call(self.variables, self.call)
        if isinstance(found, Read):
            self.give(site, found)
        elif found is not None:
            self.failures[site.number] = found

    def give(self, site: Site, read: Read) -> None:
        """What the site named, its values as the driver wants them."""
        try:
            self.values[site.number] = bound(read) if site.row else read.binds()
            self.reads[site.number] = read
        except PublicError as error:
            self.failures[site.number] = error


def bound(read: Read) -> tuple[Any, ...]:
    """The values of a read for the driver; a column, and a list with one, stays what it is. InvalidArgument."""
    return tuple(value if columns_in(value) else bind(name, type_, value)
                 for (name, type_), value in zip(read.fragment.types.items(), read.values, strict=True))


def columns_in(value: Any) -> bool:
    """Whether a value is known only to the database."""
    return isinstance(value, Column) or (isinstance(value, list) and any(isinstance(item, Column) for item in value))
