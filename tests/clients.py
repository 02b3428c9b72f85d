"""Phones for the tests: HTTP clients that speak to a served product as a browser does."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
import websockets

from gateway.documents import Documents
from haian.call import Platform
from haian.demo import ACCOUNTS
from haian.settings import Settings
from server.app import create_app
from server.direct import Direct
from server.frames import Line
from server.http import Server

DOCUMENTS = Documents.load().by_name
ADDRESSES = itertools.count(1)
PHONES = {account.key: account.phone for account in ACCOUNTS}


class Refused(Exception):
    """The server answered with errors; `code` is that of the first."""

    def __init__(self, errors: list[dict[str, Any]], data: Any, status: int) -> None:
        super().__init__(json.dumps(errors, ensure_ascii=False))
        self.errors, self.data, self.status = errors, data, status
        self.code = errors[0]["extensions"]["code"]


@dataclass
class Served:
    """A product under test: its address, and its insides for looking behind the scenes."""

    origin: str
    platform: Platform

    def phone(self, language: str = "zh-CN") -> Phone:
        """A phone at an address of its own, so that no test uses up another's limits."""
        headers = {"Origin": self.origin, "Accept-Language": language, "X-Haian-Address": self.signed(new_address())}
        return Phone(self, httpx.AsyncClient(base_url=self.origin, timeout=60, headers=headers, verify=False))

    def signed(self, address: str, at: float | None = None) -> str:
        """X-Haian-Address as our own client signs it."""
        said = f"{address} {int(self.platform.clock.epoch() if at is None else at)}"
        return f"{said} {hmac.digest(self.platform.settings.address_key, said.encode(), hashlib.sha256).hex()}"

    async def signed_in(self, who: str) -> Phone:
        """The phone of a demo account, such as "resident", or of any number."""
        phone = self.phone()
        await phone.sign_in(PHONES.get(who, who))
        return phone


def new_address() -> str:
    """An address of 10.0.0.0/8 that no phone had before."""
    return ".".join(["10", *map(str, next(ADDRESSES).to_bytes(3, "big"))])


def new_number() -> str:
    """A phone number that nobody had before."""
    return f"190{next(ADDRESSES) * 61803399 % 10**8:08d}"  # by the golden ratio: of many prefixes, as people are


def solved(challenge: str) -> str:
    """The challenge with a number that solves it."""
    bits, begun = int(challenge.split(".")[0]), hashlib.sha256(f"{challenge}:".encode())
    for number in itertools.count():
        tried = begun.copy()
        tried.update(str(number).encode())
        if not int.from_bytes(tried.digest()) >> (256 - bits):
            return f"{challenge}:{number}"
    raise AssertionError


class Phone:
    """A browser that may be signed in."""

    def __init__(self, served: Served, http: httpx.AsyncClient) -> None:
        self.served, self.http, self.id = served, http, ""

    async def send(self, document: str, **variables: Any) -> httpx.Response:
        """POST a trusted document by its name."""
        return await self.http.post("/graphql", json={"documentId": DOCUMENTS[document].id, "variables": variables})

    async def ask(self, document: str, **variables: Any) -> Any:
        """The data of a document; its only root field where it has one. Refused where there are errors."""
        answer = await self.send(document, **variables)
        given = answer.json()
        if given.get("errors"):
            raise Refused(given["errors"], given.get("data"), answer.status_code)
        data = given["data"]
        return next(iter(data.values())) if len(data) == 1 else data

    async def refused(self, document: str, **variables: Any) -> str:
        """The code with which a document is refused."""
        try:
            answer = await self.ask(document, **variables)
        except Refused as refused:
            return str(refused.code)
        raise AssertionError(f"{document} was not refused: {answer}")

    async def ask_for_code(self, phone: str) -> None:
        """As a browser does it: it works where it is told to."""
        try:
            await self.ask("IdentityRequestCode", phone=phone)
        except Refused as refused:
            if refused.code != "IDENTITY_WORK_NEEDED":
                raise
            await self.ask("IdentityRequestCode", phone=phone, work=solved(refused.errors[0]["extensions"]["challenge"]))

    async def sign_in(self, phone: str) -> None:
        await self.ask_for_code(phone)
        code = (await self.http.get("/demo/sms", params={"phone": phone})).json()["code"]
        answer = await self.ask("IdentitySignIn", phone=phone, code=code, device="test")
        assert "id" in answer, answer
        self.id = answer["id"]

    @asynccontextmanager
    async def live(self, document: str = "MessagesLive", **variables: Any) -> AsyncIterator[AsyncIterator[Any]]:
        """The answers of a subscription."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)
        url = self.served.origin.replace("http", "ws", 1) + "/graphql"
        async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")],
                                      additional_headers={"Cookie": cookies}, origin=websockets.Origin(self.served.origin),
                                      proxy=None) as socket_:
            await socket_.send(json.dumps({"type": "connection_init"}))
            assert json.loads(await socket_.recv())["type"] == "connection_ack"
            await socket_.send(json.dumps({"id": "1", "type": "subscribe", "payload": {
                "query": "", "documentId": DOCUMENTS[document].id, "variables": variables}}))

            async def answers() -> AsyncIterator[Any]:
                async for text in socket_:
                    message = json.loads(text)
                    if message["type"] != "next":
                        return
                    yield message["payload"].get("data")
            yield answers()


@asynccontextmanager
async def serving(settings: Settings, origins: tuple[str, ...] = (), noun: str | None = None) -> AsyncIterator[Served]:
    """The product on a free port of loopback, in this process; `origins`: as if it were behind a proxy with these; `noun`:
    that subgraph alone."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = create_app(settings.model_copy(update={"public_origins": origins or (origin,)}), noun=noun)
        # A connection that we shut just when a client asks by it again would be that client's error: none waits for so long.
        server = Server(uvicorn.Config(app, log_config=None, server_header=False, loop="asyncio", http=Direct,
                                       ws=Line, ws_per_message_deflate=False, timeout_graceful_shutdown=2,
                                       timeout_keep_alive=600))
        with contextlib.ExitStack() as stack:
            stack.enter_context(no_signals(server))
            task = asyncio.create_task(server.serve([listener]))
            try:
                while not server.started and not task.done():
                    await asyncio.sleep(0.01)
                yield Served(origin, app.state.platform)
            finally:
                server.should_exit = True
                await task


@contextlib.contextmanager
def no_signals(server: uvicorn.Server) -> Any:
    """pytest keeps its own signal handlers."""
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    yield
