"""GraphQL over HTTP: POST for everything, GET for queries, trusted documents by id; streams for who accepts them.

A request is taken apart in `read` or `asked`, answered in `answer`, made an HTTP answer in `server.answers`: no request
object, no middleware between.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any, cast

import orjson
from graphql import OperationType

from gateway.documents import Operation
from gateway.execution import Gateway
from gateway.limits import BatchRefused, is_shaped
from gateway.lookup import may_query
from haian.call import Call, Platform
from haian.errors import PublicError
from server import graphiql, graphql_multipart, graphql_sse, streams
from server.admission import kind_of
from server.answers import JSON, Answer, complete, media_of, refused, send_whole, share
from server.caller import Cookies, call_of, check_origin, subject_of
from server.graphql_sse import Reservation
from server.incoming import BadRequest, Incoming, Receive, Scope, Send, body_of, check_size
from server.load import Load, Overloaded, TimedOut
from server.observing import Counted, named

ID = re.compile(rb"[0-9a-f]{64}")
METHODS = {"DELETE", "GET", "POST", "PUT"}


class MethodNotAllowed(PublicError):
    """A mutation or subscription by GET (GraphQL over HTTP, §6.2), or another method."""

    code = "METHOD_NOT_ALLOWED"
    status = 405


class BodyTooSlow(PublicError):
    """The body did not come in time."""

    code = "BODY_TIMEOUT"
    status = 408


@dataclass(slots=True)
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


class Endpoint:
    """/graphql, as an ASGI application and for whole requests without one. `gateway` answers; `platform` is set when the
    server starts."""

    platform: Platform

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.counted = gateway, Counted("/graphql")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Any request."""
        method, id_, incoming = scope["method"], named(), Incoming.of(scope)
        begun, status = self.counted.begin(method), 500
        try:
            answer = await self.answered(incoming, receive)
            answer.headers.append((b"x-request-id", id_))
            if isinstance(answer.body, bytes):
                await send_whole(answer, incoming, send)
            status = answer.status
        finally:
            self.counted.end(method, status, begun)
        if not isinstance(answer.body, bytes):
            answer.headers.append((b"content-type", answer.media.encode()))
            await streams.respond(receive, send, answer.headers, answer.body)

    async def whole(self, incoming: Incoming, body: bytes, task: asyncio.Task[Any]) -> tuple[Answer, bytes]:
        """A POST that came whole, and that asks for one answer: `is_plain`. The answer, and its body."""
        id_, load = named(), self.platform.services["load"]
        begun, status = self.counted.begin("POST"), 500
        load.coming -= 1
        deadline = load.answering.begin(task)
        try:
            if load.is_full and not (load.takes_mutations and self.is_mutation(body)):
                self.learn(load)
                raise Overloaded
            answer = await self._in_turn(asked(incoming, body, self.platform), incoming, load, True)
        except asyncio.CancelledError:
            if not deadline.is_mine():
                raise
            answer = refused(TimedOut(), self.platform, incoming)
        except Exception as error:
            answer = refused(error, self.platform, incoming)
        finally:
            deadline.over = True
        try:
            answer.headers.append((b"x-request-id", id_))
            sent = await complete(answer, incoming)
            status = answer.status
        finally:
            self.counted.end("POST", status, begun)
        return answer, sent

    def learn(self, load: Load) -> None:
        """How to refuse who comes too many, without asking here (`server.connection`)."""
        if load.refusals:
            return
        for language in (b"zh", b"en"):
            incoming = Incoming([(b"accept-language", language)], "POST", b"", "")
            found = refused(Overloaded(), self.platform, incoming)
            assert isinstance(found.body, bytes)
            headers = [*found.headers, (b"content-type", JSON.encode()), (b"content-length", b"%d" % len(found.body))]
            head = b"".join(b"%b: %b\r\n" % header for header in headers)
            load.refusals[incoming.locale] = b"HTTP/1.1 503 Service Unavailable\r\n" + head + b"\r\n" + found.body
        load.counter = lambda several: self.counted.refused("POST", several)

    def is_mutation(self, body: bytes) -> bool:
        """Whether a body names a trusted mutation that has a load of its own, as far as can be seen without reading it."""
        return any(id_.decode() in self.gateway.writing for id_ in ID.findall(body))

    async def answered(self, incoming: Incoming, receive: Receive) -> Answer:
        """Every failure is an answer with a code."""
        load: Load = self.platform.services["load"]
        if incoming.method == "OPTIONS":
            return Answer(204, b"", headers=[(b"allow", b"DELETE, GET, OPTIONS, POST, PUT")])
        if load.is_full and not (incoming.method == "POST" and load.takes_mutations):
            self.learn(load)
            return refused(Overloaded(), self.platform, incoming)
        deadline, late = load.reading.begin(), cast("type[PublicError]", BodyTooSlow)
        try:
            given = await read(incoming, receive, self.platform)
            deadline.over, deadline, late = True, load.answering.begin(), TimedOut
            return await self._in_turn(given, incoming, load, is_plain(incoming))
        except asyncio.CancelledError:
            if not deadline.is_mine():
                raise
            return refused(late(), self.platform, incoming)
        except Exception as error:
            return refused(error, self.platform, incoming)
        finally:
            deadline.over = True

    async def _in_turn(self, given: Asked, incoming: Incoming, load: Load, plain: bool) -> Answer:
        """Answer when it is this request's turn. What is not answered in time is cancelled, its SQL too. `plain`: at once,
        and as one answer."""
        meant, subject, call = self.gateway.lookup.meant(given.given), subject_of(incoming), None
        lane = load.lane(self.gateway.writes(meant, subject is not None))
        if not lane.enters():
            await lane.enter()
        try:
            call = await call_of(incoming, self.platform, kind_of(meant), plain and meant is not None, subject)
            found = await (self._plainly if plain and given.method == "POST" else self._answer)(given, call, incoming)
        except Exception as error:
            found = refused(error, self.platform, incoming)
        finally:
            lane.leave()
        if call and call.cookies:
            found.headers += Cookies.of(self.platform.settings).made(call.cookies)
        return found

    async def _plainly(self, given: Asked, call: Call, _: Incoming) -> Answer:
        operation = self.gateway.find(given.given, call)
        call.sets_cookies = not operation.is_incremental
        return await one_answer(given, operation, call, self.gateway)

    async def _answer(self, given: Asked, call: Call, incoming: Incoming) -> Answer:
        if graphiql.is_wanted(given.method, given.accept, given.given):
            return graphiql.page() if may_query(call) else graphiql.way_in(incoming.locale)
        if given.method == "PUT":
            return Answer(201, (await Reservation.make(call.platform, call)).encode(), "text/plain; charset=utf-8")
        if (token := token_of(incoming)) is not None:
            return await one_connection(given, Reservation(call.platform, call, token), call, self.gateway)
        if given.method == "DELETE":
            raise BadRequest
        return await answer(given, call, self.gateway)


async def read(incoming: Incoming, receive: Receive, platform: Platform) -> Asked:
    """The request, read. MethodNotAllowed, BadOrigin, BadRequest, TooLarge."""
    if incoming.method not in METHODS:
        raise MethodNotAllowed
    if incoming.method == "POST":
        check_post(incoming, platform)
        return asked_by(incoming, parsed(await body_of(receive)))
    if incoming.method != "GET":
        check_origin(incoming, platform.settings)
    given: dict[str, Any] = dict(incoming.parameters())
    for name in ("variables", "extensions"):
        given[name] = parsed(given[name].encode()) if name in given else None
    return asked_by(incoming, given)


def asked(incoming: Incoming, body: bytes, platform: Platform) -> Asked:
    """A POST that came whole. BadOrigin, BadRequest, TooLarge."""
    check_post(incoming, platform)
    check_size(len(body))
    return asked_by(incoming, parsed(body))


def check_post(incoming: Incoming, platform: Platform) -> None:
    """BadOrigin; BadRequest for another type than JSON."""
    check_origin(incoming, platform.settings)
    type_ = incoming.headers.get(b"content-type", b"")
    if type_ != b"application/json" and type_.split(b";")[0].strip().lower() != b"application/json":
        raise BadRequest


def asked_by(incoming: Incoming, given: dict[str, Any]) -> Asked:
    """BadRequest for parameters of another shape."""
    if not is_shaped(given):
        raise BadRequest
    return Asked(given, incoming.header(b"accept"), incoming.method)


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
    return await one_answer(asked, operation, call, gateway)


async def one_answer(asked: Asked, operation: Operation, call: Call, gateway: Gateway) -> Answer:
    """The whole answer of a query or mutation."""
    if operation.type is OperationType.SUBSCRIPTION:
        raise MethodNotAllowed
    found = Answer(200, await gateway.run(operation, asked.variables, call), media_of(asked.accept))
    if asked.by_get and operation.id in gateway.shared:
        share(found)
    return found


def is_plain(incoming: Incoming) -> bool:
    """Whether a document, if it is no subscription, has one answer and that at once."""
    accept = incoming.headers.get(b"accept", b"")
    return (incoming.method in ("POST", "GET") and b"text/event-stream" not in accept and b"multipart/" not in accept
            and token_of(incoming) is None)


def token_of(incoming: Incoming) -> str | None:
    """The token of a reserved event stream, which an EventSource can only send in the address."""
    if graphql_sse.TOKEN in incoming.headers or not incoming.query:
        return incoming.header(graphql_sse.TOKEN) or None
    return incoming.parameters().get("token")


async def one_connection(asked: Asked, reservation: Reservation, call: Call, gateway: Gateway) -> Answer:
    """A request about a reserved event stream: to open it, to post an operation to it, to stop one. Not for another: the
    stream is of whoever reserved it."""
    if call.viewer.subject:
        raise BadRequest
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
