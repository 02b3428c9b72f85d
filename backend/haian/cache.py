"""Valkey/Redis: sessions, one-time codes, rates and live events. Nothing that must not be lost."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisSlow

from haian import cluster
from haian.errors import RateLimited
from haian.line import AnyLine, Line, packed

LOST = (RedisError, OSError)


def connect(url: str, size: int = 32) -> Redis:
    """A client whose callers wait for a connection rather than fail when many ask at once."""
    if address := cluster.Address.of(url):
        return cluster.connect(address)
    pool = BlockingConnectionPool.from_url(
        url, max_connections=size, timeout=5, socket_timeout=5, socket_connect_timeout=5, health_check_interval=30,
        retry=Retry(ExponentialBackoff(0.5, 0.05), 3), retry_on_error=[RedisAway, RedisSlow])
    return Redis(connection_pool=pool)


def connect_for_messages(url: str) -> Redis:
    """A client for publish and subscribe: a read may wait for ever."""
    if address := cluster.Address.of(url):
        return cluster.connect_for_messages(address)
    return Redis.from_url(url, socket_timeout=None, socket_connect_timeout=5, health_check_interval=0)


def line_to(url: str) -> AnyLine:
    """What every request asks through, with our scripts."""
    address = cluster.Address.of(url)
    return cluster.ClusterLine(address, SCRIPTS) if address else Line(url, SCRIPTS)


# GCRA (generic cell rate algorithm, ITU-T I.371): one number a key, smooth, and it says how long to wait. Of several keys
# all must have room, else none is charged: who is refused is not set back.
GCRA = """
local now = redis.call('TIME'); now = now[1] * 1000 + now[2] / 1000
local due, wait = {}, 0
for i, key in ipairs(KEYS) do
  due[i] = math.max(tonumber(redis.call('GET', key) or '0'), now)
  wait = math.max(wait, due[i] - now - ARGV[2 * i - 1] * (ARGV[2 * i] - 1))
end
if wait > 0 then return math.ceil(wait) end
for i, key in ipairs(KEYS) do
  local at = due[i] + ARGV[2 * i - 1]
  redis.call('SET', key, string.format('%.3f', at), 'PX', math.max(1, math.ceil(at - now)))
end
return 0
"""
GCRA_SHA = hashlib.sha1(GCRA.encode(), usedforsecurity=False).hexdigest()
SCRIPTS = (GCRA,)


@dataclass(frozen=True)
class Rate:
    """`count` may pass in `seconds`, the first `count` at once."""

    count: int
    seconds: float


def charging(rates: Mapping[str, Rate]) -> bytes:
    """The command that lets one pass by the rates of all keys, which lie in one slot of a Redis Cluster. Its answer is for
    `check_wait`."""
    terms = [term for rate in rates.values() for term in (rate.seconds * 1000 / rate.count, rate.count)]
    return packed("EVALSHA", GCRA_SHA, len(rates), *(f"haian:rate:{key}" for key in rates), *terms)


def check_wait(milliseconds: int) -> None:
    """RateLimited with the seconds to wait, where there are any."""
    if milliseconds:
        raise RateLimited(retry_after=max(1, -(-milliseconds // 1000)))


async def limit(line: AnyLine, key: str, count: int, seconds: float) -> None:
    """Let `count` pass in `seconds`, the first `count` at once. RateLimited with the seconds to wait."""
    [wait] = await line.ask(charging({key: Rate(count, seconds)}))
    check_wait(wait)
