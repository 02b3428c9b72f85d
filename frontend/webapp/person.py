"""Who is signed in, and what happens to them while a page is open: one subscription per page, for everything on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from webapp.documents import use
from webapp.gateway import Refused
from webapp.session import Session

# route -> {beginning of an event's type: the handlers that read again}; filled by ``shell.page(on_push=…)``
REREAD: dict[str, dict[str, list[Any]]] = {}
# From `ready` on nothing is missed; what happened between the page's own reading and that, or while Redis was away, may be.
_EVERYTHING = frozenset({"ready", "resync"})


class Person(Session):
    """The viewer (empty while unknown or signed out) and the number of unread messages."""

    viewer: dict[str, Any] = {}
    unread: int = 0
    asked: bool = False

    @rx.event
    async def load(self) -> None:
        """Who this is."""
        self.trouble = ""
        data = await self.ask(use("IdentityViewer"))
        self.viewer, self.unread, self.asked = data["identityViewer"] or {}, data["messagesUnread"] or 0, True

    @rx.event(background=True)
    async def watch(self) -> AsyncIterator[Any]:
        """Follow what happens to this person; ends with the page."""
        async with self:
            path = self.router.url.path.rstrip("/") or "/"
        wanted = REREAD.get(path.removeprefix("/en") or "/", {})
        async for push in self.pushes(use("MessagesLive")):
            kind = push["live"]["type"]
            await self._count()
            for beginning, handlers in wanted.items():
                if kind in _EVERYTHING or kind.startswith(beginning):
                    for handler in handlers:
                        yield handler

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
