"""Signing in and out, and my devices."""

from __future__ import annotations

import hashlib
import re
import secrets
from uuid import UUID

from haian import macs, steps
from haian.cache import limit
from haian.call import Call, Platform
from haian.codes import new_digits
from haian.errors import Forbidden, InvalidArgument, Unauthenticated
from haian.migrate import role_of
from haian.reads import Shown
from haian.registry import Event
from haian.transaction import Transaction, transaction
from haian.viewer import Viewer
from identity import pressure, sessions, store, store_browsers
from identity.errors import CodeWrong, DeviceUnknown, FactorStale, NoCookie, PhoneInvalid
from identity.models import first_name
from identity.places import places
from identity.sms import sender

PHONE = re.compile(r"1[3-9][0-9]{9}")
CODE = re.compile(r"[0-9]{6}")
LIFETIME = 300
HELD = 600
TRIES = 5
TRY = """
local held = redis.call('HGET', KEYS[1], 'proof')
if not held then return 0 end
for i = 2, #ARGV do
  if held == ARGV[i] then redis.call('DEL', KEYS[1]); return 1 end
end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) >= tonumber(ARGV[1]) then redis.call('DEL', KEYS[1]) end
return 0
"""


def checked_phone(text: str) -> str:
    phone = re.sub(r"[ \-]", "", text).removeprefix("+86")
    if not PHONE.fullmatch(phone):
        raise PhoneInvalid
    return phone


async def request_code(call: Call, phone: str, work: str) -> int:
    """Send a 6-digit code for 5 minutes; returns the seconds until another may be asked for. The answer is the same
    whether or not the number is known. The code is bound to this browser and kept as an HMAC. PhoneInvalid, RateLimited,
    WorkNeeded, NoCookie."""
    if not call.sets_cookies:
        raise NoCookie
    phone = checked_phone(phone)
    await pressure.admit(call, phone, work)
    code, browser = new_digits(), secrets.token_urlsafe(32)
    await keep_code(call.platform, _asked(browser), _said(phone, code))
    await sender(call.platform).send(phone, "sign_in", code)
    kept = (call.viewer.browser or "").partition(".")[2]  # with which number this browser signed in before
    call.cookies["asked"] = f"{browser}.{kept}"
    return 60


def _asked(browser: str) -> str:
    return f"haian:signin:{hashlib.sha256(browser.partition('.')[0].encode()).hexdigest()}"


def _said(phone: str, code: str) -> str:
    return f"{phone}:{code}"


async def keep_code(platform: Platform, place: str, said: str, **more: int) -> None:
    """Keep for 5 minutes the HMAC of a code and of what it was sent for, and what else is to be known of it."""
    proof = macs.mac(platform.settings, said.encode(errors="replace")).hex()
    async with platform.redis.pipeline(transaction=True) as pipe:
        pipe.hset(place, mapping={"proof": proof, "tries": 0, **more})
        pipe.expire(place, LIFETIME)
        await pipe.execute()


async def tried(platform: Platform, place: str, said: str) -> bool:
    """Whether this is what was kept there, which is then used up. Too many wrong ones use it up too."""
    proofs = [made.hex() for made in macs.macs(platform.settings, said.encode(errors="replace"))]
    return bool(int(await platform.redis.eval(TRY, 1, place, TRIES, *proofs)))  # type: ignore[misc]


async def sign_in(call: Call, phone: str, code: str, device_name: str) -> Shown:
    """Begin a session on this browser. CodeWrong, PhoneInvalid, RateLimited, NoCookie."""
    if not call.sets_cookies:
        raise NoCookie
    phone = checked_phone(phone)
    await limit(call.platform.line, f"signin:{call.viewer.address}", 120, 3600)
    if call.viewer.browser is None or not CODE.fullmatch(code):
        raise CodeWrong
    if not await tried(call.platform, _asked(call.viewer.browser), _said(phone, code)):
        raise CodeWrong
    name = device_name.replace("\x00", "")[:60]
    async with call.writing("identity") as tx:
        citizen = await store.citizen_of_phone(tx, phone, first_name(phone))
        held = await store_browsers.needs_factor(tx, citizen, _hash(call.viewer.known), call.platform.settings.demo)
        if held:
            await tx.audit("SIGN_IN_HELD", citizen, role="citizen")
            await tx.emit("identity.held", citizen, device=name)
            await _hold(call, citizen, name)
        else:
            await _begin(call, tx, citizen, name, "")
    return store.entered(citizen, held)


async def begin_session(call: Call, citizen: UUID, device_name: str, how: str) -> None:
    """Begin a session on this browser for who showed a second factor just now, or was helped, which counts as its step-up;
    `how`: PASSKEY, RECOVERY_CODE, DESK or FAMILY. NoCookie."""
    if not call.sets_cookies:
        raise NoCookie
    async with call.writing("identity") as tx:
        device = await _begin(call, tx, citizen, device_name.replace("\x00", "")[:60], how)
    await steps.confirm(call.platform, str(device))


async def _begin(call: Call, tx: Transaction, citizen: UUID, name: str, how: str) -> UUID:
    """A session, by its device, in a browser that is known from now on. One that showed a name not this citizen's gets
    another: whoever planted it learns nothing."""
    cookie, known = sessions.new_cookie(), call.viewer.known
    if known is None or not await store_browsers.knows_browser(tx, citizen, _hash(known)):
        known = secrets.token_urlsafe(32)
        await store_browsers.add_browser(tx, citizen, _hash(call.viewer.known), _hash(known))
    place = places(call.platform).of(call.viewer.address)
    device = await store.add_device(tx, citizen, sessions.hash_of(cookie), name, place, _hash(known))
    await tx.audit("SIGNED_IN", citizen, role="citizen", object_=str(device), reason=how)
    if await store.has_other_devices(tx, citizen, device):
        await tx.emit("identity.signed_in", citizen, id=device, device=name)
    phone = await store_browsers.phone_of(tx, citizen)
    await sessions.begin(call.platform.redis, cookie, citizen, device)
    call.cookies |= {"session": cookie, "known": known, "asked": f".{pressure.known(call.platform, phone)}"}
    return device


def _hash(known: str | None) -> bytes:
    return hashlib.sha256((known or "").encode()).digest()


def browser_of(call: Call) -> str:
    """A name for this browser while nobody is signed in there: of its cookie, which it gets where it has none. NoCookie."""
    if not call.sets_cookies:
        raise NoCookie
    browser, _, kept = (call.viewer.browser or "").partition(".")
    if not browser:
        browser = secrets.token_urlsafe(32)
        call.cookies["asked"] = f"{browser}.{kept}"
    return hashlib.sha256(browser.encode()).hexdigest()


async def _hold(call: Call, citizen: UUID, name: str) -> None:
    """The code was right: this browser, by a cookie that is new, has 10 minutes to show a second factor."""
    browser, kept = secrets.token_urlsafe(32), (call.viewer.browser or "").partition(".")[2]
    place = _held(hashlib.sha256(browser.encode()).hexdigest())
    async with call.platform.redis.pipeline(transaction=True) as pipe:
        pipe.hset(place, mapping={"citizen": str(citizen), "device": name})
        pipe.expire(place, HELD)
        await pipe.execute()
    call.cookies["asked"] = f"{browser}.{kept}"


async def held_here(call: Call) -> dict[str, str]:
    """Who waits in this browser to show a second factor: `citizen`, `device`, and what was added. FactorStale."""
    found: dict[bytes, bytes] = await call.platform.redis.hgetall(_held(browser_of(call)))  # type: ignore[misc]
    if not found:
        raise FactorStale
    return {name.decode(): value.decode() for name, value in found.items()}


async def hold_on(call: Call, seconds: int, **more: str) -> None:
    """Who waits here may wait longer, and `more` is kept of them."""
    place = _held(browser_of(call))
    async with call.platform.redis.pipeline(transaction=True) as pipe:
        pipe.hset(place, mapping=more)
        pipe.expire(place, seconds)
        await pipe.execute()


async def let_go(call: Call) -> None:
    """Nobody waits here any more."""
    await call.platform.redis.delete(_held(browser_of(call)))


def _held(browser: str) -> str:
    return f"haian:held:{browser}"


async def sign_out(call: Call) -> bool:
    """End this device's session."""
    if call.viewer.session is None:
        return False
    async with call.writing("identity") as tx:
        await end_devices(call.platform, tx, UUID(call.viewer.session), None)
    call.cookies["session"] = None
    return True


async def end_device(call: Call, device: UUID) -> bool:
    """End one of my devices, at once. DeviceUnknown."""
    async with call.writing("identity") as tx:
        if not await end_devices(call.platform, tx, device, None):
            raise DeviceUnknown
        await store_browsers.forget_browsers(tx, [device])
    return True


async def end_other_devices(call: Call) -> int:
    """End all my devices but this one; returns how many there were."""
    if call.viewer.session is None:
        raise Unauthenticated
    async with call.writing("identity") as tx:
        ended = await end_devices(call.platform, tx, None, UUID(call.viewer.session))
        await store_browsers.forget_browsers(tx, ended)
    return len(ended)


async def end_all(platform: Platform, citizen: UUID) -> None:
    """End every device of a citizen who leaves."""
    async with transaction(platform.db, role_of("identity"), Viewer(citizen), platform.clock) as tx:
        await end_devices(platform, tx, None, None)


async def end_devices(platform: Platform, tx: Transaction, only: UUID | None, but: UUID | None) -> list[UUID]:
    ended = await store.end_devices(tx, only, but)
    for device, session in ended:
        await sessions.end(platform.redis, session, str(device))
        await tx.emit("identity.session_ended", tx.viewer.id, id=device, session=session)
    return [device for device, _ in ended]


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


