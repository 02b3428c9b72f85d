"""Run as a program: `python -m server web` as it is, but for the built client, which takes minutes to build."""

from __future__ import annotations

import sys
from types import SimpleNamespace

from haian.settings import Settings
from server import web

web.client = lambda settings: SimpleNamespace(handlers=[], lifespans=[])  # type: ignore[assignment, return-value]
sys.exit(web.main(Settings.from_env()))
