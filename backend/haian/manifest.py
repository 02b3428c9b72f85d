"""What a mini-app says of itself in manifest.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from haian.errors import LOCALES

Texts: TypeAlias = Mapping[str, str]
"""A sentence in each language."""


@dataclass(frozen=True)
class Manifest:
    """The public face of a mini-app: names of W3C MiniApp Manifest (id, name, version), and ours."""

    id: str
    name: Texts
    version: str
    owner: str
    scopes: tuple[str, ...]

    @classmethod
    def load(cls, file: Path) -> Manifest:
        given = json.loads(file.read_text(encoding="utf-8"))
        for locale in LOCALES:
            if not given["name"].get(locale):
                raise ValueError(f"{file}: name lacks {locale}")
        return cls(given["app_id"], given["name"], given["version"]["name"], given["owner"], tuple(given["scopes"]))
