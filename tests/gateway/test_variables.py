"""Variables are coerced as graphql-core coerces them, whatever is given."""

from __future__ import annotations

from typing import Any

from graphql import build_schema, parse
from graphql.execution.values import get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from gateway.variables import Variables

SCHEMA = build_schema("""
    enum Mark { HERE AWAY }
    input Window { first: Int!, day: String = "monday" }
    type Query { field(a: Int, b: ID): Int }
""")
TYPES = ["Int", "Int!", "String", "String!", "ID", "ID!", "Boolean!", "Float", "Mark", "Mark!", "[Int!]", "[String]!",
         "Window", "Window!", "Nothing"]
DEFAULTS = {"Int": " = 3", "String": ' = "x"', "ID": " = 7", "Float": " = 1", "Mark": " = AWAY", "[Int!]": " = 1",
            "Window": " = {first: 1}", "Boolean!": " = true", "Int!": " = null"}
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2**40, 2**40), st.floats(), st.text(max_size=3),
              st.sampled_from(["HERE", "AWAY", 1.0, 2**31])),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["first", "day"]), inner)))


def definitions(types: list[tuple[str, bool]]) -> Any:
    """A variable of each type, some with a default."""
    said = ", ".join(f"$v{i}: {type_}{DEFAULTS.get(type_, '') * default}" for i, (type_, default) in enumerate(types))
    return parse(f"query({said}) {{ __typename }}").definitions[0].variable_definitions  # type: ignore[attr-defined]


def told(values: Any) -> Any:
    """Coerced values with their sources, or what is wrong."""
    if isinstance(values, list):
        return [error.message for error in values]
    sources = {name: (source.signature.name, repr(source.value)) for name, source in values.sources.items()}
    return repr(values.coerced), sources


@given(types=st.lists(st.tuples(st.sampled_from(TYPES), st.booleans()), min_size=1, max_size=3),
       data=st.dictionaries(st.sampled_from(["v0", "v1", "v2", "other"]), VALUES))
def test_any_values_for_any_variables_are_taken_as_graphql_says(types: list[tuple[str, bool]], data: dict[str, Any]) -> None:
    said = definitions(types)
    assert told(Variables(SCHEMA, said).values(data)) == told(get_variable_values(SCHEMA, said, data))
