"""A number at a desk 号码核实: operators give numbers to the next customer, while an account of somebody else still has
them; and an account without a number, such as an enrolled child's, gets one.

Who stands there shows a card and reads out the code that the number got. The officer learns nothing of any account; the one
that had the number keeps all else, and hears of it on its devices.
"""

from __future__ import annotations

from typing import Any

from haian.cache import limit
from haian.call import Call
from haian.codes import new_digits
from haian.steps import session_of
from haian.transaction import Transaction
from identity import naming, pressure, store, store_phones
from identity.errors import CodeWrong, DeskSelf, PhoneFree, PhoneShared, PhoneTaken, PhoneTheirs
from identity.models import DeskPhone
from identity.service import CODE, checked_phone, keep_code, tried
from identity.sms import sender

ROLE = "desk_officer"


async def ask(call: Call, phone: str, work: str) -> str:
    """Send a code to the number of who stands here; it is good for this session and 5 minutes. Returns the number.
    PhoneInvalid, RateLimited, WorkNeeded."""
    place, phone = _asked(call), checked_phone(phone)
    await limit(call.platform.line, f"desk_phone:{call.viewer.id}", 60, 3600)
    await pressure.admit(call, phone, work)
    code = new_digits()
    await keep_code(call.platform, place, _said(call, phone, code))
    await sender(call.platform).send(phone, "desk_phone", code)
    return phone


async def settle(call: Call, phone: str, code: str, card: str) -> DeskPhone:
    """Take the number from the account of somebody else; give it to the account of the card, where that has none.
    NumberInvalid, CodeWrong, PhoneTheirs, PhoneFree, PhoneShared, PhoneTaken, DeskSelf, RateLimited."""
    place, phone = _asked(call), checked_phone(phone)
    await limit(call.platform.line, f"desk_phone_tries:{call.viewer.id}", 120, 3600)
    owner = await naming.citizen_of_number(call, card)  # a card that was mistyped costs no try
    if not CODE.fullmatch(code) or not await tried(call.platform, place, _said(call, phone, code)):
        raise CodeWrong
    async with call.writing("identity") as tx:
        found = await store_phones.at_desk(tx, phone, owner)
        holder = next((each for each in found if each["phone"] == phone), None)
        mine = next((each for each in found if each["id"] == owner and not each["phone"]), None)
        _check(call, holder, mine, owner)
        if holder:
            await _free(tx, holder, phone)
        if mine:
            await _give(tx, mine, phone)
    return DeskPhone.MOVED if holder and mine else DeskPhone.FREED if holder else DeskPhone.GIVEN


def _check(call: Call, holder: Any, mine: Any, owner: Any) -> None:
    """PhoneTheirs, PhoneFree, PhoneShared, DeskSelf."""
    if call.viewer.id in (holder and holder["id"], owner):
        raise DeskSelf
    if holder and holder["id"] == owner:
        raise PhoneTheirs
    if not holder and not mine:
        raise PhoneFree
    if holder and holder["demo"] and call.platform.settings.demo:
        raise PhoneShared


async def _free(tx: Transaction, holder: Any, phone: str) -> None:
    """The account keeps all but the number; what waits for that waits for nobody."""
    await store.give_up(tx, holder["id"])
    await store_phones.free_phone(tx, holder["id"])
    await tx.audit("PHONE_FREED", holder["id"], role=ROLE, fields=["phone"], ground="duty")
    await tx.emit("identity.phone_freed", holder["id"], tail=phone[-4:])
    await tx.emit("identity.phone_left", None, id=holder["id"], phone=phone, to=None)


async def _give(tx: Transaction, mine: Any, phone: str) -> None:
    """A child's guardians hear of it too."""
    if not await store_phones.take_phone(tx, mine["id"], phone):
        raise PhoneTaken  # somebody signed in with it at this moment
    await tx.audit("PHONE_GIVEN", mine["id"], role=ROLE, fields=["phone"], ground="guardian" if mine["is_child"] else "duty")
    for citizen in (mine["id"], *mine["guardians"]):
        await tx.emit("identity.phone_given", citizen, name=mine["name"], tail=phone[-4:])


def _asked(call: Call) -> str:
    """Where the code of this session is kept. Unauthenticated, Forbidden."""
    return f"haian:desk_phone:{session_of(call)}"


def _said(call: Call, phone: str, code: str) -> str:
    return f"desk_phone\n{call.viewer.id}\n{phone}\n{code}"
