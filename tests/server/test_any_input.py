"""No bytes on the wire make the served product fail, hang, or tell of its inside: requests, headers, cookies, queries."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.clients import DOCUMENTS, Served
from tests.server.leaks import leak_in

MANY = settings(max_examples=120, suppress_health_check=list(HealthCheck))
VIEWER = DOCUMENTS["IdentityViewer"].id
PATIENCE = 60  # seconds until a hang is a fault: far more than any answer takes
PAUSE = 0.1  # seconds in which the server may answer before the end of what it still waits for


async def exchanged(served: Served, sent: bytes, *, whole: bool = False) -> bytes:
    """All that the server says to these bytes, and to the end that follows them after a pause. `whole`: they are a request
    with `Connection: close`, after whose answer the server closes by itself."""
    parts = urlsplit(served.origin)
    said = b""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(sent)
            while part := await asyncio.wait_for(reader.read(65536), PATIENCE if whole else PAUSE):
                said += part
        except TimeoutError:
            writer.write_eof()
            said += await reader.read()
        except ConnectionError:
            pass
        finally:
            writer.close()
    return said


def faults(said: bytes) -> Iterator[str]:
    """What is wrong with an answer, or several: a status of 5xx, or a word of the inside."""
    for status in re.findall(rb"^HTTP/1\.[01] (\d+)", said, re.M):
        if status >= b"500":
            yield f"status {status.decode()}"
    text = said.decode("utf-8", "replace")
    if '"INTERNAL"' in text:
        yield "INTERNAL"
    if leak := leak_in(text):
        yield f"tells of its inside: {leak}"


def request_of(method: bytes, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> bytes:
    lines = [b"%s %s HTTP/1.1" % (method, target), *(b"%s: %s" % header for header in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def head_of(served: Served, *more: tuple[bytes, bytes], length: int | None = None) -> list[tuple[bytes, bytes]]:
    """The headers of a right request, and more."""
    host = urlsplit(served.origin).netloc.encode()
    given = [(b"Host", host), (b"Origin", served.origin.encode()), (b"Content-Type", b"application/json"),
             (b"Connection", b"close"), *more]
    return given if length is None else [*given, (b"Content-Length", b"%d" % length)]


GOOD = json.dumps({"documentId": VIEWER}).encode()
CUT = [GOOD[:-1], GOOD[:5], b"", b"{", b'{"query": "\xf0\x9f', b'{"a":"' + b"\\ud800" * 50]


@pytest.mark.parametrize("body", CUT, ids=range(len(CUT)))
@pytest.mark.parametrize("missing", [1, 100, 60_000])
async def test_a_body_that_is_cut_off_harms_nobody(shared: Served, body: bytes, missing: int) -> None:
    said = await exchanged(shared, request_of(b"POST", b"/graphql", head_of(shared, length=len(body) + missing), body))
    assert not list(faults(said)), said


CHUNKS = [b"5\r\nabc", b"zz\r\n", b"-1\r\n\r\n", b"ffffffffffffffffff\r\nx", b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
          b"0\r\n\r\n", b"",
          b"3;x=" + b"y" * 5000 + b"\r\n{} \r\n0\r\n\r\n", b"2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n", b"1\r\n{\r\n" * 100]


@pytest.mark.parametrize("chunks", CHUNKS, ids=range(len(CHUNKS)))
async def test_a_body_in_pieces_that_make_no_sense_harms_nobody(shared: Served, chunks: bytes) -> None:
    head = head_of(shared, (b"Transfer-Encoding", b"chunked"))
    said = await exchanged(shared, request_of(b"POST", b"/graphql", head, chunks))
    assert not list(faults(said)), said


RAW = [b"", b"\r\n", b"\x00" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /graphql HTTP/1.0\r\n\r\n",
       b"\x16\x03\x01\x02\x00",
       b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /graphql HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"A" * 100_000,
       b"POST /graphql HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
       b"POST /graphql HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST /graphql HTTP/1.1\r\nContent-Length: 1e9\r\n\r\n",
       b"POST /graphql HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n{}",
       b"POST /graphql HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
       b"POST /graphql HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
       b"GET /graphql HTTP/1.1\r\n x: folded\r\n\r\n", b"GET /graphql HTTP/1.1\r\n: empty\r\n\r\n",
       b"GET /graphql HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
       b"GET /graphql HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n", b"GET * HTTP/1.1\r\n\r\n",
       b"OPTIONS * HTTP/1.1\r\n\r\n",
       b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", b"GET http://evil.example/graphql HTTP/1.1\r\n\r\n",
       b"GET /graphql?" + b"&" * 50_000 + b" HTTP/1.1\r\n\r\n", b"GET //graphql HTTP/1.1\r\n\r\n",
       b"GET /%ff%fe HTTP/1.1\r\n\r\n",
       b"GET /graphql HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
       b"GET /graphql HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\n\r\n",
       b"GET /graphql HTTP/1.1\r\nRange: bytes=0-1\r\n\r\n" * 20, b"TRACE /graphql HTTP/1.1\r\n\r\n",
       b"\xff\xfe /graphql HTTP/1.1\r\n\r\n"]


@pytest.mark.parametrize("sent", RAW, ids=range(len(RAW)))
async def test_what_is_hardly_http_harms_nobody(shared: Served, sent: bytes) -> None:
    said = await exchanged(shared, sent)
    assert not list(faults(said)), said


NAMES = st.sampled_from([
    b"Authorization", b"Cookie", b"Accept", b"Accept-Language", b"Accept-Encoding", b"Origin", b"X-Haian-Address",
    b"Content-Type",
    b"Content-Encoding", b"X-Forwarded-For", b"Forwarded", b"Referer", b"Range", b"Expect", b"traceparent", b"baggage",
    b"If-None-Match", b"If-Modified-Since", b"Last-Event-ID", b"User-Agent", b"X"])
WORDS = st.sampled_from([
    b"Bearer ", b"Bearer a.b.c", b"Basic \xff", b"haian_session=", b"haian_session=\xff\x80", b"haian_asked=;;=;",
    b"__Host-",
    b"en;q=", b"gzip;q=nan", b"*/*;q=1e999", b"application/graphql-response+json", b"00-0-0-0", b"=" * 50, b"10.0.0.1 1 x",
    b"bytes=-1", b'"', b"W/", b"text/event-stream", b"multipart/mixed;boundary=", b"eyJhbGciOiJub25lIn0.e30.", b"9" * 400,
    b"application/json; charset=utf-7", b"Mon, 99 Foo 0000"])
ANY = st.binary(max_size=30).map(lambda raw: re.sub(rb"[\r\n\x00]", b"?", raw))
VALUES = st.lists(st.one_of(WORDS, ANY), max_size=4).map(b"".join)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6)


@MANY
@given(headers=HEADERS, by_get=st.booleans())
@example(headers=[(b"Cookie", b"haian_session=\xff\x80")], by_get=False)
@example(headers=[(b"Authorization", b"Bearer " + b"a." * 20_000)], by_get=False)
@example(headers=[(b"Cookie", b"; ".join(b"a%d=b" % i for i in range(3000)))], by_get=False)
async def test_no_headers_and_cookies_make_the_server_fail(shared: Served, headers: list[Any], by_get: bool) -> None:
    if by_get:
        sent = request_of(b"GET", b"/graphql?documentId=" + VIEWER.encode(), [*head_of(shared), *headers])
    else:
        sent = request_of(b"POST", b"/graphql", [*head_of(shared, length=len(GOOD)), *headers], GOOD)
    said = await exchanged(shared, sent, whole=by_get)
    assert not list(faults(said)), said


PARAMETERS = st.sampled_from(["documentId", "query", "variables", "extensions", "operationName", "x", ""])
STRANGE = st.one_of(
    st.binary(max_size=40).map(quote_from_bytes), st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(quote),
    st.sampled_from(["%ED%A0%80", "%00", "%", "%zz", "[" * 2000, "{%22a%22:" * 500, "NaN", "Infinity", "9" * 5000, "1e999",
    "null",
                     "[]", "{}", "%7B%22a%22:%22%5Cud800%22%7D", VIEWER, "+", "%C0%AF"]))
PATHS = st.sampled_from(["/graphql", "/graphql/stream", "/demo/sms", "/", "/schema"])


@MANY
@given(pairs=st.lists(st.tuples(PARAMETERS, STRANGE), max_size=5), path=PATHS)
async def test_no_query_in_an_address_makes_the_server_fail(shared: Served, pairs: list[Any], path: str) -> None:
    target = path + "?" + "&".join(f"{name}={value}" for name, value in pairs)
    said = await exchanged(shared, request_of(b"GET", target.encode(), head_of(shared)), whole=True)
    assert not list(faults(said)), (target, said)


JSONS = [b"[" * 30_000, b'{"variables":' * 3000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b"NaN", b"[NaN]",
         b'{"variables":{"a":NaN}}',
         b'{"variables":{"a":Infinity}}', b'{"variables":{"a":-1e400}}', b'{"variables":{"a":' + b"9" * 60_000 + b"}}",
         b'{"query":"\xff"}', b'{"query":"\\ud800"}', b'{"query":"\\u0000"}', b"\x00", b"\xef\xbb\xbf{}",
         b"\xff\xfe{\x00}\x00", b"{}" * 100,
         b'{"documentId":"' + VIEWER.encode() + b'","variables":{"' + b"\\u0000" * 100 + b'":1}}',
         b'{"documentId":"' + VIEWER.encode() + b'","documentId":null}',
         b'{"extensions":{"persistedQuery":{"version":1,"sha256Hash":1e400}}}',
         b'{"extensions":{"persistedQuery":[]}}', b'{"operationName":"\\ud800","query":"{__typename}"}']


@pytest.mark.parametrize("body", JSONS, ids=range(len(JSONS)))
async def test_no_json_makes_the_server_fail(shared: Served, body: bytes) -> None:
    said = await exchanged(shared, request_of(b"POST", b"/graphql", head_of(shared, length=len(body)), body), whole=True)
    assert said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 200"))
    assert not list(faults(said)), said


HOSTS = [b"a:x", b"[::1", b"a:99999999", b"", b"\xff", b"a b", b"[v1.x]", b"//", b"a/b?#", b"::1", b"a:-1", b"@:@"]


@pytest.mark.parametrize("path", ["/", "/health/live", "/graphql", "/graphql/x", "/demo/sms"])
async def test_no_name_of_a_host_makes_the_server_fail(shared: Served, path: str) -> None:
    for host in HOSTS:
        sent = request_of(b"GET", path.encode(), [(b"Host", host), (b"Connection", b"close")])
        said = await exchanged(shared, sent, whole=True)
        assert not list(faults(said)), (host, said)


async def test_after_all_that_it_still_answers(shared: Served) -> None:
    assert (await shared.phone().send("IdentityViewer")).status_code == 200
