"""`python -m server supergraph <folder>`: write what a router is made from: the schema of every subgraph, and the sentences
of what it refuses by itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gateway.federation import subgraph, subgraphs
from haian.settings import Settings
from server.apps import registry

REFUSALS = ("DOCUMENT_REQUIRED", "DOCUMENT_UNKNOWN", "INTERNAL", "UNAVAILABLE")


def main(_: Settings) -> int:
    write(Path(sys.argv[2]))
    return 0


def write(folder: Path) -> None:
    """`<noun>.graphql` for each subgraph; a file of a noun that is gone is removed. `refusals.json`: code -> language ->
    sentence."""
    folder.mkdir(parents=True, exist_ok=True)
    nouns = registry()
    for file in folder.glob("*.graphql"):
        file.unlink()
    for noun in subgraphs(nouns):
        (folder / f"{noun}.graphql").write_text(subgraph(nouns, noun).sdl, encoding="utf-8")
    said = {code: dict(nouns.catalogue.sentences[code]) for code in REFUSALS}
    (folder / "refusals.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
