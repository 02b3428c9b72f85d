"""No frames of a websocket make the served product fail, hang, or tell of its inside (RFC 6455, graphql-transport-ws)."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.clients import DOCUMENTS, Served
from tests.server.leaks import leak_in

FEW = settings(max_examples=60, suppress_health_check=list(HealthCheck))
PATIENCE = 60
PAUSE = 0.05
TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


def frame(kind: int, payload: bytes, *, last: bool = True, reserved: int = 0, masked: bool = True,
          length: int | None = None) -> bytes:
    """A frame as a client sends it (RFC 6455, §5.2), or as it should not. The mask is zero."""
    said = len(payload) if length is None else length
    head = bytes([last << 7 | reserved << 4 | kind])
    bit = masked << 7
    if said < 126:
        head += bytes([bit | said])
    elif said < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", said)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", said)
    return head + (bytes(4) if masked else b"") + payload


def text(message: Any) -> bytes:
    return frame(TEXT, json.dumps(message).encode())


def handshake(served: Served, *more: str, version: str = "13", key: str = "dGhlIHNhbXBsZSBub25jZQ==") -> bytes:
    lines = ["GET /graphql HTTP/1.1", f"Host: {urlsplit(served.origin).netloc}", f"Origin: {served.origin}",
             "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
             f"Sec-WebSocket-Version: {version}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def conversation(served: Served, opening: bytes, frames: list[bytes]) -> bytes:
    """All that the server says to a handshake and these frames, until it closes or has nothing more to say."""
    parts = urlsplit(served.origin)
    said = b""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(opening)
            if b"Content-Length" not in opening and b"chunked" not in opening:
                said += await reader.read(65536)
            for each in frames:
                writer.write(each)
            while part := await asyncio.wait_for(reader.read(65536), PAUSE):
                said += part
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()
    return said


def check(said: bytes) -> None:
    assert not said.startswith(b"HTTP/1.1 5"), said
    told = said.decode("utf-8", "replace")
    assert '"INTERNAL"' not in told, said
    assert leak_in(told) is None, said


PROTOCOL = "Sec-WebSocket-Protocol: graphql-transport-ws"
DOORS = {
    "an old version": {"version": "8"}, "no number": {"version": "x"}, "a short key": {"key": "x"}, "no key": {"key": ""},
    "a key that is no base64": {"key": "\xff" * 24}}


@pytest.mark.parametrize("wrong", DOORS.values(), ids=DOORS)
async def test_a_handshake_that_is_none_is_refused(shared: Served, wrong: dict[str, str]) -> None:
    check(await conversation(shared, handshake(shared, PROTOCOL, **wrong), []))


@pytest.mark.parametrize("header", [
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99", "Sec-WebSocket-Extensions: x; y=\x01",
    "Sec-WebSocket-Protocol: " + "x," * 3000, "Cookie: haian_session=\xff", "Authorization: Bearer x", "Content-Length: 5",
    "Transfer-Encoding: chunked"])
async def test_no_header_of_a_handshake_makes_the_server_fail(shared: Served, header: str) -> None:
    check(await conversation(shared, handshake(shared, PROTOCOL, header), [text({"type": "connection_init"})]))


ODD = st.one_of(
    st.sampled_from([
        frame(BINARY, b"\x00\xff"), frame(TEXT, b"\xff\xfe"), frame(TEXT, b"{}", last=False), frame(0, b"x"),
        frame(PING, b"p" * 125),
        frame(PING, b"p" * 126), frame(10, b""), frame(CLOSE, b""), frame(CLOSE, b"\x03"), frame(3, b"x"), frame(11, b"x"),
        frame(TEXT, b"{}", reserved=4), frame(TEXT, b"{}", masked=False), frame(TEXT, b"", length=2**62),
        frame(TEXT, b"x" * 70_000),
        frame(TEXT, b"[" * 60_000), frame(TEXT, b'{"a":' * 9_000), frame(TEXT, b"")]),
    st.integers(0, 65535).map(lambda code: frame(CLOSE, struct.pack(">H", code) + b"\xff")), st.binary(max_size=30))
IDS: st.SearchStrategy[Any] = st.sampled_from(["1", "2", "", 1, None, "x" * 3000, "\ud800", "\u0000", [], {}])
VALUES: st.SearchStrategy[Any] = st.sampled_from([None, 1, -1, 2**63, 1e308, "", "\u0000", "\ud800",
    [], {}, [[[]]], True, "2027-03-02T10:00:00+08:00"])
PAYLOADS = st.one_of(VALUES, st.builds(
    lambda document, names, given, event: {"documentId": document.id, "variables": dict.fromkeys(names, given),
                                           "extensions": {"lastEventId": event, "persistedQuery": event}},
    st.sampled_from(sorted(DOCUMENTS.values(), key=lambda each: each.name)),
    st.lists(st.sampled_from(["id", "first", "after", "text", "kinds", "day", "key"]), max_size=4), VALUES, VALUES))
MESSAGES = st.one_of(
    st.builds(lambda id_, payload: {"type": "subscribe", "id": id_, "payload": payload}, IDS, PAYLOADS),
    st.builds(lambda id_: {"type": "complete", "id": id_}, IDS), VALUES,
    st.builds(lambda kind, payload: {"type": kind, "payload": payload}, st.sampled_from(
        ["ping", "pong", "connection_init", "next", "start", 5, None]), VALUES)).map(text)


@FEW
@given(begun=st.booleans(), frames=st.lists(st.one_of(MESSAGES, ODD), max_size=8))
async def test_no_frames_make_the_server_fail(shared: Served, begun: bool, frames: list[bytes]) -> None:
    opening = [text({"type": "connection_init"})] * begun
    check(await conversation(shared, handshake(shared, PROTOCOL), [*opening, *frames]))


async def test_after_all_that_it_still_answers(shared: Served) -> None:
    assert (await shared.phone().send("IdentityViewer")).status_code == 200
