"""A request read by hand: its headers, cookies, parameters and body say what they say, and nothing else."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.clients import DOCUMENTS, Served

from gateway.limits import TooLarge
from server import answers
from server import incoming as module
from server.incoming import BadRequest, Incoming, body_of


def incoming(query: bytes = b"", **headers: bytes) -> Incoming:
    named = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return Incoming(named, "POST", query, "10.0.0.1")


@pytest.mark.parametrize(("header", "value"), [
    (b"a=1; haian_session=x; b=2", "x"), (b"haian_session=x", "x"), (b"haian_session=x=y==", "x=y=="), (b"", None),
    (b" haian_session = x ", "x"), (b"xhaian_session=x", None), (b"haian_session", ""), (b"haian_session=\xe9", "\xe9"),
    (b"haian_session=tossed; haian_session=x", None), (b"haian_session=x; a=1; haian_session=x", "x"),
    (b"haian_session=x; haian_session=y; haian_session=x", None), (b"__Host-haian_session=x", None)])
def test_a_cookie_is_found_by_its_whole_name(header: bytes, value: str | None) -> None:
    assert incoming(cookie=header).cookie("haian_session") == value


@given(st.binary(max_size=80))
def test_no_cookie_header_makes_it_fail(header: bytes) -> None:
    incoming(cookie=header).cookie("haian_session")


@pytest.mark.parametrize(("language", "locale"), [
    (b"en", "en"), (b"EN-gb,en;q=0.9", "en"), (b"zh-CN", "zh"), (b"", "zh"), (b"e", "zh")])
def test_the_language_is_the_first_one(language: bytes, locale: str) -> None:
    assert incoming(accept_language=language).locale == locale


def test_parameters_are_utf8_however_they_are_written() -> None:
    assert incoming(b"a=%E9%9D%92&b=&a%20b=1+2").parameters() == {"a": "青", "b": "", "a b": "1 2"}
    assert incoming("a=青".encode()).parameters() == {"a": "青"}
    with pytest.raises(BadRequest):
        incoming(b"&".join(b"a=1" for _ in range(30))).parameters()


async def read(*messages: dict[str, Any]) -> bytes:
    left = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(left)
    return await body_of(receive)


async def test_a_body_is_put_together_and_measured_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST_BODY", 10)
    part = {"type": "http.request", "body": b"12345", "more_body": True}
    end = {"type": "http.request", "body": b"67890", "more_body": False}
    assert await read(end) == b"67890"
    assert await read(part, end) == b"1234567890"
    assert await read({"type": "http.request"}) == b""
    with pytest.raises(TooLarge):
        await read(part, part, part)
    with pytest.raises(BadRequest):
        await read(part, {"type": "http.disconnect"})


async def test_only_a_large_answer_is_packed_and_only_for_who_unpacks_it(
        shared: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "WORTH_PACKING", 1000)
    phone = shared.phone()
    for coding, name, packed in (("gzip", "IdentityStreets", True), ("identity", "IdentityStreets", False),
                                 ("gzip", "MessagesUnread", False)):
        phone.http.headers["Accept-Encoding"] = coding
        async with phone.http.stream("POST", "/graphql", json={"documentId": DOCUMENTS[name].id}) as answer:
            body = b"".join([part async for part in answer.aiter_raw()])
        assert (answer.headers.get("content-encoding") == "gzip") is packed
        assert int(answer.headers["content-length"]) == len(body)
        assert b'"data"' in (gzip.decompress(body) if packed else body)
        assert "accept-encoding" in answer.headers["vary"]


async def test_options_tell_the_methods_and_head_is_none(shared: Served) -> None:
    http = shared.phone().http
    answer = await http.options("/graphql")
    assert (answer.status_code, answer.headers["allow"], answer.text) == (204, "DELETE, GET, OPTIONS, POST, PUT", "")
    refused = await http.patch("/graphql")
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "x-request-id" in refused.headers
