"""What the person who runs the server reads: a code to a sentence, from a TOML catalogue beside the module."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path


class OperatorTexts:
    """Sentences by code. Chinese, or English with `HAIAN_LANGUAGE=en`; every code has both."""

    def __init__(self, catalogue: Path) -> None:
        self.catalogue = catalogue
        self.sentences: dict[str, dict[str, str]] = tomllib.loads(catalogue.read_text(encoding="utf-8"))

    def __call__(self, code: str, **values: object) -> str:
        """The sentence of `code` with `{name}` filled in. KeyError for a code that the catalogue does not have."""
        language = "en" if os.environ.get("HAIAN_LANGUAGE") == "en" else "zh"
        return self.sentences[code][language].format(**values)
