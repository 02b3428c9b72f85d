"""`@defer` and `@stream`: an answer in parts, in either of the two forms that clients know.

V0_2 is https://specs.apollo.dev/incremental/v0.2 (graphql-js 17 alpha 9: parts have an id that was announced as pending);
V2022 is https://github.com/graphql/graphql-spec/tree/48cf7263 (each part has its path and label).
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Sequence
from enum import Enum
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLSchema,
    GraphQLStreamDirective,
    IncrementalDeferResult,
    IncrementalStreamResult,
    InitialIncrementalExecutionResult,
    SubsequentIncrementalExecutionResult,
    experimental_execute_incrementally,
)

from gateway.documents import Operation
from haian.call import Call

Part = dict[str, Any]
Said = Callable[[GraphQLError], dict[str, Any]]


class Form(Enum):
    V0_2 = "incrementalSpec=v0.2"
    V2022 = "deferSpec=20220824"


def with_incremental(core: GraphQLSchema) -> GraphQLSchema:
    """The schema with both directives. The library refuses to execute it in one piece, so it stands beside the other."""
    given = core.to_kwargs()
    given["directives"] = (*core.directives, GraphQLDeferDirective, GraphQLStreamDirective)
    made = GraphQLSchema(**given)
    made._strawberry_schema = core._strawberry_schema  # type: ignore[attr-defined]  # where strawberry looks for itself
    return made


async def parts(core: GraphQLSchema, operation: Operation, variables: dict[str, Any], call: Call, form: Form,
                said: Said) -> AsyncIterator[Part]:
    """The parts of an answer, in order; only one where nothing was deferred. The looks of staff are in the ledger before a
    part leaves; what fails there ends the answer with an exception."""
    result = experimental_execute_incrementally(core, operation.document, variable_values=variables, context_value=call,
                                                hide_suggestions=True)
    if inspect.isawaitable(result):
        result = await result
    await call.write_looks()
    if isinstance(result, ExecutionResult):
        yield {"data": result.data, **_errors(result.errors, said)}
        return
    shape = _Shape2022(said) if form is Form.V2022 else _Shape(said)
    try:
        yield shape.first(result.initial_result)
        async for later in result.subsequent_results:
            await call.write_looks()
            yield shape.later(later)
    finally:
        await result.subsequent_results.aclose()


def _errors(errors: Sequence[GraphQLError] | None, said: Said) -> Part:
    return {"errors": [said(error) for error in errors]} if errors else {}


class _Shape:
    """The parts as the library tells them, errors in our words."""

    def __init__(self, said: Said) -> None:
        self.said = said

    def first(self, part: InitialIncrementalExecutionResult) -> Part:
        return {"data": part.data, **_errors(part.errors, self.said), "pending": [p.formatted for p in part.pending],
                "hasNext": part.has_next}

    def later(self, part: SubsequentIncrementalExecutionResult) -> Part:
        made: Part = {"hasNext": part.has_next}
        if part.pending:
            made["pending"] = [pending.formatted for pending in part.pending]
        if part.incremental:
            made["incremental"] = [{**each.formatted, **_errors(each.errors, self.said)} for each in part.incremental]
        if part.completed:
            made["completed"] = [{"id": each.id, **_errors(each.errors, self.said)} for each in part.completed]
        return made


class _Shape2022(_Shape):
    """Each part by its path and label; nothing is announced, and a part that failed is null."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.places: dict[str, Part] = {}
        self.reached: dict[str, int] = {}

    def first(self, part: InitialIncrementalExecutionResult) -> Part:
        made = super().first(part)
        self._learn(made.pop("pending"), made["data"], [])
        return made

    def later(self, part: SubsequentIncrementalExecutionResult) -> Part:
        self._learn([pending.formatted for pending in part.pending or ()], None, [])
        told = [self._items(each) if isinstance(each, IncrementalStreamResult) else self._fragment(each)
                for each in part.incremental or ()]
        told += [self._failed(each.id, each.errors) for each in part.completed or () if each.errors]
        return {**({"incremental": told} if told else {}), "hasNext": part.has_next}

    def _learn(self, pending: Sequence[Any], data: Any, above: list[str | int]) -> None:
        """Where each part will go, and how many items of a list are there already."""
        for each in pending:
            self.places.setdefault(each["id"], each)
        for id_, place in self.places.items():
            path = place["path"]
            if id_ not in self.reached and path[:len(above)] == above:
                found = _at(data, path[len(above):])
                if isinstance(found, list):
                    self.reached[id_] = len(found)

    def _fragment(self, part: IncrementalDeferResult) -> Part:
        path = [*self.places[part.id]["path"], *(part.sub_path or ())]
        self._learn((), part.data, path)
        return {**self._label(part.id), "path": path, "data": part.data, **_errors(part.errors, self.said)}

    def _items(self, part: IncrementalStreamResult) -> Part:
        at = self.reached.setdefault(part.id, 0)
        self.reached[part.id] += len(part.items)
        of = self.places[part.id]["path"]
        for number, item in enumerate(part.items, at):
            self._learn((), item, [*of, number])
        return {**self._label(part.id), "path": [*of, at], "items": part.items, **_errors(part.errors, self.said)}

    def _failed(self, id_: str, errors: Sequence[GraphQLError]) -> Part:
        path, lost = self.places[id_]["path"], "data"
        if id_ in self.reached:
            path, lost = [*path, self.reached[id_]], "items"
        return {**self._label(id_), "path": path, lost: None, **_errors(errors, self.said)}

    def _label(self, id_: str) -> Part:
        label = self.places[id_].get("label")
        return {"label": label} if label else {}


def _at(data: Any, path: Sequence[str | int]) -> Any:
    for key in path:
        try:
            data = data[key]
        except (TypeError, KeyError, IndexError):
            return None
    return data
