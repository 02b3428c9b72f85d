"""Who comes in: whether the session lives and whether there is room in the rates, asked of Redis in one round trip.

Whose a session is never changes, so it is remembered; that it still lives is asked at each request, so that one that ended
anywhere is refused here at the next.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from gateway.documents import Operation
from haian.cache import LOST, Rate, charging, check_wait
from haian.errors import Unauthenticated
from haian.line import AnyLine
from haian.settings import Settings
from haian.viewer import Viewer
from identity import sessions
from identity.tokens import Claims

MOST_KNOWN = 4096
"""Sessions that one process remembers, about 1 KB each; the one longest unseen is forgotten first."""
RENEW_SECONDS = 3600
"""A session in use has its life lengthened this often."""
MINUTE = 60.0
RATES = ("citizen", "device", "token", "address", "search")


@dataclass(frozen=True, slots=True)
class Admitted:
    """The citizen and the session of a request, signed in by cookie or by an access token."""

    citizen: UUID
    session: str
    by_token: bool


@dataclass(slots=True)
class Known:
    """A session seen before: what Redis held of it, and the commands that ask for it again, by kind of request."""

    who: Admitted
    held: bytes
    renewed: float
    commands: dict[str, list[bytes]]


class Rates:
    """How often one may come, by whom and for what: so many a minute, all at once if they like (`Settings`, 0: no limit).
    The keys of one person lie in one slot of a Redis Cluster."""

    def __init__(self, settings: Settings) -> None:
        self.counts = {name: getattr(settings, f"rate_{name}") for name in RATES}

    def of_citizen(self, who: Admitted, kind: str, token: str = "") -> list[bytes]:
        tag = f"{{{who.citizen}}}"
        return self._charge({f"{tag}:citizen": "citizen", f"{tag}:device:{who.session}": "device",
                             **({f"{tag}:token:{token}": "token"} if token else {}), f"{tag}:{kind}": kind})

    def of_address(self, address: str, kind: str) -> list[bytes]:
        return self._charge({f"{{{address}}}:address": "address", f"{{{address}}}:{kind}": kind})

    def _charge(self, names: dict[str, str]) -> list[bytes]:
        rates = {key: Rate(count, MINUTE) for key, name in names.items() if (count := self.counts.get(name))}
        return [charging(rates)] if rates else []


def kind_of(operation: Operation | None) -> str:
    """The rate that an operation counts for beside the common ones; none for a developer's own query."""
    return "search" if operation and operation.name.startswith("Search") else ""


class Admission:
    """The door of one process."""

    def __init__(self, line: AnyLine, settings: Settings) -> None:
        self.line, self.rates = line, Rates(settings)
        self.known: OrderedDict[str, Known] = OrderedDict()
        self.tokens: OrderedDict[tuple[str, str], tuple[Admitted, list[bytes]]] = OrderedDict()

    async def by_cookie(self, cookie: str, kind: str) -> Admitted | None:
        """Who the cookie's session is of; None where there is none. RateLimited."""
        hashed = sessions.hash_of(cookie)
        known = self.known.get(hashed)
        if known is None or time.monotonic() - known.renewed > RENEW_SECONDS:
            known = await self._learned(hashed)
        else:
            self.known.move_to_end(hashed)
        if known is None:
            return None
        if kind not in known.commands:
            known.commands[kind] = [sessions.asking(hashed), *self.rates.of_citizen(known.who, kind)]
        held, *waits = await self.line.ask(*known.commands[kind])
        if held != known.held:
            self.known.pop(hashed, None)
            return None
        for wait in waits:
            check_wait(wait)
        return known.who

    async def _learned(self, hashed: str) -> Known | None:
        """A session as Redis holds it; its life begins anew."""
        [held] = await self.line.ask(sessions.renewing(hashed))
        if held is None:
            self.known.pop(hashed, None)
            return None
        citizen, session = sessions.read(held)
        await self.line.ask(sessions.renewing_device(session))
        known = self.known[hashed] = Known(Admitted(citizen, session, False), held, time.monotonic(), {})
        if len(self.known) > MOST_KNOWN:
            self.known.popitem(last=False)
        return known

    async def by_token(self, claims: Claims, kind: str) -> Admitted:
        """Who the token speaks for. Unauthenticated where its session has ended; RateLimited."""
        who, commands = self.tokens.get((claims.id, kind)) or self._met(claims, kind)
        held, *waits = await self.line.ask(*commands)
        if held is None or held.decode() != claims.citizen:
            raise Unauthenticated
        for wait in waits:
            check_wait(wait)
        return who

    def _met(self, claims: Claims, kind: str) -> tuple[Admitted, list[bytes]]:
        """Who a token speaks for, and the commands that ask whether it still may."""
        try:
            who = Admitted(UUID(claims.citizen), claims.session, True)
        except ValueError:
            raise Unauthenticated from None
        commands = [sessions.asking_device(claims.session), *self.rates.of_citizen(who, kind, claims.id)]
        self.tokens[claims.id, kind] = found = (who, commands)
        if len(self.tokens) > MOST_KNOWN:
            self.tokens.popitem(last=False)
        return found

    async def again(self, viewer: Viewer, kind: str) -> None:
        """Who came in already, for one more operation on the same connection. RateLimited."""
        if viewer.id is None:
            await self.by_address(viewer.address, kind)
            return
        who = Admitted(viewer.id, viewer.session or "", viewer.by_token)
        for wait in await self.line.ask(*self.rates.of_citizen(who, kind)):
            check_wait(wait)

    async def by_address(self, address: str, kind: str) -> None:
        """Nobody in particular, from there. RateLimited. While Redis is away everybody may read what is public."""
        try:
            for wait in await self.line.ask(*self.rates.of_address(address, kind)):
                check_wait(wait)
        except LOST:
            return
