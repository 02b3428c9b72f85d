"""The measure of a document is that of the document with its fragments written in their places, and found in linear work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.measure import INTROSPECTION, INTROSPECTION_LISTS, SATURATED, Measure, Ruler
from gateway.spreads import in_order

NAMES = ["a", "b", "c", "fields", "inputFields", "__schema", "__type", "type"]
FRAGMENTS = 4


@st.composite
def selections(draw: st.DrawFn, below: int, levels: int = 3) -> str:
    """A selection set that spreads only fragments with a number from `below` on, so that there is no cycle."""
    kinds = ["leaf", "leaf", "field", "inline"] if levels else ["leaf"]
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        directive = draw(st.sampled_from(["", "", "@include(if: true)", "@skip(if: true) @x"]))
        kind = draw(st.sampled_from([*kinds, "spread"] if below < FRAGMENTS else kinds))
        alias, name = draw(st.sampled_from(["", "", "z: "])), draw(st.sampled_from(NAMES))
        if kind == "leaf":
            parts.append(f"{alias}{name} {directive}")
        elif kind == "spread":
            parts.append(f"...F{draw(st.integers(below, FRAGMENTS - 1))} {directive}")
        else:
            head = f"{alias}{name}" if kind == "field" else "..."
            parts.append(f"{head} {directive} {draw(selections(below, levels - 1))}")
    return "{" + " ".join(parts) + "}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    fragments = [f"fragment F{i} on T {draw(st.sampled_from(['', '@y']))} {draw(selections(i + 1, 1))}"
                 for i in range(FRAGMENTS)]
    operation = f"query Q($v: Int {draw(st.sampled_from(['', '@z']))}) {draw(st.sampled_from(['', '@w']))}"
    return " ".join(draw(st.permutations([*fragments, f"{operation} {draw(selections(0))}"])))


class Expanded:
    """The oracle: every path of fields in the operation with its fragments written out, however many those are."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        [self.operation] = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self.directives = len(self.operation.directives or ())
        self.directives += sum(len(v.directives or ()) for v in self.operation.variable_definitions or ())
        self.levels: list[list[FieldNode]] = []
        self.paths = list(self.walk((), self.operation))

    def walk(self, path: tuple[FieldNode, ...], node: Any) -> Iterator[tuple[FieldNode, ...]]:
        level = list(self.level(node)) if node.selection_set else []
        self.levels.append(level)
        for field in level:
            yield (*path, field)
            yield from self.walk((*path, field), field)

    def level(self, node: Any) -> Iterator[FieldNode]:
        for selection in node.selection_set.selections:
            self.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, FragmentSpreadNode):
                self.directives += len(self.fragments[selection.name.value].directives or ())
                yield from self.level(self.fragments[selection.name.value])
            else:
                yield from self.level(selection)

    def introspection(self) -> int:
        counts = [0]
        for path in self.paths:
            names = [field.name.value for field in path]
            for i, name in enumerate(names):
                if name in INTROSPECTION:
                    counts.append(sum(inner in INTROSPECTION_LISTS for inner in names[i + 1:]))
        return max(counts)


@settings(max_examples=120)
@given(text=documents())
def test_a_measure_is_that_of_the_fragments_written_out(text: str) -> None:
    document = parse(text)
    oracle = Expanded(document)
    [found] = Ruler(document).operations()
    assert found.depth == max(map(len, oracle.paths))
    assert found.fields == len(oracle.paths)
    assert found.aliases == sum(path[-1].alias is not None for path in oracle.paths)
    assert found.directives == oracle.directives
    assert found.width == len(oracle.levels[0])
    assert found.breadth == max(map(len, oracle.levels))
    assert found.introspection == oracle.introspection()


@settings(max_examples=60)
@given(text=documents())
def test_each_selection_is_visited_once(text: str) -> None:
    document = parse(text)
    ruler = Ruler(document)
    ruler.operations()
    assert ruler.visited == written(document)


def written(document: DocumentNode) -> int:
    """The selections of a document as it is written."""
    found, waiting = 0, [d.selection_set for d in document.definitions if hasattr(d, "selection_set")]
    while waiting:
        inner = waiting.pop()
        found += len(inner.selections)
        waiting += [s.selection_set for s in inner.selections if getattr(s, "selection_set", None)]
    return found


def test_a_document_that_would_expand_without_end_is_measured_in_the_work_of_its_60_kilobytes() -> None:
    """Two thousand fragments, each spread twice by the one before: 2 to the 2,000th fields."""
    count = 1250
    chain = "".join(f"fragment F{i} on T{{a{{...F{i + 1} ...F{i + 1}}}...F{i + 1}}}" for i in range(count))
    text = f"{{...F0}}{chain}fragment F{count} on T{{a}}"
    assert 50_000 < len(text) < 64 * 1024
    ruler = Ruler(parse(text))
    [found] = ruler.operations()
    assert found.fields == SATURATED
    assert found.depth == count + 1
    assert ruler.visited == 2 + 4 * count


def test_a_cycle_is_measured_once_around() -> None:
    """Validation refuses it; it costs nothing to come so far."""
    ruler = Ruler(parse("{...A} fragment A on T {a ...B} fragment B on T {b {...A} ...B}"))
    [found] = ruler.operations()
    assert ruler.visited == 6
    assert found.depth <= 3


def test_what_is_spread_and_nowhere_defined_is_nothing() -> None:
    assert Ruler(parse("{...Nowhere}")).operations() == [Measure()]


@settings(max_examples=60)
@given(spreads=st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=10, max_size=10))
def test_fragments_are_in_an_order_in_which_each_comes_once(spreads: list[list[int]]) -> None:
    """And where there is no cycle, each after those that it spreads."""
    inside = [" ".join(f"...F{name}" for name in names) for names in spreads]
    text = "".join(f"fragment F{i} on T {{a {inner}}}" for i, inner in enumerate(inside))
    ordered = [fragment.name.value for fragment in in_order(parse(text))]
    assert sorted(ordered) == [f"F{i}" for i in range(10)]
    if all(name > i for i, names in enumerate(spreads) for name in names):
        assert all(ordered.index(f"F{name}") < ordered.index(f"F{i}") for i, names in enumerate(spreads) for name in names)
