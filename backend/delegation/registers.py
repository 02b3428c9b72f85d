"""Who says that somebody is the parent or guardian of a child, by 户口簿 or 出生医学证明: a register of somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from delegation.models import Kin
from haian.call import Platform
from identity.verifiers import Answer, HttpAuthority


@dataclass(frozen=True)
class Card:
    """Name and citizen ID number of one person."""

    name: str
    number: str


class FamilyRegistry(Protocol):
    async def kin(self, guardian: Card, child: Card) -> tuple[Answer, Kin | None]:
        """Whether the certificates say that the one is a guardian of the other, and what to the child. Never raises."""


class HttpRegistry(HttpAuthority):
    """POSTs {guardian: {name, number}, child: {name, number}}; to "agrees" belongs {"relation": "MOTHER" | "FATHER" |
    "GRANDPARENT" | "OTHER"}. An agreement without a relation that we know is none."""

    async def kin(self, guardian: Card, child: Card) -> tuple[Answer, Kin | None]:
        answer, said = await self.answer({"guardian": vars(guardian), "child": vars(child)})
        if answer is not Answer.AGREES:
            return answer, None
        known = said.get("relation") in Kin.__members__
        return (answer, Kin[said["relation"]]) if known else (Answer.AWAY, None)


def family_registry(platform: Platform) -> FamilyRegistry:
    """The register of this installation; a demo's is a path of its verifier. Without HAIAN_FAMILY_URL it is away, and the
    desk is the way."""
    settings = platform.settings
    return platform.service("family_registry", lambda: HttpRegistry(settings.family_url, settings.family_token))
