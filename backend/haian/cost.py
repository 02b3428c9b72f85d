"""What a field costs, said where it is declared: `directives=[Cost(weight="5")]`, `directives=[ListSize(assumed_size=300)]`.

The directives are those of IBM's GraphQL Cost Directives (draft of 2024), of which `@cost` on input fields is not read here.
A field that says nothing has a weight by what it is, and a page the size of its `first`: see gateway/cost.py.
"""

from __future__ import annotations

import strawberry
from strawberry.schema_directive import Location

ASSUMED_SIZE = 10
"""Rows of a list that does not say how many it has."""


@strawberry.schema_directive(locations=[Location.ARGUMENT_DEFINITION, Location.ENUM, Location.FIELD_DEFINITION,
                                        Location.OBJECT, Location.SCALAR])
class Cost:
    """What one such thing adds to the cost of a query, instead of what it would by default."""

    weight: str


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION])
class ListSize:
    """How many things a list has: the largest of its slicing arguments, else the assumed size. With `sized_fields` it is
    the size of those fields of the object, such as the edges of a page. None of the slicing arguments has to be given."""

    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET
    require_one_slicing_argument: bool = False
