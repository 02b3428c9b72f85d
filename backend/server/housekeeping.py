"""The kernel's own jobs: months of the ledger, and keys that nobody will repeat."""

from __future__ import annotations

from datetime import timedelta

from haian.call import Platform
from haian.registry import Job

KEYS_KEPT = timedelta(days=7)


async def prepare_months(platform: Platform) -> None:
    """The ledger's partition of this month and the next."""
    today = platform.clock.today().date()
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    async with platform.db.transaction("haian_worker") as connection:
        for month in (today, following):
            await connection.execute("SELECT haian.prepare_audit($1)", month)


async def forget_keys(platform: Platform) -> None:
    """Idempotency keys older than 7 days: no client repeats them."""
    async with platform.db.transaction("haian_worker") as connection:
        await connection.execute("DELETE FROM haian.idempotency WHERE at < $1", platform.clock.now() - KEYS_KEPT)


JOBS = (Job("haian.prepare_months", 6 * 3600, prepare_months), Job("haian.forget_keys", 3600, forget_keys))
