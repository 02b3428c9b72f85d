"""Run as a program: `python -m server web` as it is, but for the built client, which takes minutes to build."""

from __future__ import annotations

import sys

from haian.settings import Settings
from server import web
from server.site import Client

web.client = lambda settings: Client((), ())  # type: ignore[attr-defined]
sys.exit(web.main(Settings.from_env()))
