"""The kernel's own jobs: the ledger's months and seals, keys that nobody will repeat, and what was kept for long enough."""

from __future__ import annotations

from datetime import date, timedelta

import structlog

from haian.call import Platform
from haian.errors import Unavailable
from haian.registry import Job, Retention
from haian.seals import KEPT_MONTHS, seal

log = structlog.get_logger()
KEYS_KEPT = timedelta(days=7)
BATCH = 1000
"""Rows that are deleted at once: nobody waits for them long."""
LOOKED_BACK = 12
"""Months before the newest that may be dropped, in case nobody did it then."""


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


async def drop_months(platform: Platform) -> None:
    """The ledger's oldest months: their lines may be dropped, their seals stay."""
    today = platform.clock.today().date()
    over = today.year * 12 + today.month - 1 - KEPT_MONTHS
    for month in range(over - LOOKED_BACK, over + 1):
        async with platform.db.transaction("haian_retention") as connection:
            await connection.execute("SELECT haian.drop_audit($1, $2)", date(month // 12, month % 12 + 1, 1),
                                     platform.clock.now())


async def forget_old(platform: Platform) -> None:
    """What every noun kept for as long as it says; what fails is logged, and holds up nobody else's. Unavailable."""
    for app in platform.registry.apps:
        for each in app.providers.retains:
            try:
                while await forget_batch(platform, app.noun, each) == BATCH:
                    pass
            except Unavailable:
                raise
            except Exception:
                log.exception("retention.failed", noun=app.noun, table=each.table)


async def forget_batch(platform: Platform, noun: str, each: Retention) -> int:
    """Delete some of what is due; returns how many. What somebody holds is passed by until the next time: who takes hold of
    so many would else wait for whoever waits for them."""
    async with platform.writing(noun) as tx:
        return len(await tx.rows(f"""WITH old AS MATERIALIZED (
                SELECT t.id FROM {each.table} t WHERE t.id IN ({each.old}) ORDER BY t.id FOR UPDATE OF t SKIP LOCKED)
            DELETE FROM {each.table} WHERE id IN (SELECT id FROM old) RETURNING id""",
            tx.now - timedelta(days=each.days or 0), BATCH))


JOBS = (Job("haian.prepare_months", 6 * 3600, prepare_months), Job("haian.forget_keys", 3600, forget_keys),
        Job("haian.forget_old", 3600, forget_old),
        Job("haian.seal_ledger", 60, seal), Job("haian.drop_months", 24 * 3600, drop_months))
