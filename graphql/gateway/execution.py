"""The one place that executes: a prepared operation, its variables and a call become an answer.

Every operation was validated before it came here: trusted documents at start, a developer's own query once and kept. A
compiled plan takes this place's seat without anything else in the gateway knowing.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    experimental_execute_incrementally,
    validate,
)

from gateway.documents import Documents, Operation
from gateway.incremental import Form, parts, with_incremental
from gateway.limits import Limits, check_variables
from gateway.live import Live
from gateway.lookup import Lookup
from gateway.masking import public
from haian.call import Call
from haian.registry import Registry

Answer = dict[str, Any]


class Gateway:
    """The schema with the documents that may be run against it."""

    def __init__(self, schema: strawberry.Schema, documents: Documents, registry: Registry) -> None:
        self.schema, self.core, self.documents, self.registry = schema, schema._schema, documents, registry
        self.incremental = with_incremental(self.core)
        self.limits = Limits(self.core)
        self.lookup = Lookup(self.incremental, documents, self.limits)
        self.live = Live(self)
        for operation in documents.by_id.values():
            self.limits.check_trusted(operation)
            if errors := validate(self.incremental, operation.document):
                raise ValueError(f"{operation.name}: {errors[0].message}")

    def find(self, given: Mapping[str, Any], call: Call) -> Operation:
        """The operation that a request's parameters mean, within the limits with its variables: LimitExceeded, and the
        refusals of `Lookup.find`."""
        operation, variables = self.lookup.find(given, call), given.get("variables") or {}
        check_variables(variables)
        self.limits.check_run(operation, variables)
        return operation

    async def run(self, operation: Operation, variables: dict[str, Any], call: Call) -> bytes:
        """The finished JSON of a query's or mutation's answer. The looks of staff are in the ledger before it leaves."""
        return orjson.dumps(await self._run(operation, variables, call), default=str)

    async def _run(self, operation: Operation, variables: dict[str, Any], call: Call) -> Answer:
        result = experimental_execute_incrementally(
            self.incremental, operation.plain.document, variable_values=variables, context_value=call)
        if inspect.isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        try:
            await call.write_looks()
        except Exception as error:
            return {"data": None, "errors": [self._public(GraphQLError("", original_error=error), call)]}
        return self._answer(result, call)

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
