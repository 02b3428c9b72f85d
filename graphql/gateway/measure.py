"""What a document comes to when its fragments stand in their places, found without putting them there.

Each selection set is visited once, whichever and however many operations reach it: a fragment is measured before those that
spread it, and its measure stands for it. So the work is linear in the text, however much the text would expand to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from gateway.spreads import in_order

SATURATED = 2**31 - 1
"""No sum grows beyond what a GraphQL Int holds."""
INTROSPECTION = {"__schema", "__type"}
INTROSPECTION_LISTS = {"fields", "interfaces", "possibleTypes", "inputFields"}
"""Lists of a type that lead to types again."""


@dataclass(frozen=True, slots=True)
class Measure:
    """`depth`: fields on the longest path. `fields`, `aliases`, `directives`: how many in all. `width`: fields of this
    level; `breadth`: of the widest level inside fields. `lists`: lists of introspection within one another, which count
    from `__schema` or `__type` on, as `introspection`."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    width: int = 0
    breadth: int = 0
    lists: int = 0
    introspection: int = 0

    def beside(self, other: Measure) -> Measure:
        """Both on one level."""
        return Measure(max(self.depth, other.depth), _sum(self.fields, other.fields), _sum(self.aliases, other.aliases),
                       _sum(self.directives, other.directives), _sum(self.width, other.width),
                       max(self.breadth, other.breadth), max(self.lists, other.lists),
                       max(self.introspection, other.introspection))

    def beneath(self, node: FieldNode) -> Measure:
        """A field around this."""
        lists = self.lists + (node.name.value in INTROSPECTION_LISTS)
        seen = max(self.introspection, self.lists if node.name.value in INTROSPECTION else 0)
        return Measure(self.depth + 1, _sum(self.fields, 1), _sum(self.aliases, 1 if node.alias else 0),
                       _sum(self.directives, len(node.directives or ())), 1, max(self.breadth, self.width), lists, seen)


NOTHING = Measure()


def _sum(one: int, other: int) -> int:
    return min(one + other, SATURATED)


class Ruler:
    """Measures a document. `visited`: how many selections it looked at."""

    def __init__(self, document: DocumentNode) -> None:
        self.document, self.visited = document, 0
        self.fragments: dict[str, Measure] = {}
        for fragment in in_order(document):
            inner = self._of_set(fragment.selection_set)
            self.fragments[fragment.name.value] = _with_directives(inner, len(fragment.directives or ()))

    def operations(self) -> list[Measure]:
        """Each operation in its order; `width` is its root fields, and of `breadth` they are a part."""
        return [self._of_operation(node) for node in self.document.definitions if isinstance(node, OperationDefinitionNode)]

    def _of_operation(self, node: OperationDefinitionNode) -> Measure:
        found = self._of_set(node.selection_set)
        declared = sum(len(variable.directives or ()) for variable in node.variable_definitions or ())
        found = _with_directives(found, declared + len(node.directives or ()))
        return replace(found, breadth=max(found.breadth, found.width))

    def _of_set(self, selection_set: SelectionSetNode | None) -> Measure:
        found = NOTHING
        for selection in selection_set.selections if selection_set else ():
            self.visited += 1
            found = found.beside(self._of(selection))
        return found

    def _of(self, selection: SelectionNode) -> Measure:
        if isinstance(selection, FieldNode):
            return self._of_set(selection.selection_set).beneath(selection)
        if isinstance(selection, FragmentSpreadNode):
            inner = self.fragments.get(selection.name.value, NOTHING)
        else:
            inner = self._of_set(selection.selection_set)  # type: ignore[attr-defined]
        return _with_directives(inner, len(selection.directives or ()))


def _with_directives(measure: Measure, count: int) -> Measure:
    return replace(measure, directives=_sum(measure.directives, count)) if count else measure
