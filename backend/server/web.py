"""`python -m server web`: the gateway, the site and the client's websocket on one port."""

from __future__ import annotations

import uvicorn

from haian.logs import configure
from haian.settings import Settings
from server.app import create_app
from server.site import client

DRAIN_SECONDS = 8


def main(settings: Settings) -> int:
    """Serve until SIGTERM; then finish the requests under way and close the websockets (1001 or 1012)."""
    configure(settings.log_level)
    built = client(settings)
    app = create_app(settings, built.handlers, built.lifespans)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, loop="uvloop", http="httptools", ws="websockets-sansio",
        log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=DRAIN_SECONDS,
        ws_max_size=64 * 1024, ws_ping_interval=30, forwarded_allow_ips=settings.proxies)
    uvicorn.Server(config).run()
    return 0
