"""The trusted documents that the client may send, by name, as the manifest lists them."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

MANIFEST = Path(__file__).resolve().parents[2] / "graphql" / "documents" / "manifest.json"

Kind = Literal["query", "mutation", "subscription"]
_KEY = re.compile(r"\$key\s*:")
_log = logging.getLogger(__name__)
used: set[str] = set()


@dataclass(frozen=True)
class Document:
    """One operation: its sha256 id, its kind, whether it takes an idempotency key, and whether it may be asked for
    another."""

    id: str
    kind: Kind
    keyed: bool
    acting: bool = False


@cache
def documents() -> dict[str, Document]:
    """Every operation of the manifest by its name; empty when there is no manifest yet."""
    if not MANIFEST.exists():
        return {}
    given = json.loads(MANIFEST.read_text("utf-8"))
    operations, acting = given["operations"], set(given["acting"])
    return {o["name"]: Document(o["id"], cast(Kind, o["type"]), bool(_KEY.search(o["body"])), o["name"] in acting)
            for o in operations}


def use(name: str) -> str:
    """Note that a page sends this document, and give its name back; a test holds that each one exists."""
    used.add(name)
    if name not in documents():
        _log.warning("document %s is not in the manifest", name)
    return name
