"""The gateway as the product serves it, with everything on, but for the built client, which is no part of it.

`BENCH_MANIFEST` names a manifest of trusted documents: the product's own, and the home page's documents made one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gateway.documents import Documents
from haian.settings import Settings
from server import web
from server.site import Client

own = Documents.load


def load(manifest: Path | None = None) -> Documents:
    return own(Path(os.environ["BENCH_MANIFEST"]))


Documents.load = load  # type: ignore[method-assign]
web.client = lambda settings: Client((), ())  # type: ignore[attr-defined]
sys.exit(web.main(Settings.from_env(keys=True)))
