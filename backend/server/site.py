"""Serves the built client, and Reflex's event websocket: nothing else of Reflex is reachable.

Pages are in memory with their validators and their compressed forms, so a request is a dictionary look-up. Every page has
its own Content-Security-Policy: scripts are ours or hashed, nothing is inline, nothing is framed.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import asgi
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from haian.clock import Clock
from haian.settings import Settings
from server.client_build import BUILT, FRONTEND

PATIENT = Retry(ExponentialBackoff(cap=0.5, base=0.05), 20)
"""About 8 seconds, as long as a killed Valkey needs: an event that gives up earlier is not done."""
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_FOREVER = b"public, max-age=31536000, immutable"
_DAY = b"public, max-age=86400"
_CODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
_SECURITY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


@dataclass(frozen=True)
class File:
    """A file as it is sent: its forms by content coding, and the headers that do not change."""

    forms: dict[str, bytes]
    etag: bytes
    headers: Headers


def policy(script_hashes: Iterable[str]) -> str:
    """The Content-Security-Policy of a page whose inline scripts have these hashes."""
    scripts = " ".join(["'self'", *(f"'{value}'" for value in script_hashes)])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )


class Site:
    """The built client as an ASGI application.

    ``secure``: the public origin is https, so HSTS is sent. Raises FileNotFoundError when nothing is built.
    """

    def __init__(self, built: Path = BUILT, *, secure: bool = False) -> None:
        described = json.loads((built / "site.json").read_text("utf-8"))
        self._secure = secure
        self._files = dict(self._load(built, described["scripts"]))

    def _load(self, built: Path, scripts: dict[str, list[str]]) -> Iterable[tuple[str, File]]:
        for path in sorted(built.rglob("*")):
            name = "/" + path.relative_to(built).as_posix()
            if not path.is_file() or path.suffix in {".br", ".gz"} or name == "/site.json":
                continue
            file = self._file(path, name, scripts.get(name))
            yield name, file
            if name.endswith("/index.html"):
                yield name.removesuffix("/index.html") or "/", file

    def _file(self, path: Path, name: str, scripts: Sequence[str] | None) -> File:
        body = path.read_bytes()
        forms = {"": body}
        for coding, suffix in _CODINGS:
            packed = path.with_name(path.name + suffix)
            if packed.exists():
                forms[coding] = packed.read_bytes()
        kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        cache = _FOREVER if name.startswith("/assets/") else _DAY if path.suffix in {".svg", ".png"} else b"no-cache"
        page = path.suffix == ".html"
        safety = _SECURITY if page else _SECURITY[:1]
        headers = [(b"content-type", kind.encode()), (b"cache-control", cache), (b"vary", b"accept-encoding"), *safety]
        if self._secure:
            headers.append(_HSTS)
        if page:
            headers.append((b"content-security-policy", policy(scripts or ()).encode()))
        return File(forms, b'"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"', headers)

    def __contains__(self, path: str) -> bool:
        return path in self._files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET and HEAD of a file; 404 with our page for anything else, 405 for another method. No websocket."""
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        if scope["method"] not in {"GET", "HEAD"}:
            await _empty(send, 405, [(b"allow", b"GET, HEAD"), *_SECURITY])
            return
        path = "/" + scope["path"].strip("/")  # Litestar hands a mounted application `assets/x.js/`
        file = self._files.get(path)
        status = 200
        if file is None and "." not in path.rpartition("/")[2]:
            status = 404
            file = self._files.get("/en/404.html" if f"{path}/".startswith("/en/") else "/404.html")
        if file is None:
            await _empty(send, 404, _SECURITY)
            return
        await self._answer(scope, send, file, status)

    async def _answer(self, scope: Scope, send: Send, file: File, status: int) -> None:
        asked = dict(scope["headers"])
        if status == 200 and _matches(asked.get(b"if-none-match", b""), file.etag):
            await _empty(send, 304, [(b"etag", file.etag), *file.headers])
            return
        accepted = asked.get(b"accept-encoding", b"").decode("latin-1")
        coding = next((c for c, _ in _CODINGS if c in file.forms and _accepts(accepted, c)), "")
        body = file.forms[coding]
        headers = [*file.headers, (b"content-length", str(len(body)).encode())]
        if status == 200:
            headers.append((b"etag", file.etag))
        if coding:
            headers.append((b"content-encoding", coding.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _matches(header: bytes, etag: bytes) -> bool:
    return header.strip() == b"*" or any(tag.strip().removeprefix(b"W/") == etag for tag in header.split(b","))


def _accepts(header: str, coding: str) -> bool:
    for part in header.split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() == coding:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


async def _empty(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@dataclass(frozen=True)
class EventSocket:
    """Reflex's ASGI application behind one door: ``/_event`` as a websocket."""

    app: Asgi

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # Reflex is mounted at /_event/ and does not know the form without the slash, which Litestar hands on.
            from webapp.session import without_cookie

            with without_cookie(scope["headers"]) as headers:
                await self.app({**scope, "path": "/_event/", "raw_path": b"/_event/", "headers": headers}, receive, send)
        else:
            await _empty(send, 404, _SECURITY)


@dataclass(frozen=True)
class Client:
    """The phone client as the server takes it: its handlers, and what must live as long as the server."""

    handlers: tuple[Any, ...]
    lifespans: tuple[Any, ...]


def client(settings: Settings) -> Client:
    """The site and Reflex's event websocket, for ``create_app``; FileNotFoundError when the site is not built."""
    site = Site(secure=settings.public_origin.startswith("https://"))
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 what it may listen on
    events, lifespan = reflex_app(
        public_origins=settings.public_origins,
        redis_url=settings.states_url,
        gateway_url=f"http://{host}:{settings.port}",
        address_key=settings.address_key,
        now=Clock(settings.now, settings.now_since).epoch,
    )
    sockets = asgi(["/_event", "/_event/"], copy_scope=True, opt={"precompressed": True})(events)
    pages = asgi("/", is_mount=True, copy_scope=True, opt={"precompressed": True})(site)
    return Client((sockets, pages), (lifespan,))


def reflex_app(
    *,
    public_origins: Sequence[str],
    redis_url: str = "",
    gateway_url: str = "",
    address_key: bytes = b"",
    now: Callable[[], float] = time.time,
) -> tuple[EventSocket, Callable[[Any], AbstractAsyncContextManager[None]]]:
    """Reflex without its pages: only the event websocket, only for our origins, its states in Redis when there is one.

    The second is its lifespan. Importing the pages takes about a second, so call it once.
    """
    os.environ["HAIAN_PUBLIC_ORIGINS"] = ",".join(public_origins)
    if redis_url:
        os.environ["HAIAN_CLIENT_REDIS_URL"] = redis_url
    os.environ["REFLEX_ENV_MODE"] = "prod"
    os.environ["__REFLEX_SKIP_COMPILE"] = "true"
    os.environ["REFLEX_TELEMETRY_ENABLED"] = "false"
    os.environ["REFLEX_WEB_WORKDIR"] = str(FRONTEND / ".web")
    with chdir(FRONTEND):  # where Reflex looks for rxconfig.py; elsewhere it would keep states on disk, for any origin
        from webapp.app import app
        from webapp.gateway import Gateway, configure, gateway

        starlette: Any = app()
    if redis := getattr(app.state_manager, "redis", None):
        redis.set_retry(PATIENT)
    if gateway_url:
        configure(Gateway(gateway_url, public_origins[0], address_key, now))

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with starlette.router.lifespan_context(starlette):
            yield
        await gateway().close()

    return EventSocket(starlette), lifespan
