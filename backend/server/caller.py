"""Who calls: a request or websocket becomes a `Viewer`, and the answer's cookies go back."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from haian.call import Call, Platform
from haian.errors import PublicError
from haian.settings import Settings
from haian.viewer import Viewer
from identity import sessions
from server.admission import Admission, Admitted
from server.incoming import Headers, Incoming
from server.router import is_router

ADDRESS_AGE = 120
AGES = {"session": sessions.LIFETIME, "asked": 600}


class BadOrigin(PublicError):
    """An unsafe request that does not come from a page of ours."""

    code = "BAD_ORIGIN"
    status = 403


@dataclass(frozen=True)
class Cookies:
    """The names of our cookies. Under https they carry `__Host-`, so that no neighbour domain can set them."""

    secure: bool

    @staticmethod
    def of(settings: Settings) -> Cookies:
        return SECURE if settings.public_origin.startswith("https://") else PLAIN

    def name(self, what: str) -> str:
        return f"{'__Host-' if self.secure else ''}haian_{what}"

    def made(self, set_: dict[str, str | None]) -> Headers:
        """HttpOnly and SameSite=Lax: no script reads them, no foreign page sends them along (RFC 6265)."""
        secure = "; Secure" * self.secure
        return [(b"set-cookie", f"{self.name(what)}={value or ''}; Path=/; Max-Age={AGES[what] if value else 0}; HttpOnly; "
                                f"SameSite=Lax{secure}".encode()) for what, value in set_.items()]


SECURE, PLAIN = Cookies(True), Cookies(False)


def check_origin(incoming: Incoming, settings: Settings) -> None:
    """BadOrigin where the Origin is not ours. A call with a bearer token has no cookie to be misused."""
    if incoming.headers.get(b"authorization"):
        return
    if incoming.header(b"origin").lower() not in settings.public_origins:
        raise BadOrigin


async def call_of(incoming: Incoming, platform: Platform, kind: str = "", guessing: bool = False) -> Call:
    """The call of this connection, with its viewer. `kind`: which rate it counts for beside the common ones; `guessing`:
    what is run makes sure of the viewer's posts itself. Unauthenticated, RateLimited."""
    address = address_of(incoming, platform)
    found = await _admitted(incoming, platform, address, kind)
    roles = platform.posts.guess(found.citizen) if found and guessing else frozenset()
    viewer = Viewer(found.citizen if found else None, found.session if found else None, roles, locale=incoming.locale,
                    address=address, browser=incoming.cookie(Cookies.of(platform.settings).name("asked")),
                    by_token=found.by_token if found else False,
                    by_router=is_router(incoming, platform.settings.router_key))
    if found and guessing:
        return Call(platform, viewer, guessed=True)
    return Call(platform, await of_now(viewer, platform))


async def of_now(viewer: Viewer, platform: Platform) -> Viewer:
    """A viewer with the posts held now: a socket is open for days, a post may end meanwhile."""
    call = Call(platform, viewer, guessed=True)
    await call.make_sure()
    return call.viewer


async def _admitted(incoming: Incoming, platform: Platform, address: str, kind: str) -> Admitted | None:
    """Who comes, by an access token or a cookie; None for nobody in particular."""
    door: Admission = platform.services["admission"]
    if bearer := incoming.header(b"authorization"):
        return await door.by_token(platform.services["tokens"].check(bearer.removeprefix("Bearer ")), kind)
    cookie = incoming.cookie(Cookies.of(platform.settings).name("session"))
    if cookie and (found := await door.by_cookie(cookie, kind)):
        return found
    await door.by_address(address, kind)
    return None


def address_of(incoming: Incoming, platform: Platform) -> str:
    """The person's address: the one that our own client signed, or that of the connection."""
    direct = incoming.address
    if not (given := incoming.header(b"x-haian-address")):
        return direct
    signed = given.split(" ")
    if len(signed) != 3 or not re.fullmatch(r"[0-9]{1,12}", signed[1]):
        return direct
    address, at, proof = signed
    right = hmac.digest(platform.settings.address_key, f"{address} {at}".encode(), hashlib.sha256).hex()
    fresh = abs(platform.clock.epoch() - int(at)) < ADDRESS_AGE
    return address if fresh and hmac.compare_digest(right.encode(), proof.encode()) else direct
