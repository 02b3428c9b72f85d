"""The variables of an operation, coerced as GraphQL says (October 2021, §6.1.2), with what is known before any request
worked out once. Whatever is not plain is left to graphql-core: lists, input objects, and every refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, Undefined, get_nullable_type, is_leaf_type, is_non_null_type
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values


@dataclass(frozen=True)
class Variable:
    """One variable. `coerce`: how a leaf takes its value; None for what is no leaf."""

    name: str
    signature: Any
    is_required: bool
    coerce: Any
    default: Any


class Variables:
    """The variable definitions of one operation."""

    def __init__(self, schema: Any, definitions: Sequence[Any] | None) -> None:
        self.schema, self.definitions = schema, definitions or ()
        self.known = [self._known(definition) for definition in self.definitions]

    def _known(self, definition: Any) -> Variable | None:
        signature = get_variable_signature(self.schema, definition)
        if isinstance(signature, GraphQLError):
            return None
        leaf = get_nullable_type(signature.type)
        default = Undefined
        if definition.default_value:
            found = get_variable_values(self.schema, [definition], {})
            if isinstance(found, list):
                return None
            default = found.coerced[signature.name]
        return Variable(signature.name, signature, is_non_null_type(signature.type),
                        leaf.coerce_input_value if is_leaf_type(leaf) else None, default)

    def values(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """The coerced values, or what is wrong with them."""
        found = VariableValues({}, {})
        for variable in self.known:
            if variable is None or not self._take(variable, given, found):
                return get_variable_values(self.schema, self.definitions, given, hide_suggestions=True)
        return found

    @staticmethod
    def _take(variable: Variable, given: dict[str, Any], found: VariableValues) -> bool:
        """Whether a variable was plain."""
        if variable.name not in given:
            found.sources[variable.name] = VariableValueSource(variable.signature)
            if variable.default is not Undefined:
                found.coerced[variable.name] = variable.default
                return not isinstance(variable.default, list | dict)
            return not variable.is_required
        value = given[variable.name]
        found.sources[variable.name] = VariableValueSource(variable.signature, value)
        if value is None:
            found.coerced[variable.name] = None
            return not variable.is_required
        if variable.coerce is None:
            return False
        try:
            coerced = found.coerced[variable.name] = variable.coerce(value)
        except Exception:
            return False
        return coerced is not Undefined
