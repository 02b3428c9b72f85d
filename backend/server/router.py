"""Who may send queries of its own making to a subgraph: the router in front, which shows that it knows our key.

The router speaks for nobody: whose data it is asking for is still said by the citizen's own cookie or token alone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time

from litestar.types import ASGIApp, Middleware, Receive, Scope, Send

from haian.errors import PublicError
from server.incoming import Incoming

HEADER = b"x-haian-router"
PATH = "/graphql"
FRESH = 120
"""Seconds for which a proof is good."""


class RouterRequired(PublicError):
    """A subgraph was asked by somebody else than its router."""

    code = "ROUTER_REQUIRED"
    status = 403


def only_router(key: bytes) -> Middleware:
    """Nobody but the router may ask a subgraph anything."""
    def guarded(app: ASGIApp) -> ASGIApp:
        async def guard(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == PATH and not is_router(Incoming.of(scope), key):
                raise RouterRequired
            await app(scope, receive, send)
        return guard
    return guarded


def proof(key: bytes, at: float) -> str:
    """The value of X-Haian-Router: the time in seconds and its HMAC-SHA256."""
    said = str(int(at))
    return f"{said} {hmac.digest(key, said.encode(), hashlib.sha256).hex()}"


def is_router(incoming: Incoming, key: bytes) -> bool:
    """Whether this request bears a fresh proof; never where no key is set."""
    given = incoming.header(HEADER) if key else ""
    at = given.partition(" ")[0]
    if not key or not re.fullmatch(r"[0-9]{1,12}", at) or abs(time.time() - int(at)) > FRESH:
        return False
    return hmac.compare_digest(proof(key, int(at)).encode(), given.encode())
