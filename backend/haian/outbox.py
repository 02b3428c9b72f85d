"""The outbox: what a transaction emitted is told after its commit, at least once, whoever crashes.

Rows are taken by claim (FOR UPDATE SKIP LOCKED), never by `id > last`: a transaction that commits late is not passed
over. What hears an event may hear it twice and must not show it. An event that fails for its own sake is tried 20 times
within two hours and kept as a dead letter then, for the operator; one that fails because a server is away is tried for ever.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow

from haian import feeds
from haian.call import Platform
from haian.errors import Unavailable
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
BURY = """WITH dead AS (DELETE FROM haian.outbox WHERE id = $1 RETURNING id, type, citizen_id, payload, at, attempts + 1)
          INSERT INTO haian.dead_letter (id, type, citizen_id, payload, at, attempts, error)
          SELECT dead.*, $2 FROM dead"""
WAIT = "UPDATE haian.outbox SET due = now() + $2 WHERE id = $1"
LONGEST = timedelta(minutes=10)
MOST_TRIES = 20
AWAY = (RedisAway, RedisSlow, ConnectionError, Unavailable)
BACK_SOON = timedelta(seconds=2)
TOLD_SECONDS = 60.0
LONGEST_REASON = 500


async def deliver(platform: Platform, batch: int = 100) -> int:
    """Tell a batch of due events; returns how many were taken. An event that fails is tried again, later each time."""
    async with platform.db.transaction("haian_worker") as connection:
        await connection.execute(PATIENT)
        rows = await connection.fetch(CLAIM, batch)
        if rows and platform.replica:
            await platform.replica.reach()
        done = []
        for row in rows:
            event = Event(row["id"], row["type"], row["citizen_id"], row["payload"], row["at"])
            try:
                async with asyncio.timeout(TOLD_SECONDS):
                    await tell(platform, event)
                done.append(event.id)
            except AWAY as error:
                log.warning("outbox.away", type=event.type, error=type(error).__name__)
                await connection.execute(WAIT, event.id, BACK_SOON)
            except Exception as error:
                await put_off(connection, event, row["attempts"], error)
        await connection.execute(DONE, done)
    return len(rows)


async def put_off(connection: Any, event: Event, attempts: int, error: Exception) -> None:
    """Try again later each time; after the last time the event is a dead letter."""
    log.exception("outbox.failed", type=event.type, id=str(event.id), attempts=attempts)
    if attempts + 1 < MOST_TRIES:
        wait = min(LONGEST, timedelta(seconds=0.5 * 2 ** min(attempts, 12)))
        await connection.execute(LATER, event.id, wait)
        return
    log.error("outbox.dead", type=event.type, id=str(event.id))
    await connection.execute(BURY, event.id, f"{type(error).__name__}: {error}".replace("\x00", "")[:LONGEST_REASON])


async def tell(platform: Platform, event: Event) -> None:
    """First those who write (so that the inbox is full when the phone looks, at the primary where the copy has not what they
    wrote), then the phones."""
    for hear in platform.registry.hearers(event.type):
        await hear(platform, event)
    if event.citizen:
        if platform.replica:
            await mark(platform.redis, [event.citizen])
        await feeds.tell(platform.redis, citizen_channel(event.citizen), event.id, {
            "id": event.id, "type": event.type, "subject": event.payload.get("id"), "at": event.at})
