"""`python -m server supergraph <folder>`: write the schema of every subgraph, for a composer to make one of."""

from __future__ import annotations

import sys
from pathlib import Path

from gateway.federation import subgraph, subgraphs
from haian.settings import Settings
from server.apps import registry


def main(_: Settings) -> int:
    write(Path(sys.argv[2]))
    return 0


def write(folder: Path) -> None:
    """`<noun>.graphql` for each; a file of a noun that is gone is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    nouns = registry()
    for file in folder.glob("*.graphql"):
        file.unlink()
    for noun in subgraphs(nouns):
        (folder / f"{noun}.graphql").write_text(subgraph(nouns, noun).sdl, encoding="utf-8")
