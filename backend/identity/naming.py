"""实名: a citizen gives name and number, a verifier says whether they are one person's.

The verifier is asked outside any transaction: it may be slow. Where it is away, the worker asks again for a day. A number
that is another's already is no reason to learn whose: staff settle it (`disputes`).
"""

from __future__ import annotations

import re
import unicodedata
from copy import copy
from datetime import timedelta
from typing import Any
from uuid import UUID

from haian.cache import limit
from haian.call import Call, Platform
from haian.errors import Unauthenticated
from haian.reads import Shown
from haian.registry import Event
from haian.transaction import Transaction
from haian.viewer import ANONYMOUS, Viewer
from identity import numbers, store, store_numbers
from identity.errors import AlreadyVerified, ClaimOpen, GuardianNeeded, NameInvalid, NumberInvalid, NumberNone, TriesSpent
from identity.models import Level
from identity.numbers import FieldKeys
from identity.verifiers import Answer, verifier

NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+(·[\u3400-\u9fff\U00020000-\U0003134f]+)*|"
                  r"[A-Za-z]+([ '.-]+[A-Za-z]+)*")
PATIENCE = timedelta(days=1)
PAUSE = timedelta(seconds=30)
"""Before the worker asks for somebody whom the verifier was away for: the citizen's own request may still be on its way."""
A_TURN = 20
MOST_AWAY = 3


def checked_name(text: str) -> str:
    """A name as on the card: Chinese characters, with · between the parts of a longer one, or Latin letters. NameInvalid."""
    name = re.sub(r"[·•‧・．.](?=[\u3400-\u9fff])", "·", unicodedata.normalize("NFC", text).strip())
    if not 2 <= len(name) <= 50 or not NAME.fullmatch(name):
        raise NameInvalid
    return name


def checked_number(text: str, now: Any) -> str:
    """18 places with a right check digit; spaces between groups are forgiven. NumberInvalid."""
    number = numbers.normalise(re.sub(r"[ \u3000-]", "", text))
    if not numbers.is_valid(number, now.date()):
        raise NumberInvalid
    return number


async def verify(call: Call, name: str, number: str) -> Shown:
    """Give name and number. That they disagree, that the number is disputed and that the verifier is away are results. There
    is no key: with one the browser would keep the number until it is answered. NameInvalid, NumberInvalid, AlreadyVerified,
    GuardianNeeded, ClaimOpen, TriesSpent, RateLimited."""
    settings = call.platform.settings
    name, number = checked_name(name), checked_number(number, call.platform.clock.today())
    await limit(call.platform.line, f"verify:{call.viewer.address}", 60, 3600)
    async with call.writing("identity") as tx:
        citizen = await _checked_asker(tx, number)
        await store.give_up(tx, citizen)  # what still waits from before: they may have mistyped
        verification = await store.add_verification(tx, name, numbers.seal(number, FieldKeys.of(settings), citizen.bytes))
    await ask(call.platform, verification, call)
    return store.verified(verification)


async def _checked_asker(tx: Transaction, number: str) -> UUID:
    """The citizen who may ask with this number. Their row is held, so that many requests at once are counted one by one."""
    if tx.viewer.id is None:
        raise Unauthenticated
    if await store.locked_level(tx) != Level.UNVERIFIED.value:
        raise AlreadyVerified
    if not await store.may_consent(tx, numbers.birth_date(number)):
        raise GuardianNeeded
    if await store.has_open_claim(tx):
        raise ClaimOpen
    if await store.tries_left(tx) <= 0:
        raise TriesSpent
    return tx.viewer.id


async def ask(platform: Platform, verification: UUID, call: Call | None = None) -> bool:
    """Ask the verifier for a verification that waits, and write down what it says. False where it was away. `call`: of the
    citizen who waits for it; without, it is given more time."""
    async with platform.db.writing_as("identity") as connection:
        waiting = await store.waiting(connection, verification, platform.clock.now())
    if waiting is None:
        return True
    citizen = waiting["citizen_id"]
    number = numbers.unseal(waiting["sealed"], FieldKeys.of(platform.settings), citizen.bytes)
    answer = await verifier(platform).verify(waiting["name"], number, waiting["phone"], at_ease=call is None)
    if answer is Answer.AWAY:
        return False
    call = call or Call(platform, Viewer(citizen))
    async with call.writing("identity") as tx:
        found = await store.lock_verification(tx, verification)
        if found is not None:  # another was first, or it was given up
            await _answered(tx, verification, found, number, answer, platform)
    return True


async def _answered(tx: Transaction, verification: UUID, found: Any, number: str, answer: Answer,
                    platform: Platform) -> None:
    citizen = found["citizen_id"]
    if answer is Answer.DISAGREES:
        await store.answer_verification(tx, verification, "DISAGREED")
        await tx.audit("NAME_DISAGREED", citizen, role="citizen")
        await tx.emit("identity.disagreed", citizen)
        return
    settings = platform.settings
    index, shown = numbers.index(number, settings), numbers.mask(number)
    sealed = numbers.seal(number, FieldKeys.of(settings), citizen.bytes)
    if await store_numbers.add_citizen_number(tx, citizen, sealed, index, shown):
        await store.answer_verification(tx, verification, "AGREED")
        await name_citizen(tx, citizen, found["name"], number)
        return
    await store.answer_verification(tx, verification, "DISPUTED")
    holder = await store.open_dispute(tx, citizen, found["name"], sealed, index, shown)
    if holder is not None:
        await tell_claim(tx, citizen, holder)


async def tell_claim(tx: Transaction, claimant: UUID, holder: UUID, role: str = "citizen") -> None:
    """Both hear that staff will settle whose the number is. `role`: as what the viewer claims it."""
    await tx.audit("NUMBER_DISPUTED", claimant, role=role)
    await by_nobody(tx).audit("NUMBER_CLAIMED", holder, role="other")
    await tx.emit("identity.number_disputed", claimant)
    await tx.emit("identity.number_claimed", holder)


def by_nobody(tx: Transaction) -> Transaction:
    """The same transaction, of which a line in somebody's ledger names nobody: neither side learns who the other is."""
    unnamed = copy(tx)
    unnamed.viewer = ANONYMOUS
    return unnamed


async def name_citizen(tx: Transaction, citizen: UUID, name: str, number: str, role: str = "citizen") -> None:
    """A citizen is real-named: the name on the card, and the birth date that is in the number. `role`: as what the viewer
    says so."""
    await store.set_name(tx, citizen, name, numbers.birth_date(number))
    await tx.audit("NAME_VERIFIED", citizen, role=role)
    await tx.emit("identity.verified", citizen)


async def show_number(call: Call) -> str:
    """My whole number, which is in my ledger: whoever holds my phone may have looked. NumberNone."""
    async with call.writing("identity") as tx:
        number = await _my_number(tx, call.platform)
        if number is None:
            raise NumberNone
        await tx.audit("NUMBER_SHOWN", tx.viewer.id, role="citizen", fields=["number"])
        return number


async def my_card(call: Call) -> tuple[str, str] | None:
    """My whole name and number, for an authority that is asked about me; nobody is shown them. None where I have none."""
    async with call.writing("identity") as tx:
        number = await _my_number(tx, call.platform)
        return (await store_numbers.my_name(tx), number) if number else None


async def _my_number(tx: Transaction, platform: Platform) -> str | None:
    sealed = await store_numbers.my_sealed_number(tx)
    return numbers.unseal(sealed, FieldKeys.of(platform.settings), tx.viewer.id.bytes) if sealed and tx.viewer.id else None


async def weigh(platform: Platform, event: Event) -> None:
    """高级实名 is a real name and a passkey, which wants its user verified: it begins with the first passkey and ends with
    the last. Whatever was heard, what there is now counts."""
    async with platform.writing("identity") as tx:
        level = await store.weigh(tx, event.citizen)
        if level is not None:
            await tx.audit("LEVEL_RAISED" if level == Level.STRONG.value else "LEVEL_LOWERED", event.citizen, role="citizen")
            await tx.emit("identity.level_changed", event.citizen)


async def ask_again(platform: Platform) -> None:
    """For whom the verifier was away: ask again, the one that waited longest first; after a day they are told that nothing
    came of it. Where it is away three times in a row, the rest waits for the next turn."""
    now = platform.clock.now()
    call = Call(platform)
    async with call.writing("identity") as tx:
        for citizen in await store.lapse(tx, now - PATIENCE):
            await tx.emit("identity.verify_lapsed", citizen)
        due = await store.due_verifications(tx, now - PAUSE, A_TURN)
    away = 0
    for verification in due:
        away = 0 if await ask(platform, verification) else away + 1
        if away >= MOST_AWAY:
            return


async def citizen_of_number(call: Call, number: str) -> UUID | None:
    """Whose citizen ID number this is, for a desk that has seen the card: only its HMAC is compared. NumberInvalid."""
    index = numbers.index(checked_number(number, call.platform.clock.today()), call.platform.settings)
    async with call.writing("identity") as tx:
        return await store_numbers.citizen_of_number(tx, index)
