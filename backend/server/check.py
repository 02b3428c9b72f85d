"""`python -m server check`: what is generated is current, and every text has both languages."""

from __future__ import annotations

import sys

from gateway.composition import compose, print_sdl
from gateway.documents import MANIFEST, Documents, manifest_text
from gateway.execution import Gateway
from haian.settings import PROJECT, Settings
from server.apps import registry
from server.schema import PERMISSIONS, SDL, permissions_text


def main(_: Settings) -> int:
    nouns = registry()
    schema = compose(nouns)
    current = {MANIFEST: manifest_text(), SDL: print_sdl(schema), PERMISSIONS: permissions_text(schema)}
    stale = [path for path, text in current.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        sys.stderr.write(f"{path.relative_to(PROJECT)} is out of date: run `make generate`\n")
    if stale:
        return 1
    Gateway(schema, Documents.load(), nouns)
    sys.stdout.write(f"{len(nouns.catalogue.sentences)} codes in both languages; schema, permissions, documents current\n")
    return 0
