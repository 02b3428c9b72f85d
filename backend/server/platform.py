"""What a process opens at start and closes at its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from haian.cache import connect, connect_for_messages, line_to
from haian.call import Platform
from haian.clock import Clock
from haian.db import Database
from haian.live import Hub
from haian.pseudonyms import Pseudonyms
from haian.replica import Replica
from haian.settings import Settings
from identity.tokens import KeyRing, Tokens
from server.admission import Admission
from server.apps import registry
from server.load import Load


@asynccontextmanager
async def opened(settings: Settings, readers: int = 16, writers: int = 16,
                 patience: float = 15) -> AsyncIterator[Platform]:
    """The platform of one process, its servers connected."""
    db = await Database.open(settings.database_url, readers, writers, patience)
    redis, messages = connect(settings.redis_url), connect_for_messages(settings.redis_url)
    line = line_to(settings.redis_url)
    clock = Clock(settings.now, settings.now_since)
    names = Pseudonyms(settings)
    tokens = Tokens(KeyRing(settings.keys / "tokens"), settings.public_origin, clock, names)
    replica_url = settings.database_replica_url
    replica = await Replica.open(db, replica_url, readers, patience) if replica_url else None
    platform = Platform(settings, db, redis, clock, Hub(messages), registry(), line,
                        {"tokens": tokens, "names": names, "admission": Admission(line, settings),
                         "load": Load.of(settings)}, replica)
    try:
        await platform.hub.start()
        yield platform
    finally:
        await platform.hub.stop()
        await messages.aclose()
        await line.close()
        await redis.aclose()
        if replica:
            await replica.close()
        await db.close()
