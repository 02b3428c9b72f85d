"""`python -m server subgraph parking`: one noun alone, behind a federation router, with HAIAN_WORKERS processes."""

from __future__ import annotations

import sys

from gateway.federation import subgraphs
from haian.logs import configure
from haian.settings import Settings
from server.app import create_app
from server.apps import registry
from server.console import LaunchError
from server.http import server_of
from server.keys_given import check_keys
from server.workers import Workers, listening


def main(settings: Settings) -> int:
    """Serve until SIGTERM. LaunchError for an unknown noun, or where nothing says whom to believe that it is the router."""
    noun = sys.argv[2]
    if noun not in subgraphs(registry()):
        raise LaunchError("subgraph_unknown", name=noun, names=", ".join(subgraphs(registry())))
    if not settings.router_key:
        raise LaunchError("router_key_missing")
    configure(settings.log_level)
    check_keys(settings)
    app = create_app(settings, noun=noun)
    listener = listening(settings.host, settings.port)
    return Workers(settings.workers, lambda: server_of(app, settings).run([listener])).run()
