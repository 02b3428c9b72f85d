"""The outbox: what a transaction emitted is told after its commit, at least once, whoever crashes.

Rows are taken by claim (FOR UPDATE SKIP LOCKED), never by `id > last`: a transaction that commits late is not passed
over. What hears an event may hear it twice and must not show it.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from haian import feeds
from haian.call import Platform
from haian.live import citizen_channel
from haian.registry import Event
from haian.replica import mark

log = structlog.get_logger()
CLAIM = """SELECT id, type, citizen_id, payload, at, attempts FROM haian.outbox WHERE due <= now()
           ORDER BY due, id LIMIT $1 FOR UPDATE SKIP LOCKED"""
LATER = "UPDATE haian.outbox SET attempts = attempts + 1, due = now() + $2 WHERE id = $1"
DONE = "DELETE FROM haian.outbox WHERE id = ANY($1)"
PATIENT = "SET LOCAL idle_in_transaction_session_timeout = '10min'"
"""A transaction that only holds a claim is idle while the claimed work is done elsewhere."""
LONGEST = timedelta(minutes=10)


async def deliver(platform: Platform, batch: int = 100) -> int:
    """Tell a batch of due events; returns how many were taken. An event that fails is tried again, later each time."""
    async with platform.db.transaction("haian_worker") as connection:
        await connection.execute(PATIENT)
        rows = await connection.fetch(CLAIM, batch)
        done = []
        for row in rows:
            event = Event(row["id"], row["type"], row["citizen_id"], row["payload"], row["at"])
            try:
                await tell(platform, event)
                done.append(event.id)
            except Exception:
                log.exception("outbox.failed", type=event.type, id=str(event.id), attempts=row["attempts"])
                wait = min(LONGEST, timedelta(seconds=0.5 * 2 ** min(row["attempts"], 12)))
                await connection.execute(LATER, event.id, wait)
        await connection.execute(DONE, done)
    return len(rows)


async def tell(platform: Platform, event: Event) -> None:
    """First those who write (so that the inbox is full when the phone looks), then the phones."""
    for hear in platform.registry.hearers(event.type):
        await hear(platform, event)
    if event.citizen:
        if platform.replica:
            await mark(platform.redis, {event.citizen})
        await feeds.tell(platform.redis, citizen_channel(event.citizen), event.id, {
            "id": event.id, "type": event.type, "subject": event.payload.get("id"), "at": event.at})
