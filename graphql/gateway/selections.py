"""Which fields an operation selects (GraphQL, October 2021, §6.3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, GraphQLObjectType, VariableNode, is_abstract_type

from gateway.plan import NotCompiled

KNOWN_DIRECTIVES = {"skip", "include"}


class Selections:
    """The selections of one operation. `switches`: the values of the variables that @skip and @include look at."""

    def __init__(self, schema: Any, document: Any, operation: Any, switches: dict[str, Any]) -> None:
        self.schema, self.operation, self.switches = schema, operation, switches
        self.fragments = {d.name.value: d for d in document.definitions if d.kind == "fragment_definition"}

    def included(self, node: Any) -> bool:
        for directive in node.directives or ():
            if directive.name.value not in KNOWN_DIRECTIVES:
                raise NotCompiled(directive.name.value)
            value = directive.arguments[0].value
            value = self.switches[value.name.value] if isinstance(value, VariableNode) else value.value
            if value is (directive.name.value == "skip"):
                return False
        return True

    def collect(self, type_: GraphQLObjectType, owners: list[Any]) -> dict[str, list[FieldNode]]:
        """CollectFields (GraphQL, October 2021, §6.3.2): response key -> the nodes merged under it, in order."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()

        def visit(selections: Any) -> None:
            for node in selections:
                if not self.included(node):
                    continue
                if isinstance(node, FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(node)
                    continue
                if isinstance(node, FragmentSpreadNode):
                    if node.name.value in seen:
                        continue
                    seen.add(node.name.value)
                    node = self.fragments[node.name.value]
                on = node.type_condition and self.schema.get_type(node.type_condition.name.value)
                if not on or on is type_ or (is_abstract_type(on) and self.schema.is_sub_type(on, type_)):
                    visit(node.selection_set.selections)
        for owner in owners:
            visit(owner.selection_set.selections)
        return found

    def leaves(self, nodes: Iterable[Any]) -> Iterator[str]:
        """The names of the leaves that are selected below some fields."""
        for node in nodes:
            if isinstance(node, FragmentSpreadNode):
                node = self.fragments[node.name.value]
            if node.selection_set:
                yield from self.leaves(node.selection_set.selections)
            else:
                yield node.name.value
