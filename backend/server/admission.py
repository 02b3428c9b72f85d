"""Who comes in: whether the session lives and whether there is room in the rates, asked of Redis in one round trip.

Whose a session is never changes, so it is remembered; that it still lives is known for as long as Redis, which tells when it
ends, proves it (`haian.line`), and asked else. So one that ended anywhere is refused everywhere a tenth of a second later at
the latest. Who has much room left in the rates passes a few times before the passages are charged, all at once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from gateway.documents import Operation
from haian.cache import LOST, Rate, charging, check_room
from haian.errors import Unauthenticated
from haian.ids import sendable
from haian.line import AnyLine
from haian.settings import Settings
from haian.viewer import Viewer
from identity import sessions
from identity.tokens import Claims

MOST_KNOWN = 4096
"""Sessions that one process remembers, 1 to 2 KB each; the one longest unseen is forgotten first."""
RENEW_SECONDS = 3600
"""A session in use has its life lengthened this often."""
MINUTE = 60.0
LARGEST_LEASE, LEASE_SECONDS, SHARE = 16, 1.0, 4
"""So many pass before they are charged, at most, for so long, and of the room that is left a quarter at most: several
processes may each let as many through."""
RATES = ("citizen", "device", "token", "address", "search")


@dataclass(frozen=True, slots=True)
class Admitted:
    """The citizen and the session of a request, signed in by cookie or by an access token; `client`: which a mini-app has,
    with the scopes that it was made with."""

    citizen: UUID
    session: str
    by_token: bool
    client: str = ""
    scopes: frozenset[str] = frozenset()


@dataclass(slots=True)
class Lease:
    """How many more may pass by these rates before Redis is asked, until when (monotonic), and how many have
    since; how many ask at this moment, who will take of the room too."""

    rates: dict[str, Rate]
    left: int = 0
    until: float = 0.0
    passed: int = 0
    asking: int = 0


@dataclass(slots=True)
class Known:
    """A session seen before: the key that proves it and what that held; `token`: the access token's id, of one who came with
    it; `renewed`: when its life was lengthened. Its leases by kind of request."""

    who: Admitted
    key: bytes
    held: bytes
    token: str = ""
    renewed: float = 0.0
    leases: dict[str, Lease] = field(default_factory=dict)


class Rates:
    """How often one may come, by whom and for what: so many a minute, all at once if they like (`Settings`, 0: no limit).
    The keys of one person lie in one slot of a Redis Cluster."""

    def __init__(self, settings: Settings) -> None:
        self.each = {name: Rate(count, MINUTE) for name in RATES if (count := getattr(settings, f"rate_{name}"))}

    def of_citizen(self, who: Admitted, kind: str, token: str = "") -> dict[str, Rate]:
        tag = f"{{{who.citizen}}}"
        return self._set({f"{tag}:citizen": "citizen", f"{tag}:device:{who.session}": "device",
                          **({f"{tag}:token:{token}": "token"} if token else {}), f"{tag}:{kind}": kind})

    def of_address(self, address: str, kind: str) -> dict[str, Rate]:
        return self._set({f"{{{address}}}:address": "address", f"{{{address}}}:{kind}": kind})

    def _set(self, names: dict[str, str]) -> dict[str, Rate]:
        return {key: self.each[name] for key, name in names.items() if name in self.each}


def charged(rates: dict[str, Rate], passed: int = 0) -> list[bytes]:
    """The command that asks, where there is a rate at all."""
    return [charging(rates, passed)] if rates else []


def kind_of(operation: Operation | None) -> str:
    """The rate that an operation counts for beside the common ones; none for a developer's own query."""
    return "search" if operation and operation.name.startswith("Search") else ""


class Admission:
    """The door of one process. Who comes is named by the hash of a cookie or by a token's id."""

    def __init__(self, line: AnyLine, settings: Settings) -> None:
        self.line, self.rates = line, Rates(settings)
        self.known: OrderedDict[str, Known] = OrderedDict()

    def at_once(self, name: str, kind: str) -> Admitted | None:
        """Who was here a moment ago, has room left, and has a session that is proved to live; None for who is to be asked
        about."""
        known = self.known.get(name)
        lease = known.leases.get(kind) if known else None
        if not known or not lease or lease.left <= 0 or lease.until < time.monotonic():
            return None
        if self.line.known(known.key) != known.held:
            return None
        lease.left -= 1
        lease.passed += 1
        return known.who

    async def by_cookie(self, hashed: str, kind: str) -> Admitted | None:
        """Who the cookie's session is of; None where there is none. RateLimited."""
        known = self.known.get(hashed)
        if known is None or time.monotonic() - known.renewed > RENEW_SECONDS:
            known = await self._learned(hashed)
        return known.who if known and await self._asked(hashed, known, kind) else None

    async def by_token(self, claims: Claims, kind: str) -> Admitted:
        """Who the token speaks for. Unauthenticated where its session has ended; RateLimited."""
        known = self.known.get(claims.id) or self._met(claims)
        if not await self._asked(claims.id, known, kind):
            raise Unauthenticated
        return known.who

    async def _asked(self, name: str, known: Known, kind: str) -> bool:
        """Whether the session lives. RateLimited where there is no room for one more."""
        known = self._kept(name, known)
        lease = known.leases.get(kind)
        if lease is None:
            lease = known.leases[kind] = Lease(self.rates.of_citizen(known.who, kind, known.token))
        passed, lease.passed, lease.left = lease.passed, 0, 0
        lease.asking += 1
        try:
            held, *rooms = await self.line.look(known.key, *charged(lease.rates, passed))
        finally:
            lease.asking -= 1
        if held != known.held:
            self.known.pop(name, None)
            return False
        room = (min(map(check_room, rooms)) if rooms else LARGEST_LEASE * SHARE) - lease.asking
        lease.left = min(max(0, room) // SHARE, LARGEST_LEASE) - lease.passed
        lease.until = time.monotonic() + LEASE_SECONDS
        return True

    async def _learned(self, hashed: str) -> Known | None:
        """A session as Redis holds it; its life begins anew."""
        [held] = await self.line.ask(sessions.renewing(hashed))
        if held is None:
            self.known.pop(hashed, None)
            return None
        citizen, session = sessions.read(held)
        await self.line.ask(sessions.renewing_device(session), sessions.noting(session))
        if known := self.known.get(hashed):
            known.renewed = time.monotonic()
            return known
        return Known(Admitted(sendable(str(citizen)), session, False), sessions.key(hashed), held, renewed=time.monotonic())

    @staticmethod
    def _met(claims: Claims) -> Known:
        """Whom a token says that it speaks for. Unauthenticated where that is nobody."""
        try:
            who = Admitted(sendable(claims.citizen), claims.session, True, claims.client, claims.scopes)
        except ValueError:
            raise Unauthenticated from None
        return Known(who, sessions.device_key(claims.session), claims.citizen.encode(), claims.id)

    def _kept(self, name: str, known: Known) -> Known:
        """The session as it is remembered: one for all that come at once, whose leases they share."""
        known = self.known.setdefault(name, known)
        self.known.move_to_end(name)
        if len(self.known) > MOST_KNOWN:
            self.known.popitem(last=False)
        return known

    async def again(self, viewer: Viewer, kind: str) -> None:
        """Who came in already, for one more operation on the same connection. RateLimited."""
        if viewer.id is None:
            await self.by_address(viewer.address, kind)
            return
        who = Admitted(viewer.id, viewer.session or "", viewer.by_token)
        for wait in await self.line.ask(*charged(self.rates.of_citizen(who, kind))):
            check_room(wait)

    async def by_address(self, address: str, kind: str) -> None:
        """Nobody in particular, from there. RateLimited. While Redis is away everybody may read what is public."""
        try:
            for wait in await self.line.ask(*charged(self.rates.of_address(address, kind))):
                check_room(wait)
        except LOST:
            return
