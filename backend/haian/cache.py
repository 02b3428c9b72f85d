"""Valkey/Redis: sessions, one-time codes, rates and live events. Nothing that must not be lost."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisSlow

from haian import cluster
from haian.codes import BURN
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
# all must have room, else none is charged: who is refused is not set back. The last argument: how many have passed already
# and are charged in any case. Answers how long to wait, and how many more might pass now.
GCRA = """
local now = redis.call('TIME'); now = now[1] * 1000 + now[2] / 1000
local due, wait, room, passed = {}, 0, math.huge, ARGV[2 * #KEYS + 1]
for i, key in ipairs(KEYS) do
  local step, count = ARGV[2 * i - 1], ARGV[2 * i]
  due[i] = math.max(tonumber(redis.call('GET', key) or '0'), now) + passed * step
  wait = math.max(wait, due[i] - now - step * (count - 1))
  room = math.min(room, (now + step * (count - 1) - due[i]) / step)
end
local one = wait > 0 and 0 or 1
if passed + one > 0 then
  for i, key in ipairs(KEYS) do
    local at = due[i] + one * ARGV[2 * i - 1]
    redis.call('SET', key, string.format('%.3f', at), 'PX', math.max(1, math.ceil(at - now)))
  end
end
return {math.ceil(wait), math.max(0, math.floor(room))}
"""
GCRA_SHA = hashlib.sha1(GCRA.encode(), usedforsecurity=False).hexdigest()
SCRIPTS = (GCRA, BURN)


@dataclass(frozen=True)
class Rate:
    """`count` may pass in `seconds`, the first `count` at once. `terms`: as GCRA is told it."""

    count: int
    seconds: float

    @cached_property
    def terms(self) -> tuple[str, str]:
        return str(self.seconds * 1000 / self.count), str(self.count)


@dataclass
class OwnRate:
    """What passes by this process alone while Redis, which counts for all of them, is away. As GCRA; `due`: in seconds of
    the monotonic clock."""

    rate: Rate
    due: float = 0.0

    def takes(self) -> bool:
        """Whether one more may pass now; then it has."""
        now, step = time.monotonic(), self.rate.seconds / self.rate.count
        due = max(self.due, now)
        if due - now > step * (self.rate.count - 1):
            return False
        self.due = due + step
        return True


def charging(rates: Mapping[str, Rate], passed: int = 0) -> bytes:
    """The command that lets one pass by the rates of all keys, which lie in one slot of a Redis Cluster, and charges those
    who passed before. Its answer is for `check_room`."""
    keys: list[str] = []
    terms: list[str] = []
    for key, rate in rates.items():
        keys.append(f"haian:rate:{key}")
        terms += rate.terms
    return packed("EVALSHA", GCRA_SHA, len(keys), *keys, *terms, passed)


def check_room(answer: list[int]) -> int:
    """How many more might pass now. RateLimited with the seconds to wait, where there are any."""
    milliseconds, room = answer
    if milliseconds:
        raise RateLimited(retry_after=max(1, -(-milliseconds // 1000)))
    return room


async def limit(line: AnyLine, key: str, count: int, seconds: float) -> None:
    """Let `count` pass in `seconds`, the first `count` at once. RateLimited with the seconds to wait."""
    [room] = await line.ask(charging({key: Rate(count, seconds)}))
    check_room(room)
