"""Answers that come one after another over HTTP: kept open, kept alive, and ended with their session.

A stream is told by events: the finished JSON of an answer, or None for a sign of life. What its bytes look like is
`graphql_sse`'s and `graphql_multipart`'s to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

import orjson
import structlog
from graphql import OperationType

from gateway.documents import Operation
from gateway.execution import Gateway
from gateway.incremental import Form
from gateway.masking import as_public, said
from haian.call import Call, Platform
from haian.errors import PublicError, Unauthenticated, Unavailable
from server.endings import SESSION_ENDED, Endings
from server.incoming import Headers, Receive, Send
from server.load import Load, TimedOut

log = structlog.get_logger()
SILENCE = 10.0
"""Seconds after which a stream shows that it lives: proxies cut what is silent for longer."""
SLOWEST = 20.0
"""Seconds in which a part must have left; a reader slower than that is dropped, not waited for."""
UNBUFFERED = (b"x-accel-buffering", b"no")
"""Said to nginx: pass each part on as it comes."""
Event = bytes | None


class Ended(Exception):
    """The stream is over before its operation was; `refusal` says why."""

    def __init__(self, refusal: PublicError) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


async def answers(gateway: Gateway, operation: Operation, variables: dict[str, Any], call: Call,
                  form: Form = Form.V0_2) -> AsyncIterator[bytes]:
    """The one answer of a query or mutation, its parts where it has later ones, or all answers of a subscription."""
    if operation.type is OperationType.SUBSCRIPTION:
        found = gateway.stream(operation, variables, call)
    elif operation.is_incremental:
        found = gateway.parts(operation, variables, call, form)
    else:
        async with call.platform.services["load"].turn():
            answer = await gateway.run(operation, variables, call)
        yield answer
        return
    async for answer in found:
        yield answer


async def lasting(found: AsyncIterator[bytes], platform: Platform, call: Call,
                  seconds: float | None = None) -> AsyncIterator[Event]:
    """What is found, as it is found, with a sign of life where nothing is. Ended with Unauthenticated as soon as the
    session ends, on whichever server that was; with Unavailable when this server goes; with TimedOut after `seconds`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds if seconds is not None else math.inf
    with ending(platform, call) as over:
        if await platform.services["endings"].is_over(call.viewer):
            raise Ended(Unauthenticated())
        coming: asyncio.Future[Any] = asyncio.ensure_future(anext(found, None))
        try:
            while True:
                patience = max(min(SILENCE, end - loop.time()), 0)
                await asyncio.wait({coming, over}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if over.done():
                    raise Ended(over.result())
                if not coming.done() and loop.time() >= end:
                    raise Ended(TimedOut())
                if not coming.done():
                    yield None
                    continue
                if (answer := coming.result()) is None:
                    return
                yield answer
                coming = asyncio.ensure_future(anext(found, None))
        finally:
            coming.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await coming
            await found.aclose()  # type: ignore[attr-defined]


def patience_for(operation: Operation, platform: Platform) -> float | None:
    """How many seconds an operation may take: as many as a request, a subscription any number."""
    load: Load = platform.services["load"]
    return None if operation.type is OperationType.SUBSCRIPTION else load.seconds


@contextmanager
def ending(platform: Platform, call: Call) -> Iterator[asyncio.Future[Any]]:
    """Done when the session of the caller has ended, or this server goes; its result says which."""
    over: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def end(code: int, _: str) -> None:
        if not over.done():
            over.set_result(Unauthenticated() if code == SESSION_ENDED[0] else Unavailable())
    endings: Endings = platform.services["endings"]
    unwatch = endings.watch(call.viewer, end)
    try:
        yield over
    finally:
        unwatch()


def refused(error: BaseException, platform: Platform, call: Call) -> dict[str, Any]:
    """An error that ends an operation, as GraphQL says it; what was no refusal goes to the log whole."""
    refusal = error.refusal if isinstance(error, Ended) else as_public(error)
    if refusal.code in ("INTERNAL", "UNAVAILABLE") and not isinstance(error, Ended):
        log.error("stream.failed", code=refusal.code, exc_info=error)
    sentence = said(refusal, platform.registry.catalogue, call.viewer.locale)
    if "errors" in refusal.details:
        sentence["details"] = refusal.details["errors"]
    return sentence


async def respond(receive: Receive, send: Send, headers: Headers, body: AsyncIterator[bytes]) -> None:
    """Send the body as it comes, until it ends, the client leaves, or is too slow to read it."""
    sending = asyncio.create_task(_send_all(send, headers, body))
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        done = await asyncio.gather(sending, leaving, return_exceptions=True)
    if isinstance(done[0], Exception) and not isinstance(done[0], TimeoutError):
        raise done[0]


async def _send_all(send: Send, headers: Headers, body: AsyncIterator[bytes]) -> None:
    async with aclosing(body):  # type: ignore[type-var]
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, UNBUFFERED]})
        async for part in body:
            async with asyncio.timeout(SLOWEST):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def errors(sentence: dict[str, Any]) -> bytes:
    """An answer that is an error alone."""
    return orjson.dumps({"errors": [sentence]}, default=str)
