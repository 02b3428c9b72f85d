"""The nouns of this installation. `make mini-app name=…` adds a line."""

from __future__ import annotations

from haian.registry import MiniApp, Registry

NOUNS = (
    "identity",
    "factors",
    "delegation",
    "staff",
    "consent",
    "oauth",
    "messages",
    "search",
    "parking",
    "education",
    "onecode",
    "healthcare",
    "certificates",
)


def registry() -> Registry:
    return Registry(MiniApp(noun) for noun in NOUNS)
