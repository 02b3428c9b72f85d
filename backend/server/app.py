"""The composition root: what is served, in the order of a table of contents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from litestar import Litestar, Router, asgi
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.handlers import ASGIRouteHandler
from strawberry import Schema

from gateway.composition import compose
from gateway.documents import Documents
from gateway.execution import Gateway
from gateway.federation import subgraph
from haian.call import Platform
from haian.errors import PublicError
from haian.settings import Settings
from server import credentials, oauth
from server.apps import registry
from server.endings import Endings
from server.gates import GATES, OPENAPI
from server.graphql_http import Endpoint
from server.graphql_ws import graphql_ws
from server.incoming import with_sound_host
from server.metrics import metrics
from server.observing import METRICS, request_id, tracing
from server.platform import opened
from server.refusing import refuse
from server.router import only_router
from server.routes import ROUTES


class App(Litestar):
    """Litestar, but for requests for /graphql, which go straight to their endpoint: every tap is one of them."""

    graphql: Any = None
    """The endpoint, or the middleware around it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.graphql and scope["type"] == "http" and scope["path"] == "/graphql":
            await self.graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings, site: Sequence[ASGIRouteHandler] = (), lifespans: Sequence[Any] = (), *,
               noun: str | None = None) -> Litestar:
    """The product as one ASGI application; `site` are the handlers of the built client. `noun`: that subgraph alone."""
    gateway = gateway_of(noun)
    endpoint = Endpoint(gateway)

    @asynccontextmanager
    async def platform(app: Litestar) -> AsyncIterator[None]:
        async with opened(settings) as app.state.platform:
            endpoint.platform = app.state.platform
            endpoint.learn(app.state.platform.services["load"])
            app.state.platform.services["endings"] = endings = Endings(app.state.platform)
            await endings.start()
            yield

    traced = tracing(settings)
    observed = [with_sound_host, request_id, *traced, METRICS.middleware]
    handlers: list[Any] = [*ROUTES, *oauth.ROUTES, credentials.ROUTES, GATES, metrics]
    others = Router("/", route_handlers=handlers, middleware=observed, include_in_schema=False)
    for handler in site:  # a router would copy them, and the client's own application is not to be copied
        handler.middleware = observed
    answered: Any = endpoint
    for middleware in traced:
        answered = middleware(answered)  # type: ignore[operator, call-arg]
    app = App(
        route_handlers=[graphql(gateway, answered), others, *site],
        dependencies={"platform": Provide(the_platform, sync_to_thread=False)},
        middleware=[only_router(settings.router_key)] if noun else [],
        exception_handlers={PublicError: refuse, 500: refuse},
        lifespan=[platform, *lifespans],
        logging_config=None,  # haian.logs has configured them
        openapi_config=OPENAPI,  # of gates alone, without a page, which would come from a foreign host: the rest is GraphQL
        compression_config=CompressionConfig(backend="gzip", exclude_opt_key="precompressed"),
    )
    if noun is None:  # a subgraph is asked through the middleware that lets its router in alone
        app.graphql = answered
    return app


def gateway_of(noun: str | None) -> Gateway:
    """The schema of all nouns with the trusted documents, or that of one, which its router alone may query."""
    nouns = registry()
    return Gateway(*schema_of(noun), nouns)


@cache
def schema_of(noun: str | None) -> tuple[Schema, Documents]:
    """Made once, however many servers a process holds."""
    if noun is None:
        return compose(registry()), Documents.load()
    return subgraph(registry(), noun).schema, Documents([])


def graphql(gateway: Gateway, answered: Any) -> ASGIRouteHandler:
    """/graphql: requests, with nothing between them and the gateway but spans where somebody wants them; and websockets."""
    @asgi("/graphql", copy_scope=False, opt={"precompressed": True})
    async def both(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == ScopeType.HTTP:
            await answered(scope, receive, send)
        else:
            await graphql_ws(scope, receive, send, the_platform(scope["litestar_app"].state), gateway)
    return both


def the_platform(state: State) -> Platform:
    opened_: Platform = state.platform
    return opened_
