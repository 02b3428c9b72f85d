"""The head and body of a request, read by hand from its ASGI scope: what every tap pays for is as little as may be."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from gateway.limits import LARGEST_BODY, TooLarge
from haian.errors import PublicError

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]
MOST_PARAMETERS = 20
HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]*)(?::(\d{0,5}))?")


class BadRequest(PublicError):
    """The request is no JSON object of the right shape, is cut off, or has another type than JSON."""

    code = "BAD_REQUEST"
    status = 400


class Incoming:
    """One request or websocket. Names of headers are small letters (ASGI 3.0); of one given twice the last counts."""

    __slots__ = ("_cookies", "headers", "scope")

    def __init__(self, scope: Any) -> None:
        self.scope: Scope = scope
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._cookies: dict[str, str] | None = None

    def header(self, name: bytes) -> str:
        """A header as text, empty where there is none."""
        found = self.headers.get(name)
        return found.decode("latin-1") if found else ""

    def cookie(self, name: str) -> str | None:
        """A cookie (RFC 6265, §5.4). Of one given twice the first counts: it is the more specific."""
        if self._cookies is None:
            given = self.header(b"cookie")
            pairs = (part.partition("=") for part in reversed(given.split(";"))) if given else ()
            self._cookies = {key.strip(): value.strip() for key, _, value in pairs}
        return self._cookies.get(name)

    @property
    def locale(self) -> str:
        return "en" if self.headers.get(b"accept-language", b"")[:2].lower() == b"en" else "zh"

    @property
    def address(self) -> str:
        """Where the connection comes from."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    def parameters(self) -> dict[str, str]:
        """The parameters of the query string. BadRequest for too many."""
        try:
            return dict(parse_qsl(self.scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True,
                                  max_num_fields=MOST_PARAMETERS))
        except ValueError:
            raise BadRequest from None


def with_sound_host(app: Any) -> Any:
    """400 for a Host that is none (RFC 9110, §7.2): whatever takes an address apart below would fail of it."""
    async def checked(scope: Any, receive: Receive, send: Send) -> None:
        if all(is_host(value) for name, value in scope["headers"] if name == b"host") or scope["type"] != "http":
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 400, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
    return checked


def is_host(value: bytes) -> bool:
    found = HOST.fullmatch(value)
    return found is not None and int(found[1] or 0) < 65536


async def body_of(receive: Receive) -> bytes:
    """The body, as far as it may be read. TooLarge; BadRequest when the caller left before its end."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BadRequest
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            raise TooLarge(limit=LARGEST_BODY, found=size)
        if not message.get("more_body"):
            return b"".join((*parts, part)) if parts else part
        parts.append(part)
