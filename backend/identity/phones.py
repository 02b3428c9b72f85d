"""换手机号: I sign in with another number from now on.

Beside a recent factor, where I hold one, it takes a code that was sent to the new number, and one to the old: whoever finds
my telephone open has that one too, so a factor that is a day old counts instead, of which all my devices have heard. Whether
the new number is somebody's is told to nobody who has not shown its code.
"""

from __future__ import annotations

from typing import Any

from haian.cache import limit
from haian.call import Call, Platform
from haian.codes import new_digits
from haian.errors import PublicError
from haian.reads import Shown
from haian.registry import Event
from haian.steps import session_of
from haian.transaction import Transaction
from identity import pressure, store, store_phones
from identity.errors import CodeWrong, PhoneHeld, PhoneSame, PhoneShared, PhoneTaken
from identity.models import Level
from identity.service import CODE, checked_phone, keep_code, tried
from identity.sms import sender

TOLD_SECONDS = 86400


async def ask(call: Call, phone: str, work: str) -> dict[str, Any]:
    """Send a code to the new number, and where it takes one to the old, for 5 minutes and this session. The answer is the
    same whether or not the number is anybody's. PhoneInvalid, PhoneSame, PhoneShared, RateLimited, WorkNeeded."""
    place, phone = _asked(call), checked_phone(phone)
    async with call.writing("identity") as tx:
        [mine] = await tx.read(store_phones.my_phone())
    if mine["shared"] and call.platform.settings.demo:
        raise PhoneShared
    if mine["phone"] == phone:
        raise PhoneSame
    await limit(call.platform.line, f"phone:{call.viewer.id}", 10, 3600)
    await pressure.admit(call, phone, work)
    code, old = new_digits(), new_digits() if mine["old_needed"] else ""
    await keep_code(call.platform, place, _said(call, phone, code, old), old=int(bool(old)))
    await sender(call.platform).send(phone, "new_phone", code)
    if old:
        await sender(call.platform).send(mine["phone"], "old_phone", old)
    return {"phone": phone, "old_needed": bool(old), "shared": False}


async def change(call: Call, phone: str, code: str, old: str) -> Shown:
    """Make the number mine, and tell the old one and all my devices. CodeWrong, PhoneTaken, PhoneHeld, RateLimited."""
    place, phone = _asked(call), checked_phone(phone)
    await limit(call.platform.line, f"phone_tries:{call.viewer.id}", 30, 3600)
    wanted = await call.platform.redis.hget(place, "old")  # type: ignore[misc]
    said = _said(call, phone, code, old if wanted == b"1" else "")
    if not CODE.fullmatch(code) or not await tried(call.platform, place, said):
        raise CodeWrong
    async with call.writing("identity") as tx:
        before = await store_phones.locked_phone(tx)
        if not await store_phones.take_phone(tx, tx.viewer.id, phone):
            raise await _refusal(tx, phone)
        await tx.audit("PHONE_CHANGED", tx.viewer.id, role="citizen", fields=["phone"])
        await tx.emit("identity.phone_changed", tx.viewer.id, tail=phone[-4:])
        if before:
            await tx.emit("identity.phone_left", None, id=tx.viewer.id, phone=before, to=phone)
    if call.sets_cookies:
        call.cookies["asked"] = f".{pressure.known(call.platform, phone)}"
    return store.viewer()


async def _refusal(tx: Transaction, phone: str) -> PublicError:
    """Who shows the code of a number hears that it is an account's: they could sign in with it, as far as it goes."""
    return PhoneTaken() if await store_phones.level_of_holder(tx, phone) == Level.UNVERIFIED.value else PhoneHeld()


async def tell_old(platform: Platform, event: Event) -> None:
    """Whoever reads the old number hears that it was left, once: its owner may not have done it. One that a desk took away
    is somebody else's already."""
    if event.payload["to"] and await platform.redis.set(f"haian:phone:told:{event.id}", 1, nx=True, ex=TOLD_SECONDS):
        await sender(platform).send(event.payload["phone"], "phone_left", "")


def _asked(call: Call) -> str:
    """Where the codes of this session are kept. Unauthenticated, Forbidden."""
    return f"haian:phone:{session_of(call)}"


def _said(call: Call, phone: str, code: str, old: str) -> str:
    return f"phone\n{call.viewer.id}\n{phone}\n{code}\n{old}"
