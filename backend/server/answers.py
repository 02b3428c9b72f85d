"""What goes back over HTTP: an answer with its headers, packed where that is worth it, and refusals."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from gateway.masking import as_public, said
from haian.call import Platform
from haian.errors import PublicError
from server import graphql_sse
from server.incoming import Headers, Incoming, Send
from server.validators import SHARED, etag, is_known, validator

log = structlog.get_logger()
TYPE = "application/graphql-response+json"
JSON = "application/json"
PERSONAL: Headers = [(b"cache-control", b"no-store"),
                     (b"vary", b"accept, cookie, accept-language, authorization, accept-encoding")]
WORTH_PACKING = 1400
"""Bytes beyond which an answer is compressed: what is smaller fits in one packet anyway."""
IN_BODY = {"GRAPHQL_INVALID", "PERSISTED_QUERY_NOT_FOUND"}
"""What plain JSON says in the body alone (GraphQL over HTTP, §6.4.1); beside an event stream the status says it."""


@dataclass(slots=True)
class Answer:
    """What goes back. A `body` in parts is sent as they come. `tag`: its validator, where others may keep it."""

    status: int
    body: bytes | AsyncIterator[bytes]
    media: str = JSON
    headers: Headers = field(default_factory=PERSONAL.copy)
    tag: str = ""


def media_of(accept: str) -> str:
    return TYPE if TYPE in accept else JSON


def refused(error: Exception, platform: Platform, incoming: Incoming) -> Answer:
    """An error of the request as a whole."""
    refusal, media = as_public(error), media_of(incoming.header(b"accept"))
    if refusal.code in ("INTERNAL", "UNAVAILABLE", "TIMEOUT"):
        log.error("graphql.failed", code=refusal.code, exc_info=error)
    sentence = {**said(refusal, platform.registry.catalogue, incoming.locale), **details(refusal)}
    status = 500 if refusal.code == "INTERNAL" else refusal.status if refusal.status != 200 else 401
    if refusal.code in IN_BODY and media != TYPE and graphql_sse.TOKEN not in incoming.headers:
        status = 200
    found = Answer(status, orjson.dumps({"errors": [sentence]}, default=str), media)
    if "retry_after" in refusal.details:
        found.headers.append((b"retry-after", b"%d" % refusal.details["retry_after"]))
    if refusal.status == 408:
        found.headers.append((b"connection", b"close"))
    return found


def details(refusal: PublicError) -> dict[str, Any]:
    """What a developer needs to mend a query."""
    return {"details": refusal.details["errors"]} if "errors" in refusal.details else {}


def share(answer: Answer) -> None:
    """Let others keep an answer that is the same for everybody; one with errors is not, it speaks somebody's language."""
    if isinstance(answer.body, bytes) and b'"errors":' not in answer.body:
        answer.headers, answer.tag = [*SHARED], validator(answer.body, answer.media)


async def complete(answer: Answer, incoming: Incoming) -> bytes:
    """The body of an answer that has come whole, packed where that is worth it, its headers completed; 304 to who has it."""
    headers, body = answer.headers, answer.body
    assert isinstance(body, bytes)
    if answer.status == 204:
        return body
    headers.append((b"content-type", answer.media.encode()))
    is_packed = len(body) >= WORTH_PACKING and b"gzip" in incoming.headers.get(b"accept-encoding", b"")
    if answer.tag:
        headers.append(etag(answer.tag, is_packed))
        if is_known(answer.tag, incoming.header(b"if-none-match")):
            answer.status = 304
            return b""
    if is_packed:
        body = await packed(body)
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", b"%d" % len(body)))
    return body


async def send_whole(answer: Answer, incoming: Incoming, send: Send) -> None:
    """Send an answer that has come whole, by ASGI."""
    body = await complete(answer, incoming)
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": body})


async def packed(body: bytes) -> bytes:
    """gzip (RFC 1952), quick rather than small; a large body beside the event loop."""
    return zlib.compress(body, 1, 31) if len(body) < 65536 else await asyncio.to_thread(zlib.compress, body, 1, 31)
