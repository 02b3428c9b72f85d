"""The nouns of this installation. `make mini-app name=…` adds a line."""

from __future__ import annotations

from haian.registry import MiniApp, Registry

NOUNS = (
    "identity",
    "messages",
    "search",
    "parking",
    "education",
    "onecode",
    "healthcare",
)


def registry() -> Registry:
    return Registry(MiniApp(noun) for noun in NOUNS)
