"""Who is signed in, and what happens to them while a page is open: one subscription per page, for everything on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import reflex as rx
from redis.exceptions import RedisError
from reflex.utils.exceptions import LockExpiredError

from webapp.documents import use
from webapp.gateway import Refused
from webapp.reads import text
from webapp.session import Session

# route -> {beginning of an event's type: the handlers that read again}; filled by ``shell.page(on_push=…)``
REREAD: dict[str, dict[str, list[Any]]] = {}
# From `ready` on nothing is missed; what happened between the page's own reading and that, or while Redis was away, may be.
_EVERYTHING = frozenset({"ready", "resync"})
_LOST = (RedisError, LockExpiredError)
_AGAIN = 1.0
"""Seconds."""
_ASKS = frozenset({"onecode.asked", "onecode.answered", "onecode.undone"})


class Person(Session):
    """The viewer (empty while unknown or signed out) and the number of unread messages."""

    viewer: dict[str, Any] = {}
    unread: int = 0
    asked: bool = False
    asks: list[dict[str, Any]] = []
    """What is asked of this person at a scan of their code, at this moment."""
    elsewhere: str = ""
    """The device on which somebody has just signed in as this person, until they say that it was them."""

    @rx.event
    def known(self) -> None:
        self.elsewhere = ""

    @rx.event
    async def load(self) -> None:
        """Who this is."""
        self.trouble = ""
        data = await self.ask(use("IdentityViewer"))
        self.viewer, self.unread, self.asked = data["identityViewer"] or {}, data["messagesUnread"] or 0, True

    @rx.event(background=True)
    async def watch(self) -> AsyncIterator[Any]:
        """Follow what happens to this person; ends with the page. Where Redis was away for longer than an event waits for
        it, this begins anew and the page reads everything again: else it would hear nothing more, and not know."""
        while True:
            try:
                async for handler in self._heard():
                    yield handler
                return
            except _LOST:
                await asyncio.sleep(_AGAIN)

    async def _heard(self) -> AsyncIterator[Any]:
        """What this page is to do at each event."""
        async with self:
            path = self.router.url.path.rstrip("/") or "/"
        wanted = REREAD.get(path.removeprefix("/en") or "/", {})
        async for push in self.pushes(use("MessagesLive")):
            kind = push["live"]["type"]
            await self._count()
            if kind in _ASKS:
                await self._asked()
            if kind == "identity.signed_in":
                await self._met(push["live"]["subject"])
            for beginning, handlers in wanted.items():
                if kind in _EVERYTHING or kind.startswith(beginning):
                    for handler in handlers:
                        yield handler

    async def _asked(self) -> None:
        """What waits for a yes or a no; where it cannot be read now, the inbox says it too."""
        with suppress(Refused):
            found = (await self.ask(use("OnecodeAsks")))["onecodeAsks"]
            async with self:
                self.asks = found

    async def _met(self, device: str) -> None:
        """Another device of mine; this one hears of itself too."""
        try:
            found = (await self.ask(use("IdentityDevices")))["identityDevices"]
        except Refused as refused:
            if refused.signed_out:
                raise
            return
        new = next((each for each in found if each["id"] == device and not each["current"]), None)
        if new:
            async with self:
                self.elsewhere = " · ".join(part for part in (new["name"], (new["street"] or {}).get("name")) if part) or "?"

    async def _count(self) -> None:
        """The number on the bell; where it cannot be read now, the old one stays and the page goes on following."""
        try:
            unread = (await self.ask(use("MessagesUnread")))["messagesUnread"]
        except Refused as refused:
            if refused.signed_out:
                raise
            return
        async with self:
            self.unread = unread


def called() -> rx.Var[Any]:
    """What I am called on my own pages: my masked name; until it is proven, what stands for one, which names nobody."""
    viewer: Any = Person.viewer
    return rx.cond(text(viewer, "level") == "UNVERIFIED", text(viewer, "name"), text(viewer, "maskedName"))
