"""`python -m server web`: the gateway, the site and the client's websocket on one port."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from haian.logs import configure
from haian.settings import Settings
from server.app import create_app
from server.console import LaunchError
from server.http import server_of
from server.keys_given import check_keys
from server.site import client

YOUNG = 5000
"""Objects made before the collector looks at the young ones: a tap makes some hundred."""


def main(settings: Settings) -> int:
    """Serve until SIGTERM. LaunchError where nothing says where the client's states are."""
    if not settings.states_url:
        raise LaunchError("states_redis_missing")
    configure(settings.log_level)
    check_keys(settings)
    built = client(settings)
    server_of(create_app(settings, built.handlers, [*built.lifespans, settled]), settings).run()
    return 0


@asynccontextmanager
async def settled(app: Litestar) -> AsyncIterator[None]:
    """What was made until now (modules, schema, documents) stays for good: the garbage collector need not walk it again and
    again, while a tap waits."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    yield
