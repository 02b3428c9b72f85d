"""Valkey/Redis: sessions, one-time codes, rates and live events. Nothing that must not be lost."""

from __future__ import annotations

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisSlow

from haian.errors import RateLimited

LOST = (RedisError, OSError)


def connect(url: str, size: int = 32) -> Redis:
    """A client whose callers wait for a connection rather than fail when many ask at once."""
    pool = BlockingConnectionPool.from_url(
        url, max_connections=size, timeout=5, socket_timeout=5, socket_connect_timeout=5, health_check_interval=30,
        retry=Retry(ExponentialBackoff(0.5, 0.05), 3), retry_on_error=[RedisAway, RedisSlow])
    return Redis(connection_pool=pool)


def connect_for_messages(url: str) -> Redis:
    """A client for publish and subscribe: a read may wait for ever."""
    return Redis.from_url(url, socket_timeout=None, socket_connect_timeout=5, health_check_interval=0)


# GCRA (generic cell rate algorithm, ITU-T I.371): one number a key, smooth, and it says how long to wait.
GCRA = """
local now = redis.call('TIME'); now = now[1] * 1000 + now[2] / 1000
local every, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = due - now - every * (burst - 1)
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], due + every, 'PX', math.ceil(due + every - now))
return 0
"""


async def limit(redis: Redis, key: str, count: int, seconds: float) -> None:
    """Let `count` pass in `seconds`, the first `count` at once. RateLimited with the seconds to wait."""
    wait: Any = await redis.eval(GCRA, 1, f"haian:rate:{key}", int(seconds * 1000 / count), count)  # type: ignore[misc]
    if int(wait):
        raise RateLimited(retry_after=max(1, -(-int(wait) // 1000)))
