"""GraphQL fields that are declared reads, with their authorisation beside them.

    @fields.object_type(allow=PUBLIC)
    class Doctor:
        id: ID                                    # a plain field is a column of the row
        department_id: Private[UUID]              # a column for resolvers only

        @fields.field()
        def department(self) -> Department:
            return store.department(self.department_id)

The return type says the shape: an object is one row, a list rows, `Connection[T]` a page, a leaf a computed value. A union
or interface takes its type from the column `typename`. A mutation calls its service, which returns a Read of what to show.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, dataclass_transform

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.union import StrawberryUnion

from haian.call import Call, Look
from haian.citizens import SCALAR
from haian.citizens import CitizenId as CitizenId
from haian.entities import ENTITIES, Key
from haian.errors import Forbidden
from haian.links import as_whom
from haian.reads import Read, encode_cursor
from haian.rules import GIVEN, PUBLIC, Rule
from haian.steps import Recent, check
from haian.terms import check as check_terms

T = TypeVar("T")
TYPE_RULES: dict[type, Rule] = {}


@dataclass(frozen=True)
class Audit:
    """Staff who get a field by their role leave `action` in the ledger of the citizen in each row's column `subject`.
    Where a predicate lets them in, the row's column `role` says as what they look; the column `office` for which
    organisation, where the role alone does not. `ground`: the legal ground, a key of the client's texts. What is told in
    names and values (`facts { name text }`) is not what the fields are called: the row's column `names` says it."""

    action: str
    subject: str
    role: str | None = None
    ground: str = ""
    office: str | None = None
    names: str | None = None


SEEN_FOR = Audit("SEEN_FOR", "subject", "role")
"""What whoever acts for another leaves in the ledger of that other."""
CLIENT_SEEN = Audit("CLIENT_SEEN", "subject", "role", "consent")
"""What a mini-app leaves in the ledger of the citizen whose token it has."""


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    page_info: PageInfo


TYPE_RULES |= {PageInfo: GIVEN, Edge: GIVEN, Connection: GIVEN}


class Declared(FieldExtension):
    """Marks a field as declared, authorises it and fetches the Read that it returns."""

    def __init__(self, allow: Rule, audit: Audit | None = None, recent: Recent = False, needs_terms: bool = False,
                 brief: bool = False) -> None:
        self.allow, self.audit, self.recent, self.needs_terms, self.brief = allow, audit, recent, needs_terms, brief
        self.of: StrawberryField | None = None

    def apply(self, field: StrawberryField) -> None:
        self.of = field

    def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        return self.resolve_async(next_, source, info, **kwargs)

    async def resolve_async(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        call: Call = info.context
        await self.admit(source, call)
        result = next_(source, info, **kwargs)
        result = await result if inspect.isawaitable(result) else result
        if isinstance(result, Read):
            assert self.of is not None
            result = await fetch(call, result, self.of.type, info.schema)
        if self.audit or call.viewer.is_acting:
            await self.note(call, result, info)
        return result

    async def admit(self, source: Any, call: Call) -> None:
        """Let the viewer in, or refuse: by the rule; TermsNeeded where they have not agreed to the terms; StepUpNeeded where
        it wants a recent second factor, which no token has shown: Forbidden to whoever comes with one."""
        if self.allow.by_role(call) is None and not await self.allow.permits(source, call):
            raise self.allow.refusal(call)
        if self.recent and call.viewer.by_token:
            raise Forbidden
        if self.needs_terms:
            await check_terms(call)
        if self.recent:
            await check(call, self.recent)

    async def note(self, call: Call, result: Any, info: Any) -> None:
        """Note that staff looked, a mini-app, or somebody for another; what they change, its service notes."""
        names = tuple(sorted({field.name for field in _leaves(info.selected_fields)}))
        if call.viewer.client:
            if self.allow.scope and info._raw_info.parent_type.name != "Mutation":
                call.looks[client_look(call, self.allow.scope, names)] = None
        elif call.viewer.subject is None:
            if self.audit:
                self.look(call, result, names)
        elif self.allow.scope and self.allow.by_role(call) is None and info._raw_info.parent_type.name != "Mutation":
            role = await call.value(as_whom())
            call.looks[Look(SEEN_FOR.action, role, call.viewer.subject, names, scope=self.allow.scope)] = None

    def look(self, call: Call, result: Any, names: tuple[str, ...]) -> None:
        """Note whose data this field showed, the leaves `names` of it, unless it is the viewer's own."""
        assert self.audit is not None
        shown = [edge.node for edge in result.edges] if isinstance(result, Connection) else result
        acting = self.allow.by_role(call) or "citizen"
        for row in shown if isinstance(shown, list) else [shown]:
            subject = getattr(row, self.audit.subject, None)
            if subject is not None and subject != call.viewer.id:
                role = getattr(row, self.audit.role) if self.audit.role else acting
                office = getattr(row, self.audit.office) if self.audit.office else None
                saw = tuple(getattr(row, self.audit.names)) if self.audit.names else names
                call.looks[Look(self.audit.action, role, subject, saw, self.audit.ground, office)] = None


def client_look(call: Call, scope: str, names: tuple[str, ...]) -> Look:
    """That a mini-app saw something of the citizen whose token it has."""
    assert call.viewer.id
    return Look(CLIENT_SEEN.action, "mini_app", call.viewer.id, names, CLIENT_SEEN.ground, scope=scope)


def _leaves(selections: Any) -> Any:
    for selection in selections:
        inner = getattr(selection, "selections", None)
        if inner:
            yield from _leaves(inner)
        else:
            yield selection


def field(resolver: Any = None, *, allow: Rule = GIVEN, audit: Audit | None = None, **options: Any) -> Any:
    """A declared read; without a resolver, a column with a rule. GIVEN: its object's rule is enough."""
    return strawberry.field(resolver, extensions=[Declared(allow, audit)], **options)


def mutation(resolver: Any = None, *, allow: Rule, audit: Audit | None = None, recent: Recent = False,
             unagreed: bool = False, brief: bool = False, **options: Any) -> Any:
    """A field that changes something. `recent`: whether it wants a second factor of the last 5 minutes (`haian.steps`);
    `unagreed`: open to whoever has not agreed to the terms (`haian.terms`); `brief`: in one's own name it changes what is
    in Redis alone and never waits for a row, so that it waits for its turn with those who read (`test_brief`)."""
    return strawberry.field(resolver, extensions=[Declared(allow, audit, recent, not unagreed, brief)], **options)


def subscription(resolver: Any = None, *, allow: Rule, **options: Any) -> Any:
    """A stream of events; its rule is checked by the gateway before the stream is opened."""
    made = strawberry.subscription(resolver, **options)

    def mark(declared: Any) -> Any:
        declared.metadata = {**declared.metadata, "allow": allow}
        return declared
    return mark(made) if resolver else lambda function: mark(made(function))


@dataclass_transform(kw_only_default=False)
def object_type(*, allow: Rule, key: Key | None = None, **options: Any) -> Callable[[type[T]], type[T]]:
    """A GraphQL type and the rule of its objects, checked where a row becomes one. `key`: other servers may refer to it."""
    def decorate(cls: Any) -> Any:
        made = strawberry.type(cls, **options)
        TYPE_RULES[made] = allow
        if key:
            ENTITIES[made] = key.under(allow)
        return made
    return decorate


def is_row_type(type_: Any) -> bool:
    return isinstance(type_, StrawberryUnion) or hasattr(type_, "__strawberry_definition__")


def connection_node(type_: Any) -> Any:
    """The node type of a `Connection[Node]`, else None."""
    definition = getattr(type_, "__strawberry_definition__", None)
    if definition is None or not issubclass(definition.origin, Connection):
        return None
    edges = next(f for f in definition.fields if f.python_name == "edges").type
    return next(f for f in edges.of_type.__strawberry_definition__.fields if f.python_name == "node").type


async def fetch(call: Call, read: Read, type_: Any, schema: Any) -> Any:
    """Run a read and give its rows the shape of `type_`."""
    optional = isinstance(type_, StrawberryOptional)
    if isinstance(type_, StrawberryOptional):
        type_ = type_.of_type
    if isinstance(type_, StrawberryList):
        rows = await call.rows(read)
        item = type_.of_type.of_type if isinstance(type_.of_type, StrawberryOptional) else type_.of_type
        if not is_row_type(item):
            return [row[len(row) - 1] for row in rows]
        return [await hydrate(item, row, schema, call) for row in rows]
    if not is_row_type(type_):
        return await call.value(read)
    node = connection_node(type_)
    if node is not None:
        return await page(call, read, node, schema)
    rows = await call.rows(read)
    if len(rows) > 1:
        raise LookupError(f"{read.fragment.name}: one row expected")
    if not rows and not optional:
        from haian.errors import NotFound
        raise NotFound
    return await hydrate(type_, rows[0], schema, call) if rows else None


async def page(call: Call, read: Read, node: Any, schema: Any) -> Connection[Any]:
    """A page of a keyset read, which asks for one row more than it shows."""
    rows = await call.rows(read)
    asked = dict(zip(read.fragment.types, read.values, strict=True))
    shown = rows[:asked["first"] - 1]
    more, behind, backward = len(rows) > len(shown), "after_0" in asked, read.fragment.backward
    if backward:
        shown = shown[::-1]
    edges = [Edge(cursor=encode_cursor(row["cursor"]), node=await hydrate(node, row, schema, call)) for row in shown]
    return Connection(edges=edges, page_info=PageInfo(
        has_next_page=behind if backward else more, has_previous_page=more if backward else behind,
        start_cursor=edges[0].cursor if edges else None, end_cursor=edges[-1].cursor if edges else None))


def columns(type_: Any) -> list[str]:
    """The columns that a row of this type must have: its plain and private fields."""
    return [f.name for f in dataclasses.fields(type_) if f.init]


async def hydrate(type_: Any, row: Any, schema: Any, call: Call) -> Any:
    """A row as its type; the refusal where the type's rule does not allow it, which is an error at the row's own place. An
    abstract type is named by the column `typename`."""
    definition = getattr(type_, "__strawberry_definition__", None)
    if definition is None or definition.is_interface:
        named = schema.get_type_by_name(row["typename"] or "")
        if named is None:
            return LookupError(f"no type {row['typename']!r}")
        type_ = named.origin
    made = type_(**{name: row[name] for name in columns(type_)})
    rule = TYPE_RULES.get(type_, PUBLIC)
    return made if await rule.permits(made, call) else rule.refusal(call)


def _time(value: datetime) -> str:
    """RFC 3339 in UTC with `+00:00`, fractions only where there are any: as PostgreSQL's JSON writes it."""
    text = (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()
    head, dot, tail = text.partition(".")
    return f"{head}.{tail[:-6].rstrip('0')}+00:00" if dot else text


def _parse_time(text: Any) -> datetime:
    """A time in UTC. GraphQLError, which the client is told, for everything else."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("it needs an offset, such as +08:00")
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise GraphQLError(f"Value cannot represent a DateTime: {error}") from error


DateTime = strawberry.scalar(name="DateTime", description="RFC 3339 with its offset",
                             serialize=_time, parse_value=_parse_time)
CONFIG = StrawberryConfig(scalar_map={datetime: DateTime, CitizenId: SCALAR})
