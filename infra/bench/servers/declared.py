"""The product's own declaration, run by stock Strawberry: its schema and resolvers, their batches and their rules, in
Strawberry's own Litestar controller, which parses and validates each request.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request
from strawberry.litestar import make_graphql_controller

from bench.servers.surroundings import serve
from gateway.composition import compose
from haian.call import Call
from haian.settings import Settings
from server.apps import registry
from server.caller import call_of
from server.platform import opened


async def context(request: Request[Any, Any, Any]) -> Call:
    return await call_of(request, request.app.state.platform)


@asynccontextmanager
async def servers(app: Litestar) -> AsyncIterator[None]:
    async with opened(Settings.from_env(keys=True)) as app.state.platform:
        yield


Controller = make_graphql_controller(compose(registry()), path="/graphql", context_getter=context, graphql_ide=None)

if __name__ == "__main__":
    serve(Litestar(route_handlers=[Controller], lifespan=[servers], logging_config=None))
