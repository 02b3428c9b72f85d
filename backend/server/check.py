"""`python -m server check`: what is generated is current, every text has both languages, nothing retired is in use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from gateway.composition import compose, print_sdl
from gateway.deprecation import found_in
from gateway.documents import MANIFEST, Documents, manifest_text
from gateway.execution import Gateway
from haian.clock import Clock
from haian.settings import PROJECT, Settings
from server.apps import registry
from server.refusals import ERRORS, errors_text
from server.schema import PERMISSIONS, SDL, permissions_text


def main(_: Settings) -> int:
    nouns = registry()
    schema = compose(nouns)
    current = {MANIFEST: manifest_text(), SDL: print_sdl(schema), PERMISSIONS: permissions_text(schema),
               ERRORS: errors_text(nouns)}
    stale = [path for path, text in current.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        sys.stderr.write(f"{path.relative_to(PROJECT)} is out of date: run `make generate`\n")
    if stale:
        return 1
    documents = Documents.load()
    Gateway(schema, documents, nouns)
    retired = list(found_in(schema._schema, documents.by_name.values(), Clock().today().date()))
    for found in retired:
        sys.stderr.write(f"{'' if found.over else 'warning: '}{found.sentence}\n")
    if any(found.over for found in retired):
        return 1
    sys.stdout.write(f"{len(nouns.catalogue.sentences)} codes in both languages; {', '.join(names(current))} current\n")
    return 0


def names(current: dict[Path, str]) -> Iterator[str]:
    """What was checked, as paths."""
    return (str(path).removeprefix(f"{PROJECT}/") for path in current)
