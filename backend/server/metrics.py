"""GET /metrics: what the operator watches, for Prometheus. The outbox is asked at each look; nothing names a person."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from haian.cache import LOST as REDIS_LOST
from haian.call import Platform
from haian.errors import Unavailable

WAITING = Gauge("haian_outbox_waiting", "Events that nobody was told of yet")
OLDEST = Gauge("haian_outbox_oldest_seconds", "Age of the oldest of them")
DEAD = Gauge("haian_outbox_dead", "Events that could not be told: python -m server outbox")


@get("/metrics", include_in_schema=False)
async def metrics(platform: NamedDependency[Platform]) -> Response[bytes]:
    """All counters of this process, and the outbox as it is now; as it was last where the database is away."""
    try:
        [state] = await platform.db.fetch("SELECT * FROM haian.outbox_state()")
    except (*REDIS_LOST, Unavailable):
        pass
    else:
        for gauge, value in ((WAITING, state["waiting"]), (OLDEST, state["oldest"]), (DEAD, state["dead"])):
            gauge.set(value)
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
