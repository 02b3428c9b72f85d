"""What a scene sees of a holder, and as what their consent to it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from consent.models import Asked, Receiver
from haian.call import Call


async def all_values(call: Call, wanted: Sequence[tuple[Sequence[str], UUID, Any]]) -> list[list[dict[str, Any]]]:
    """Facts of citizens at posts, as scans keep them: each is as its owner's provider tells it, None where nobody does."""
    found = [[{"name": name, "value": None} for name in names] for names, _, _ in wanted]
    places, reads = [], []
    for kept, (names, citizen, post) in zip(found, wanted, strict=True):
        for place, name in zip(kept, names, strict=True):
            if fact := call.platform.registry.facts.get(name):
                places.append(place)
                reads.append(fact.value(citizen, post["organisation_id"]) if fact.local else fact.value(citizen))
    for place, value in zip(places, await call.values(reads), strict=True):
        place["value"] = value
    return found


async def values(call: Call, names: Sequence[str], citizen: UUID, post: Any) -> list[dict[str, Any]]:
    """Those of one citizen."""
    return (await all_values(call, [(names, citizen, post)]))[0]


def asked(name: str, scene: Any) -> Asked:
    """What is asked for: a fact, for the organisation of a scan or a post, for its scene."""
    return Asked(name, Receiver.ORGANISATION, str(scene["organisation_id"]), scene["organisation"],
                 f"onecode.{scene['scene_id']}", {"zh": scene["name_zh"], "en": scene["name_en"]})
