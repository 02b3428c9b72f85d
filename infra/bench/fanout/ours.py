"""The product's web process without its site: what a worker of the gateway is beyond the demo."""

from __future__ import annotations

from haian.settings import Settings
from server.app import create_app
from server.http import server_of

if __name__ == "__main__":
    settings = Settings.from_env()
    server_of(create_app(settings), settings).run()
