"""Which client asks, and what its citizen lets it do at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from haian.call import Platform
from haian.errors import Unauthenticated
from haian.reads import Read
from haian.transaction import statement_of
from haian.viewer import Client
from oauth import store
from oauth.models import PURPOSE, Registered


async def _row(platform: Platform, read: Read) -> Any:
    rows = await platform.db.fetch(*statement_of(read, None, platform.clock.now()))
    return rows[0] if rows else None


async def registered(platform: Platform, id_: str) -> Registered | None:
    """The client of this id, if it may act now."""
    try:
        row = await _row(platform, store.live(UUID(id_)))
    except ValueError:
        return None
    return row and Registered(row["id"], {"zh": row["name_zh"], "en": row["name_en"]}, row["organisation_id"],
                              row["organisation"], tuple(row["redirects"]),
                              frozenset(row["scopes"]).intersection(platform.registry.client_scopes), row["demo"])


async def standing(platform: Platform, citizen: UUID, client: str, scopes: Iterable[str]) -> tuple[Client, frozenset[str]]:
    """What is left of the scopes of a token: asked at each request, so that what is taken back counts at once.
    Unauthenticated where the client was ended."""
    row = await _row(platform, store.standing(citizen, UUID(client), sorted(scopes), PURPOSE))
    if row is None:
        raise Unauthenticated
    return Client(row["id"], row["organisation_id"]), frozenset(row["scopes"]).intersection(platform.registry.client_scopes)
