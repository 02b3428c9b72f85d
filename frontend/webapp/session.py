"""Personal data on a page: a Reflex state bound to the session cookie that its websocket came with.

A page's state derives from ``Session`` and reads with ``await self.ask("ParkingBookings")``; ``self.pushes("…")`` follows a
subscription. At every event the cookie's hash is compared with the one the state was filled under; when they differ, the
whole tree is emptied before anything is done or sent, so the token of a state reveals nothing about a former person.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import quote

import reflex as rx
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event, EventSpec

from webapp.gateway import Caller, Refused, gateway, session_cookie
from webapp.texts import Locale

_log = logging.getLogger(__name__)
_HANDLE = "x-haian-socket"
_FOR = "haian.for"
_cookies: dict[str, str] = {}
_AWAY = 503
_LATER = {"UNAVAILABLE", "LIVE_TOO_MANY", "LIVE_TOO_SLOW", "RATE_LIMITED"}
_PAUSES = (1, 2, 5, 10, 30)  # seconds


@contextmanager
def without_cookie(headers: list[tuple[bytes, bytes]]) -> Iterator[list[tuple[bytes, bytes]]]:
    """The headers of a websocket as Reflex may see them: a handle for as long as it is open, instead of the cookie.

    Reflex keeps a state together with the headers of its socket; a cookie must not lie in Redis, where sessions have hashes.
    """
    given = next((value for name, value in headers if name == b"cookie"), b"").decode("latin-1")
    handle = secrets.token_urlsafe(24)
    _cookies[handle] = session_cookie(given)
    kept = [(name, value) for name, value in headers if name not in {b"cookie", _HANDLE.encode()}]
    try:
        yield [*kept, (_HANDLE.encode(), handle.encode())]
    finally:
        del _cookies[handle]


class Gone(Exception):
    """The page that an event came from is no longer there: its socket has closed, and with it the right to ask."""


def cookie_of(state: rx.State) -> str:
    """The session cookie of the socket that a state is used from; empty when it came with none. Gone when it has closed:
    that is no signing out, and the page that came after must not be emptied for it."""
    headers: dict[str, str] = state.router_data.get("headers", {})
    handle = headers.get(_HANDLE)
    if handle is not None and handle not in _cookies:
        raise Gone
    return _cookies.get(handle or "", "")


def acting_of(state: rx.State) -> str:
    """For whom the page says that it acts: its tab keeps it, and says it with each event. The gateway decides."""
    said: dict[str, Any] = state.router_data.get("query") or {}
    return str(said.get(_FOR) or "")


class Session(rx.State):
    """The base of every state with personal data. ``trouble`` is the sentence of the last refusal, for a note above the
    page; ``refusal`` the one that stands in place of what the page would show."""

    signed_in: bool = False
    trouble: str = ""
    refusal: str = ""
    _bound_to: str = ""

    def _caller(self) -> Caller:
        """Who asks: of all cookies ours alone, the address of the socket, the language of the page."""
        english = self.router.url.path.startswith("/en")
        language: Locale = "en" if english else "zh"
        return Caller(cookie_of(self), self.router.session.client_ip, language, acting_of(self))

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of a trusted document for this person; Refused when the gateway says no."""
        return await gateway().ask(document, variables, self._caller())

    async def find(self, document: str, **variables: Any) -> dict[str, Any]:
        """The one thing that a document reads; empty where there is none, or the address names none."""
        try:
            found = await self.ask(document, **variables)
        except Refused as refused:
            if refused.code not in ("INVALID_ARGUMENT", "NOT_FOUND"):
                raise
            return {}
        return next(iter(found.values())) or {}

    async def _pages(self, document: str, before: list[dict[str, Any]], after: str,
                     **variables: Any) -> tuple[list[dict[str, Any]], str]:
        """A list with the page that comes ``after`` a cursor, or its first page alone; and as `page_of`."""
        found = await self.ask(document, after=after or None, **variables)
        nodes, more = page_of(next(iter(found.values())))
        return (before if after else []) + nodes, more

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What is refused inside is the page's ``refusal``; signed out leads to sign-in."""
        self.refusal = ""
        try:
            yield
        except Refused as refused:
            if refused.signed_out:
                raise
            self.refusal = refused.message

    async def pushes(self, document: str, **variables: Any) -> AsyncIterator[dict[str, Any]]:
        """Each event of a subscription, for a background handler that is among the page's ``on_load``.

        It ends with the page: Reflex cancels the chain at a navigation and when the socket is gone. Refused with status 401
        when this device was signed out elsewhere; left to rise, it empties the state and leads to sign-in.
        """
        async with self:
            caller = self._caller()
            bound = self._bound_to
        if not caller.cookie:
            return
        async for data in _following(document, variables, caller):
            async with self:
                if self._bound_to != bound:
                    return
            yield data


class Paged(rx.State, mixin=True):
    """Of a page's state: a list of which more can be read. ``more``: the cursor that its next page comes after."""

    more: str = ""

    async def _read(self, after: str) -> None:
        """Add the page of the list that comes ``after`` a cursor; empty: begin with the first."""
        raise NotImplementedError

    @rx.event
    async def load_more(self) -> None:
        await self._read(self.more)


def page_of(connection: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """What a page of a list holds, and the cursor that the next one comes after: empty where this is the last."""
    info = connection["pageInfo"]
    return [edge["node"] for edge in connection["edges"]], info["endCursor"] if info["hasNextPage"] else ""


async def _following(document: str, variables: dict[str, Any], caller: Caller) -> AsyncIterator[dict[str, Any]]:
    """A subscription that begins again, later each time, when the gateway was away: with the cursor of the last event, so
    that what was missed comes first."""
    pauses = iter(_PAUSES)
    while True:
        try:
            async for data in gateway().subscribe(document, variables, caller):
                pauses = iter(_PAUSES)
                if cursor := (next(iter(data.values())) or {}).get("cursor"):
                    variables = variables | {"after": cursor}
                yield data
        except Refused as refused:
            if refused.signed_out or (refused.status != _AWAY and refused.code not in _LATER):
                raise
        await asyncio.sleep(next(pauses, _PAUSES[-1]) * (0.5 + random.random()))  # noqa: S311 so that not all come at once


def fingerprint(cookie: str) -> str:
    """What a state remembers of a cookie: enough to see a change, not enough to use it."""
    return hashlib.sha256(cookie.encode()).hexdigest() if cookie else ""


class Binding(Middleware):
    """Empties the whole state before an event that comes with another session cookie than the one it was filled under, or
    for somebody else. An event of a page that is gone is not done at all."""

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:
        session = await state.get_state(Session)
        try:
            cookie = cookie_of(session)
        except Gone:
            return StateUpdate()
        now = fingerprint(f"{cookie} {acting_of(session)}" if acting_of(session) else cookie)
        if session._bound_to != now:
            await clear(state)
            session._bound_to = now
            session.signed_in = bool(cookie)
        return None


async def clear(state: BaseState) -> None:
    """Every state of the tree back to its defaults."""
    waiting: list[type[BaseState]] = list(rx.State.get_substates())
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.get_substates())
        (await state.get_state(kind)).reset()  # type: ignore[no-untyped-call]


def failed(exception: Exception) -> EventSpec | None:
    """A handler raised: signed out leads to sign-in, a page that is gone to nothing, another refusal is told, everything
    else is logged whole."""
    if isinstance(exception, Gone):
        return None
    if isinstance(exception, Refused) and exception.signed_out:
        leave: EventSpec = cast(Any, Ended.leave)()
        return leave
    if isinstance(exception, Refused):
        tell: EventSpec = cast(Any, Ended.tell)(exception.message)
        return tell
    _log.error("event handler failed", exc_info=exception)
    return None


class Ended(Session):
    """What is done when a handler was refused."""

    @rx.event
    def tell(self, sentence: str) -> None:
        """Show the refusal above the page, with a way to try again."""
        self.trouble = sentence

    @rx.event
    async def leave(self) -> Any:
        """Empty everything, go to sign-in, come back here afterwards."""
        url = self.router.url
        here = f"{url.path}?{url.query}" if url.query else url.path
        prefix = "/en" if url.path.startswith("/en") else ""
        await clear(self)
        return rx.redirect(f"{prefix}/sign-in?ended=1&next={quote(here, safe='/')}")
