"""How values are spelled in the SQL of a plan: leaves, parameters, holes."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLEnumType, get_nullable_type, is_leaf_type, is_list_type, is_non_null_type

from gateway.plan import Hole, NotCompiled, Place, Plan
from gateway.sites import Column, Site, bound, columns_in
from haian import citizens
from haian.errors import PublicError
from haian.reads import ALWAYS, Read

CASTS = {"Int": "int4", "Float": "float8", "String": "text", "ID": "text", "Boolean": "bool", "DateTime": "timestamptz",
         "Date": "date", "CitizenId": "text"}
PAIRS = 50
"""json_build_object takes 100 arguments (PostgreSQL's FUNC_MAX_ARGS)."""


class Spelling:
    """The SQL of one plan as it grows. `by_client`: for a mini-app, which knows citizens by names of its own."""

    def __init__(self, by_client: bool) -> None:
        self.plan, self.by_client = Plan(), by_client
        self._slots: dict[tuple[Any, ...], int] = {}

    def is_renamed(self, type_: Any) -> bool:
        return self.by_client and citizens.is_shown(type_)

    def renamed(self, expression: str, type_: Any, at: Place) -> str:
        """A citizen's id as a hole, since PostgreSQL cannot name them. NotCompiled for a column with several."""
        if is_list_type(get_nullable_type(type_)):
            raise NotCompiled("a column of citizens")
        missing = self.error(PublicError(), at) if is_non_null_type(type_) else "NULL::json"
        told = f"json_build_object('!', {self.number(Hole(at.lands, citizen=type_))}, 'v', {expression})"
        return f"CASE WHEN {expression} IS NULL THEN {missing} ELSE {told} END"

    def leaf(self, expression: str, type_: Any, at: Place) -> str:
        if self.is_renamed(type_):
            return self.renamed(expression, type_, at)
        nullable = get_nullable_type(type_)
        if isinstance(nullable, GraphQLEnumType):
            return self.enum(expression, nullable, is_non_null_type(type_), at)
        value = cast(expression, nullable)
        if is_non_null_type(type_):
            return f"coalesce(to_json({value}), {self.error(PublicError(), at)})"
        return value

    def enum(self, expression: str, type_: GraphQLEnumType, required: bool, at: Place) -> str:
        """A word of the database as the name of an enum's value; an error for a word that is none."""
        names = " ".join(f"WHEN {literal(word)} THEN '\"{name}\"'::json" for word, name in words(type_).items())
        unknown = self.error(PublicError(), at)
        if required:
            return f"CASE {expression} {names} ELSE {unknown} END"
        return f"coalesce(CASE {expression} {names} END, CASE WHEN {expression} IS NOT NULL THEN {unknown} END)"

    def scalar(self, read: Read, site: Site | None = None) -> str:
        return f"({self.body(read, site)})"

    def body(self, read: Read, site: Site | None = None) -> str:
        return read.fragment.render(lambda name: self.parameter(read, site, name))

    def parameter(self, read: Read, site: Site | None, name: str) -> str:
        """A value of a read: a column, a parameter whose value comes with each request (it has a site), or a constant."""
        if name in ALWAYS:
            return self.slot((name,), ALWAYS[name])
        types = read.fragment.types
        index = list(types).index(name)
        value = bound(read)[index]
        if columns_in(value):
            return self.symbolic(value, types[name])
        return self.slot(("site", site.number, index), types[name]) if site else self.slot(("value", value), types[name])

    def symbolic(self, value: Any, type_: str) -> str:
        """A value that is a column, or a list with one."""
        if isinstance(value, Column):
            return f"{value.sql}::{type_}"
        item = type_.removesuffix("[]")
        items = (self.symbolic(each, item) if columns_in(each) else self.slot(("value", each), item) for each in value)
        return f"ARRAY[{', '.join(items)}]::{type_}"

    def slot(self, key: tuple[Any, ...], type_: str) -> str:
        """A parameter of the statement; one for each source of its value."""
        known = (key if key[0] != "value" else (*key[:1], type(key[1]), repr(key[1])), type_)
        if known not in self._slots:
            self.plan.slots.append(key)
            self._slots[known] = len(self.plan.slots)
        return f"${self._slots[known]}::{type_}"

    def number(self, hole: Hole) -> int:
        self.plan.holes.append(hole)
        return len(self.plan.holes) - 1

    def hole(self, hole: Hole) -> str:
        return f"""'{{"!":{self.number(hole)}}}'::json"""

    def error(self, error: PublicError, at: Place) -> str:
        return self.hole(Hole(at.lands, error=error))


def build(pairs: list[str]) -> str:
    """A JSON object of any number of pairs, in their order."""
    if len(pairs) <= PAIRS:
        return f"json_build_object({', '.join(pairs)})"
    head, rest = build(pairs[:PAIRS]), build(pairs[PAIRS:])
    return f"(left({head}::text, -1) || ',' || substr({rest}::text, 2))::json"


def cast(expression: str, type_: Any) -> str:
    """A value as JSON spells a leaf of a nullable type. NotCompiled."""
    if is_list_type(type_) and is_leaf_type(get_nullable_type(type_.of_type)):
        return expression
    if is_list_type(type_) or type_.name not in CASTS:
        raise NotCompiled(f"no SQL spelling for {type_}")
    return f"{expression}::{CASTS[type_.name]}"


def words(type_: GraphQLEnumType) -> dict[str, str]:
    """The words of the database for the values of an enum, with their names."""
    return {getattr(value.value, "value", value.value): name for name, value in type_.values.items()}


def cursor_of(keys: str) -> str:
    """`encode_cursor` in SQL; PostgreSQL breaks base64 into lines. Three times `replace` is cheaper than `translate`."""
    return f"replace(replace(replace(encode(convert_to({keys}, 'UTF8'), 'base64'), E'\\n', ''), '+', '-'), '/', '_')"


def literal(text: Any) -> str:
    return "'" + str(text).replace("'", "''") + "'"
