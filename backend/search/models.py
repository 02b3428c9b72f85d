"""What search speaks of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A public thing that can be found. `title_en`: none where its name is the same in all languages."""

    id: str
    title: str
    title_en: str | None
    detail: str
    link: str
    keywords: str
    """Other names of it, one a line."""


@dataclass(frozen=True)
class Asked:
    """A text as the index looks for it: `grams` that an entry must all have, and `needles` that must be in its text."""

    grams: list[str]
    needles: list[str]
    lead: str
    """The first gram, in whose order hits are shown."""
    reach: int
    """How many of those that have the lead are looked at for each hit that is shown: 1 where each of them is a hit."""


@dataclass(frozen=True)
class Indexed:
    """What is kept of an entry to find it by."""

    heads: str
    """Its names whole, as text and as they sound, each behind a line end: what begins one of them ranks first."""
    named: str
    """Where needles are looked for in its names."""
    told: str
    """The same in its other names and its detail."""
    grams: list[str]
