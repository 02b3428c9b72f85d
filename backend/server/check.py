"""`python -m server check`: what is generated is current, every text has both languages, nothing retired is in use."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from strawberry import Schema

from gateway.composition import acting, compose, print_sdl
from gateway.deprecation import found_in
from gateway.documents import MANIFEST, Documents, manifest_text
from gateway.execution import Gateway
from haian.clock import Clock
from haian.registry import Registry
from haian.settings import PROJECT, Settings
from server.apps import registry
from server.refusals import ERRORS, errors_text
from server.schema import PERMISSIONS, SDL, permissions_text


def main(_: Settings) -> int:
    nouns = registry()
    schema = compose(nouns)
    faults = [*out_of_date(nouns, schema), *in_documents(nouns, schema)]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    if faults:
        return 1
    codes = len(nouns.catalogue.sentences)
    sys.stdout.write(f"{codes} codes in both languages; schema, documents, permissions, errors current\n")
    return 0


def out_of_date(nouns: Registry, schema: Schema) -> Iterator[str]:
    """What is generated and is not what it should be."""
    current = {MANIFEST: manifest_text(acting(schema)), SDL: print_sdl(schema), PERMISSIONS: permissions_text(schema),
               ERRORS: errors_text(nouns)}
    for path, text in current.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(PROJECT)} is out of date: run `make generate`"


def in_documents(nouns: Registry, schema: Schema) -> Iterator[str]:
    """Trusted documents that are invalid, beyond a limit, or use what is past its day; of what will be it warns."""
    documents = Documents.load()
    try:
        Gateway(schema, documents, nouns)
    except ValueError as error:
        yield str(error)
    for found in found_in(schema._schema, documents.by_name.values(), Clock().today().date()):
        if found.over:
            yield found.sentence
        else:
            sys.stderr.write(f"warning: {found.sentence}\n")
