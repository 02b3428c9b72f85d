"""A number that two gave: staff look at both, ask for the card, and settle whose it is. Both are told, neither of whom."""

from __future__ import annotations

import unicodedata
from typing import Any
from uuid import UUID

from haian.call import Call
from haian.errors import NotFound
from haian.reads import Shown
from haian.transaction import Transaction
from identity import numbers, store, store_disputes, store_numbers
from identity.errors import AlreadyVerified, DisputeReasonInvalid, DisputeSettled
from identity.models import Outcome
from identity.naming import name_citizen
from identity.numbers import FieldKeys

ROLE = "identity_officer"


async def settle(call: Call, dispute: UUID, outcome: Outcome, reason: str) -> Shown:
    """Settle whose the number is. `reason`: what was checked, for staff. Who is a party, or claimed it
    for a child, finds no dispute. NotFound,
    DisputeSettled, DisputeReasonInvalid, AlreadyVerified where the claimant has another number meanwhile."""
    reason = unicodedata.normalize("NFC", reason).strip()
    if not 4 <= len(reason) <= 200 or "\x00" in reason:
        raise DisputeReasonInvalid
    async with call.writing("identity") as tx:
        found = await store_disputes.lock_dispute(tx, dispute)
        if found is None:
            raise NotFound
        if found["settled_at"] is not None:
            raise DisputeSettled
        await store_disputes.settle_dispute(tx, dispute, outcome.value, reason)
        await _decided(tx, found, outcome, FieldKeys.of(call.platform.settings))
    return store.dispute(dispute)


async def _decided(tx: Transaction, found: Any, outcome: Outcome, keys: FieldKeys) -> None:
    holder, claimant = found["holder_id"], found["claimant_id"]
    for citizen in (holder, claimant):
        await tx.audit("DISPUTE_SETTLED", citizen, role=ROLE, object_=str(found["id"]), reason=outcome.value, ground="duty")
    if outcome is Outcome.HOLDER:
        await tx.emit("identity.number_kept", holder)
    else:
        await store_disputes.take_number(tx, holder, found["number_id"])
        await tx.emit("identity.number_lost", holder)
    if outcome is Outcome.CLAIMANT:
        if not await store_numbers.hand_number(tx, claimant, found["sealed"], found["number_id"], found["shown"]):
            raise AlreadyVerified
        await store_disputes.hand_on_disputes(tx, found["number_id"], claimant)
        number = numbers.unseal(found["sealed"], keys, claimant.bytes)
        await name_citizen(tx, claimant, found["claimed_name"], number, ROLE)
    else:
        await tx.emit("identity.claim_refused", claimant)
