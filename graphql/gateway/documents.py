"""Trusted documents: the operations that the client runs, known by the SHA-256 of their text.

`graphql/documents/<noun>.graphql` holds them; `manifest.json` beside them is generated (Apollo's persisted-query-manifest
format, version 1), checked to be current, and all that client and gateway read.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from graphql import (
    IDLE,
    REMOVE,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    get_operation_ast,
    parse,
    print_ast,
    visit,
)

FOLDER = Path(__file__).resolve().parents[1] / "documents"
MANIFEST = FOLDER / "manifest.json"
LATER = ("defer", "stream")


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation with the fragments it uses. Each is itself only, whatever its text."""

    id: str
    name: str
    body: str
    parsed: DocumentNode | None = field(default=None, compare=False, repr=False)

    @cached_property
    def document(self) -> DocumentNode:
        return self.parsed or parse(self.body, no_location=True)

    @cached_property
    def node(self) -> OperationDefinitionNode:
        """The operation itself. ValueError where the document has none, or several."""
        node = get_operation_ast(self.document)
        if node is None:
            raise ValueError("one operation expected")
        return node

    @cached_property
    def is_incremental(self) -> bool:
        """Whether some of the answer may come later: `@defer` or `@stream`."""
        return self.plain is not self

    @cached_property
    def plain(self) -> Operation:
        """The same operation for an answer in one piece: without `@defer` and `@stream`; itself where it has none."""
        found = False

        class Later(Visitor):
            def enter_directive(self, node: Any, *_: Any) -> Any:
                nonlocal found
                if node.name.value not in LATER:
                    return IDLE
                found = True
                return REMOVE

        document = visit(self.document, Later())
        return Operation(self.id, self.name, print_ast(document), document) if found else self

    @cached_property
    def type(self) -> OperationType:
        return self.node.operation

    @cached_property
    def place(self) -> str | None:
        """The variable of a subscription that says where its reader stood, where it says nothing else: the argument `after`
        of a root field."""
        given = (argument for field in self.node.selection_set.selections if isinstance(field, FieldNode)
                 for argument in field.arguments or () if argument.name.value == "after")
        named = [argument.value.name.value for argument in given if isinstance(argument.value, VariableNode)]
        used: Counter[str] = Counter()

        class Variables(Visitor):
            def enter_variable(self, variable: VariableNode, *_: Any) -> None:
                used[variable.name.value] += 1

        visit(self.document, Variables())
        return named[0] if named and used[named[0]] == 2 else None  # where it is declared and where it is used


class Documents:
    """All trusted documents, by id and by name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.by_id = {operation.id: operation for operation in operations}
        self.by_name = {operation.name: operation for operation in self.by_id.values()}

    @classmethod
    def load(cls, manifest: Path = MANIFEST) -> Documents:
        entries = json.loads(manifest.read_text(encoding="utf-8"))["operations"]
        return cls(Operation(entry["id"], entry["name"], entry["body"]) for entry in entries)


def read_folder(folder: Path = FOLDER) -> Iterator[Operation]:
    """Every operation in the folder, in the order of names. ValueError for one without a name or said twice."""
    seen: dict[str, Operation] = {}
    for file in sorted(folder.glob("*.graphql")):
        document = parse(file.read_text(encoding="utf-8"), no_location=True)
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        for definition in document.definitions:
            if not isinstance(definition, OperationDefinitionNode):
                continue
            operation = _operation(definition, fragments, file)
            if operation.name in seen:
                raise ValueError(f"{file}: {operation.name} is written twice")
            seen[operation.name] = operation
    yield from (seen[name] for name in sorted(seen))


def _operation(node: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode], file: Path) -> Operation:
    if node.name is None or not node.name.value.lower().startswith(file.stem):
        raise ValueError(f"{file}: each operation has a name that begins with {file.stem.title()}")
    used: dict[str, FragmentDefinitionNode] = {}

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: Any, *_: Any) -> None:
            name = spread.name.value
            if name not in used:
                used[name] = fragments[name]
                visit(fragments[name], Spreads())

    visit(node, Spreads())
    body = print_ast(DocumentNode(definitions=(node, *(used[name] for name in sorted(used)))))
    return Operation(hashlib.sha256(body.encode()).hexdigest(), node.name.value, body)


def manifest_text(acting: frozenset[str] = frozenset(), folder: Path = FOLDER) -> str:
    """What manifest.json must say. `acting`: the fields that may be asked for another, as `Query.name`; the
    operations of nothing else are listed beside Apollo's own."""
    found = list(read_folder(folder))
    operations = [{"id": o.id, "name": o.name, "type": o.type.value, "body": o.body} for o in found]
    for_another = [o.name for o in found if roots_of(o) <= acting]
    return json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "acting": for_another,
                       "operations": operations},
                      ensure_ascii=False, indent=2) + "\n"


def roots_of(operation: Operation) -> set[str]:
    """The fields with which an operation begins: `Query.name`."""
    return {f"{operation.type.value.title()}.{root.name.value}" for root in operation.node.selection_set.selections
            if isinstance(root, FieldNode)}
