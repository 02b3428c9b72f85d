"""The composition root: what is served, in the order of a table of contents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from litestar import Litestar, Request, Response
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins.prometheus import PrometheusConfig, PrometheusController
from litestar.types import ASGIApp, ControllerRouterHandler, Middleware, Receive, Scope, Send

from gateway.composition import compose
from gateway.documents import Documents
from gateway.execution import Gateway
from gateway.federation import subgraph
from gateway.masking import as_public, said
from haian.call import Platform
from haian.errors import PublicError
from haian.ids import new_id
from haian.settings import Settings
from server.apps import registry
from server.graphql_http import graphql_get, graphql_post
from server.graphql_ws import graphql_ws
from server.platform import opened
from server.router import only_router
from server.routes import ROUTES

log = structlog.get_logger()


def create_app(settings: Settings, site: Sequence[ControllerRouterHandler] = (), lifespans: Sequence[Any] = (), *,
               noun: str | None = None) -> Litestar:
    """The product as one ASGI application; `site` are the handlers of the built client. `noun`: that subgraph alone."""
    gateway = gateway_of(noun)

    @asynccontextmanager
    async def platform(app: Litestar) -> AsyncIterator[None]:
        async with opened(settings) as app.state.platform:
            yield

    return Litestar(
        route_handlers=[graphql_post, graphql_get, graphql_ws, *ROUTES, PrometheusController, *site],
        dependencies={"platform": Provide(the_platform, sync_to_thread=False),
                      "gateway": Provide(lambda: gateway, sync_to_thread=False)},
        middleware=[request_id, *([only_router(settings.router_key)] if noun else []), *tracing(settings),
                    PrometheusConfig(app_name="haian", group_path=True).middleware],
        exception_handlers={PublicError: refuse},
        lifespan=[platform, *lifespans],
        logging_config=None,  # haian.logs has configured them
        openapi_config=None if settings.env == "production" else OpenAPIConfig(title="海岸通", version="0.1.0"),
        compression_config=CompressionConfig(backend="gzip", exclude_opt_key="precompressed"),
    )


def gateway_of(noun: str | None) -> Gateway:
    """The schema of all nouns with the trusted documents, or that of one, which its router alone may query."""
    nouns = registry()
    if noun is None:
        return Gateway(compose(nouns), Documents.load(), nouns)
    return Gateway(subgraph(nouns, noun).schema, Documents([]), nouns)


def the_platform(state: State) -> Platform:
    opened_: Platform = state.platform
    return opened_


def request_id(app: ASGIApp) -> ASGIApp:
    """Each request has an id: in every log line, and in the answer as X-Request-Id."""
    async def bound(scope: Scope, receive: Receive, send: Send) -> None:
        id_ = str(new_id())

        async def named(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", id_.encode())]
            await send(message)
        with structlog.contextvars.bound_contextvars(request=id_):
            await app(scope, receive, named)
    return bound


def tracing(settings: Settings) -> list[Middleware]:
    """OpenTelemetry spans, where an endpoint is set."""
    if not settings.otel_endpoint:
        return []
    from server.tracing import middleware
    return [middleware(settings.otel_endpoint)]


def refuse(request: Request[Any, Any, Any], error: PublicError) -> Response[dict[str, Any]]:
    """A refusal outside GraphQL, in the same words."""
    platform: Platform = request.app.state.platform
    refusal = as_public(error)
    locale = "en" if request.headers.get("accept-language", "").startswith("en") else "zh"
    return Response({"errors": [said(refusal, platform.registry.catalogue, locale)]},
                    status_code=400 if refusal.status == 200 else refusal.status)
