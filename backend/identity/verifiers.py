"""Who says whether a name, a citizen ID number and a phone number belong to one person: a server of somebody else's."""

from __future__ import annotations

import enum
from typing import Any, Protocol

from haian.authorities import Authority, Away
from haian.call import Platform

EASE = 30.0
"""Seconds that an authority has while no citizen waits: one that is only slow is heard in the end."""


class Answer(enum.Enum):
    """What an authority says. AWAY: nothing, in time or in words that we know."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    AWAY = "away"


class IdentityVerifier(Protocol):
    async def verify(self, name: str, number: str, phone: str, *, at_ease: bool = False) -> Answer:
        """Whether the three belong to one person. `at_ease`: nobody waits for it. Never raises."""


class HttpAuthority(Authority):
    """One that says {"answer": "agrees" | "disagrees"}."""

    async def answer(self, words: dict[str, Any], at_ease: bool = False) -> tuple[Answer, dict[str, Any]]:
        """Its answer, and all that came with it. Never raises."""
        try:
            said = await self.ask(words, patience=EASE if at_ease else None)
        except Away:
            return Answer.AWAY, {}
        try:
            return Answer(said.get("answer")), said
        except ValueError:
            self.away("words")
            return Answer.AWAY, {}


class HttpVerifier(HttpAuthority):
    """POSTs {name, number, phone}."""

    async def verify(self, name: str, number: str, phone: str, *, at_ease: bool = False) -> Answer:
        return (await self.answer({"name": name, "number": number, "phone": phone}, at_ease))[0]


def verifier(platform: Platform) -> IdentityVerifier:
    """The verifier of this installation; a demo's is a server of its own too, which the launcher starts. Without
    HAIAN_VERIFIER_URL, which production refuses, it is away."""
    settings = platform.settings
    return platform.service("verifier", lambda: HttpVerifier(settings.verifier_url, settings.verifier_token))
