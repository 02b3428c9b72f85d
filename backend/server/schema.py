"""`python -m server schema`: write graphql/schema.graphql, docs/permissions.md and docs/errors.md."""

from __future__ import annotations

from collections.abc import Iterator

import strawberry

from gateway.composition import compose, print_sdl, recent, rules, unagreed
from gateway.federation import references
from haian.settings import PROJECT, Settings
from server.apps import registry
from server.refusals import ERRORS, errors_text

SDL = PROJECT / "graphql" / "schema.graphql"
PERMISSIONS = PROJECT / "docs" / "permissions.md"
FACTOR = {True: ", with a factor", "if held": ", with a factor if held", False: ""}


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
    yield "“with a factor”: a second factor, shown in the last 5 minutes; “if held”: by whoever has one."
    yield "Mutations want that one has agreed to the terms in force, all but those “without terms too”."
    yield ""
    yield "| field | who |"
    yield "|---|---|"
    free = unagreed(schema)
    factor = {f"Mutation.{name}": FACTOR[wanted] + ", without terms too" * (name in free)
              for name, wanted in recent(schema).items()}
    for name, rule in rules(schema):
        yield f"| `{name}` | {str(rule).replace('|', 'or')}{factor.get(name, '')} |"
    yield ""
    yield "## By reference from another subgraph"
    yield ""
    yield "What a router may ask for by its key (Apollo Federation), and for whom. Each field keeps its own rule."
    yield ""
    yield "| type | key | who |"
    yield "|---|---|---|"
    for name, key in references(registry()):
        yield f"| `{name}` | `{key.field}` | {str(key.allow).replace('|', 'or')} |"
