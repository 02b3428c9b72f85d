"""`python -m server migrate`: bring the database up to date."""

from __future__ import annotations

import asyncio
import sys

from haian.migrate import migrate
from haian.settings import Settings
from server.apps import registry


def main(settings: Settings) -> int:
    for name in asyncio.run(migrate(settings.database_migration_url or settings.database_url, registry().migrations())):
        sys.stdout.write(f"{name}\n")
    return 0
