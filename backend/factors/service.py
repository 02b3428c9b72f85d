"""The rules of second factors: passkeys, recovery codes, and the step-up that either of them gives."""

from __future__ import annotations

import re
import secrets
import unicodedata
from uuid import UUID

from factors import passkeys, store
from factors.errors import (
    NameWrong,
    NoFactor,
    PasskeyCloned,
    PasskeyStale,
    PasskeyTaken,
    PasskeyUnknown,
    PasskeyWrong,
    RecoveryCodeWrong,
    TooMany,
)
from haian import macs, steps
from haian.cache import limit
from haian.call import Call, Platform
from haian.db import Database
from haian.settings import Settings

CHALLENGE_SECONDS = 300
MOST_PASSKEYS = 10
CODES = 10
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit. 16 of them are 80 bits."""


async def register_options(call: Call) -> str:
    """What the browser is to make a passkey by."""
    async with call.writing("factors") as tx:
        known, [me] = await store.my_credentials(tx), await tx.read(store.me())
    given = await challenge(call, "make", steps.session_of(call))
    return passkeys.to_make(given, me["id"], me["masked_phone"] or me["masked_name"], me["masked_name"], known)


async def register(call: Call, answer: str, name: str) -> bool:
    """Keep a passkey that this browser made, and tell all my devices. Its user was verified, so this is a step-up.
    PasskeyStale, PasskeyWrong, PasskeyTaken, TooMany, NameWrong."""
    name, session = checked_name(name), steps.session_of(call)
    made = passkeys.made(answer, await _spent(call, "make", session), call.platform.settings.public_origins)
    async with call.writing("factors") as tx:
        passkey = await store.add_passkey(tx, made, name, MOST_PASSKEYS)
        if passkey is None:
            raise TooMany if len(await store.my_credentials(tx)) >= MOST_PASSKEYS else PasskeyTaken
        await tx.audit("PASSKEY_ADDED", tx.viewer.id, role="citizen", object_=str(passkey))
        await tx.emit("factors.passkey_added", tx.viewer.id, id=passkey, name=name)
    await steps.confirm(call.platform, session)
    return True


async def rename(call: Call, passkey: UUID, name: str) -> bool:
    """PasskeyUnknown, NameWrong."""
    name = checked_name(name)
    async with call.writing("factors") as tx:
        if not await store.rename(tx, passkey, name):
            raise PasskeyUnknown
    return True


async def remove(call: Call, passkey: UUID) -> bool:
    """End a passkey, and tell all my devices. PasskeyUnknown."""
    async with call.writing("factors") as tx:
        name = await store.remove(tx, passkey)
        if name is None:
            raise PasskeyUnknown
        await tx.audit("PASSKEY_REMOVED", tx.viewer.id, role="citizen", object_=str(passkey))
        await tx.emit("factors.passkey_removed", tx.viewer.id, id=passkey, name=name)
    return True


async def make_recovery_codes(call: Call) -> list[str]:
    """Ten new codes, shown this once; those from before are good no more."""
    async with call.writing("factors") as tx:
        assert tx.viewer.id
        codes = ["".join(secrets.choice(LETTERS) for _ in range(16)) for _ in range(CODES)]
        settings = call.platform.settings
        await store.set_recovery_codes(tx, [macs.mac(settings, _said(tx.viewer.id, code)) for code in codes],
                                       macs.name_of(settings.index_key))
        await tx.audit("RECOVERY_CODES_MADE", tx.viewer.id, role="citizen")
        await tx.emit("factors.codes_made", tx.viewer.id)
    return ["-".join(re.findall("....", code)) for code in codes]


async def with_old_codes(platform: Platform) -> int:
    """How many have recovery codes that were made with another index key than the newest. They cannot be made anew, so that
    key has to stay; none where no other is given, since there is nothing to keep."""
    if len(macs.keys(platform.settings)) == 1:
        return 0
    async with platform.writing("factors") as tx:
        return await store.with_other_codes(tx, macs.name_of(platform.settings.index_key))


async def lacks_key(db: Database, settings: Settings) -> bool:
    """Whether there are recovery codes by an index key that this process was not given: it would refuse them."""
    async with db.writing_as("factors") as connection:
        return await store.needs_another(connection, [macs.name_of(key) for key in macs.keys(settings)])


async def forget_lost_codes(platform: Platform) -> None:
    """Let go of recovery codes whose index key is given no more; whose they are makes new ones."""
    async with platform.writing("factors") as tx:
        await store.forget_codes(tx, [macs.name_of(key) for key in macs.keys(platform.settings)])


async def step_up_options(call: Call) -> str:
    """What the browser is to show one of my passkeys by; without any, what it has to show is a recovery code. NoFactor."""
    if not await call.value(steps.has_factor()):
        raise NoFactor
    async with call.writing("factors") as tx:
        known = await store.my_credentials(tx)
    if not known:
        return ""
    return passkeys.to_show(await challenge(call, "step", steps.session_of(call)), known)


async def step_up(call: Call, answer: str, code: str) -> bool:
    """Show a passkey (`answer`) or a recovery code, so that for 5 minutes what wants a recent factor may be done.
    PasskeyStale, PasskeyWrong, PasskeyCloned, RecoveryCodeWrong, RateLimited."""
    session, citizen = steps.session_of(call), call.viewer.id
    assert citizen
    if answer:
        await show_passkey(call, answer, "step", session, citizen)
    else:
        await show_code(call, code, citizen)
    await steps.confirm(call.platform, session)
    return True


async def show_passkey(call: Call, answer: str, purpose: str, binding: str, citizen: UUID | None = None) -> UUID:
    """Whose passkey answered the challenge that was given for this purpose. A counter that went back is no mistake of the
    citizen's: two have the key, so it is suspended and all their devices are told. PasskeyStale, PasskeyWrong,
    PasskeyCloned."""
    given, credential = await _spent(call, purpose, binding), passkeys.shown_id(answer)
    async with call.writing("factors") as tx:
        held = await store.held_passkey(tx, credential)
        if held is None or (citizen and held["citizen_id"] != citizen):
            raise PasskeyWrong
        owner: UUID = held["citizen_id"]
        count = passkeys.count_shown(answer, given, call.platform.settings.public_origins, held["public_key"], owner)
        cloned = max(count, held["sign_count"]) > 0 and count <= held["sign_count"]
        if cloned:
            await store.suspend(tx, held["id"])
            await tx.audit("PASSKEY_CLONED", owner, role="citizen", object_=str(held["id"]))
            await tx.emit("factors.passkey_cloned", owner, id=held["id"], name=held["name"])
        else:
            await store.note_use(tx, held["id"], count)
    if cloned:
        raise PasskeyCloned
    return owner


async def show_code(call: Call, code: str, citizen: UUID) -> None:
    """Use up a recovery code, and say on all devices that it was used. RecoveryCodeWrong, RateLimited."""
    await limit(call.platform.line, f"recovery:{call.viewer.address}", 20, 600)
    async with call.writing("factors") as tx:
        hashes = macs.macs(call.platform.settings, _said(citizen, tidy(code)))
        left = await store.burn_recovery_code(tx, citizen, hashes)
        if left is None:
            raise RecoveryCodeWrong
        await tx.audit("RECOVERY_CODE_USED", citizen, role="citizen")
        await tx.emit("factors.code_used", citizen, left=left)


def checked_name(text: str) -> str:
    """NameWrong for what is no name of 1 to 60 characters on one line."""
    name = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise NameWrong
    return name


def tidy(code: str) -> str:
    """A code as it was made, however it was copied: small letters, spaces, an O for a zero."""
    return code.upper().translate({ord("O"): "0", ord("I"): "1", ord("L"): "1", ord("-"): None, ord(" "): None})


def _said(citizen: UUID, code: str) -> bytes:
    return b"recovery code " + citizen.bytes + code.encode(errors="replace")


async def challenge(call: Call, purpose: str, binding: str) -> bytes:
    """256 random bits for this purpose, of this browser."""
    made = secrets.token_bytes(32)
    await call.platform.redis.set(_place(purpose, binding), made, ex=CHALLENGE_SECONDS)
    return made


async def _spent(call: Call, purpose: str, binding: str) -> bytes:
    """The challenge that was given last, good once. PasskeyStale."""
    given: bytes | None = await call.platform.redis.getdel(_place(purpose, binding))
    if given is None:
        raise PasskeyStale
    return given


def _place(purpose: str, binding: str) -> str:
    return f"haian:challenge:{purpose}:{binding}"
