"""How an application is served: uvicorn, with the limits that every process of ours has."""

from __future__ import annotations

import resource
import socket
from typing import Any

import uvicorn

from haian.settings import Settings
from server.direct import Direct
from server.frames import Line

DRAIN_SECONDS = 8


class Server(uvicorn.Server):
    """Ends what is open for long before it waits for what is under way."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        platform = getattr(getattr(self.config.app, "state", None), "platform", None)
        if platform and "endings" in platform.services:
            platform.services["endings"].go()
        await super().shutdown(sockets)


def take_files() -> None:
    """Have as many files open as the system lets this process have: each websocket is one, and 1,024 are soon used up."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def server_of(app: Any, settings: Settings) -> uvicorn.Server:
    """A server until SIGTERM; then it finishes the requests under way and closes the websockets (1001 or 1012)."""
    return Server(uvicorn.Config(
        app, host=settings.host, port=settings.port, loop="uvloop", http=Direct, ws=Line, ws_per_message_deflate=False,
        ws_max_size=64 * 1024, ws_ping_interval=30, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS, forwarded_allow_ips=settings.proxies))
