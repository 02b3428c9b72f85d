"""Fragments in the order in which they can be judged once each: whatever one spreads comes before it."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DocumentNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode


def in_order(document: DocumentNode) -> list[FragmentDefinitionNode]:
    """Each fragment once, after those that it spreads. Of a cycle, which validation refuses, one comes too early. Needs no
    stack, however long a chain of fragments is."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    ordered: dict[str, FragmentDefinitionNode] = {}
    for name in fragments:
        entered: set[str] = set()
        waiting = [name]
        while waiting:
            last = waiting[-1]
            if last in ordered or last not in fragments:
                waiting.pop()
            elif last in entered:
                ordered[waiting.pop()] = fragments[last]
            else:
                entered.add(last)
                waiting += [spread for spread in spreads_of(fragments[last].selection_set) if spread not in entered]
    return list(ordered.values())


def spreads_of(selection_set: SelectionSetNode) -> Iterator[str]:
    """The names of the fragments spread anywhere inside, as often as they are written."""
    waiting = [selection_set]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FragmentSpreadNode):
                yield selection.name.value
            elif inner := selection.selection_set:  # type: ignore[attr-defined]
                waiting.append(inner)
