"""Who calls: a request or websocket becomes a `Viewer`, and the answer's cookies go back."""

from __future__ import annotations

import hashlib
import hmac
import re
from uuid import UUID

from haian.addresses import neighbourhood
from haian.call import Call, Platform
from haian.errors import NotCovered, PublicError
from haian.settings import Settings
from haian.viewer import Viewer
from identity import pressure, sessions
from oauth import connected
from server.admission import Admission, Admitted
from server.incoming import BadRequest, Headers, Incoming
from server.router import is_router

ADDRESS_AGE = 120
NO_POSTS: frozenset[str] = frozenset()
AGES = {"session": sessions.LIFETIME, "asked": pressure.KNOWN_SECONDS, "known": 400 * 24 * 3600}


class BadOrigin(PublicError):
    """An unsafe request that does not come from a page of ours."""

    code = "BAD_ORIGIN"
    status = 403


class Cookies:
    """The names of our cookies. Under https they carry `__Host-`, so that no neighbour domain can set them."""

    def __init__(self, secure: bool) -> None:
        self.secure = secure
        self.session, self.asked, self.known = self.name("session"), self.name("asked"), self.name("known")

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


async def call_of(incoming: Incoming, platform: Platform, kind: str = "", guessing: bool = False,
                  subject: UUID | None = None) -> Call:
    """The call of this connection, with its viewer. `kind`: which rate it counts for beside the common ones; `guessing`:
    what is run makes sure of the viewer's posts itself; `subject`: for whom they act. Unauthenticated, RateLimited."""
    address, settings = address_of(incoming, platform), platform.settings
    found = await _admitted(incoming, platform, address, kind)
    by_router = bool(settings.router_key) and is_router(incoming, settings.router_key)
    cookies = Cookies.of(settings)
    browser, known = incoming.cookie(cookies.asked), incoming.cookie(cookies.known)
    if found is None:
        return Call(platform, Viewer(None, None, NO_POSTS, incoming.locale, address, browser, False, by_router,
                                     known=known))
    if found.client:
        return Call(platform, (await _of_client(found, subject, incoming, platform, address))._replace(by_router=by_router))
    roles = platform.posts.guess(found.citizen) if guessing else NO_POSTS
    viewer = Viewer(found.citizen, found.session, roles, incoming.locale, address, browser, found.by_token, by_router,
                    subject if subject != found.citizen else None, known=known)
    return Call(platform, viewer, guessed=True) if guessing else Call(platform, await of_now(viewer, platform))


async def _of_client(found: Admitted, subject: UUID | None, incoming: Incoming, platform: Platform, address: str) -> Viewer:
    """A mini-app that comes with a citizen's token: what they consent to at this moment, and nothing by a post of theirs or
    for another; whoever is named, since it knows no citizen's id. Unauthenticated, NotCovered."""
    if subject:
        raise NotCovered
    client, scopes = await connected.standing(platform, found.citizen, found.client, found.scopes)
    return Viewer(found.citizen, found.session, NO_POSTS, incoming.locale, address, None, True, scopes=scopes, client=client)


def subject_of(incoming: Incoming) -> UUID | None:
    """For whom a request says that it acts: of requests alone, since a socket stays open when a mandate ends. BadRequest."""
    given = incoming.headers.get(b"x-haian-for")
    if not given:
        return None
    try:
        return UUID(given.decode())
    except ValueError:
        raise BadRequest from None


async def of_now(viewer: Viewer, platform: Platform) -> Viewer:
    """A viewer with the posts held now, or what is consented to: a socket is open for days, either may end meanwhile."""
    if viewer.client and viewer.id:
        client, scopes = await connected.standing(platform, viewer.id, str(viewer.client.id), viewer.scopes or frozenset())
        return viewer._replace(client=client, scopes=scopes)
    call = Call(platform, viewer, guessed=True)
    await call.make_sure()
    return call.viewer


async def _admitted(incoming: Incoming, platform: Platform, address: str, kind: str) -> Admitted | None:
    """Who comes, by an access token or a cookie; None for nobody in particular."""
    door: Admission = platform.services["admission"]
    if bearer := incoming.header(b"authorization"):
        claims = platform.services["tokens"].check(bearer.removeprefix("Bearer "))
        return door.at_once(claims.id, kind) or await door.by_token(claims, kind)
    if cookie := incoming.cookie(Cookies.of(platform.settings).session):
        hashed = sessions.hash_of(cookie)
        if found := door.at_once(hashed, kind) or await door.by_cookie(hashed, kind):
            return found
    await door.by_address(address, kind)
    return None


async def admit_address(incoming: Incoming, platform: Platform) -> None:
    """Whoever comes to what is neither GraphQL nor for anybody in particular. RateLimited."""
    door: Admission = platform.services["admission"]
    await door.by_address(address_of(incoming, platform), "")


def address_of(incoming: Incoming, platform: Platform) -> str:
    """The person's address, as it counts in limits: the one that our own client signed, or that of the connection."""
    direct = neighbourhood(incoming.address)
    if not (given := incoming.header(b"x-haian-address")):
        return direct
    signed = given.split(" ")
    if len(signed) != 3 or not re.fullmatch(r"[0-9]{1,12}", signed[1]):
        return direct
    address, at, proof = signed
    right = hmac.digest(platform.settings.address_key, f"{address} {at}".encode(), hashlib.sha256).hex()
    fresh = abs(platform.clock.epoch() - int(at)) < ADDRESS_AGE
    return neighbourhood(address) if fresh and hmac.compare_digest(right.encode(), proof.encode()) else direct
