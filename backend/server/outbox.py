"""`python -m server outbox`: the events that could not be told, and why; `--retry` sends them again."""

from __future__ import annotations

import asyncio
import sys

from haian.db import Database
from haian.settings import Settings

DEAD = "SELECT id, type, attempts, died_at, error FROM haian.dead_letter ORDER BY died_at, id"
RETRY = """WITH again AS (DELETE FROM haian.dead_letter RETURNING id, type, citizen_id, payload, at)
           INSERT INTO haian.outbox (id, type, citizen_id, payload, at) SELECT * FROM again RETURNING id"""


def main(settings: Settings) -> int:
    lines = asyncio.run(act(settings, "--retry" in sys.argv))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


async def act(settings: Settings, retry: bool) -> list[str]:
    """One line for each event that died: its id and type, the tries, when, and the error of the last. With `retry` the ids
    of those that are tried again, from the beginning."""
    db = await Database.open(settings.database_url, readers=1, writers=1)
    try:
        async with db.transaction("haian_worker") as connection:
            if retry:
                again = [str(row["id"]) for row in await connection.fetch(RETRY)]
                await connection.execute("SELECT pg_notify('haian_outbox', '')")
                return again
            return [f"{row['id']}  {row['type']}  {row['attempts']}  {row['died_at']:%Y-%m-%d %H:%M}  {row['error']}"
                    for row in await connection.fetch(DEAD)]
    finally:
        await db.close()
