"""Refresh tokens (RFC 6749, 6; RFC 9700, 4.14): `handle.secret`, of which Redis keeps hashes.

A family is what one consent on one device gave, and has one token at a time. Each use swaps it for the next, in one step of
Redis. The old one is remembered for `GRACE` seconds with the salt of its successor, which follows from both: two tabs that
come at once, or one whose answer was lost, get the same. Whoever comes with any other token of the family, with the key of
another device or for another client has stolen one, or was stolen from: the family is over.

It lives where sessions live (`identity.sessions`), so that whatever ends a session ends it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from enum import Enum
from uuid import UUID

from haian import macs
from haian.call import Platform
from identity import sessions
from oauth.models import Family

GRACE = 10.0
OVER = 3600
BEGIN = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'hash', ARGV[1], 'citizen', ARGV[2], 'device', ARGV[3], 'client', ARGV[4], 'jkt', ARGV[5],
           'scopes', ARGV[6])
redis.call('EXPIRE', KEYS[1], ARGV[7])
return 1
"""
ROTATE = """
local held = redis.call('HMGET', KEYS[1], 'hash', 'client', 'jkt', 'citizen', 'device', 'scopes')
if not held[1] then return {0} end
local good, salt = held[2] == ARGV[4] and held[3] == ARGV[5], false
if good and held[1] == ARGV[1] then
  salt = ARGV[3]
  redis.call('HSET', KEYS[1], 'hash', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[8])
  redis.call('HSET', KEYS[2], 'salt', salt, 'at', ARGV[6])
  redis.call('EXPIRE', KEYS[2], 60)
elseif good then
  local was = redis.call('HMGET', KEYS[2], 'salt', 'at')
  if was[1] and ARGV[6] - was[2] <= tonumber(ARGV[7]) then salt = was[1] end
end
if not salt then redis.call('DEL', KEYS[1]) end
return {salt and 1 or 2, salt or '', held[2], held[3], held[4], held[5], held[6]}
"""


class Found(Enum):
    """What a token was: none that lives, good, or of a family that is over because of it."""

    UNKNOWN = 0
    GOOD = 1
    REUSED = 2


def new_session() -> tuple[str, str]:
    """A handle, and the name of its session."""
    handle = secrets.token_urlsafe(16)
    return handle, _session(handle)


def _session(handle: str) -> str:
    return f"refresh:{{{_hash(handle)}}}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _over(session: str) -> str:
    return f"haian:refresh-over:{session}"


async def begin(platform: Platform, handle: str, family: Family) -> str | None:
    """The first token; None where the family was ended before it began."""
    secret = secrets.token_urlsafe(32)
    begun = await platform.redis.eval(
        BEGIN, 2, sessions.key(family.session), _over(family.session), _hash(secret), str(family.citizen),
        str(family.device), str(family.client), family.jkt, " ".join(sorted(family.scopes)), sessions.LIFETIME)  # type: ignore[misc]
    return f"{handle}.{secret}" if begun else None


async def forbid(platform: Platform, session: str) -> None:
    """A family that is over never begins, whichever of the two comes first."""
    await platform.redis.set(_over(session), 1, ex=OVER)


async def rotate(platform: Platform, token: str, client: UUID, jkt: str) -> tuple[Found, str, Family | None]:
    """Swap a token for its successor, for the client and the device that it is bound to."""
    handle, _, secret = token.partition(".")
    session, salt = _session(handle), _salt(platform)
    was = f"haian:refresh-was:{session}:{_hash(secret)}"
    answer = await platform.redis.eval(
        ROTATE, 2, sessions.key(session), was, _hash(secret), _hash(_next(platform, salt, secret)), salt, str(client), jkt,
        platform.clock.epoch(), GRACE, sessions.LIFETIME)  # type: ignore[misc]
    found = Found(answer[0])
    if found is Found.UNKNOWN:
        return found, "", None
    salt, client_, jkt_, citizen, device, scopes = (each.decode() for each in answer[1:])
    family = Family(UUID(citizen), UUID(device), UUID(client_), session, jkt_, frozenset(scopes.split()))
    return found, f"{handle}.{_next(platform, salt, secret)}", family


async def of(platform: Platform, token: str) -> tuple[UUID, UUID, UUID] | None:
    """Citizen, device and client of the family that has this token now; None for any other."""
    handle, _, secret = token.partition(".")
    hashed, *names = await platform.redis.hmget(sessions.key(_session(handle)).decode(),
                                                ["hash", "citizen", "device", "client"])  # type: ignore[misc]
    if hashed is None or not hmac.compare_digest(hashed.decode(), _hash(secret)):
        return None
    citizen, device, client = (UUID(name.decode()) for name in names)
    return citizen, device, client


def _salt(platform: Platform) -> str:
    """What one token's successor is made with, by the newest key: its name stands first."""
    return f"{macs.name_of(platform.settings.index_key).hex()}.{secrets.token_hex(16)}"


def _next(platform: Platform, salt: str, secret: str) -> str:
    """256 bits that nobody knows who has not the secret before, the salt and our key: that which the salt names, so that two
    who come at once get the same though the key is changed between them. The newest where that is known no more."""
    said, name = f"refresh:{salt}:{secret}".encode(), bytes.fromhex(salt.partition(".")[0])
    made = macs.named(platform.settings, said).get(name) or macs.mac(platform.settings, said)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
