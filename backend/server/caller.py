"""Who calls: a request or websocket becomes a `Viewer`, and the answer's cookies go back."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from haian.call import Call, Platform
from haian.errors import PublicError, Unauthenticated
from haian.settings import Settings
from haian.viewer import Viewer
from identity import sessions, store
from server.router import is_router

ADDRESS_AGE = 120
AGES = {"session": sessions.LIFETIME, "asked": 600}
Connection: TypeAlias = ASGIConnection[Any, Any, Any, Any]


class BadOrigin(PublicError):
    """An unsafe request that does not come from a page of ours."""

    code = "BAD_ORIGIN"
    status = 403


class BadRequest(PublicError):
    code = "BAD_REQUEST"
    status = 400


@dataclass(frozen=True)
class Cookies:
    """The names of our cookies. Under https they carry `__Host-`, so that no neighbour domain can set them."""

    secure: bool

    @classmethod
    def of(cls, settings: Settings) -> Cookies:
        return cls(settings.public_origin.startswith("https://"))

    def name(self, what: str) -> str:
        return f"{'__Host-' if self.secure else ''}haian_{what}"

    def made(self, set_: dict[str, str | None]) -> list[Cookie]:
        """HttpOnly and SameSite=Lax: no script reads them, no foreign page sends them along."""
        return [Cookie(key=self.name(what), value=value or "", path="/", httponly=True, samesite="lax", secure=self.secure,
                       max_age=AGES[what] if value else 0) for what, value in set_.items()]


def check_origin(connection: Connection, settings: Settings) -> None:
    """BadOrigin where the Origin is not ours. A call with a bearer token has no cookie to be misused."""
    if connection.headers.get("authorization"):
        return
    if connection.headers.get("origin", "").lower() not in settings.public_origins:
        raise BadOrigin


async def call_of(connection: Connection, platform: Platform) -> Call:
    """The call of this connection, with its viewer."""
    found = await _session(connection, platform)
    locale = "en" if connection.headers.get("accept-language", "").lower().startswith("en") else "zh"
    cookies = Cookies.of(platform.settings)
    viewer = Viewer(locale=locale, address=address_of(connection, platform),
                    browser=connection.cookies.get(cookies.name("asked")))
    call = Call(platform, viewer, by_router=is_router(connection, platform.settings.router_key))
    if found:
        by_token = bool(connection.headers.get("authorization"))
        call.viewer = await of_now(replace(viewer, id=found[0], session=found[1], by_token=by_token), platform)
    return call


async def of_now(viewer: Viewer, platform: Platform) -> Viewer:
    """A viewer with the posts held now: a socket is open for days, a post may end meanwhile."""
    if viewer.id is None:
        return viewer
    return replace(viewer, roles=frozenset(await Call(platform, viewer).value(store.roles(viewer.id))))


async def _session(connection: Connection, platform: Platform) -> tuple[UUID, str] | None:
    """The citizen and session of a cookie, or of an access token; Unauthenticated where its session has ended."""
    bearer = connection.headers.get("authorization", "")
    if bearer:
        citizen, session = platform.services["tokens"].check(bearer.removeprefix("Bearer "))
        if not await sessions.is_alive(platform.redis, session, citizen):
            raise Unauthenticated
        return UUID(citizen), session
    cookie = connection.cookies.get(Cookies.of(platform.settings).name("session"))
    return await sessions.find(platform.redis, cookie) if cookie else None


def address_of(connection: Connection, platform: Platform) -> str:
    """The person's address: the one that our own client signed, or that of the connection."""
    signed = connection.headers.get("x-haian-address", "").split(" ")
    direct = connection.client.host if connection.client else ""
    if len(signed) != 3 or not re.fullmatch(r"[0-9]{1,12}", signed[1]):
        return direct
    address, at, proof = signed
    right = hmac.digest(platform.settings.address_key, f"{address} {at}".encode(), hashlib.sha256).hex()
    fresh = abs(platform.clock.epoch() - int(at)) < ADDRESS_AGE
    return address if fresh and hmac.compare_digest(right.encode(), proof.encode()) else direct
