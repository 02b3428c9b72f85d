"""Subscriptions, and answers in parts, as `multipart/mixed`: what Apollo Client understands over plain HTTP.

Subscriptions: https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol (1.0);
`@defer` and `@stream`: the two forms of `gateway.incremental`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import orjson
from graphql import OperationType

from gateway.documents import Operation
from gateway.execution import Gateway
from gateway.incremental import Form
from haian.call import Call, Platform
from server.streams import answers, lasting, patience_for, refused

SUBSCRIPTIONS = "subscriptionSpec=1.0"
OPENING = b"\r\n--graphql"
CLOSING = b"--\r\n"


def form_of(accept: str, operation: Operation) -> Form | str | None:
    """The form in which a client that sent this Accept takes the operation in parts; None where it doesn't, or where
    there is but one part. A client that names no form of `@defer` means the older one."""
    words = accept.replace(" ", "").replace('"', "")
    if "multipart/mixed" not in words:
        return None
    if operation.type is OperationType.SUBSCRIPTION:
        return SUBSCRIPTIONS if SUBSCRIPTIONS in words else None
    if not operation.is_incremental:
        return None
    return Form.V0_2 if Form.V0_2.value in words else Form.V2022


def media_of(form: Form | str) -> str:
    name = form.value if isinstance(form, Form) else form
    return f'multipart/mixed; boundary="graphql"; {name}'


def part(json: bytes) -> bytes:
    """One part, with the boundary that ends it: a reader shows a part when it has seen that."""
    return b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n" + json + OPENING


async def body(platform: Platform, gateway: Gateway, operation: Operation, variables: dict[str, Any], call: Call,
               form: Form | str) -> AsyncIterator[bytes]:
    """The parts of an operation. An empty object is a sign of life."""
    subscription = not isinstance(form, Form)
    found = answers(gateway, operation, variables, call, form if isinstance(form, Form) else Form.V0_2)
    yield OPENING
    try:
        async with aclosing(lasting(found, platform, call, patience_for(operation, platform))) as events:  # type: ignore[type-var]
            async for answer in events:
                if answer is None:
                    yield part(b"{}") if subscription else b""
                else:
                    yield part(b'{"payload":' + answer + b"}" if subscription else answer)
    except Exception as error:
        last = {"payload": None} if subscription else {"hasNext": False}
        yield part(orjson.dumps({**last, "errors": [refused(error, platform, call)]}, default=str))
    yield CLOSING
