"""A value that does not fit is refused after its statement was prepared: PostgreSQL's timer for it must not go on."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from haian.db import Database
from haian.settings import Settings

PATIENCE = 1.0


async def test_a_refused_value_does_not_cancel_what_the_next_one_reads(settings: Settings) -> None:
    db = await Database.open(settings.database_url, readers=1, writers=1, patience=PATIENCE)
    try:
        with pytest.raises(asyncpg.DataError, match="invalid input"):
            await db.fetch("SELECT $1::int8 AS one", "no number")
        await asyncio.sleep(PATIENCE * 2)
        [row] = await db.fetch("SELECT 2 AS two")
        assert row["two"] == 2
    finally:
        await db.close()
