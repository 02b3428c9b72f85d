"""`python -m server migrate`: bring the database up to date."""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import parse_qs, unquote, urlsplit

from haian.migrate import LOGIN, migrate
from haian.settings import Settings
from server.apps import registry


def main(settings: Settings) -> int:
    url = settings.database_migration_url or settings.database_url
    for name in asyncio.run(migrate(url, registry().migrations(), login_of(settings.database_url))):
        sys.stdout.write(f"{name}\n")
    return 0


def login_of(url: str) -> str:
    """The role that an address signs in as; the product's own name where it says none."""
    parts = urlsplit(url)
    return unquote(parts.username or "") or parse_qs(parts.query).get("user", [LOGIN])[0]
