"""GraphQL over HTTP: POST for everything, GET for queries, trusted documents by id."""

from __future__ import annotations

from typing import Any

import orjson
import structlog
from graphql import OperationType
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.exceptions import InternalServerException

from gateway.execution import Gateway
from gateway.limits import LARGEST_BODY, BatchRefused, TooLarge, check_variables, is_shaped
from gateway.masking import as_public, said
from haian.call import Call, Platform
from haian.errors import PublicError
from server.caller import BadRequest, Cookies, call_of, check_origin

log = structlog.get_logger()
TYPE = "application/graphql-response+json"
AnyRequest = Request[Any, Any, Any]


class MethodNotAllowed(PublicError):
    """A mutation or subscription by GET (GraphQL over HTTP, §6.2)."""

    code = "METHOD_NOT_ALLOWED"
    status = 405


@post("/graphql", media_type=MediaType.JSON)
async def graphql_post(request: AnyRequest, platform: NamedDependency[Platform],
                     gateway: NamedDependency[Gateway]) -> Response[bytes]:
    """A query or mutation. Needs our Origin and a JSON content type."""
    async def asked() -> dict[str, Any]:
        check_origin(request, platform.settings)
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise BadRequest
        return parsed(await body_of(request))
    return await answered(request, platform, gateway, asked, only_queries=False)


@get("/graphql", media_type=MediaType.JSON)
async def graphql_get(request: AnyRequest, platform: NamedDependency[Platform],
                     gateway: NamedDependency[Gateway]) -> Response[bytes]:
    """A query; its personal answer is never kept."""
    async def asked() -> dict[str, Any]:
        texts = {name: request.query_params.get(name) for name in ("documentId", "query", "operationName")}
        objects = {name: parsed(request.query_params.get(name, "{}").encode()) for name in ("variables", "extensions")}
        return {**texts, **objects}
    return await answered(request, platform, gateway, asked, only_queries=True)


async def answered(request: AnyRequest, platform: Platform, gateway: Gateway, asked: Any, *,
                   only_queries: bool) -> Response[bytes]:
    """Run what was asked; every failure is an answer with a code."""
    call = Call(platform)
    media = TYPE if TYPE in request.headers.get("accept", "") else MediaType.JSON.value
    try:
        call = await call_of(request, platform)
        if not is_shaped(given := await asked()):
            raise BadRequest
        operation = gateway.find(given, call)
        if operation.type is OperationType.SUBSCRIPTION or (only_queries and operation.type is OperationType.MUTATION):
            raise MethodNotAllowed
        check_variables(variables := given.get("variables") or {})
        answer, status = await gateway.run(operation, variables, call), 200
    except Exception as error:
        refusal = as_public(error)
        if refusal.code in ("INTERNAL", "UNAVAILABLE"):
            log.error("graphql.failed", code=refusal.code, exc_info=error)
        sentence = {**said(refusal, platform.registry.catalogue, call.viewer.locale), **details(refusal)}
        answer = orjson.dumps({"errors": [sentence]}, default=str)
        status = 500 if refusal.code == "INTERNAL" else refusal.status if refusal.status != 200 else 401
        if refusal.code in ("GRAPHQL_INVALID", "PERSISTED_QUERY_NOT_FOUND") and media != TYPE:
            status = 200  # GraphQL over HTTP, §6.4.1: plain JSON says it in the body alone
    headers = {"cache-control": "no-store", "vary": "accept, cookie, accept-language, authorization"}
    return Response(answer, status_code=status, media_type=media, headers=headers,
                    cookies=Cookies.of(platform.settings).made(call.cookies))


def details(refusal: PublicError) -> dict[str, Any]:
    """What a developer needs to mend a query."""
    return {"details": refusal.details["errors"]} if "errors" in refusal.details else {}


async def body_of(request: AnyRequest) -> bytes:
    """The body, as far as it may be read. TooLarge; BadRequest when the caller left before its end."""
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > LARGEST_BODY:
                raise TooLarge(limit=LARGEST_BODY, found=size)
            parts.append(part)
    except InternalServerException:
        raise BadRequest from None
    return b"".join(parts)


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
