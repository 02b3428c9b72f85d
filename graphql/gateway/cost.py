"""What an operation costs before it is run, as IBM's GraphQL Cost Directives count it.

A field costs its weight and what is selected in it, as many times as it has things. Without `@cost` an object weighs 1, a
plain leaf 0, a leaf that is computed 1, a mutation 10. Without `@listSize` a page has as many edges as the larger of its
`first` and `last` says, any other list ten. Of a union only the dearest member counts. A selection set is visited once
(gateway/spreads.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from gateway.documents import Operation
from gateway.measure import SATURATED
from gateway.spreads import in_order
from haian.cost import ASSUMED_SIZE, Cost, ListSize
from haian.reads import LARGEST_PAGE

MUTATION = 10
INTROSPECTED = {"__schema": 1000, "__type": 20}
PAGE, BACKWARD = "first", "last"
"""The arguments that say how long a page is; reads hold them to 0..100, so no more are ever counted."""
PAGES = ListSize(slicing_arguments=[PAGE, BACKWARD], sized_fields=["edges"])
FORWARD_PAGES = ListSize(slicing_arguments=[PAGE], sized_fields=["edges"])
LONGEST_NUMBER = 12
T = TypeVar("T")


@dataclass(slots=True)
class Price:
    """Of a selection set on one type of object: `fixed`, and for each list in it what one of its things costs."""

    fixed: float = 0
    lists: dict[str, float] = field(default_factory=dict)

    def add(self, other: Price) -> None:
        self.fixed += other.fixed
        for name, each in other.lists.items():
            self.lists[name] = self.lists.get(name, 0) + each

    def total(self, sized: tuple[str, ...] = (), size: int = ASSUMED_SIZE) -> float:
        return self.fixed + sum(each * (size if name in sized else ASSUMED_SIZE) for name, each in self.lists.items())


def cost_of(schema: GraphQLSchema, operation: Operation, variables: Mapping[str, Any] | None = None) -> int:
    """The cost with these variables; without any, the most that it can be with whatever variables."""
    return round(Till(schema, operation, variables).total())


class Till:
    """Counts one operation. `visited`: how many selections it looked at. `by_variable`: whether a variable decides."""

    def __init__(self, schema: GraphQLSchema, operation: Operation, variables: Mapping[str, Any] | None) -> None:
        self.schema, self.node, self.variables = schema, operation.node, variables
        self.defaults = {node.variable.name.value: node.default_value for node in self.node.variable_definitions or ()}
        self.visited, self.by_variable = 0, False
        self.fragments: dict[str, dict[str, Price]] = {}
        for fragment in in_order(operation.document):
            self.fragments[fragment.name.value] = self._of_fragment(fragment, None)

    def total(self) -> float:
        """The cost of the operation."""
        root = self.schema.get_root_type(self.node.operation)
        found = self._of_set(self.node.selection_set, root).values()
        return min(max((price.total() for price in found), default=0), SATURATED)

    def _of_fragment(self, node: FragmentDefinitionNode | InlineFragmentNode, around: Any) -> dict[str, Price]:
        type_ = self.schema.get_type(node.type_condition.name.value) if node.type_condition else around
        return self._of_set(node.selection_set, type_)

    def _of_set(self, selection_set: SelectionSetNode | None, type_: Any) -> dict[str, Price]:
        """What the selections cost, for each type that the object may be of. None of what is not in the schema."""
        if not selection_set or not is_composite_type(type_):
            return {}
        objects = self.schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        prices = {each.name: Price() for each in objects}
        for selection in selection_set.selections:
            self.visited += 1
            for name, price in self._of(selection, type_, prices).items():
                if name in prices:
                    prices[name].add(price)
        return prices

    def _of(self, selection: SelectionNode, type_: Any, prices: Mapping[str, Price]) -> dict[str, Price]:
        if isinstance(selection, FragmentSpreadNode):
            return self.fragments.get(selection.name.value, {})
        if isinstance(selection, InlineFragmentNode):
            return self._of_fragment(selection, type_)
        assert isinstance(selection, FieldNode)
        return dict.fromkeys(prices, self._of_field(selection, getattr(type_, "fields", {}), type_))

    def _of_field(self, node: FieldNode, known: Mapping[str, GraphQLField], parent: Any) -> Price:
        name = node.name.value
        declared = known.get(name)
        if declared is None:
            return Price(INTROSPECTED.get(name, 0))
        list_size = directive(declared, ListSize) or default_size(declared)
        size = self._size(node, declared, list_size) if list_size else ASSUMED_SIZE
        sized = tuple(list_size.sized_fields or ()) if list_size else ()
        inner = self._of_set(node.selection_set, get_named_type(declared.type)).values()
        each = max((price.total(sized, size) for price in inner), default=0)
        each += weight(declared, mutation=parent is self.schema.mutation_type)
        arguments = sum(argument_weight(declared, argument.name.value) for argument in node.arguments or ())
        if not is_list(declared.type):
            return Price(each + arguments)
        return Price(size * each + arguments) if list_size and not sized else Price(arguments, {name: each})

    def _size(self, node: FieldNode, declared: GraphQLField, list_size: ListSize) -> int:
        """How many things a field gives: the most of what its slicing arguments say."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        slices = [self._slice(name, given.get(name), declared) for name in list_size.slicing_arguments or ()]
        found = [size for size in slices if size is not None]
        return max(found) if found else list_size.assumed_size or ASSUMED_SIZE

    def _slice(self, name: str, value: Any, declared: GraphQLField) -> int | None:
        """What one slicing argument says; None where it says nothing. A literal of any length is a number of its size."""
        most = LARGEST_PAGE if name in (PAGE, BACKWARD) else SATURATED
        if isinstance(value, VariableNode):
            self.by_variable = True
            if self.variables is None:
                return most
            value = self.variables.get(value.name.value, self.defaults.get(value.name.value))
        if isinstance(value, IntValueNode):
            value = int(value.value[:LONGEST_NUMBER])
        if value is None and name in declared.args:
            value = declared.args[name].default_value
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        return min(max(number, 0), most) if isinstance(number, int) and not isinstance(number, bool) else None


def is_list(type_: Any) -> bool:
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)


def directive(declared: Any, kind: type[T]) -> T | None:
    """The directive of a kind that stands beside a field, argument or type."""
    definition = declared.extensions.get("strawberry-definition")
    return next((each for each in getattr(definition, "directives", None) or () if isinstance(each, kind)), None)


def default_size(declared: GraphQLField) -> ListSize | None:
    """A page: a field with `first`, of an object with edges."""
    edges = getattr(get_named_type(declared.type), "fields", {}).get("edges")
    if PAGE not in declared.args or edges is None or not is_list(edges.type):
        return None
    return PAGES if BACKWARD in declared.args else FORWARD_PAGES


def weight(declared: GraphQLField, mutation: bool) -> float:
    """What one thing of a field weighs without what is selected in it."""
    type_ = get_named_type(declared.type)
    if cost := directive(declared, Cost) or directive(type_, Cost):
        return float(cost.weight)
    if mutation:
        return MUTATION
    definition = declared.extensions.get("strawberry-definition")
    return 1 if is_composite_type(type_) or getattr(definition, "base_resolver", None) else 0


def argument_weight(declared: GraphQLField, name: str) -> float:
    cost = directive(declared.args[name], Cost) if name in declared.args else None
    return float(cost.weight) if cost else 0


def say_pages(schema: GraphQLSchema) -> None:
    """Write beside each page in the schema how long it may be and what decides its size."""
    for type_ in schema.type_map.values():
        for declared in type_.fields.values() if is_object_type(type_) else ():
            if (size := default_size(declared)) is None:
                continue
            definition = declared.extensions["strawberry-definition"]
            declared.args[PAGE].description = declared.args[PAGE].description or f"0 to {LARGEST_PAGE}"
            if directive(declared, ListSize) is None:
                definition.directives = [*definition.directives, size]
