"""GraphQL over HTTP: POST for everything, GET for queries, trusted documents by id; streams for who accepts them.

A request is taken apart in `asked`, answered in `answer`, sent in `delivered`: no request object, no middleware between.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import structlog
from graphql import OperationType

from gateway.execution import Gateway
from gateway.limits import BatchRefused, is_shaped
from gateway.lookup import may_query
from gateway.masking import as_public, said
from haian.call import Call, Platform
from haian.errors import PublicError
from server import graphiql, graphql_multipart, graphql_sse, streams
from server.admission import kind_of
from server.caller import Cookies, call_of, check_origin
from server.graphql_sse import Reservation
from server.incoming import BadRequest, Headers, Incoming, Receive, Scope, Send, body_of
from server.load import Load, Overloaded, TimedOut
from server.observing import Counted, named
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
METHODS = {"DELETE", "GET", "POST", "PUT"}


class MethodNotAllowed(PublicError):
    """A mutation or subscription by GET (GraphQL over HTTP, §6.2), or another method."""

    code = "METHOD_NOT_ALLOWED"
    status = 405


class BodyTooSlow(PublicError):
    """The body did not come in time."""

    code = "BODY_TIMEOUT"
    status = 408


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for: well formed, and no more than that is known. `given`: its parameters (GraphQL over HTTP,
    §5.1); `accept`: the media types that it takes."""

    given: dict[str, Any]
    accept: str
    method: str

    @property
    def by_get(self) -> bool:
        return self.method == "GET"

    @property
    def variables(self) -> dict[str, Any]:
        return self.given.get("variables") or {}


@dataclass(slots=True)
class Answer:
    """What goes back. A `body` in parts is sent as they come. `tag`: its validator, where others may keep it."""

    status: int
    body: bytes | AsyncIterator[bytes]
    media: str = JSON
    headers: Headers = field(default_factory=lambda: [*PERSONAL])
    tag: str = ""


class Endpoint:
    """/graphql as an ASGI application. `gateway` answers; the platform is opened when the server starts."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.counted = gateway, Counted("/graphql")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, id_, incoming = scope["method"], named(), Incoming(scope)
        begun = self.counted.begin(method)
        status = 500
        try:
            answer = await self.answered(incoming, receive)
            status = answer.status
            answer.headers.append((b"x-request-id", id_.encode()))
            status = await delivered(answer, incoming, send)
        finally:
            self.counted.end(method, status, begun)
        if not isinstance(answer.body, bytes):
            await streams.respond(receive, send, answer.headers, answer.body)

    def learn(self, load: Load, platform: Platform, incoming: Incoming) -> None:
        """How to refuse the next one who comes too many, without asking here (`server.connection`)."""
        found = refused(Overloaded(), platform, incoming)
        assert isinstance(found.body, bytes)
        headers = [*found.headers, (b"content-type", JSON.encode()), (b"content-length", b"%d" % len(found.body))]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        load.refusals[incoming.locale] = b"HTTP/1.1 503 Service Unavailable\r\n" + head + b"\r\n" + found.body
        load.counter = lambda: self.counted.end("POST", 503, self.counted.begin("POST"))

    async def answered(self, incoming: Incoming, receive: Receive) -> Answer:
        """Every failure is an answer with a code."""
        platform: Platform = incoming.scope["litestar_app"].state.platform
        load: Load = platform.services["load"]
        if incoming.scope["method"] == "OPTIONS":
            return Answer(204, b"", headers=[(b"allow", b"DELETE, GET, OPTIONS, POST, PUT")])
        if load.is_full:
            self.learn(load, platform, incoming)
            return refused(Overloaded(), platform, incoming)
        deadline, late = load.reading.begin(), cast("type[PublicError]", BodyTooSlow)
        try:
            given = await asked(incoming, receive, platform)
            deadline.over, deadline, late = True, load.answering.begin(), TimedOut
            return await self._in_turn(given, incoming, platform, load)
        except asyncio.CancelledError:
            if not deadline.is_mine():
                raise
            return refused(late(), platform, incoming)
        except Exception as error:
            return refused(error, platform, incoming)
        finally:
            deadline.over = True

    async def _in_turn(self, given: Asked, incoming: Incoming, platform: Platform, load: Load) -> Answer:
        """Answer when it is this request's turn. What is not answered in time is cancelled, its SQL too."""
        meant, call = self.gateway.lookup.meant(given.given), Call(platform)
        lane = load.lane(meant is not None and meant.type is OperationType.MUTATION)
        await lane.enter()
        try:
            guessing = meant is not None and is_plain(given, incoming)
            call = await call_of(incoming, platform, kind_of(meant), guessing)
            found = await self._answer(given, call, incoming)
        except Exception as error:
            found = refused(error, platform, incoming)
        finally:
            lane.leave()
        if call.cookies:
            found.headers += Cookies.of(platform.settings).made(call.cookies)
        return found

    async def _answer(self, given: Asked, call: Call, incoming: Incoming) -> Answer:
        if graphiql.is_wanted(given.method, given.accept, given.given) and may_query(call):
            return Answer(200, graphiql.page(), "text/html; charset=utf-8", [*PERSONAL, *graphiql.HEADERS])
        if given.method == "PUT":
            return Answer(201, (await Reservation.make(call.platform, call)).encode(), "text/plain; charset=utf-8")
        if (token := token_of(incoming)) is not None:
            return await one_connection(given, Reservation(call.platform, call, token), call, self.gateway)
        if given.method == "DELETE":
            raise BadRequest
        return await answer(given, call, self.gateway)


async def asked(incoming: Incoming, receive: Receive, platform: Platform) -> Asked:
    """The request, read. MethodNotAllowed, BadOrigin, BadRequest, TooLarge."""
    method: str = incoming.scope["method"]
    if method not in METHODS:
        raise MethodNotAllowed
    if method != "GET":
        check_origin(incoming, platform.settings)
    if method == "POST":
        type_ = incoming.headers.get(b"content-type", b"")
        if type_ != b"application/json" and type_.split(b";")[0].strip().lower() != b"application/json":
            raise BadRequest
        given = parsed(await body_of(receive))
    else:
        given = dict(incoming.parameters())
        for name in ("variables", "extensions"):
            given[name] = parsed(given[name].encode()) if name in given else None
    if not is_shaped(given):
        raise BadRequest
    return Asked(given, incoming.header(b"accept"), method)


async def answer(asked: Asked, call: Call, gateway: Gateway) -> Answer:
    """Run what was asked. A public error for what may not be run; whatever else goes wrong inside is in the body."""
    platform, variables, events = call.platform, asked.variables, graphql_sse.TYPE in asked.accept
    try:
        operation = gateway.find(asked.given, call)
        if asked.by_get and operation.type is OperationType.MUTATION:
            raise MethodNotAllowed
    except PublicError as error:
        if events:
            return Answer(200, graphql_sse.failed(error, platform, call), graphql_sse.TYPE)
        raise
    call.sets_cookies = not operation.is_incremental
    if events and (operation.type is OperationType.SUBSCRIPTION or operation.is_incremental):
        return Answer(200, graphql_sse.distinct(platform, gateway, operation, variables, call), graphql_sse.TYPE)
    if events:  # all at once, so that it can still set a cookie
        return Answer(200, graphql_sse.whole(await gateway.run(operation, variables, call)), graphql_sse.TYPE)
    if form := graphql_multipart.form_of(asked.accept, operation):
        body = graphql_multipart.body(platform, gateway, operation, variables, call, form)
        return Answer(200, body, graphql_multipart.media_of(form))
    if operation.type is OperationType.SUBSCRIPTION:
        raise MethodNotAllowed
    found = Answer(200, await gateway.run(operation, variables, call), media_of(asked.accept))
    if asked.by_get and operation.id in gateway.shared:
        share(found)
    return found


def is_plain(asked: Asked, incoming: Incoming) -> bool:
    """Whether a document, if it is no subscription, has one answer and that at once."""
    return (asked.method in ("POST", "GET") and graphql_sse.TYPE not in asked.accept and "multipart/" not in asked.accept
            and token_of(incoming) is None)


def token_of(incoming: Incoming) -> str | None:
    """The token of a reserved event stream, which an EventSource can only send in the address."""
    if graphql_sse.TOKEN in incoming.headers or not incoming.scope["query_string"]:
        return incoming.header(graphql_sse.TOKEN) or None
    return incoming.parameters().get("token")


async def one_connection(asked: Asked, reservation: Reservation, call: Call, gateway: Gateway) -> Answer:
    """A request about a reserved event stream: to open it, to post an operation to it, to stop one."""
    if asked.method == "DELETE":
        await reservation.stop(asked.given.get("operationId"))
        return Answer(200, b"")
    if graphql_sse.TYPE in asked.accept:
        await reservation.take()
        return Answer(200, graphql_sse.Connection(reservation, gateway).events(), graphql_sse.TYPE)
    operation = gateway.find(asked.given, call)
    if asked.by_get and operation.type is OperationType.MUTATION:
        raise MethodNotAllowed
    await reservation.post(asked.given)
    return Answer(202, b"")


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
    if isinstance(refusal, BodyTooSlow):
        found.headers.append((b"connection", b"close"))
    return found


def media_of(accept: str) -> str:
    return TYPE if TYPE in accept else JSON


def details(refusal: PublicError) -> dict[str, Any]:
    """What a developer needs to mend a query."""
    return {"details": refusal.details["errors"]} if "errors" in refusal.details else {}


def parsed(body: bytes) -> dict[str, Any]:
    """A JSON object. BatchRefused for a list; BadRequest for all else, invalid UTF-8 and bottomless nesting included."""
    try:
        given = orjson.loads(body)
    except ValueError:
        raise BadRequest from None
    if isinstance(given, list) and given:
        raise BatchRefused(limit=BatchRefused.most, found=len(given))
    if not isinstance(given, dict):
        raise BadRequest
    return given


def share(answer: Answer) -> None:
    """Let others keep an answer that is the same for everybody; one with errors is not, it speaks somebody's language."""
    if isinstance(answer.body, bytes) and b'"errors":' not in answer.body:
        answer.headers, answer.tag = [*SHARED], validator(answer.body, answer.media)


async def delivered(answer: Answer, incoming: Incoming, send: Send) -> int:
    """Send an answer, packed where that is worth it; 304 to who has it. Returns the status. One that comes in parts has
    its headers completed only."""
    headers, body = answer.headers, answer.body
    if answer.status != 204:
        headers.append((b"content-type", answer.media.encode()))
    if not isinstance(body, bytes):
        return answer.status
    is_packed = len(body) >= WORTH_PACKING and b"gzip" in incoming.headers.get(b"accept-encoding", b"")
    if answer.tag:
        headers.append(etag(answer.tag, is_packed))
        if is_known(answer.tag, incoming.header(b"if-none-match")):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return 304
    if is_packed:
        body = await packed(body)
        headers.append((b"content-encoding", b"gzip"))
    if answer.status != 204:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return answer.status


async def packed(body: bytes) -> bytes:
    """gzip (RFC 1952), quick rather than small; a large body beside the event loop."""
    return zlib.compress(body, 1, 31) if len(body) < 65536 else await asyncio.to_thread(zlib.compress, body, 1, 31)
