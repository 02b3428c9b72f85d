"""The head and body of a request, read by hand from its ASGI scope: what every tap pays for is as little as may be."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
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

    __slots__ = ("_cookies", "address", "headers", "method", "query")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]], method: str, query: bytes, address: str) -> None:
        """`address`: where the connection comes from."""
        self.headers = dict(headers)
        self.method, self.query, self.address = method, query, address
        self._cookies: dict[str, str | None] | None = None

    @classmethod
    def of(cls, scope: Any) -> Incoming:
        client = scope.get("client")
        return cls(scope["headers"], scope.get("method", "GET"), scope["query_string"], str(client[0]) if client else "")

    def header(self, name: bytes) -> str:
        """A header as text, empty where there is none."""
        found = self.headers.get(name)
        return found.decode("latin-1") if found else ""

    def cookie(self, name: str) -> str | None:
        """A cookie (RFC 6265, §5.4). One that comes twice with two values counts as none: a neighbour has tossed one in, and
        nobody knows which, so that it is safer to be signed out than to be somebody else."""
        if self._cookies is None:
            if b"cookie" not in self.headers:
                return None
            self._cookies = {}
            for part in self.header(b"cookie").split(";"):
                key, _, value = part.partition("=")
                key, value = key.strip(), value.strip()
                self._cookies[key] = value if self._cookies.get(key, value) == value else None
        return self._cookies.get(name)

    @property
    def locale(self) -> str:
        return "en" if self.headers.get(b"accept-language", b"")[:2].lower() == b"en" else "zh"

    def parameters(self) -> dict[str, str]:
        """The parameters of the query string. BadRequest for too many."""
        try:
            return dict(parse_qsl(self.query.decode("utf-8", "replace"), keep_blank_values=True,
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
        check_size(size)
        if not message.get("more_body"):
            return b"".join((*parts, part)) if parts else part
        parts.append(part)


def check_size(size: int) -> None:
    """TooLarge for a body, or what came of it, of so many bytes."""
    if size > LARGEST_BODY:
        raise TooLarge(limit=LARGEST_BODY, found=size)
