"""Reads, declared once: a store function is its SQL, and calling it runs nothing.

    @sql
    def doctor(id: UUID) -> Any:                   # store.py: typed binds; {viewer} is who asks, {now} the clock
        "SELECT * FROM healthcare.doctor WHERE id = {id}"

A call returns a `Read`: the fragment with its binds. `haian.fields` fetches the Read that a GraphQL field returns, and a
compiler can splice the same fragments into one statement, since a field is one line that only names them.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import enum
import inspect
import re
import string
import typing
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import orjson

from haian.errors import InvalidArgument, InvalidCursor

PG_TYPES: dict[Any, str] = {
    int: "int8", float: "float8", str: "text", bool: "bool", decimal.Decimal: "numeric",
    dt.datetime: "timestamptz", dt.date: "date", uuid.UUID: "uuid", list[str]: "text[]",
}
Shown: TypeAlias = Any
"""What a service returns: a Read of what to show, whose shape the field's type says."""
ALWAYS = {"viewer": "uuid", "now": "timestamptz", "subject": "uuid"}
"""Who asks, the clock, and for whom they act: the viewer unless they act for another (`haian.acting`)."""
LARGEST_PAGE = 100


class Fragment:
    """A named piece of SQL: a SELECT, or an expression for one computed value. `order`: of a page, its keys as of `q`;
    `backward`: the page is shown the other way round."""

    def __init__(self, function: Callable[..., Any], text: str | None = None, extra: dict[str, str] | None = None,
                 order: str | None = None, backward: bool = False) -> None:
        self.order, self.backward = order, backward
        self.name = f"{function.__module__}.{function.__qualname__}"
        self.signature = inspect.signature(function)
        self.arity = len(self.signature.parameters)
        hints = typing.get_type_hints(function)
        self.types = {name: _pg_type(hints[name]) for name in self.signature.parameters} | (extra or {})
        body = inspect.cleandoc(text or function.__doc__ or "")
        self.parts = [(literal, name) for literal, name, *_ in string.Formatter().parse(body)]
        self.is_select = bool(re.match(r"\s*(SELECT|WITH)\b", self.parts[0][0], re.I))
        unknown = {name for _, name in self.parts if name} - set(self.types) - set(ALWAYS)
        if unknown:
            raise TypeError(f"{self.name}: no parameter {', '.join(sorted(unknown))}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) == self.arity and not kwargs:
            return Read(self, args)
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return Read(self, tuple(bound.arguments.values()))

    @property
    def text(self) -> str:
        """The text as it was declared, to make another of it."""
        return "".join(literal.replace("{", "{{").replace("}", "}}") + (f"{{{name}}}" if name else "")
                       for literal, name in self.parts)

    def render(self, place: Callable[[str], str]) -> str:
        """The SQL, with `place(name)` written for each bind."""
        return "".join(literal + (place(name) if name else "") for literal, name in self.parts)


@dataclass(slots=True, unsafe_hash=True)
class Read:
    """A fragment and its values, not yet run. Nobody changes one: it is not frozen because each request makes some."""

    fragment: Fragment
    values: tuple[Any, ...]

    def binds(self) -> tuple[Any, ...]:
        """The values as the driver wants them. InvalidArgument for an ID that is none."""
        types = self.fragment.types.items()
        return tuple(bind(name, type_, value) for (name, type_), value in zip(types, self.values, strict=True))


def sql(function: Callable[..., Any]) -> Fragment:
    """Declare a store function whose docstring is its SQL."""
    return Fragment(function)


class Keyset:
    """Pages of a SELECT in the order of unique keys; the cursor is the keys of a row, so a page costs the same at any
    depth and rows may come and go in between (Relay Cursor Connections). The first page, and the last one, have statements
    of their own. A page that is read backwards comes in the opposite order.

    A SELECT that is put together of several lists takes of each what the page needs: behind a condition, `{page}` is that
    the row is of the page, and the order, by columns that are called as the keys; `{first}` is how many."""

    def __init__(self, function: Callable[..., Any], keys: Sequence[str], descending: bool) -> None:
        pairs = [key.split() for key in keys]
        self.types = [type_ for _, type_ in pairs]
        self.names = [f"q.{name}" for name, _ in pairs]
        self.signature, self.function = inspect.signature(function), function
        self.first, self.rest = (self._fragment(descending, False, beyond) for beyond in (False, True))
        self.last, self.before = (self._fragment(not descending, True, beyond) for beyond in (False, True))

    @cached_property
    def rows(self) -> Fragment:
        """The whole SELECT, of no page and in no order: for who counts. Not of one that is put together by `{page}`."""
        return Fragment(self.function)

    @property
    def fragments(self) -> tuple[Fragment, ...]:
        return self.first, self.rest, self.last, self.before

    def _fragment(self, descending: bool, backward: bool, beyond: bool) -> Fragment:
        """A page in one direction; `beyond`: of the rows after a cursor."""
        order = ", ".join(name + " DESC" * descending for name in self.names)
        after = {f"after_{i}": type_ for i, type_ in enumerate(self.types)} if beyond else {}
        places = ", ".join("{" + name + "}" for name in after)
        within = f"({', '.join(self.names)}) {'<' if descending else '>'} ({places})" if beyond else "true"
        page = f"AND {within} ORDER BY {order}".replace("q.", "")
        cursor = f"json_build_array({', '.join(name + '::text' for name in self.names)})::text"
        body = inspect.cleandoc(self.function.__doc__ or "").replace("{page}", page)
        select = f"SELECT q.*, {cursor} AS cursor FROM ({body}) q WHERE {within} ORDER BY {order} LIMIT {{first}}"
        return Fragment(self.function, select, {"first": "int8"} | after, order, backward)

    def __call__(self, *args: Any, first: int = 20, after: str | None = None, last: int | None = None,
                 before: str | None = None) -> Any:
        """A page of `first` rows behind the cursor `after`, or of the `last` rows before the cursor `before`; 0 to 100.
        InvalidArgument, InvalidCursor."""
        backward = last is not None
        if (after if backward else before) is not None:
            raise InvalidArgument(argument="after" if backward else "before")
        size, place = (first, after) if last is None else (last, before)
        if not 0 <= size <= LARGEST_PAGE:
            raise InvalidArgument(argument="last" if backward else "first")
        bound = self.signature.bind(*args)
        bound.apply_defaults()
        values = (*bound.arguments.values(), size + 1)
        if place is None:
            return Read(self.last if backward else self.first, values)
        return Read(self.before if backward else self.rest, (*values, *decode_cursor(place, self.types)))


def keyset(*keys: str, descending: bool = False) -> Callable[[Callable[..., Any]], Keyset]:
    """Declare a store function that is read in pages; each key is "column type"."""
    return lambda function: Keyset(function, keys, descending)


def encode_cursor(keys: str) -> str:
    return base64.urlsafe_b64encode(keys.encode()).decode()


def decode_cursor(cursor: str, types: Sequence[str]) -> list[Any]:
    """The keys in a cursor. InvalidCursor for anything that `encode_cursor` did not make."""
    try:
        keys = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise InvalidCursor
        return [FROM_TEXT[type_](key) for type_, key in zip(types, keys, strict=True)]
    except (ValueError, OverflowError):
        raise InvalidCursor from None


def _timestamp(text: str) -> dt.datetime:
    """PostgreSQL's text of a timestamptz in UTC: `2026-11-22 10:00:00+00`."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment.astimezone(dt.UTC)


def _whole(bits: int) -> Callable[[str], int]:
    """A number that PostgreSQL's int4 or int8 holds."""
    def number(text: str) -> int:
        found = int(text)
        if not -(2 ** (bits - 1)) <= found < 2 ** (bits - 1):
            raise ValueError("too large")
        return found
    return number


def _text(text: str) -> str:
    if "\x00" in text:
        raise ValueError("PostgreSQL keeps no NUL")
    return text


FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "int4": _whole(32), "int8": _whole(64), "text": _text, "uuid": uuid.UUID, "date": dt.date.fromisoformat,
    "timestamptz": _timestamp, "float8": float,
}


def _pg_type(hint: Any) -> str:
    options = [option for option in typing.get_args(hint) if option is not type(None)] if hint not in PG_TYPES else [hint]
    return PG_TYPES[options[0] if options else hint]


def bind(name: str, pg_type: str, value: Any) -> Any:
    """A GraphQL value as the driver wants it."""
    if isinstance(value, enum.Enum):
        value = value.value
    if pg_type == "uuid" and isinstance(value, str):
        try:
            return uuid.UUID(value)
        except ValueError:
            raise InvalidArgument(argument=name) from None
    if pg_type in ("text", "text[]") and value is not None and any("\x00" in part for part in value):
        raise InvalidArgument(argument=name)
    if pg_type == "int8" and isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise InvalidArgument(argument=name)
    return value
