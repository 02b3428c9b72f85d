"""Runs operations by compiled plans: one statement that returns finished JSON, one snapshot.

Plain execution of the same declaration (`gateway.execution`) does what no plan can (introspection, subscriptions), and what
a statement refused (a number too large for GraphQL's Int), for its exact errors. A service is never called twice.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from graphql import FieldNode, OperationType, VariableNode, Visitor, is_non_null_type, visit
from graphql.execution.values import VariableValues

from gateway.compiler import Compiler
from gateway.completion import Completion, Error, Lands, Repair, leaves_of, plainly
from gateway.documents import Operation
from gateway.origins import Columns, columns_of
from gateway.plan import ColumnsUnknown, NotCompiled, Plan, Walk, parameters
from gateway.selections import Selections
from gateway.sites import Arguments, Asked, InfoOf, Resolver, Site, declared
from gateway.trust import DOUBT, Doubted
from gateway.variables import Variables
from haian import citizens
from haian.call import Call
from haian.db import REFUSED
from haian.fields import fetch
from haian.posts import PostsChanged
from haian.reads import Fragment, Read

log = structlog.get_logger()
KEPT = 700
"""Operations whose plans are kept: all trusted documents and as many of developers' own as `Lookup` keeps."""
KEPT_WALKS = 64
"""Kinds of viewers and of switched fields of one operation."""
KEPT_PLANS = 32
"""Plans of one walk: first or next page, and which argument was refused."""


@dataclass
class Prepared:
    """An operation as the plans need it, with the plans made so far."""

    operation: Operation
    switches: tuple[str, ...]
    variables: Variables
    walks: OrderedDict[Any, Walk] = field(default_factory=OrderedDict)
    is_plain: bool = False
    """No plan can do it."""

    def walk(self, kind: Any) -> Walk:
        """The walk for a kind. A plan goes with its walk, whose numbers it knows."""
        if kind not in self.walks:
            self.walks[kind] = Walk()
            if len(self.walks) > KEPT_WALKS:
                self.walks.popitem(last=False)
        return self.walks[kind]


@dataclass
class Outcome:
    """The data of an answer, finished or not, and its errors."""

    data: Any
    errors: list[Error] = field(default_factory=list)


class Plans:
    """The compiled plans of one schema."""

    def __init__(self, schema: Any, roles: frozenset[str]) -> None:
        self.schema, self.core, self.converter, self.roles = schema, schema._schema, schema.schema_converter, roles
        self.prepared: OrderedDict[Operation, Prepared] = OrderedDict()
        self.columns: dict[Fragment, Columns] = {}

    def prepare(self, operation: Operation) -> Prepared:
        if found := self.prepared.get(operation):
            self.prepared.move_to_end(operation)
        else:
            found = self.prepared[operation] = Prepared(
                operation, switches_of(operation.document), Variables(self.core, operation.node.variable_definitions))
            if len(self.prepared) > KEPT:
                self.prepared.popitem(last=False)
        return found

    def forget(self, operation: Operation) -> None:
        """Nobody asks for it any more."""
        self.prepared.pop(operation, None)

    async def run(self, operation: Operation, variables: dict[str, Any], call: Call) -> Outcome:
        """NotCompiled where plain execution must do it."""
        prepared = self.prepare(operation)
        if prepared.is_plain:
            raise NotCompiled
        values = prepared.variables.values(variables)
        if isinstance(values, list):
            return Outcome(None, [([], error) for error in values])
        if any(values.coerced.get(name, True) is None for name in prepared.switches):
            raise NotCompiled  # a null is no switch: plain execution says so
        try:
            if operation.type is OperationType.QUERY:
                return await self.query(prepared, values, call)
            return await self.mutation(prepared, values, call)
        except NotCompiled:
            prepared.is_plain = True
            raise

    async def query(self, prepared: Prepared, values: VariableValues, call: Call) -> Outcome:
        walk = prepared.walk(self.kind(prepared, values, call))
        plan, asked = None, Asked(values, call)
        if walk.roots is not None:
            asked.visit(walk.roots)
            plan = walk.plans.get(tuple(asked.fragments)) if asked.is_known else None
        if plan is None:
            plan, asked = await self.compile(prepared, values, call, walk, asked, lambda compiler: compiler.query())
            again = Asked(values, call, reads=asked.reads, failures=asked.failures, values=asked.values)
            again.visit(walk.roots or [])
            keep(walk, again, plan)
        try:
            return await self.execute(prepared, plan, asked, walk)
        except Doubted:
            walk.take_care()
            return await self.query(prepared, values, call)

    async def compile(self, prepared: Prepared, values: VariableValues, call: Call, walk: Walk, asked: Asked,
                      make: Any) -> tuple[Plan, Asked]:
        while True:
            compiler = self.compiler(prepared, values, walk, asked)
            with suppress(ColumnsUnknown):
                plan = make(compiler)
                if not compiler.unknown:
                    return plan, asked
            for fragment in compiler.unknown:
                self.columns[fragment] = await columns_of(fragment, call)

    def compiler(self, prepared: Prepared, values: VariableValues, walk: Walk, asked: Asked) -> Compiler:
        operation = prepared.operation
        selections = Selections(self.core, operation.document, operation.node, values.coerced)
        return Compiler(self.converter, selections, walk, asked, self.columns)

    def kind(self, prepared: Prepared, values: VariableValues, call: Call) -> Any:
        """What a plan depends on beside its fragments: who may see what, and which fields are switched off."""
        viewer = call.viewer
        return (viewer.signed_in, viewer.roles & self.roles, viewer.subject is None, viewer.scopes, viewer.client is None,
                *(values.coerced.get(name) for name in prepared.switches))

    async def execute(self, prepared: Prepared, plan: Plan, asked: Asked, walk: Walk) -> Outcome:
        """Run a plan. What it left open is filled. Doubted."""
        call = asked.call
        data: Any = await call.json(plan.sql, parameters(plan, asked))
        if b'{"!"' not in data:
            return Outcome(data)
        if DOUBT.encode() in data:
            raise Doubted
        completion = Completion(self.compiler(prepared, asked.variables, walk, asked), self.schema, call, asked.variables)
        return Outcome(*await Repair(completion, plan, asked).whole(orjson.loads(data)))

    # -- mutations ---------------------------------------------------------------------------------------------------

    async def mutation(self, prepared: Prepared, values: VariableValues, call: Call) -> Outcome:
        """Each field in turn: its service is called once, and what it returns is read."""
        done, errors = [], []
        for key, nodes in self.changes(prepared, values, call).items():
            outcome = await self.change(prepared, key, nodes, values, call)
            errors += outcome.errors
            if outcome.data is None:
                return Outcome(None, errors)
            done.append(outcome.data)
        if len(done) == 1:
            return Outcome(done[0], errors)
        whole: dict[str, Any] = {}
        for part in done:
            whole |= orjson.loads(part) if isinstance(part, bytes) else part
        return Outcome(whole, errors)

    def changes(self, prepared: Prepared, values: VariableValues, call: Call) -> dict[str, list[FieldNode]]:
        """The fields of a mutation, with the switches as they are."""
        walk = prepared.walk(("fields", *(values.coerced.get(name) for name in prepared.switches)))
        if walk.fields is None:
            compiler = self.compiler(prepared, values, walk, Asked(values, call))
            walk.fields = compiler.collect(self.core.mutation_type, [prepared.operation.node])
        return walk.fields

    async def change(self, prepared: Prepared, key: str, nodes: list[FieldNode], values: VariableValues,
                     call: Call) -> Outcome:
        """One mutation: authorised, done, and shown."""
        mutation = self.core.mutation_type
        if nodes[0].name.value == "__typename":
            return Outcome({key: mutation.name})
        of = mutation.fields[nodes[0].name.value]
        try:
            shown = await self.serve(prepared, key, of, nodes, values, call)
        except Exception as error:
            return Outcome(None if is_non_null_type(of.type) else {key: None}, [([key], error)])
        if isinstance(shown, Read):
            return await self.show(prepared, key, of, nodes, shown, values, call)
        if (plain := self.plainly(prepared, key, of, nodes, shown, values, call)) is not None:
            return Outcome({key: plain})
        return await self.completed(prepared, key, of, nodes, shown, values, call)

    def plainly(self, prepared: Prepared, key: str, of: Any, nodes: list[FieldNode], shown: Any, values: VariableValues,
                call: Call) -> dict[str, Any] | None:
        """What a service returned, where nothing of it is but read off: no rule, no resolver, no look. Else None."""
        walk = prepared.walk(("plain", key, *(values.coerced.get(name) for name in prepared.switches)))
        if not walk.is_seen:
            walk.is_seen, declaration = True, declared(of)
            if declaration and not declaration.audit:
                with suppress(NotCompiled):
                    walk.leaves = leaves_of(self.compiler(prepared, values, walk, Asked(values, call)), of.type, nodes)
        return None if walk.leaves is None or shown is None else plainly(walk.leaves, shown)

    async def serve(self, prepared: Prepared, key: str, of: Any, nodes: list[FieldNode], values: VariableValues,
                    call: Call) -> Any:
        """Call the service behind a field, if its rule allows."""
        declaration = declared(of)
        assert declaration
        if declaration.allow.roles and declaration.allow.by_role(call) != "":
            await call.make_sure()
        await declaration.admit(None, call)
        site = self.site(prepared, prepared.walk((key, *self.kind(prepared, values, call))), key, of, nodes, values, call)
        shown = site.resolver(None, site.arguments.values(values, call), InfoOf(call, site.info, values))
        return await shown if inspect.isawaitable(shown) else shown

    async def show(self, prepared: Prepared, key: str, of: Any, nodes: list[FieldNode], shown: Read,
                   values: VariableValues, call: Call) -> Outcome:
        """What a service returned, read by a plan of its own; the caller may be somebody else by now."""
        walk, asked = prepared.walk((key, *self.kind(prepared, values, call))), Asked(values, call)
        site = self.site(prepared, walk, key, of, nodes, values, call)
        try:
            asked.give(site, shown)
            if site.number in asked.failures:
                raise asked.failures[site.number]
            asked.visit([site])
            plan = walk.plans.get(tuple(asked.fragments)) if asked.is_known else None
            if plan is None:
                plan, asked = await self.compile(prepared, values, call, walk, asked,
                                                 lambda compiler: compiler.payload(key, of, nodes, site))
                again = Asked(values, call, reads=asked.reads, failures=asked.failures, values=asked.values)
                again.visit([site])
                keep(walk, again, plan)
            return await self.execute(prepared, plan, asked, walk)
        except Doubted:
            walk.take_care()
        except PostsChanged:
            await call.make_sure()
        except (NotCompiled, *REFUSED) as error:
            log.warning("gateway.not_compiled", operation=prepared.operation.name, error=str(error))
            return await self.completed(prepared, key, of, nodes, shown, values, call)
        return await self.show(prepared, key, of, nodes, shown, values, call)

    def site(self, prepared: Prepared, walk: Walk, key: str, of: Any, nodes: list[FieldNode], values: VariableValues,
             call: Call) -> Site:
        """The site of a mutation's field: how its service is called, and where what it returned is shown."""
        if (key,) not in walk.sites:
            resolver = Resolver.of(of)
            assert resolver
            compiler = self.compiler(prepared, values, walk, Asked(values, call))
            info = compiler.info(self.core.mutation_type, of, nodes)
            walk.sites[key,] = Site(walk.number((key,)), resolver, Arguments(of, nodes[0], self.converter), None, info)
        return walk.sites[key,]

    async def completed(self, prepared: Prepared, key: str, of: Any, nodes: list[FieldNode], shown: Any,
                        values: VariableValues, call: Call) -> Outcome:
        """What a service returned, completed by Python."""
        await call.make_sure()
        asked = Asked(values, call)
        completion = Completion(self.compiler(prepared, values, Walk(), asked), self.schema, call, values)
        declaration = declared(of)

        async def value() -> Any:
            assert declaration and declaration.of
            found = await fetch(call, shown, declaration.of.type, self.schema) if isinstance(shown, Read) else shown
            if declaration.audit and call.viewer.subject is None:
                declaration.look(call, found, tuple(sorted(set(completion.compiler.selections.leaves(nodes)))))
            return citizens.shown(of.type, found, call)
        try:
            data = {key: await completion.settle(of.type, nodes, value(), [key])}
        except Lands as error:
            return Outcome(None, [*completion.errors, (error.path, error.cause)])
        return Outcome(data, completion.errors)


def keep(walk: Walk, asked: Asked, plan: Plan) -> None:
    walk.plans[tuple(asked.fragments)] = plan
    if len(walk.plans) > KEPT_PLANS:
        walk.plans.popitem(last=False)


def switches_of(document: Any) -> tuple[str, ...]:
    """The variables that @skip and @include look at."""
    found: set[str] = set()

    class Switches(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            found.update(a.value.name.value for a in node.arguments or () if isinstance(a.value, VariableNode))
    visit(document, Switches())
    return tuple(sorted(found))
