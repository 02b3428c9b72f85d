"""Browser sessions: an opaque cookie, of which Redis keeps only the hash. Ending one takes effect at once."""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

import orjson
from redis.asyncio import Redis

from haian import steps
from haian.line import packed
from haian.live import SESSIONS_ENDED, publish

LIFETIME = 30 * 24 * 3600
"""Seconds without use after which a session ends by itself."""


def new_cookie() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def hash_of(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _key(hashed: str) -> str:
    return f"haian:session:{hashed}"


def _alive(device: str) -> str:
    return f"haian:device:{device}"


async def begin(redis: Redis, cookie: str, citizen: UUID, device: UUID) -> None:
    hashed = hash_of(cookie)
    async with redis.pipeline(transaction=False) as pipe:  # two slots of a Redis Cluster
        pipe.set(_alive(str(device)), str(citizen), ex=LIFETIME)
        pipe.set(_key(hashed), orjson.dumps({"citizen": str(citizen), "device": str(device)}), ex=LIFETIME)
        await pipe.execute()


async def begin_device(redis: Redis, citizen: UUID, device: UUID) -> None:
    """A device without a cookie: access tokens of its own live as long as it does."""
    await redis.set(_alive(str(device)), str(citizen), ex=LIFETIME)


def key(hashed: str) -> bytes:
    """The key that holds a session: nothing, once it has ended."""
    return _key(hashed).encode()


def renewing(hashed: str) -> bytes:
    """The same, and its life begins anew."""
    return packed("GETEX", _key(hashed), "EX", LIFETIME)


def renewing_device(device: str) -> bytes:
    return packed("EXPIRE", _alive(device), LIFETIME)


SEEN = "haian:seen"


def noting(device: str) -> bytes:
    """The command that remembers that a device was seen, until somebody writes it down."""
    return packed("SADD", SEEN, device)


async def seen(redis: Redis, many: int) -> list[str]:
    """Devices that were seen and are not written down; they are taken away."""
    return [device.decode() for device in await redis.spop(SEEN, many) or ()]  # type: ignore[misc]


def device_key(device: str) -> bytes:
    """The key that holds the citizen whose session with this name lives."""
    return _alive(device).encode()


def read(held: bytes) -> tuple[UUID, str]:
    """The citizen and the device of what Redis holds."""
    session = orjson.loads(held)
    return UUID(session["citizen"]), session["device"]


async def is_alive(redis: Redis, device: str, citizen: str) -> bool:
    """Whether the session that an access token was made from still lives."""
    found: bytes | None = await redis.get(_alive(device))
    return found is not None and found.decode() == citizen


async def end(redis: Redis, hashed: str, device: str) -> None:
    """End a session: its cookie, its tokens and its open sockets."""
    await redis.delete(_key(hashed), _alive(device))
    await steps.forget(redis, device)
    await publish(redis, SESSIONS_ENDED, {"session": device})
