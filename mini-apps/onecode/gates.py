"""The rules of verifiers that are no person: registered by a manager, approved by somebody else in the district, given
a key by a one-time code, and ended at once. What they read goes the way of a guard's phone (`onecode.offline`)."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from haian.cache import OwnRate, Rate, limit
from haian.call import Call
from haian.codes import ALPHABET, digest
from haian.errors import Forbidden, NotFound, PublicError, Unavailable
from haian.reads import Shown
from haian.transaction import Answer, Transaction
from onecode import offline, proofs, store_gates
from onecode.errors import (
    DecidedAlready,
    EnrolmentUnknown,
    KeyInvalid,
    NotAtPost,
    PlaceInvalid,
    PlaceTaken,
    ProofInvalid,
    ReasonMissing,
    SceneUnknown,
    SecondPerson,
    VerifierRevoked,
)
from onecode.models import ALIKE
from onecode.verifiers import ENROL_LENGTH, ENROL_WITHIN, Kind, public_key, thumbprint
from staff.models import cleaned

ALONE = OwnRate(Rate(100, 1))
"""Reads for gates that ask while Redis is away, which counts what each of them and each address asks."""

# -- the manager, and the district -------------------------------------------------------------------------------------


async def register(call: Call, organisation: UUID, kind: Kind, scene: str, place: str, key: str) -> Shown:
    """A manager asks for a gate or a third party's access at a place, for a scene of the organisation's kind. PlaceInvalid,
    Forbidden, SceneUnknown, PlaceTaken."""
    where = cleaned(place, 40)
    if not where:
        raise PlaceInvalid
    async with call.writing("onecode") as tx:
        given = {"organisation": organisation, "kind": kind.value, "scene": scene, "place": where}
        answer = await tx.once("onecode.register", key, given, lambda: _register(tx, organisation, kind, scene, where))
    return store_gates.verifier(answer["id"])


async def _register(tx: Transaction, organisation: UUID, kind: Kind, scene: str, place: str) -> Answer:
    if not await store_gates.manages(tx, organisation):
        raise Forbidden
    if not await store_gates.has_scene(tx, organisation, scene, kind.value):
        raise SceneUnknown
    made = await store_gates.add_verifier(tx, kind.value, organisation, scene, place)
    if made is None:
        raise PlaceTaken
    await _note(tx, "VERIFIER_REGISTERED", made, "manager", organisation)
    await tx.emit_to("onecode.verifier_to_approve", await store_gates.platform_staff(tx), place=place)
    return {"id": made}


async def _note(tx: Transaction, action: str, verifier: UUID, role: str, office: UUID, reason: str = "") -> None:
    """What is done about a verifier is in the ledger; it is nobody's, since it is about no citizen."""
    await tx.audit(action, None, role=role, object_=str(verifier), office=office, reason=reason)


async def decide(call: Call, id: UUID, agree: bool) -> Shown:
    """Somebody in the district, who is not who registered it, approves or declines. Forbidden, NotFound, SecondPerson,
    DecidedAlready."""
    async with call.writing("onecode") as tx:
        office = await store_gates.platform_office(tx)
        if office is None:
            raise Forbidden
        held = await store_gates.hold(tx, id)
        if held is None:
            raise NotFound
        if held["asked_by"] == tx.viewer.id:
            raise SecondPerson
        if held["agreed"] is not None or held["revoked_at"] is not None:
            raise DecidedAlready
        await store_gates.decide(tx, id, agree)
        action = "VERIFIER_APPROVED" if agree else "VERIFIER_DECLINED"
        await _note(tx, action, id, office["role"], office["organisation_id"])
        if held["asked_by"]:
            event = "onecode.verifier_approved" if agree else "onecode.verifier_declined"
            await tx.emit(event, held["asked_by"], place=held["whole_place"])
    return store_gates.verifier(id)


async def enrolment(call: Call, id: UUID) -> tuple[str, datetime]:
    """A one-time code by which the device at this place registers its key within 15 minutes. The key that it has
    counts until then. NotFound where I do not manage it, VerifierRevoked."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(ENROL_LENGTH))
    async with call.writing("onecode") as tx:
        held = await store_gates.hold(tx, id)
        if held is None or not await store_gates.manages(tx, held["organisation_id"]):
            raise NotFound
        if not held["agreed"] or held["revoked_at"] is not None:
            raise VerifierRevoked
        until = tx.now + ENROL_WITHIN
        await store_gates.set_enrolment(tx, id, bytes.fromhex(digest(code)), until)
        await _note(tx, "VERIFIER_CODE_GIVEN", id, "manager", held["organisation_id"])
    return code, until


async def revoke(call: Call, id: UUID, reason: str) -> Shown:
    """Its manager or the district ends a verifier: from the commit on, no server reads a code for it. ReasonMissing,
    NotFound, DecidedAlready."""
    why = reason_of(reason)
    async with call.writing("onecode") as tx:
        held, office = await store_gates.hold(tx, id), await store_gates.platform_office(tx)
        if held is None or not (office or await store_gates.manages(tx, held["organisation_id"])):
            raise NotFound
        if held["revoked_at"] is not None or held["agreed"] is False:
            raise DecidedAlready
        await store_gates.revoke(tx, id, why)
        manages = office is None or office["organisation_id"] == held["organisation_id"]
        await _note(tx, "VERIFIER_REVOKED", id, "manager" if manages else office["role"],
                    held["organisation_id"] if manages else office["organisation_id"], why)
        if held["asked_by"] not in (None, tx.viewer.id):
            await tx.emit("onecode.verifier_revoked", held["asked_by"], place=held["whole_place"], reason=why)
    return store_gates.verifier(id)


async def show_scanned(call: Call, id: UUID, reason: str, before: datetime | None) -> list[Any]:
    """The district sees whom a verifier scanned; each of them finds that look, with its reason, in their ledger before
    a byte leaves. ReasonMissing, Forbidden, NotFound."""
    why = reason_of(reason)
    async with call.writing("onecode") as tx:
        office = await store_gates.platform_office(tx)
        if office is None:
            raise Forbidden
        if await store_gates.hold(tx, id) is None:
            raise NotFound
        found = await store_gates.scanned(tx, id, before)
        for holder in dict.fromkeys(scan["holder_id"] for scan in found if scan["holder_id"]):
            await tx.audit("SCANS_REVIEWED", holder, role=office["role"], object_=str(id), reason=why, ground="duty",
                           office=office["organisation_id"])
        await _note(tx, "VERIFIER_REVIEWED", id, office["role"], office["organisation_id"], why)
    return found


def reason_of(text: str) -> str:
    """ReasonMissing."""
    why = cleaned(text, 100)
    if why is None or len(why) < 2:
        raise ReasonMissing
    return why


# -- the device --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Signed:
    """What a device shows with a request: its proof, the body that this is for, and the addresses at which we are asked."""

    token: str
    body: bytes
    addresses: Sequence[str]


async def enrol(call: Call, code: str, key: Any, shown: Signed) -> Any:
    """Register the key that signed this, by the code that the manager was shown; sent again, the same. The device with its
    scene. RateLimited, KeyInvalid, ProofInvalid, ProofStale, EnrolmentUnknown."""
    await limit(call.platform.line, f"onecode:enrol:{call.viewer.address}", 10, 60)
    public = public_key(key)
    if public is None:
        raise KeyInvalid
    proofs.check(shown.token, public, shown.addresses, shown.body, call.clock.epoch())
    said = code.strip().upper().translate(ALIKE)
    async with call.writing("onecode") as tx:
        found = await store_gates.enrol(tx, bytes.fromhex(digest(said)), public, thumbprint(public))
        if found is None:
            raise EnrolmentUnknown
        await _note(tx, "VERIFIER_ENROLLED", found["id"], found["role"], found["organisation_id"])
        if found["asked_by"]:
            await tx.emit("onecode.verifier_enrolled", found["asked_by"], id=found["id"])
    return await door(call, found["id"])


async def door(call: Call, id: UUID) -> Any:
    """A verifier with its scene, or None."""
    return next(iter(await call.rows(store_gates.door(id))), None)


async def limit_address(call: Call) -> None:
    """Whatever one shows: so many requests from one address. RateLimited."""
    await limit(call.platform.line, f"onecode:gates:{call.viewer.address}", 3000, 60)


async def by_proof(call: Call, shown: Signed) -> Any:
    """The gate that signed this request. RateLimited, ProofInvalid, ProofStale, ProofReplayed, VerifierRevoked."""
    await limit_address(call)
    found = await door(call, proofs.name_of(shown.token))
    if found is None or found["key"] is None or found["kind"] != Kind.GATE.value:
        raise ProofInvalid
    jti = proofs.check(shown.token, found["key"], shown.addresses, shown.body, call.clock.epoch())
    if not found["active"]:
        raise VerifierRevoked
    await proofs.use(call.platform.line, str(found["device_id"]), jti)
    return found


async def scan(call: Call, code: str, nonce: str) -> Any:
    """Read a code of either kind as the verifier that `call` is: the way of a guard's phone, with the scene of its
    registration. What `onecode.offline.read` raises; VerifierRevoked."""
    return await _row(call, offline.read(call, code, nonce, store_gates.doors_of))


async def settle(call: Call, code: str, key: str) -> Any:
    """What it read without the server, as `onecode.offline.settle`; VerifierRevoked. A device that was registered anew
    settles nothing of before: NotAtPost."""
    try:
        return await _row(call, offline.settle(call, code, key, post_at=store_gates.door_at))
    except VerifierRevoked:
        found = await door(call, call.viewer.id or UUID(int=0))
        if found and found["active"]:
            raise NotAtPost from None
        raise


async def _row(call: Call, reading: Awaitable[Shown]) -> Any:
    try:
        shown = await reading
    except Forbidden:
        raise VerifierRevoked from None
    return (await call.rows(shown))[0]


async def kit(call: Call, id: UUID, after: int) -> Any:
    """What it needs to read codes without the server."""
    return next(iter(await call.rows(store_gates.kit(id, after, offline.MOST_STOPPED))))


async def unavailable(call: Call, shown: Signed) -> Unavailable:
    """What a gate is told that asked while Redis is away: `offline`, what its scene says of that time. Nothing of it to
    whoever did not prove to be a gate, where PostgreSQL is away too, and beyond ALONE: a gate has it from /gates/offline."""
    if not ALONE.takes():
        return Unavailable()
    with contextlib.suppress(PublicError):
        found = await door(call, proofs.name_of(shown.token))
        if found and found["key"] and found["active"]:
            proofs.check(shown.token, found["key"], shown.addresses, shown.body, call.clock.epoch())
            return Unavailable(offline=found["offline"])
    return Unavailable()


async def beat(call: Call, id: UUID) -> None:
    """A gate says that it is there."""
    async with call.writing("onecode") as tx:
        await store_gates.see(tx, id)
