"""Signing in and out, and my devices."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from uuid import UUID

from haian.cache import limit
from haian.call import Call, Platform
from haian.errors import Forbidden, InvalidArgument, Unauthenticated
from haian.reads import Shown
from haian.registry import Event
from haian.transaction import Transaction
from identity import sessions, store
from identity.errors import CodeWrong, DeviceUnknown, NoCookie, PhoneInvalid
from identity.models import first_name
from identity.sms import sender

PHONE = re.compile(r"1[3-9][0-9]{9}")
CODE = re.compile(r"[0-9]{6}")
LIFETIME = 300
TRIES = 5
TRY = """
local held = redis.call('HGET', KEYS[1], 'proof')
if not held then return 0 end
if held == ARGV[1] then redis.call('DEL', KEYS[1]); return 1 end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) >= tonumber(ARGV[2]) then redis.call('DEL', KEYS[1]) end
return 0
"""


def checked_phone(text: str) -> str:
    phone = re.sub(r"[ \-]", "", text).removeprefix("+86")
    if not PHONE.fullmatch(phone):
        raise PhoneInvalid
    return phone


async def request_code(call: Call, phone: str) -> int:
    """Send a 6-digit code for 5 minutes; returns the seconds until another may be asked for. The answer is the same
    whether or not the number is known. The code is bound to this browser and kept as an HMAC. PhoneInvalid, RateLimited,
    NoCookie."""
    if not call.sets_cookies:
        raise NoCookie
    phone = checked_phone(phone)
    redis, key = call.platform.redis, call.platform.settings.index_key
    who = hmac.digest(key, f"{phone}@{call.viewer.address}".encode(), hashlib.sha256).hex()
    number = hmac.digest(key, phone.encode(), hashlib.sha256).hex()
    await limit(call.platform.line, f"sms:address:{call.viewer.address}", 60, 3600)
    await limit(call.platform.line, f"sms:pair:{who}", 5, 300)
    await limit(call.platform.line, f"sms:number:{number}", 20, 3600)
    await limit(call.platform.line, "sms:all", 3000, 60)
    code, browser = f"{secrets.randbelow(10**6):06d}", secrets.token_urlsafe(32)
    place = _asked(browser)
    async with redis.pipeline(transaction=True) as pipe:
        pipe.hset(place, mapping={"proof": _proof(key, phone, code), "tries": 0})
        pipe.expire(place, LIFETIME)
        await pipe.execute()
    await sender(call.platform).send(phone, "sign_in", code)
    call.cookies["asked"] = browser
    return 60


def _asked(browser: str) -> str:
    return f"haian:signin:{hashlib.sha256(browser.encode()).hexdigest()}"


def _proof(key: bytes, phone: str, code: str) -> str:
    return hmac.digest(key, f"{phone}:{code}".encode(), hashlib.sha256).hex()


async def sign_in(call: Call, phone: str, code: str, device_name: str) -> Shown:
    """Begin a session on this browser. CodeWrong, PhoneInvalid, RateLimited, NoCookie."""
    if not call.sets_cookies:
        raise NoCookie
    phone = checked_phone(phone)
    await limit(call.platform.line, f"signin:{call.viewer.address}", 120, 3600)
    if call.viewer.browser is None or not CODE.fullmatch(code):
        raise CodeWrong
    proof = _proof(call.platform.settings.index_key, phone, code)
    if not int(await call.platform.redis.eval(TRY, 1, _asked(call.viewer.browser), proof, TRIES)):  # type: ignore[misc]
        raise CodeWrong
    cookie, name = sessions.new_cookie(), device_name.replace("\x00", "")[:60]
    async with call.writing("identity") as tx:
        citizen = await store.citizen_of_phone(tx, phone, first_name(phone))
        device = await store.add_device(tx, citizen, sessions.hash_of(cookie), name)
        await tx.audit("SIGNED_IN", citizen, role="citizen", object_=str(device))
        if await store.has_other_devices(tx, citizen, device):
            await tx.emit("identity.signed_in", citizen, id=device, device=name)
        await sessions.begin(call.platform.redis, cookie, citizen, device)
    call.cookies |= {"session": cookie, "asked": None}
    return store.citizen(citizen)


async def sign_out(call: Call) -> bool:
    """End this device's session."""
    if call.viewer.session is None:
        return False
    async with call.writing("identity") as tx:
        await _end(call.platform, tx, UUID(call.viewer.session), None)
    call.cookies["session"] = None
    return True


async def end_device(call: Call, device: UUID) -> bool:
    """End one of my devices, at once. DeviceUnknown."""
    async with call.writing("identity") as tx:
        if not await _end(call.platform, tx, device, None):
            raise DeviceUnknown
    return True


async def end_other_devices(call: Call) -> int:
    """End all my devices but this one; returns how many there were."""
    if call.viewer.session is None:
        raise Unauthenticated
    async with call.writing("identity") as tx:
        return await _end(call.platform, tx, None, UUID(call.viewer.session))


async def _end(platform: Platform, tx: Transaction, only: UUID | None, but: UUID | None) -> int:
    ended = await store.end_devices(tx, only, but)
    for device, session in ended:
        await sessions.end(platform.redis, session, str(device))
        await tx.emit("identity.session_ended", tx.viewer.id, id=device, session=session)
    return len(ended)


async def end_again(platform: Platform, event: Event) -> None:
    """The session ended before its row was committed, and Redis may have forgotten that in a crash: end it again."""
    await sessions.end(platform.redis, event.payload["session"], event.payload["id"])


def access_token(call: Call) -> str:
    """A token of this session. Forbidden for who comes with one: it would live as long as it is renewed."""
    if call.viewer.by_token:
        raise Forbidden
    return str(call.platform.services["tokens"].make(str(call.viewer.id), call.viewer.session))


async def choose_community(call: Call, code: str) -> Shown:
    """Make a community mine, for what is near. InvalidArgument."""
    async with call.writing("identity") as tx:
        if not await store.set_community(tx, code):
            raise InvalidArgument(argument="code")
    return store.viewer()


