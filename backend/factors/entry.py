"""The second factor at sign-in: a passkey alone; after the code by SMS a recovery code, a desk that compares the card, or
somebody of the family.

Whoever comes here is nobody yet: what binds the steps is the browser's own cookie.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from factors import passkeys, service, store
from factors.errors import CardWrong, HelpCooling, HelpPending, HelpStopped, HelpUnknown, SameOfficer, VouchUnfit
from haian.cache import limit
from haian.call import Call
from haian.errors import NotFound
from haian.reads import Shown
from haian.steps import COOL_OFF
from identity import naming
from identity.service import begin_session, browser_of, held_here, hold_on, let_go

HELP = timedelta(hours=1)
TIE_AGE = timedelta(days=7)
"""Who came to be a guardian or delegate just now may have done so for this."""
APART = timedelta(days=30)
"""So long an officer who gave an account its number lets nobody into it."""
ROLE = "desk_officer"


async def options(call: Call) -> str:
    """By what this browser shows whichever passkey it has for us. NoCookie, RateLimited."""
    await limit(call.platform.line, f"passkey:{call.viewer.address}", 120, 3600)
    return passkeys.to_show(await service.challenge(call, "enter", browser_of(call)))


async def sign_in(call: Call, answer: str, device: str) -> UUID:
    """Begin a session for whose passkey it is: it is two factors in one. PasskeyStale, PasskeyWrong, PasskeyCloned."""
    citizen = await service.show_passkey(call, answer, "enter", browser_of(call))
    await begin_session(call, citizen, device, "PASSKEY")
    return citizen


async def complete(call: Call, code: str) -> UUID:
    """Begin the session of who is held in this browser, by a recovery code. FactorStale, RecoveryCodeWrong, RateLimited."""
    held = await held_here(call)
    citizen = UUID(held["citizen"])
    await service.show_code(call, code, citizen)
    return await _enter(call, citizen, held["device"], "RECOVERY_CODE")


async def ask_help(call: Call) -> str:
    """A number to say at a staff desk, for an hour. FactorStale, RateLimited."""
    held = await held_here(call)
    await limit(call.platform.line, f"help:{held['citizen']}", 10, 3600)
    async with call.writing("factors") as tx:
        help_ = None
        while help_ is None:
            number = f"{secrets.randbelow(10**8):08d}"
            help_ = await store.add_help(tx, UUID(held["citizen"]), number, held["device"], tx.now + HELP)
    await hold_on(call, int(HELP.total_seconds()), help=number)
    return number


async def give_help(call: Call, number: str, card: str) -> bool:
    """A desk officer hears the number and has the card before them: its number must be the account's. The officer learns
    nothing else, and helps neither themself nor an account to which they gave its number. HelpUnknown, CardWrong,
    SameOfficer, NumberInvalid, RateLimited."""
    await limit(call.platform.line, f"give_help:{call.viewer.id}", 60, 3600)
    async with call.writing("factors") as tx:
        found = await store.asks_help(tx, digits(number))
    if found is None:
        raise HelpUnknown
    help_, citizen = found
    right = await naming.citizen_of_number(call, card) == citizen
    async with call.writing("factors") as tx:
        same = right and await store.gave_phone(tx, citizen, tx.now - APART)
        given = right and not same and await store.give_help(tx, help_)
        await tx.audit("HELP_GIVEN" if given else "HELP_REFUSED", citizen, role=ROLE, object_=str(help_), ground="consent")
        if given:
            await tx.emit("factors.help_given", citizen)
    if not given:
        raise SameOfficer if same else HelpUnknown if right else CardWrong
    return True


async def vouch(call: Call, number: str) -> datetime:
    """Somebody of the family hears the number and says that it is them: a guardian, or who holds a mandate, for a week and
    longer. It counts from the time that comes back, and all devices hear of it before. To who is nothing to them it is a
    number that nobody has. HelpUnknown, VouchUnfit, RateLimited."""
    await limit(call.platform.line, f"vouch:{call.viewer.id}", 20, 3600)
    async with call.writing("factors") as tx:
        found = await store.asks_help(tx, digits(number))
        tie = await store.tie(tx, found[1], TIE_AGE) if found else None
        if found is None or tie is None:
            raise HelpUnknown
        if not tie["is_fit"]:
            raise VouchUnfit
        help_, citizen = found
        ready = tx.now + COOL_OFF
        if not await store.vouch(tx, help_, tie["kind"], ready, ready + COOL_OFF):  # so long again it is good
            raise HelpUnknown
        await tx.audit("HELP_VOUCHED", citizen, role=tie["kind"], object_=str(help_), ground="consent")
        await tx.emit("factors.vouched", citizen, name=tie["name"], ready_at=ready)
    return ready


async def stop(call: Call, help_: UUID) -> Shown:
    """It is not me who asks: nobody comes in by that. NotFound."""
    async with call.writing("factors") as tx:
        if not await store.stop_help(tx, help_):
            raise NotFound
        await tx.audit("HELP_STOPPED", tx.viewer.id, role="citizen", object_=str(help_))
        await tx.emit("factors.help_stopped", tx.viewer.id)
    return store.vouched()


async def helped(call: Call, number: str) -> UUID:
    """Begin the session of who is held in this browser, once they were helped: by a desk, or a day ago by their family.
    `number`: what was said there, by who was held here before. FactorStale, HelpPending, HelpCooling, HelpStopped,
    RateLimited."""
    held = await held_here(call)
    citizen = UUID(held["citizen"])
    await limit(call.platform.line, f"helped:{citizen}", 60, 3600)
    async with call.writing("factors") as tx:
        found = await store.help_of(tx, citizen, digits(number or held.get("help", "")))
        if found is None:
            raise HelpPending
        if found["is_stopped"]:
            raise HelpStopped
        if found["waits"]:
            raise HelpCooling
        how = await store.use_help(tx, found["id"])
        if how is None:
            raise HelpPending
    return await _enter(call, citizen, held["device"], how)


def digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


async def _enter(call: Call, citizen: UUID, device: str, how: str) -> UUID:
    await let_go(call)
    await begin_session(call, citizen, device, how)
    return citizen
