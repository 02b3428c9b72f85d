"""登记儿童: a desk that has a child's papers before it gives the child name and number, for a guardian who consents there.

It runs inside the desk's own transaction, so that a child and its guardian stand or fall together; the database looks at the
post again and lets one of two desks make the child (`haian.enrol_child`). A number of another name is disputed, as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from haian.call import Call
from haian.ids import new_id
from haian.transaction import Transaction
from identity import numbers, store_numbers
from identity.errors import ChildPhoneUnfit, NameInvalid, NumberInvalid, PhoneInvalid
from identity.models import Level
from identity.naming import checked_name, checked_number, tell_claim
from identity.numbers import FieldKeys
from identity.service import checked_phone

ROLE, GUARDIAN = "desk_officer", "guardian"
GROUNDS = {ROLE: "guardian", GUARDIAN: "kin"}
"""As what the viewer enrols a child, and on which ground."""


@dataclass(frozen=True)
class Papers:
    """What a child's papers say: the number, sealed for nobody yet; and, to enrol by, the name and the child's own phone."""

    number: str
    name: str
    phone: str
    keys: FieldKeys
    index: list[bytes]

    @property
    def born(self) -> date | None:
        return numbers.birth_date(self.number)

    @property
    def shown(self) -> str:
        return numbers.mask(self.number)

    def sealed(self, child: UUID) -> bytes:
        return numbers.seal(self.number, self.keys, child.bytes)


def papers(call: Call, number: str, name: str, phone: str) -> Papers:
    """As an officer read them; `name` and `phone` may be empty. NumberInvalid, NameInvalid, PhoneInvalid."""
    settings = call.platform.settings
    try:
        number = checked_number(number, call.platform.clock.today())
        name, phone = checked_name(name) if name.strip() else "", checked_phone(phone) if phone.strip() else ""
    except (NumberInvalid, NameInvalid, PhoneInvalid) as refused:
        argument = {NumberInvalid: "child", NameInvalid: "childName", PhoneInvalid: "childPhone"}[type(refused)]
        raise type(refused)(argument=argument) from None
    return Papers(number, name, phone, FieldKeys.of(settings), numbers.index(number, settings))


async def enrol(tx: Transaction, child: Papers, seen: str, role: str = ROLE) -> UUID | None:
    """Who has the number: the child, real-named from now on, or who was first. ChildPhoneUnfit."""
    account = await _account(tx, child)
    found = await store_numbers.enrol(tx, account, child.name, child.born, child.sealed(account), child.index, child.shown,
                                      role == GUARDIAN)
    if found is None:
        raise ChildPhoneUnfit(argument="childPhone")  # real-named meanwhile
    if found == account:
        await tx.audit("NAME_VERIFIED", account, role=role, fields=["name", "number"], reason=seen,
                       ground=GROUNDS[role])
        await tx.emit("identity.verified", account)
    return found


async def claim(tx: Transaction, child: Papers, role: str = ROLE) -> bool:
    """The number is somebody's of another name: staff settle whose it is, and both are told. False where that is claimed
    already. ChildPhoneUnfit."""
    account = await _account(tx, child)
    holder = await store_numbers.claim(tx, account, child.name, child.sealed(account), child.index, child.shown,
                                       role == GUARDIAN)
    if holder is not None:
        await tell_claim(tx, account, holder, role)
    return holder is not None


async def _account(tx: Transaction, child: Papers) -> UUID:
    """That of the child's own phone; without one a new one, or what was made when the number was disputed before."""
    if not child.phone:
        return await store_numbers.child_claimed(tx, child.index, child.name) or new_id()
    found = await store_numbers.account_of(tx, child.phone)
    if found is None or found["level"] != Level.UNVERIFIED.value:
        raise ChildPhoneUnfit(argument="childPhone")
    id_: UUID = found["id"]
    return id_
