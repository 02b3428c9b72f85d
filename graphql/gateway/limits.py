"""The one place that limits what a request may cost before anything of it is executed."""

from __future__ import annotations

from typing import Any

from haian.errors import PublicError

LARGEST_BODY = 64 * 1024
DEEPEST_VARIABLES = 12
PARAMETERS = {"documentId": str, "query": str, "operationName": str, "variables": dict, "extensions": dict}


class TooLarge(PublicError):
    code = "TOO_LARGE"
    status = 413


def is_shaped(given: dict[str, Any]) -> bool:
    """Whether each parameter of a request is of its type or null (GraphQL over HTTP, §5.1)."""
    return all(given.get(name) is None or isinstance(given[name], type_) for name, type_ in PARAMETERS.items())


def check_variables(variables: dict[str, Any]) -> None:
    """TooLarge for variables nested deeper than 12; visits each value once and needs no stack."""
    level: list[Any] = [variables]
    for _ in range(DEEPEST_VARIABLES):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise TooLarge


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
