"""The ids of citizens in GraphQL. A field or argument that is one has the type `CitizenId`, and no author does more:

    id: CitizenId                                          # what is shown
    def healthcare_book(self, patient: CitizenId): ...     # what is taken

To a mini-app's token it is the mini-app's own name for that citizen (`haian.pseudonyms`), the one that is the `sub` of its
tokens; to everybody else it is the citizen's id. What the mini-app sends is read as such a name: everything else, another
mini-app's name and the citizen's id among it, is `NOBODY`, and refused as an unknown citizen is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NewType
from uuid import UUID

import strawberry
from graphql import GraphQLID, get_named_type, get_nullable_type, is_input_object_type, is_list_type

from haian.call import Call

NAME = "CitizenId"
NOBODY = str(UUID(int=0))
"""Which no citizen has: ids are made as UUIDv7."""
CitizenId = NewType("CitizenId", str)
SCALAR = strawberry.scalar(
    name=NAME, description="A citizen. To a mini-app: its own name for them, the `sub` of its tokens.",
    serialize=GraphQLID.serialize, parse_value=GraphQLID.parse_value, parse_literal=GraphQLID.parse_literal)


def is_shown(type_: Any) -> bool:
    """Whether a value of this GraphQL type is a citizen's id, or a list of such."""
    return bool(get_named_type(type_).name == NAME)


def is_taken(type_: Any) -> bool:
    """Whether an argument of this type may hold a citizen's id."""
    return is_shown(type_) or is_input_object_type(get_named_type(type_))


def shown(type_: Any, value: Any, call: Call) -> Any:
    """What the viewer is told, of a field's value: the same but for citizens' ids."""
    client = call.viewer.client
    if client is None or value is None or isinstance(value, Exception) or not is_shown(type_):
        return value
    type_ = get_nullable_type(type_)
    if is_list_type(type_):
        return [shown(type_.of_type, each, call) for each in value]
    return call.platform.services["names"].of(str(value), str(client.id))


def taken(types: Mapping[str, Any], given: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """The arguments with the citizens whom the viewer means; `types`: those that are to be looked at."""
    if call.viewer.client is None:
        return dict(given)
    return {name: _taken(types[name], value, call) if name in types else value for name, value in given.items()}


def _taken(type_: Any, value: Any, call: Call) -> Any:
    type_, client = get_nullable_type(type_), call.viewer.client
    if value is None or client is None:
        return value
    if is_list_type(type_):
        return [_taken(type_.of_type, each, call) for each in value]
    if is_input_object_type(type_):
        return taken({field.out_name or name: field.type for name, field in type_.fields.items()}, value, call)
    if type_.name != NAME:
        return value
    return call.platform.services["names"].citizen(str(value), str(client.id)) or NOBODY
