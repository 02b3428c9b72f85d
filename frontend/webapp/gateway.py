"""The only Python that calls the gateway: trusted documents for a person whose page asked over the websocket.

The person's session cookie goes along, with the page's language and the person's signed address, without which every
limit per address would fall on the loopback.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import httpx
import websockets
from websockets.asyncio.client import connect

from webapp.documents import documents
from webapp.texts import TEXTS, Locale

COOKIES = ("__Host-haian_session", "haian_session")
_TIMEOUT = httpx.Timeout(10, connect=3)
_ENDED = 4401
_PROTOCOL = websockets.Subprotocol("graphql-transport-ws")


class Refused(Exception):
    """The gateway said no, or could not be reached. ``message`` is a sentence for the person."""

    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status

    @property
    def signed_out(self) -> bool:
        """Whether nobody is signed in any more."""
        return self.status == 401 or self.code in {"UNAUTHENTICATED", "IDENTITY_SIGNED_OUT"}


@dataclass(frozen=True)
class Caller:
    """For whom a document is sent: the session cookie alone of all cookies, the address, the language of the page; `acting`:
    the citizen for whom they act, which goes with documents that may be asked for another."""

    cookie: str
    address: str
    language: Locale = "zh"
    acting: str = ""


@dataclass
class Gateway:
    """Where the gateway is, under which origin we speak, the key that signs addresses (32 bytes; empty: unsigned), and the
    product's clock, which a demonstration may have moved."""

    url: str
    origin: str
    address_key: bytes = b""
    now: Callable[[], float] = time.time
    _client: httpx.AsyncClient | None = field(default=None, repr=False)

    async def ask(self, document: str, variables: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The data of a query or mutation; Refused for errors, whole-request refusals and a gateway out of reach."""
        known = _known(document, caller)
        body, headers = {"documentId": known.id, "variables": variables}, self._headers(caller)
        if caller.acting and known.acting:
            headers["X-Haian-For"] = caller.acting
        try:
            response = await self._http().post(f"{self.url}/graphql", json=body, headers=headers)
            answer = response.json()
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            raise _unreachable(caller) from error
        return _data(answer, response.status_code, caller)

    async def subscribe(self, document: str, variables: dict[str, Any], caller: Caller) -> AsyncIterator[dict[str, Any]]:
        """The data of each event, over graphql-transport-ws, until the server completes it.

        Refused with status 401 when the session was ended (close code 4401).
        """
        payload = {"documentId": _known(document, caller).id, "variables": variables}
        address = "ws" + self.url.removeprefix("http") + "/graphql"
        headers = {key: value for key, value in self._headers(caller).items() if key not in {"Origin", "Content-Type"}}
        origin = websockets.Origin(self.origin)
        try:
            async with connect(
                address, subprotocols=[_PROTOCOL], origin=origin, additional_headers=headers, proxy=None
            ) as socket:
                await socket.send('{"type":"connection_init"}')
                async for raw in socket:
                    message = json.loads(raw)
                    if message["type"] == "connection_ack":
                        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
                    elif message["type"] == "ping":
                        await socket.send('{"type":"pong"}')
                    elif message["type"] == "next":
                        yield _data(message["payload"], 200, caller)
                    elif message["type"] == "error":
                        _data({"errors": message["payload"]}, 200, caller)
                    elif message["type"] == "complete":
                        return
                if socket.close_code == _ENDED:
                    raise _ended(caller)
        except websockets.ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code == _ENDED:
                raise _ended(caller) from closed
            raise _unreachable(caller) from closed
        except (TimeoutError, OSError, websockets.InvalidStatus) as error:
            raise _unreachable(caller) from error

    async def close(self) -> None:
        """Let the kept connections go."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
            self._client = httpx.AsyncClient(timeout=_TIMEOUT, limits=limits, trust_env=False)
        return self._client

    def _headers(self, caller: Caller) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Origin": self.origin,
            "Accept-Language": "en" if caller.language == "en" else "zh-CN",
        }
        if caller.cookie:
            headers["Cookie"] = caller.cookie
        if self.address_key and caller.address:
            stated = f"{caller.address} {int(self.now())}"
            headers["X-Haian-Address"] = (
                f"{stated} {hmac.new(self.address_key, stated.encode(), hashlib.sha256).hexdigest()}"
            )
        return headers


def session_cookie(header: str) -> str:
    """Our session cookie out of a Cookie header, as ``name=value``; empty when there is none, or two of one name: the page
    must not be of another person than what is tapped on it, which the gateway decides in the same way."""
    jar = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return ""
    given = [part.partition("=") for part in header.split(";")]
    for name in COOKIES:
        if len({value.strip() for key, _, value in given if key.strip() == name}) > 1:
            return ""
    return next((f"{name}={jar[name].value}" for name in COOKIES if name in jar and jar[name].value), "")


def _known(document: str, caller: Caller) -> Any:
    try:
        return documents()[document]
    except KeyError:
        raise Refused("INTERNAL", _say("broken", caller)) from None


def _data(answer: Any, status: int, caller: Caller) -> dict[str, Any]:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if errors:
        first = errors[0]
        raise Refused(first.get("extensions", {}).get("code", "INTERNAL"), first.get("message", ""), status)
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict):
        raise Refused("INTERNAL", _say("broken", caller), status)
    return data


def _say(key: str, caller: Caller) -> str:
    return TEXTS[f"client.{key}"][caller.language]


def _unreachable(caller: Caller) -> Refused:
    return Refused("UNREACHABLE", _say("unreachable", caller), 503)


def _ended(caller: Caller) -> Refused:
    return Refused("UNAUTHENTICATED", _say("ended", caller), 401)


def _from_environment() -> Gateway:
    """For a Reflex process of its own: HAIAN_GATEWAY_URL, HAIAN_PUBLIC_ORIGIN(S), HAIAN_ADDRESS_KEY (64 hex digits)."""
    url = os.environ.get("HAIAN_GATEWAY_URL") or f"http://127.0.0.1:{os.environ.get('HAIAN_PORT', '8000')}"
    origin = (os.environ.get("HAIAN_PUBLIC_ORIGINS", "").split(",")[0]) or "{0.scheme}://{0.netloc}".format(urlsplit(url))
    key = os.environ.get("HAIAN_ADDRESS_KEY", "")
    return Gateway(url, origin, bytes.fromhex(key) if len(key) == 64 else b"")


_gateway: Gateway | None = None


def configure(gateway: Gateway) -> None:
    """Use this gateway: the composition root knows where it is."""
    global _gateway
    _gateway = gateway


def gateway() -> Gateway:
    """The gateway that was configured, else the one the environment names."""
    global _gateway
    if _gateway is None:
        _gateway = _from_environment()
    return _gateway


def time_now() -> datetime:
    """The product's time, in UTC: a page asks for no other, which a demonstration or a test may have moved."""
    return datetime.fromtimestamp(gateway().now(), UTC)
