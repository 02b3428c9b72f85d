"""The texts of the client, in two languages, resolved when pages are compiled.

``t("home.search")`` reads ``texts/home.toml``: ``search = {zh = "…", en = "…"}``. Every page is compiled once per
language, so no text is chosen in the browser. A text without zh or without en is an error at import.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Literal

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = ("zh", "en")
TAGS: dict[Locale, str] = {"zh": "zh-CN", "en": "en"}

_locale: ContextVar[Locale] = ContextVar("haian_locale", default="zh")


class TextError(LookupError):
    """A text is missing, or is not in both languages."""


def load(folder: Path) -> dict[str, dict[str, str]]:
    """All texts of a folder, ``noun.key -> {zh, en}``; TextError names the first that is not in both languages."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(folder.glob("*.toml")):
        for key, value in tomllib.loads(file.read_text("utf-8")).items():
            name = f"{file.stem}.{key}"
            if not isinstance(value, dict) or any(not isinstance(value.get(x), str) or not value[x] for x in LOCALES):
                raise TextError(f"{name} in {file.name} needs zh and en, both with words in them")
            found[name] = {x: value[x] for x in LOCALES}
    return found


TEXTS = load(Path(__file__).parent)


def locale() -> Locale:
    """The language of the page that is being compiled."""
    return _locale.get()


@contextmanager
def speaking(language: Locale) -> Iterator[None]:
    """Compile what is inside in this language."""
    token = _locale.set(language)
    try:
        yield
    finally:
        _locale.reset(token)


def t(name: str, **values: object) -> str:
    """The text in the language of the page being compiled, ``{value}`` filled in; TextError when there is none."""
    try:
        text = TEXTS[name][_locale.get()]
    except KeyError:
        raise TextError(f"no text {name!r} in frontend/webapp/texts") from None
    return text.format(**values) if values else text
