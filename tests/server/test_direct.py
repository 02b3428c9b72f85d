"""The short way for a whole request says what the long way says, in the same order, and leaves all others to it."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
import websockets
from tests.clients import DOCUMENTS, Served, new_number, serving
from tests.waiting import until_async

from gateway.limits import LARGEST_BODY
from server import connection
from server.direct import Direct
from server.graphql_http import Endpoint

STREETS = orjson.dumps({"documentId": DOCUMENTS["IdentityStreets"].id})
UNREAD = orjson.dumps({"documentId": DOCUMENTS["MessagesUnread"].id})


class Received(dict[int, tuple[int, asyncio.Event]]):
    """How many bytes the server has received of the client at each port, and that it has more now."""

    def __missing__(self, port: int) -> tuple[int, asyncio.Event]:
        return self.setdefault(port, (0, asyncio.Event()))


RECEIVED = Received()


@pytest.fixture(autouse=True)
def heard_by_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part that is said is received by itself, which no pause would promise."""
    receive = Direct.data_received
    RECEIVED.clear()

    def noting(self: Direct, data: bytes) -> None:
        receive(self, data)
        assert self.client
        count, more = RECEIVED[self.client[1]]
        RECEIVED[self.client[1]] = (count + len(data), more)
        more.set()
    monkeypatch.setattr(Direct, "data_received", noting)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which way each request to /graphql went from now on."""
    went: list[str] = []
    whole, called = Endpoint.whole, Endpoint.__call__

    async def short(self: Endpoint, *given: Any) -> Any:
        went.append("short")
        return await whole(self, *given)

    async def long(self: Endpoint, *given: Any) -> Any:
        went.append("long")
        return await called(self, *given)
    monkeypatch.setattr(Endpoint, "whole", short)
    monkeypatch.setattr(Endpoint, "__call__", long)
    return went


def request(served: Served, body: bytes, *more: str, version: str = "1.1", method: str = "POST") -> bytes:
    lines = [f"{method} /graphql HTTP/{version}", "Host: x", f"Origin: {served.origin}", "Content-Type: application/json",
             *([] if any("ransfer" in line for line in more) else [f"Content-Length: {len(body)}"]), *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Wire:
    """A connection, said and heard byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self.said = reader, writer, 0
        self.port: int = writer.get_extra_info("sockname")[1]
        RECEIVED.pop(self.port, None)

    @classmethod
    async def to(cls, served: Served) -> Wire:
        return cls(*await asyncio.open_connection("127.0.0.1", int(served.origin.rpartition(":")[2])))

    async def say(self, *parts: bytes) -> None:
        """Each part is received by itself."""
        for part in parts:
            self.writer.write(part)
            self.said += len(part)
            while RECEIVED[self.port][0] < self.said:
                RECEIVED[self.port][1].clear()
                await asyncio.wait_for(RECEIVED[self.port][1].wait(), 60)

    async def hear(self) -> tuple[int, dict[str, str], Any]:
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 60)).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        if "content-length" not in headers:
            return int(head[0].split(" ")[1]), headers, None
        body = await self.reader.readexactly(int(headers["content-length"]))
        return int(head[0].split(" ")[1]), headers, orjson.loads(body) if body else None

    async def is_over(self) -> bool:
        return await asyncio.wait_for(self.reader.read(1), 60) == b""


async def test_a_whole_request_goes_the_short_way_and_one_in_pieces_the_long_with_the_same_answer(
        shared: Served, ways: list[str]) -> None:
    wire, sent = await Wire.to(shared), request(shared, STREETS)
    cut = len(sent) - 20
    said = []
    for parts in ((sent,), (sent[:30], sent[30:]), (sent[:cut], sent[cut:]), (sent[:-len(STREETS)], STREETS), (sent,)):
        await wire.say(*parts)
        said.append(await wire.hear())
    assert ways == ["short", "short", "long", "long", "short"], "a head in pieces matters to nobody"
    assert [status for status, _, _ in said] == [200] * 5
    assert len({orjson.dumps(body) for _, _, body in said}) == 1
    assert len({frozenset(headers) for _, headers, _ in said}) == 1
    assert len({headers["x-request-id"] for _, headers, _ in said}) == 5


@pytest.mark.parametrize("more", [
    "Accept: text/event-stream", "Accept: multipart/mixed", "Expect: 100-continue", "X-GraphQL-Event-Stream-Token: x"])
async def test_what_asks_for_more_than_one_answer_goes_the_long_way(shared: Served, ways: list[str], more: str) -> None:
    wire = await Wire.to(shared)
    await wire.say(request(shared, STREETS, more))
    await wire.reader.readuntil(b"\r\n\r\n")
    assert ways == ["long"]


async def test_requests_that_come_together_are_answered_in_their_order(shared: Served, ways: list[str]) -> None:
    wire = await Wire.to(shared)
    await wire.say(b"".join(request(shared, body) for body in (STREETS, b"[]", UNREAD, b"{", STREETS)))
    said = [await wire.hear() for _ in range(5)]
    assert [status for status, _, _ in said] == [200, 400, 200, 400, 200]
    assert said[0][2] == said[4][2]
    assert ways == ["short", "long", "long", "long", "long"]
    await wire.say(request(shared, STREETS))
    assert (await wire.hear())[0] == 200
    assert ways[-1] == "short"


async def test_a_body_in_chunks_that_came_whole_is_a_whole_body(shared: Served, ways: list[str]) -> None:
    wire = await Wire.to(shared)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(STREETS), STREETS)
    await wire.say(request(shared, chunked, "Transfer-Encoding: chunked"))
    status, _, body = await wire.hear()
    assert (status, len(body["data"]["identityStreets"]), ways) == (200, 23, ["short"])


async def test_who_wants_the_connection_closed_has_it_closed(shared: Served, ways: list[str]) -> None:
    for sent in (request(shared, STREETS, "Connection: close"), request(shared, STREETS, version="1.0")):
        wire = await Wire.to(shared)
        await wire.say(sent)
        status, headers, _ = await wire.hear()
        assert (status, headers["connection"]) == (200, "close")
        assert await wire.is_over()
    assert ways == ["short", "short"]


async def test_a_body_beyond_the_limit_is_refused_and_the_connection_goes_on(shared: Served, ways: list[str]) -> None:
    wire = await Wire.to(shared)
    large = orjson.dumps({"query": "x" * LARGEST_BODY})
    await wire.say(request(shared, large))
    assert (await wire.hear())[2]["errors"][0]["extensions"]["code"] == "TOO_LARGE"
    other = await Wire.to(shared)
    for body, code in ((b"[]", "BAD_REQUEST"), (b'{"documentId": 1}', "BAD_REQUEST"),
                       (b'{"documentId": "x"}', "DOCUMENT_UNKNOWN")):
        await other.say(request(shared, body))
        assert (await other.hear())[2]["errors"][0]["extensions"]["code"] == code
    await other.say(request(shared, STREETS).replace(b"Origin: ", b"Origin: http://evil."))
    assert (await other.hear())[2]["errors"][0]["extensions"]["code"] == "BAD_ORIGIN"
    assert set(ways) <= {"short", "long"} and ways[-1] == "short"


async def test_a_failure_of_our_own_is_told_without_its_inside(
        shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> Any:
        raise RuntimeError("secret")
    monkeypatch.setattr(Endpoint, "whole", broken)
    wire = await Wire.to(shared)
    await wire.say(request(shared, STREETS))
    said = await asyncio.wait_for(wire.reader.read(), 60)
    assert said.startswith(b"HTTP/1.1 500 ") and b"secret" not in said


async def test_who_leaves_before_the_answer_harms_nobody(shared: Served, ways: list[str]) -> None:
    phone = await shared.signed_in(new_number())
    ways.clear()
    wires = [await Wire.to(shared) for _ in range(5)]
    for wire in wires:
        wire.writer.write(request(shared, UNREAD))
        wire.writer.close()
        await wire.writer.wait_closed()

    async def all_came() -> bool:
        return all(RECEIVED[wire.port][0] for wire in wires)
    await until_async(all_came)
    assert await phone.ask("MessagesUnread") == 0
    assert set(ways) <= {"short", "long"}


async def test_the_proxy_that_is_trusted_says_who_comes_on_the_short_way_too(
        shared: Served, ways: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    whole = Endpoint.whole

    async def noting(self: Endpoint, incoming: Any, *given: Any) -> Any:
        seen.append(incoming.address)
        return await whole(self, incoming, *given)
    monkeypatch.setattr(Endpoint, "whole", noting)
    wire = await Wire.to(shared)
    for more in ([], ["X-Forwarded-For: 203.0.113.9"], ["X-Forwarded-For: 198.51.100.7, 203.0.113.9, 127.0.0.1"]):
        await wire.say(request(shared, STREETS, *more))
        assert (await wire.hear())[0] == 200
    assert seen == ["127.0.0.1", "203.0.113.9", "203.0.113.9"]


async def test_what_takes_its_time_after_its_head_is_not_ended_as_one_whose_head_is_late(
        shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.5)
    sent = request(shared, STREETS)

    async def longer_than_a_head_may_take() -> None:
        assert await (await Wire.to(shared)).is_over()
    url = shared.origin.replace("http", "ws", 1) + "/graphql"
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")], proxy=None,
                                  origin=websockets.Origin(shared.origin)) as socket:
        wire = await Wire.to(shared)
        for part in (sent[:-2], sent[-2:-1]):
            await wire.say(part)
            await longer_than_a_head_may_take()
        await wire.say(sent[-1:])
        assert (await wire.hear())[0] == 200
        await longer_than_a_head_may_take()
        await wire.say(sent)
        assert (await wire.hear())[0] == 200
        assert await asyncio.wait_for(await socket.ping(), 60) >= 0


async def test_who_is_answered_when_the_server_goes_gets_the_answer_and_the_end(
        shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, going, whole, shutdown = asyncio.Event(), asyncio.Event(), Endpoint.whole, Direct.shutdown

    async def slow(self: Endpoint, *given: Any) -> Any:
        begun.set()
        await going.wait()
        return await whole(self, *given)

    def goes(self: Direct) -> None:
        shutdown(self)
        going.set()
    monkeypatch.setattr(Endpoint, "whole", slow)
    monkeypatch.setattr(Direct, "shutdown", goes)
    async with serving(shared.platform.settings) as served:
        wire, idle = await Wire.to(served), await Wire.to(served)
        await wire.say(request(served, STREETS))
        await begun.wait()
    status, headers, _ = await wire.hear()
    assert (status, headers["connection"]) == (200, "close")
    assert await wire.is_over()
    assert await idle.is_over()


async def test_who_is_cancelled_is_not_left_waiting(shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cancelled(*_: Any) -> Any:
        raise asyncio.CancelledError
    monkeypatch.setattr(Endpoint, "whole", cancelled)
    wire = await Wire.to(shared)
    await wire.say(request(shared, STREETS))
    assert await wire.is_over()


async def test_a_connection_that_becomes_a_socket_leaves_nobody_waiting(shared: Served) -> None:
    wire, before = await Wire.to(shared), asyncio.all_tasks()
    await wire.say(request(shared, STREETS))
    assert (await wire.hear())[0] == 200
    [waiting] = [task for task in asyncio.all_tasks() - before if "Direct._serve" in repr(task)]
    await wire.say("\r\n".join([
        "GET /graphql HTTP/1.1", "Host: x", f"Origin: {shared.origin}", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: graphql-transport-ws", "", ""]).encode())
    assert b"101 " in await asyncio.wait_for(wire.reader.readuntil(b"\r\n\r\n"), 60)
    assert waiting.done()
    wire.writer.close()
