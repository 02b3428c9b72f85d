"""One-time codes in Redis: a random token, of which only the SHA-256 is kept, burnt once and for all."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

import orjson

from haian.line import AnyLine, packed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: fits a QR code's alphanumeric mode
SIGN_OF = ALPHABET.encode() * 8  # of each byte: each sign of as many
LENGTH = 26  # 130 random bits
REMEMBERED = 3600

# What a code stands for, and behind it, once it was used, by whom: two lines of JSON, which has no end of a line within.
BURN = """
local held = redis.call('GET', KEYS[1])
if held and not string.find(held, '\\n', 1, true) then
  redis.call('SET', KEYS[1], held .. '\\n' .. ARGV[1], 'EX', ARGV[2])
end
return held
"""
BURN_SHA = hashlib.sha1(BURN.encode(), usedforsecurity=False).hexdigest()


class State(Enum):
    """What burning a code found: it was good, it is unknown or ran out, or somebody used it before."""

    GOOD = 1
    USED = 2
    UNKNOWN = 0


class Burnt(NamedTuple):
    """What the code stood for, and who used it: `by` is the caller's own where the code was good."""

    state: State
    payload: dict[str, Any]
    by: dict[str, Any]


def new_token() -> str:
    return secrets.token_bytes(LENGTH).translate(SIGN_OF).decode()


def new_digits() -> str:
    """Six, which a person reads or hears and types: good for minutes and a few tries."""
    return f"{secrets.randbelow(10**6):06d}"


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def kept(kind: str, code: str) -> str:
    """Where a code is kept, and who used it."""
    return f"haian:code:{kind}:{{{code}}}"


def keeping(kind: str, code: str, payload: dict[str, Any], seconds: int) -> bytes:
    """The command of `keep`, for who asks more at once."""
    return packed("SET", kept(kind, code), orjson.dumps(payload, default=str), "EX", seconds)


async def keep(line: AnyLine, kind: str, code: str, payload: dict[str, Any], seconds: int) -> None:
    """The token with the digest `code` stands for `payload` for `seconds`."""
    await line.ask(keeping(kind, code, payload, seconds))


async def keep_first(line: AnyLine, kind: str, code: str, payload: dict[str, Any], seconds: int) -> None:
    """As `keep`, unless the token stands for something already, or was used."""
    await line.ask(packed("SET", kept(kind, code), orjson.dumps(payload, default=str), "EX", seconds, "NX"))


async def look(line: AnyLine, kind: str, code: str) -> dict[str, Any] | None:
    """What the token with the digest `code` stands for, while nobody has used it."""
    return (await _looked(line, kind, code))[0]


async def seen(line: AnyLine, kind: str, code: str) -> Burnt:
    """What the token with the digest `code` stands for, and who used it, if anybody did; it stays as it is."""
    [held] = await line.ask(packed("GET", kept(kind, code)))
    return _burnt(held, {})


async def seconds_left(line: AnyLine, kind: str, code: str) -> float:
    """How long the token with the digest `code` is good yet; 0 where it is not."""
    payload, left = await _looked(line, kind, code)
    return 0 if payload is None else max(0, left / 1000)


async def _looked(line: AnyLine, kind: str, code: str) -> tuple[dict[str, Any] | None, int]:
    key = kept(kind, code)
    held, left = await line.ask(packed("GET", key), packed("PTTL", key))
    return (None if held is None or b"\n" in held else orjson.loads(held)), left


async def issue(line: AnyLine, kind: str, payload: dict[str, Any], seconds: int) -> str:
    """A new token that stands for `payload` for `seconds`."""
    token = new_token()
    await line.ask(keeping(kind, digest(token), payload, seconds))
    return token


async def burn(line: AnyLine, kind: str, code: str, by: dict[str, Any]) -> Burnt:
    """Use up the token with the digest `code`: of any number of callers at once exactly one gets GOOD. USED tells for an
    hour who was first, so that a caller whose answer was lost, or whose connection asked again, knows its own use."""
    return (await burn_all(line, kind, [(code, by)]))[0]


async def burn_all(line: AnyLine, kind: str, many: Sequence[tuple[str, dict[str, Any]]]) -> list[Burnt]:
    """Use up several, one after the other, in one round trip."""
    held = await line.ask(*(packed("EVALSHA", BURN_SHA, 1, kept(kind, code), orjson.dumps(by, default=str), REMEMBERED)
                            for code, by in many))
    return [_burnt(each, by) for each, (_, by) in zip(held, many, strict=True)]


def _burnt(held: bytes | None, by: dict[str, Any]) -> Burnt:
    """What Redis held; `by`: who uses it now, where nobody did before."""
    if held is None:
        return Burnt(State.UNKNOWN, {}, {})
    payload, _, used_by = held.partition(b"\n")
    if used_by:
        return Burnt(State.USED, orjson.loads(payload), orjson.loads(used_by))
    return Burnt(State.GOOD, orjson.loads(payload), by)
