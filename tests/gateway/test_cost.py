"""What an operation costs: by its declarations, by what it is, and never more work than its text."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import strawberry
from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, VariableNode, get_named_type
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cost import Till, cost_of, default_size, directive, is_list, say_pages
from gateway.documents import Documents, Operation
from haian.cost import ASSUMED_SIZE, Cost, ListSize
from haian.fields import Connection


@strawberry.type(directives=[Cost(weight="3")])
class Heavy:
    name: str


@strawberry.type
class Apple:
    weight: int

    @strawberry.field
    def tree(self) -> Heavy:
        return Heavy(name="")

    @strawberry.field
    def sisters(self, first: int = 5) -> Connection[Apple]:
        raise NotImplementedError

    @strawberry.field(directives=[ListSize(assumed_size=40)])
    def seeds(self) -> list[Heavy]:
        return []


@strawberry.type
class Leaf:
    colour: str

    @strawberry.field
    def veins(self) -> list[Apple]:
        return []


Grown = Annotated[Apple | Leaf, strawberry.union("Grown")]


@strawberry.type
class Query:
    @strawberry.field
    def apple(self) -> Apple:
        raise NotImplementedError

    @strawberry.field
    def apples(self, first: int = 20) -> Connection[Apple]:
        raise NotImplementedError

    @strawberry.field
    def grown(self) -> list[Grown]:
        return []

    @strawberry.field
    def count(self) -> int:
        return 0

    @strawberry.field(directives=[Cost(weight="50")])
    def dear(self, deep: Annotated[bool, strawberry.argument(directives=[Cost(weight="7")])] = False) -> int:
        return 0

    @strawberry.field(directives=[ListSize(slicing_arguments=["take", "last"], assumed_size=4)])
    def sliced(self, take: int | None = None, last: int | None = None) -> list[Heavy]:
        return []


@strawberry.type
class Mutation:
    @strawberry.mutation
    def pick(self) -> Apple:
        raise NotImplementedError


SCHEMA = strawberry.Schema(Query, Mutation)._schema


def cost(body: str, variables: dict[str, Any] | None = None) -> int:
    return cost_of(SCHEMA, Operation("", "", body), variables)


@pytest.mark.parametrize(("body", "expected"), [
    ("{ __typename }", 0), ("{ apple { weight } }", 1), ("{ apple { __typename weight tree { name } } }", 1 + 3),
    ("{ count }", 1), ("{ a: count b: count }", 2), ("{ dear }", 50), ("{ dear(deep: true) }", 57),
    ("mutation { pick { weight } }", 10), ("mutation { pick { tree { name } } }", 13),
    ("{ apple { seeds { name } } }", 1 + 40 * 3), ("{ nothing { like { it } } }", 0), ("{ apple { nothing } }", 1),
    ("{ apple { weight { no } } }", 1), ("{ __schema { types { name } } }", 1000)])
def test_a_field_weighs_what_it_says_or_what_it_is(body: str, expected: int) -> None:
    assert cost(body) == expected


@pytest.mark.parametrize(("arguments", "size"), [
    ("", 20), ("(first: 3)", 3), ("(first: 0)", 0), ("(first: -5)", 0), ("(first: 100)", 100), ("(first: 101)", 100),
    ("(first: 99999999999999999999999)", 100), ("(first: \"x\")", ASSUMED_SIZE), ("(first: null)", ASSUMED_SIZE)])
def test_a_page_is_as_long_as_its_first_and_never_longer_than_a_page_may_be(arguments: str, size: int) -> None:
    """Each edge and each node is an object; the page and its pageInfo are one each."""
    assert cost(f"{{ apples{arguments} {{ edges {{ node {{ weight }} }} pageInfo {{ hasNextPage }} }} }}") == 2 + 2 * size


def test_pages_within_pages_multiply() -> None:
    query = "{ apples(first: 10) { edges { node { sisters(first: 30) { edges { cursor } } } } } }"
    assert cost(query) == 1 + 10 * (1 + 1 + 1 + 30)


@pytest.mark.parametrize(("variables", "size"), [
    (None, 100), ({}, 7), ({"n": 2}, 2), ({"n": 2.0}, 2), ({"n": 500}, 100), ({"n": None}, 20), ({"n": "x"}, ASSUMED_SIZE),
    ({"n": True}, ASSUMED_SIZE), ({"n": 10**30}, 100), ({"n": -(10**30)}, 0), ({"n": [1]}, ASSUMED_SIZE)])
def test_a_variable_decides_and_until_it_is_known_the_page_is_full(variables: dict[str, Any] | None, size: int) -> None:
    query = "query ($n: Int! = 7) { apples(first: $n) { edges { cursor } } }"
    assert cost(query, variables) == 1 + size
    till = Till(SCHEMA, Operation("", "", query), variables)
    till.total()
    assert till.by_variable


@pytest.mark.parametrize(("arguments", "size"), [
    ("", 4), ("(take: 2)", 2), ("(take: 2, last: 9)", 9), ("(take: 5000)", 5000), ("(take: null)", 4)])
def test_of_several_slicing_arguments_the_largest_counts(arguments: str, size: int) -> None:
    assert cost(f"{{ sliced{arguments} {{ name }} }}") == 3 * size


def test_of_a_union_the_dearest_member_counts_and_what_all_share_with_it() -> None:
    query = "{ grown { __typename ... on Apple { tree { name } } ... on Leaf { veins { weight } } ... { ...F } } }"
    assert cost(query + "fragment F on Apple { tree { name } }") == 10 * (1 + max(3 + 3, 10))


def test_what_says_nothing_is_ten_long() -> None:
    assert cost("{ grown { __typename } }") == 10


FIELDS = {"Apple": ["weight", "tree", "sisters", "seeds"], "Leaf": ["colour", "veins"], "Heavy": ["name"],
          "Query": ["apple", "apples", "grown", "count", "dear"], "Grown": [], "AppleConnection": ["edges", "pageInfo"],
          "AppleEdge": ["cursor", "node"], "PageInfo": ["hasNextPage"]}
FRAGMENT_TYPES = ["Query", "Apple", "Grown", "AppleConnection", "Leaf"]
NEAR = {"Apple": ["Apple", "Grown"], "Leaf": ["Leaf", "Grown"], "Grown": ["Grown", "Apple", "Leaf"], "Query": ["Query"],
        "AppleConnection": ["AppleConnection"]}


@st.composite
def selected(draw: st.DrawFn, type_: str, below: int, levels: int) -> str:
    """Selections on a type, with fragments that have a number from `below` on."""
    parts = ["__typename"]
    for name in draw(st.lists(st.sampled_from(FIELDS[type_]), max_size=3)) if FIELDS[type_] else []:
        declared = SCHEMA.get_type(type_).fields[name]  # type: ignore[union-attr]
        inner = get_named_type(declared.type)
        first = draw(st.sampled_from(["", "(first: 3)", "(first: $n)", "(first: $m)"])) if "first" in declared.args else ""
        composite = hasattr(inner, "fields") or hasattr(inner, "types")
        if composite and not levels:
            continue
        alias = draw(st.sampled_from(["", "x: "]))
        parts.append(f"{alias}{name}{first} {draw(selected(inner.name, below, levels - 1)) if composite else ''}")
    for near in draw(st.lists(st.sampled_from(NEAR.get(type_, [type_])), max_size=2 if levels else 0)):
        parts.append(f"... on {near} {draw(selected(near, below, levels - 1))}")
    numbers = [i for i in range(below, len(FRAGMENT_TYPES)) if FRAGMENT_TYPES[i] in NEAR.get(type_, ())]
    parts += [f"...F{i}" for i in draw(st.lists(st.sampled_from(numbers), max_size=2))] if numbers else []
    return "{" + " ".join(parts) + "}"


@st.composite
def operations(draw: st.DrawFn) -> str:
    fragments = [f"fragment F{i} on {type_} {draw(selected(type_, i + 1, 2))}" for i, type_ in enumerate(FRAGMENT_TYPES)]
    return f"query ($n: Int! = 6, $m: Int) {draw(selected('Query', 0, 4))} {' '.join(fragments)}"


class Naive:
    """The oracle: fragments written out again and again, for each type of object apart."""

    def __init__(self, operation: Operation, variables: dict[str, Any]) -> None:
        self.operation, self.variables = operation, variables
        self.fragments = {d.name.value: d for d in operation.document.definitions if isinstance(d, FragmentDefinitionNode)}

    def fields(self, node: Any, name: str) -> list[FieldNode]:
        """The fields of an object of a type of this name."""
        found: list[FieldNode] = []
        for selection in node.selection_set.selections:
            if isinstance(selection, FieldNode):
                found.append(selection)
                continue
            inner = self.fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
            assert isinstance(selection, FragmentSpreadNode | InlineFragmentNode)
            condition: Any = SCHEMA.get_type(inner.type_condition.name.value)
            if name in [each.name for each in getattr(condition, "types", [condition])]:
                found += self.fields(inner, name)
        return found

    def of(self, node: Any, type_: Any, length: int | None = None) -> int:
        return max(sum(self.of_field(field, each, length) for field in self.fields(node, each.name))
                   for each in getattr(type_, "types", [type_]))

    def of_field(self, node: FieldNode, type_: Any, length: int | None) -> int:
        declared = type_.fields.get(node.name.value)
        if declared is None:
            return 0
        own = {"tree": 3, "seeds": 3, "count": 1, "dear": 50, "weight": 0, "colour": 0, "name": 0, "cursor": 0,
               "hasNextPage": 0}.get(node.name.value, 1)
        times = 40 if node.name.value == "seeds" else length or 0 if node.name.value == "edges" else (
            ASSUMED_SIZE if is_list(declared.type) else 1)
        inner = self.of(node, get_named_type(declared.type), self.page(node, declared)) if node.selection_set else 0
        return times * (own + inner)

    def page(self, node: FieldNode, declared: Any) -> int:
        value: Any = node.arguments[0].value if node.arguments else None
        if isinstance(value, VariableNode):
            given = self.variables.get(value.name.value, {"n": 6, "m": None}[value.name.value])
            return declared.args["first"].default_value if given is None else min(max(given, 0), 100)
        return int(value.value) if value else declared.args["first"].default_value if "first" in declared.args else 0


@settings(max_examples=60)
@given(body=operations(), variables=st.dictionaries(st.sampled_from("nm"), st.integers(-5, 200)))
def test_the_cost_is_that_of_the_fragments_written_out(body: str, variables: dict[str, Any]) -> None:
    operation = Operation("", "", body)
    assert Till(SCHEMA, operation, variables).total() == Naive(operation, variables).of(operation.node, SCHEMA.query_type)
    assert cost_of(SCHEMA, operation) >= cost_of(SCHEMA, operation, variables)


def test_sixty_kilobytes_that_would_expand_without_end_are_counted_once() -> None:
    count = 600
    chain = "".join(f"fragment F{i} on Apple{{sisters{{edges{{node{{...F{i + 1} ...F{i + 1}}}}}}}...F{i + 1}}}"
                    for i in range(count))
    operation = Operation("", "", f"{{apple{{...F0}}}}{chain}fragment F{count} on Apple{{tree{{name}}}}")
    till = Till(SCHEMA, operation, None)
    assert till.total() == 2**31 - 1
    assert till.visited == 2 + 6 * count + 2


def test_the_pages_of_the_schema_say_how_long_they_may_be() -> None:
    say_pages(SCHEMA)
    declared = SCHEMA.query_type.fields["apples"]  # type: ignore[union-attr]
    assert declared.args["first"].description == "0 to 100"
    assert directive(declared, ListSize) == default_size(declared)


def test_every_trusted_document_costs_something_to_somebody() -> None:
    from gateway.composition import compose
    from server.apps import registry

    schema = compose(registry())._schema
    assert all(cost_of(schema, operation) > 0 for operation in Documents.load().by_id.values())
