"""A request seen at a glance: whether it is whole and of the usual kind, by uvicorn's own parser, but with nothing made of
its headers. Under a load beyond capacity that is all that there is time for."""

from __future__ import annotations

import re

import httptools

LANGUAGE = re.compile(rb"(?i)\r\naccept-language:[ \t]*(..)")


class Glance:
    """One for all connections of a process: each time it begins at the first byte of a request, and ends at the last."""

    __slots__ = ("begun", "body", "ended", "parser", "url")

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.begun = self.ended = 0
        self.url = self.body = b""

    def is_whole(self, data: bytes, url: bytes) -> bool:
        """Whether it is one POST to there and no more, on a connection that goes on; `body` is then what it says."""
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._begin()
            return False
        if self.begun != 1 or self.ended != 1:
            self._begin()
            return False
        self.begun = self.ended = 0
        return self.url == url and bool(self.parser.get_method() == b"POST")

    def on_message_begin(self) -> None:
        self.begun += 1
        self.url = self.body = b""

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.ended += bool(self.parser.should_keep_alive())


def language(data: bytes) -> bytes:
    """The beginning of what a request says of its language (RFC 9110, §12.5.4); nothing where it says nothing."""
    found = LANGUAGE.search(data)
    return found[1] if found else b""
