"""A GraphQL operation, walked once into one SQL statement that returns finished JSON.

What the database cannot finish it leaves as a *hole*, `{"!": n}`: a null where none may be, what this viewer may not see,
what only Python can answer. No GraphQL name is `!`, and PostgreSQL escapes the quotes inside strings, so the bytes `{"!"`
occur in an answer only where the plan put them: an answer without them is sent as it is. (A JSON scalar would break this
proof, and is refused.) How far the null of the n-th hole spreads is a property of the schema, not of the data.

A role is known before the SQL runs: what it may not see is not in the statement at all. A row's predicate becomes a CASE, in
a careful plan of each field, else of its object (`gateway.trust`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from gateway.composition import type_rule
from gateway.origins import Columns
from gateway.plan import ColumnsUnknown, Hole, NotCompiled, Place, Plan, PythonField, Walk
from gateway.selections import Selections
from gateway.sites import Arguments, Asked, Resolver, Row, Site, declared, definition
from gateway.spelling import Spelling, build, cursor_of, literal
from gateway.trust import Trust
from haian.errors import NotFound, PublicError
from haian.fields import CLIENT_SEEN, SEEN_FOR, Audit, connection_node
from haian.links import as_whom
from haian.reads import Fragment, Read
from haian.rules import PUBLIC, Rule


class Compiler(Spelling):
    """Makes one plan."""

    def __init__(self, converter: Any, selections: Selections, walk: Walk, asked: Asked,
                 known: dict[Fragment, Columns]) -> None:
        super().__init__(by_client=asked.call.viewer.client is not None)
        self.schema, self.converter, self.selections = selections.schema, converter, selections
        self.collect = selections.collect
        self.walk, self.asked, self.known = walk, asked, known
        self.inner: list[Site] = []
        self.trust: Trust | None = None
        self.unknown: dict[Fragment, None] = {}

    def query(self) -> Plan:
        fields = self.collect(self.schema.query_type, [self.selections.operation])
        self.plan.sql = f"SELECT {self.object(self.schema.query_type, fields, None, Place())}"
        self.walk.roots = self.inner
        return self.plan

    def payload(self, key: str, of: GraphQLField, nodes: list[FieldNode], site: Site) -> Plan:
        """What a mutation's service returned, under its response key."""
        at = Place().down(of.type, key)
        declaration, self.inner = declared(of), []
        assert declaration
        value = self.read(self.asked.reads[site.number], of.type, nodes, at, site, declaration.audit,
                          self.acting(declaration.allow))
        site.inner[self.asked.reads[site.number].fragment] = self.inner
        self.plan.sql = f"SELECT json_build_object({literal(key)}, {value})"
        return self.plan

    def object(self, type_: GraphQLObjectType, fields: dict[str, list[FieldNode]], row: Row | None, at: Place) -> str:
        """An object as JSON; where Python has to answer some of its fields, a hole with the row and the rest."""
        pairs, python = [], []
        for key, nodes in fields.items():
            value = self.field(type_, key, nodes, row, at)
            if isinstance(value, tuple):
                python.append((key, value[0]))
                value = value[1]
            pairs.append(f"{literal(key)}, {value}")
        whole = build(pairs)
        if not python:
            return whole
        number = self.number(Hole(at.lands, parent=type_, fields=tuple(python)))
        columns = f", 'r', {build(self.columns(row))}" if row else ""
        return f"json_build_object('!', {number}, 'v', {whole}{columns})"

    @staticmethod
    def columns(row: Row) -> list[str]:
        return [f"{literal(name)}, {row.row_alias}.\"{name}\"" for name in row.row_columns]

    def row(self, type_: Any, nodes: list[FieldNode], alias: str, at: Place, fragment: Fragment) -> str:
        """One row as its object; the column `typename` decides among the members of an abstract type."""
        columns = self.known.get(fragment)
        if columns is None:
            self.unknown[fragment] = None
        if not is_abstract_type(type_):
            return self.allowed(type_, nodes, alias, at, columns or Columns())
        if columns is None:
            raise ColumnsUnknown
        cases = []
        for member in self.schema.get_possible_types(type_):
            whole = set(Row(alias, member).row_columns) <= columns.names
            place = Place(at.depth, at.lands, (*at.names, f"on {member.name}"))
            value = self.allowed(member, nodes, alias, place, columns) if whole else self.error(PublicError(), at)
            cases.append(f"WHEN {literal(member.name)} THEN {value}")
        return f"CASE {alias}.typename {' '.join(cases)} ELSE {self.error(PublicError(), at)} END"

    def allowed(self, type_: GraphQLObjectType, nodes: list[FieldNode], alias: str, at: Place, columns: Columns) -> str:
        """A row as its object, if the type's rule allows."""
        row, rule = Row(alias, type_), type_rule(definition(type_).origin) or PUBLIC
        outer, self.trust = self.trust, None if self.walk.is_careful else Trust(columns)
        value = self.permitted(rule, row, at, lambda: self.object(type_, self.collect(type_, nodes), row, at))
        trust, self.trust = self.trust, outer
        return trust.guard(value) if trust else value

    # -- fields ------------------------------------------------------------------------------------------------------

    def acting(self, rule: Rule) -> str:
        return rule.by_role(self.asked.call) or "citizen"

    def permitted(self, rule: Rule, row: Row | None, at: Place, value: Callable[[], str]) -> str:
        """What a rule guards. A predicate that is NULL denies."""
        if rule.by_role(self.asked.call) is not None:
            return value()
        asked = rule.asked(row, self.asked.call)
        permitted = " OR ".join(f"({self.scalar(read)})" for read in asked)
        if permitted and self.trust and row:
            self.trust.holds(permitted)
            return value()
        denied = self.error(rule.refusal(self.asked.call), at)
        if not permitted:
            return denied
        return f"CASE WHEN {permitted} THEN to_json({value()}) ELSE {denied} END"

    def field(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], row: Row | None,
              at: Place) -> str | tuple[PythonField, str]:
        """The SQL of a field; for one that Python answers, what that needs and the SQL of its place: null, or a denial."""
        name = nodes[0].name.value
        if name == "__typename":
            return f"{literal(parent.name)}::text"
        if name.startswith("__"):
            raise NotCompiled("introspection")
        of, at = parent.fields[name], at.down(parent.fields[name].type, key)
        declaration, rule = declared(of), PUBLIC
        if declaration:
            rule = declaration.allow
        python: list[PythonField] = []

        def value() -> str:
            found = self.value(parent, of, nodes, row, at)
            if isinstance(found, str):
                return self.covered(found, rule, nodes, at)
            python.append(found)
            return self.covered("NULL::json", rule, nodes, at)
        sql = self.permitted(rule, row, at, value)
        return (python[0], sql) if python else sql

    def value(self, parent: GraphQLObjectType, of: GraphQLField, nodes: list[FieldNode], row: Row | None,
              at: Place) -> str | PythonField:
        resolver = Resolver.of(of)
        if resolver is None:
            name = definition(of).python_name
            column, trust = getattr(row, name).sql, None if self.is_renamed(of.type) else self.trust
            return trust.column(name, column, of.type) if trust else self.leaf(column, of.type, at)
        site = self.site(parent, of, nodes, row, at, resolver)
        if site.is_python:
            return PythonField(of, resolver, site.arguments, site.info, at.lands)
        if site.number in self.asked.failures:
            return self.hole(Hole(at.lands, site=site.number))
        declaration = declared(of)
        assert declaration
        audit, acting = declaration.audit, self.acting(declaration.allow)
        if site.is_static:
            return self.read(self.asked.reads[site.number], of.type, nodes, at, None, audit, acting)
        outer, self.inner = self.inner, []
        sql = self.read(self.asked.reads[site.number], of.type, nodes, at, site, audit, acting)
        site.inner[self.asked.reads[site.number].fragment], self.inner = self.inner, outer
        return sql

    def site(self, parent: GraphQLObjectType, of: GraphQLField, nodes: list[FieldNode], row: Row | None, at: Place,
             resolver: Resolver) -> Site:
        """The site of a field, asked. One that depends on its row alone is asked here and at no request."""
        site = self.walk.sites.get(at.names)
        if site is None:
            arguments = Arguments(of, nodes[0], self.converter)
            site = Site(self.walk.number(at.names), resolver, arguments, row, self.info(parent, of, nodes))
            site.is_python = resolver.is_async or declared(of) is None
            site.is_static = arguments.is_constant and resolver.info is None
            self.walk.sites[at.names] = site
        if not site.is_python and site.number not in self.asked.reads and site.number not in self.asked.failures:
            self.asked.ask(site)
            site.is_static = site.is_static and site.number in self.asked.reads
        if not (site.is_python or site.is_static):
            self.inner.append(site)
        return site

    def info(self, parent: GraphQLObjectType, of: GraphQLField, nodes: list[FieldNode]) -> GraphQLResolveInfo[Any]:
        known = {
            "field_name": nodes[0].name.value, "field_nodes": nodes, "return_type": of.type, "parent_type": parent,
            "schema": self.schema, "fragments": self.selections.fragments, "operation": self.selections.operation}
        values: list[Any] = [known.get(name) for name in GraphQLResolveInfo._fields]
        return GraphQLResolveInfo(*values)

    # -- values ------------------------------------------------------------------------------------------------------

    def read(self, read: Read, type_: Any, nodes: list[FieldNode], at: Place, site: Site | None,
             audit: Audit | None, acting: str) -> str:
        """What a field's read shows, in the shape of its type."""
        nullable = get_nullable_type(type_)
        if is_leaf_type(nullable):
            return self.leaf(self.scalar(read, site), type_, at)
        alias = f'"#{self.walk.number((*at.names, "#"))}"'  # no author writes such a name, so none can capture it
        body = self.body(read, site)
        if is_list_type(nullable):
            item, below = nullable.of_type, at.down(nullable.of_type)
            if is_leaf_type(get_nullable_type(item)):
                each = self.leaf(f"{alias}.value", item, below)
                return f"(SELECT coalesce(json_agg({each}), '[]') FROM ({body}) {alias}(value))"
            each = self.row(get_nullable_type(item), nodes, alias, below, read.fragment)
            value = f"coalesce(json_agg({each}), '[]'::json)"
            return f"(SELECT {self.seen(value, audit, acting, nodes, alias, at, 'true')} FROM ({body}) {alias})"
        if isinstance(nullable, GraphQLObjectType) and connection_node(definition(nullable).origin) is not None:
            return self.page(read, nullable, nodes, at, site, audit, acting)
        each = self.row(nullable, nodes, alias, at, read.fragment)
        value = self.seen(each, audit, acting, nodes, alias, at, None)
        value = f"(SELECT {value} FROM ({body}) {alias})"
        return f"coalesce({value}, {self.error(NotFound(), at)})" if is_non_null_type(type_) else value

    def page(self, read: Read, type_: GraphQLObjectType, nodes: list[FieldNode], at: Place, site: Site | None,
             audit: Audit | None, acting: str) -> str:
        """A page of a keyset read: only `node` has columns of its own, the rest follows from the page. The one row more
        than asked for tells that there is a next page. Its rows come in the order of their numbers."""
        order = read.fragment.order
        if order is None:
            raise TypeError(f"{read.fragment.name}: a connection is read by a keyset")
        alias = f'"#{self.walk.number((*at.names, "#"))}"'
        first = self.parameter(read, site, "first")
        shown = f'{alias}."#" < {first}'
        edge = get_named_type(type_.fields["edges"].type)
        node, info = get_named_type(edge.fields["node"].type), get_named_type(type_.fields["pageInfo"].type)

        def known(type_: GraphQLObjectType, owners: list[FieldNode], at: Place, leaves: dict[str, Any]) -> str:
            pairs = []
            for key, group in self.collect(type_, owners).items():
                name = group[0].name.value
                leaf = f"{literal(type_.name)}::text" if name == "__typename" else leaves[name]
                value = leaf if isinstance(leaf, str) else leaf(group, at.down(type_.fields[name].type, key))
                pairs.append(f"{literal(key)}, {value}")
            return build(pairs)

        def edges(group: list[FieldNode], at: Place) -> str:
            each = known(edge, group, at.down(edge_type), {
                "cursor": cursor_of(f"{alias}.cursor"),
                "node": lambda group, at: self.row(node, group, alias, at, read.fragment)})
            way = f' ORDER BY {alias}."#" DESC' * read.fragment.backward
            return f"coalesce(json_agg({each}{way}) FILTER (WHERE {shown}), '[]')"
        edge_type = get_nullable_type(type_.fields["edges"].type).of_type
        more, behind = f"count(*) >= {first}", "true" if "after_0" in read.fragment.types else "false"
        last = f"least(count(*), {first} - 1)"
        near, far = (cursor_of(f"(array_agg({alias}.cursor))[{place}]") for place in (f"least(1, {last})", last))
        ends = {"hasNextPage": more, "hasPreviousPage": behind, "startCursor": near, "endCursor": far}
        if read.fragment.backward:
            ends = {"hasNextPage": behind, "hasPreviousPage": more, "startCursor": far, "endCursor": near}
        whole = known(type_, nodes, at, {
            "edges": edges, "pageInfo": lambda group, at: known(info, group, at, ends)})
        value = self.seen(whole, audit, acting, nodes, alias, at, shown)
        body = f'SELECT q.*, row_number() OVER (ORDER BY {order}) AS "#" FROM ({self.body(read, site)}) q'
        return f"(SELECT {value} FROM ({body}) {alias} HAVING true)"  # one page, though nothing of it is counted

    def seen(self, value: str, audit: Audit | None, acting: str, nodes: list[FieldNode], alias: str, at: Place,
             shown: str | None) -> str:
        """With an audit, a hole that says whom was seen; `shown`: which rows of an aggregate, None for a single row."""
        if audit is None or self.asked.call.viewer.subject:
            return value
        more = ", ".join(f'{alias}."{column}"' if column else "NULL" for column in (audit.role, audit.office, audit.names))
        who = f'json_build_array({alias}."{audit.subject}", {more})'
        whom = f"json_build_array({who})" if shown is None else f"coalesce(json_agg({who}) FILTER (WHERE {shown}), '[]')"
        names = tuple(sorted(set(self.selections.leaves(nodes))))
        number = self.number(Hole(at.lands, audit=audit, acting=acting, names=names))
        return f"json_build_object('!', {number}, 's', {whom}, 'v', {value})"

    def covered(self, value: str, rule: Rule, nodes: list[FieldNode], at: Place) -> str:
        """What somebody sees for another, or a mini-app, because a scope covers it, in a hole that says so."""
        viewer = self.asked.call.viewer
        if not rule.scope or not viewer.is_acting:
            return value
        names = tuple(sorted(set(self.selections.leaves(nodes))))
        if viewer.client:
            number = self.number(Hole(at.lands, audit=CLIENT_SEEN, scope=rule.scope, names=names))
            return f"json_build_object('!', {number}, 's', '[]'::json, 'v', {value})"
        if viewer.subject is None or rule.by_role(self.asked.call) is not None:
            return value
        number = self.number(Hole(at.lands, audit=SEEN_FOR, scope=rule.scope, names=names))
        who = f"json_build_array({self.slot(('subject',), 'uuid')}, {self.scalar(as_whom())}, NULL, NULL)"
        return f"json_build_object('!', {number}, 's', json_build_array({who}), 'v', {value})"
