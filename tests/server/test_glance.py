"""What is seen of a request at a glance is what uvicorn would have made of it; all else is left to uvicorn."""

from __future__ import annotations

import pytest

from server.glance import Glance, language

HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nAccept-Language: en-GB\r\n"
WHOLE = HEAD + b"Content-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(("data", "is_whole"), [
    (WHOLE, True),
    (HEAD + b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", True),
    (WHOLE + WHOLE, False),
    (WHOLE + b"P", False),
    (WHOLE[:-1], False),
    (WHOLE[:40], False),
    (WHOLE.replace(b"POST", b"PUT"), False),
    (WHOLE.replace(b"/graphql", b"/graphql?a=b"), False),
    (WHOLE.replace(b"1.1", b"1.0"), False),
    (WHOLE.replace(b"Host", b"Connection: close\r\nHost"), False),
    (WHOLE.replace(b"Host", b"Connection: upgrade\r\nUpgrade: websocket\r\nHost"), False),
    (WHOLE.replace(b"Host", b"Content-Length: 3\r\nHost"), False),
    (WHOLE.replace(b"x\r\n", b"x\n"), False),
    (b"\x16\x03\x01", False),
])
def test_one_whole_post_and_no_more(data: bytes, is_whole: bool) -> None:
    """Whatever came before, the next is seen from its first byte."""
    glance = Glance()
    assert glance.is_whole(data, b"/graphql") is is_whole
    assert not is_whole or glance.body == b"{}"
    assert glance.is_whole(WHOLE, b"/graphql")
    assert glance.body == b"{}"


def test_the_language_is_what_the_head_says() -> None:
    assert language(WHOLE) == b"en"
    assert language(WHOLE.replace(b"Accept-Language: ", b"ACCEPT-LANGUAGE:\t")) == b"en"
    assert language(b"POST /graphql HTTP/1.1\r\nHost: x\r\n\r\n") == b""
