"""`python -m server web`: the gateway, the site and the client's websocket on one port."""

from __future__ import annotations

from haian.logs import configure
from haian.settings import Settings
from server.app import create_app
from server.console import LaunchError
from server.http import server_of
from server.site import client


def main(settings: Settings) -> int:
    """Serve until SIGTERM. LaunchError where nothing says where the client's states are."""
    if not settings.states_url:
        raise LaunchError("states_redis_missing")
    configure(settings.log_level)
    built = client(settings)
    server_of(create_app(settings, built.handlers, built.lifespans), settings).run()
    return 0
