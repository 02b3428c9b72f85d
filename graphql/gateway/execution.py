"""The one place that executes: a prepared operation, its variables and a call become an answer.

Every operation was validated before it came here: trusted documents at start, a developer's own query once and kept. A
compiled plan does what it can; plain execution of the same declaration does the rest, and plans are held equal to it.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from typing import Any

import orjson
import strawberry
import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    SelectionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    experimental_execute_incrementally,
    validate,
    visit,
)

from gateway.completion import Error
from gateway.composition import roles
from gateway.documents import Documents, Operation
from gateway.incremental import Form, parts, with_incremental
from gateway.limits import Limits, check_variables
from gateway.live import Live
from gateway.lookup import Lookup
from gateway.masking import public
from gateway.plan import NotCompiled
from gateway.plans import Outcome, Plans
from gateway.shared import is_shared
from gateway.sites import declared
from haian.call import Call
from haian.db import REFUSED
from haian.fields import Declared
from haian.posts import PostsChanged
from haian.registry import Registry

log = structlog.get_logger()
Answer = dict[str, Any]
KEPT = 2000


@lru_cache(maxsize=4)
def checked(schema: strawberry.Schema, documents: Documents) -> frozenset[str]:
    """The documents whose answers are everybody's; once all are found to be valid and within the limits. ValueError."""
    core, incremental = schema._schema, with_incremental(schema._schema)
    limits = Limits(core)
    for operation in documents.by_id.values():
        limits.check_trusted(operation)
        if errors := validate(incremental, operation.document):
            raise ValueError(f"{operation.name}: {errors[0].message}")
    return frozenset(id_ for id_, operation in documents.by_id.items() if is_shared(core, operation))


class Gateway:
    """The schema with the documents that may be run against it. `refused`: how many plans PostgreSQL refused to run."""

    def __init__(self, schema: strawberry.Schema, documents: Documents, registry: Registry) -> None:
        self.schema, self.core, self.documents, self.registry = schema, schema._schema, documents, registry
        self.incremental = with_incremental(self.core)
        self.limits = Limits(self.core)
        self.lookup = Lookup(self.incremental, documents, self.limits, self.forget)
        self.plans = Plans(schema, roles(schema))
        self.live = Live(self.core, self.rendered)
        self.refused = 0
        self.late: dict[Operation, bool] = {}
        self.shared = checked(schema, documents)
        self.writing = frozenset(id_ for id_, operation in documents.by_id.items() if is_writing(operation, self.core))

    def find(self, given: Mapping[str, Any], call: Call) -> Operation:
        """The operation that a request's parameters mean, within the limits with its variables: LimitExceeded, and the
        refusals of `Lookup.find`."""
        operation, variables = self.lookup.find(given, call), given.get("variables") or {}
        check_variables(variables)
        self.limits.check_run(operation, variables)
        return operation

    def forget(self, operation: Operation) -> None:
        """What was made of a query that is not kept any more."""
        self.plans.forget(operation.plain)
        self.late.pop(operation, None)

    async def run(self, operation: Operation, variables: dict[str, Any], call: Call) -> bytes:
        """The finished JSON of a query's or mutation's answer. The looks of staff are in the ledger before it leaves."""
        if call.platform.replica and call.viewer.subject is None and self.may_be_late(operation):
            await call.spare_the_primary()
        try:
            outcome = await self.plans.run(operation.plain, variables, call)
        except PostsChanged:  # before anything was answered or done
            await call.make_sure()
            call.looks.clear()
            return await self.run(operation, variables, call)
        except NotCompiled:
            return await self.run_plainly(operation, variables, call)
        except REFUSED as error:  # of a query: what a mutation shows is completed by `Plans`
            self.refused += 1
            log.warning("gateway.plan_refused", operation=operation.name, error=str(error))
            return await self.run_plainly(operation, variables, call)
        except Exception as error:  # of the one statement, hence of all fields
            outcome = Outcome(None, [([], error)])
        return await self._finished(outcome, call)

    def writes(self, operation: Operation | None, acting: bool = False) -> bool:
        """Whether an operation may wait for a row that another changes; of a developer's own every mutation, and of who
        acts for another: it may leave a line in their ledger."""
        return operation is not None and operation.type is OperationType.MUTATION and (
            acting or operation.id in self.writing or operation.id not in self.documents.by_id)

    def may_be_late(self, operation: Operation) -> bool:
        """Whether an operation may be answered by the replica: a query none of whose fields leaves a line in a ledger."""
        if operation not in self.late:
            self.late[operation] = operation.type is OperationType.QUERY and not is_audited(operation.document, self.core)
            if len(self.late) > KEPT:
                del self.late[next(iter(self.late))]
        return self.late[operation]

    async def run_plainly(self, operation: Operation, variables: dict[str, Any], call: Call) -> bytes:
        """The same by Strawberry and graphql-core, field by field."""
        await call.make_sure()
        result = experimental_execute_incrementally(
            self.incremental, operation.plain.document, variable_values=variables, context_value=call, hide_suggestions=True)
        if inspect.isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        errors: list[Error] = [(list(error.path or ()), error) for error in result.errors or ()]
        return await self._finished(Outcome(result.data, errors), call)

    async def _finished(self, outcome: Outcome, call: Call) -> bytes:
        if outcome.data is None:  # whatever was read beside the field that failed, nobody was shown it
            call.looks.clear()
        if call.looks:
            try:
                await call.write_looks()
            except Exception as error:
                outcome = Outcome(None, [([], error)])
        data = outcome.data
        if not outcome.errors:
            return b'{"data":' + (data if isinstance(data, bytes) else orjson.dumps(data, default=str)) + b"}"
        errors = [self._public(located(error, path), call) for path, error in outcome.errors]
        data = orjson.Fragment(data) if isinstance(data, bytes) else data
        return orjson.dumps({"data": data, "errors": errors}, default=str)

    def stream(self, operation: Operation, variables: dict[str, Any], call: Call) -> AsyncIterator[bytes]:
        """The finished JSON of each answer of a subscription; ends when its source ends. Its refusals come first."""
        return self.live.stream(operation, variables, call)

    async def parts(self, operation: Operation, variables: dict[str, Any], call: Call, form: Form) -> AsyncIterator[bytes]:
        """The finished JSON of an answer's parts, first what was not deferred."""
        async for part in parts(self.incremental, operation, variables, call, form, lambda error: self._public(error, call)):
            yield orjson.dumps(part, default=str)

    def rendered(self, result: ExecutionResult, call: Call) -> bytes:
        """What was executed, as finished JSON."""
        return orjson.dumps(self._answer(result, call), default=str)

    def _public(self, error: GraphQLError, call: Call) -> dict[str, Any]:
        return public(error, self.registry.catalogue, call.viewer.locale)

    def _answer(self, result: ExecutionResult, call: Call) -> Answer:
        answer: Answer = {"data": result.data}
        if result.errors:
            answer["errors"] = [self._public(error, call) for error in result.errors]
        return answer


def is_writing(operation: Operation, core: GraphQLSchema) -> bool:
    """Whether a trusted mutation changes more than Redis holds: all but those that name `brief` fields and nothing else."""
    if operation.type is not OperationType.MUTATION or core.mutation_type is None:
        return False
    fields = core.mutation_type.fields

    def is_brief(selection: SelectionNode) -> bool:
        of = fields.get(selection.name.value) if isinstance(selection, FieldNode) else None
        found = declared(of) if of else None
        return found is not None and found.brief
    return not all(is_brief(each) for each in operation.node.selection_set.selections)


def is_audited(document: DocumentNode, core: GraphQLSchema) -> bool:
    """Whether any field of a document notes who looked."""
    found: list[bool] = []
    types = TypeInfo(core)

    class Fields(Visitor):
        def enter_field(self, *_: Any) -> None:
            field = types.get_field_def()
            known = field.extensions.get("strawberry-definition") if field else None
            found.append(any(isinstance(e, Declared) and e.audit for e in getattr(known, "extensions", ())))

    visit(document, TypeInfoVisitor(types, Fields()))
    return any(found)


def located(error: BaseException, path: list[Any]) -> GraphQLError:
    """An error with its place in the answer."""
    if isinstance(error, GraphQLError) and (error.path or not path):
        return error
    cause = error if isinstance(error, Exception) else None
    return GraphQLError(getattr(error, "message", ""), path=path or None, original_error=cause)
