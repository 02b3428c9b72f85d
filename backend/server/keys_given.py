"""Before a process serves: whether it was given the index keys by which citizen ID numbers are found."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg

from factors.service import lacks_key as lacks_key_of_codes
from haian.db import Database
from haian.settings import Settings
from identity.indexing import lacks_key
from server.console import LaunchError


def check_keys(settings: Settings) -> None:
    """LaunchError where one is missing: numbers would be had twice, and recovery codes be worthless. A database that nobody
    has brought up to date yet holds none."""
    with suppress(asyncpg.UndefinedTableError, asyncpg.InvalidParameterValueError):
        if asyncio.run(_lacks(settings)):
            raise LaunchError("index_key_missing")


async def _lacks(settings: Settings) -> bool:
    db = await Database.open(settings.database_url, readers=1, writers=1)
    try:
        return await lacks_key(db, settings) or await lacks_key_of_codes(db, settings)
    finally:
        await db.close()
