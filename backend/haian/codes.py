"""One-time codes in Redis: a random token, of which only the SHA-256 is kept, burnt once and for all."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson
from redis.asyncio import Redis

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: fits a QR code's alphanumeric mode
LENGTH = 26  # 130 random bits
REMEMBERED = 3600

BURN = """
local held = redis.call('GET', KEYS[1])
if held then
  redis.call('DEL', KEYS[1]); redis.call('HSET', KEYS[2], 'payload', held, 'by', ARGV[1])
  redis.call('EXPIRE', KEYS[2], ARGV[2]); return {1, held, ARGV[1]}
end
local used = redis.call('HMGET', KEYS[2], 'payload', 'by')
if used[1] then return {2, used[1], used[2]} end
return {0, '', ''}
"""


class State(Enum):
    """What burning a code found: it was good, it is unknown or ran out, or somebody used it before."""

    GOOD = 1
    USED = 2
    UNKNOWN = 0


@dataclass(frozen=True)
class Burnt:
    """What the code stood for, and who used it: `by` is the caller's own where the code was good."""

    state: State
    payload: dict[str, Any]
    by: dict[str, Any]


def new_token() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def kept(kind: str, code: str) -> str:
    """Where a code is kept, and below where it is noted who used it: one slot of a Redis Cluster has both."""
    return f"haian:code:{kind}:{{{code}}}"


def used(kind: str, code: str) -> str:
    return f"haian:used:{kind}:{{{code}}}"


async def issue(redis: Redis, kind: str, payload: dict[str, Any], seconds: int) -> str:
    """A new token that stands for `payload` for `seconds`."""
    token = new_token()
    await redis.set(kept(kind, digest(token)), orjson.dumps(payload, default=str), ex=seconds)
    return token


async def burn(redis: Redis, kind: str, code: str, by: dict[str, Any]) -> Burnt:
    """Use up the token with the digest `code`: of any number of callers at once exactly one gets GOOD. USED tells for an
    hour who was first, so that a caller whose answer was lost knows its own use again."""
    state, payload, first = await redis.eval(BURN, 2, kept(kind, code), used(kind, code),
                                             orjson.dumps(by, default=str), REMEMBERED)  # type: ignore[misc]
    return Burnt(State(int(state)), *(orjson.loads(found) if found else {} for found in (payload, first)))
