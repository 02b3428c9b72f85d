"""`python -m server schema`: write graphql/schema.graphql, docs/permissions.md and docs/errors.md."""

from __future__ import annotations

from collections.abc import Iterator

import strawberry

from gateway.composition import compose, print_sdl, rules
from gateway.federation import references
from haian.settings import PROJECT, Settings
from server.apps import registry
from server.refusals import ERRORS, errors_text

SDL = PROJECT / "graphql" / "schema.graphql"
PERMISSIONS = PROJECT / "docs" / "permissions.md"


def main(_: Settings) -> int:
    nouns = registry()
    schema = compose(nouns)
    SDL.write_text(print_sdl(schema), encoding="utf-8")
    PERMISSIONS.write_text(permissions_text(schema), encoding="utf-8")
    ERRORS.write_text(errors_text(nouns), encoding="utf-8")
    return 0


def permissions_text(schema: strawberry.Schema) -> str:
    """The permission matrix: every field and who may see or do it."""
    return "\n".join(lines(schema)) + "\n"


def lines(schema: strawberry.Schema) -> Iterator[str]:
    yield "# Who may see and do what"
    yield ""
    yield "Generated from the schema by `python -m server schema`; `make check` fails when it is out of date."
    yield "“with its object”: the field that led to the object has decided. “self”: only the citizen it is about."
    yield ""
    yield "| field | who |"
    yield "|---|---|"
    for name, rule in rules(schema):
        yield f"| `{name}` | {str(rule).replace('|', 'or')} |"
    yield ""
    yield "## By reference from another subgraph"
    yield ""
    yield "What a router may ask for by its key (Apollo Federation), and for whom. Each field keeps its own rule."
    yield ""
    yield "| type | key | who |"
    yield "|---|---|---|"
    for name, key in references(registry()):
        yield f"| `{name}` | `{key.field}` | {str(key.allow).replace('|', 'or')} |"
