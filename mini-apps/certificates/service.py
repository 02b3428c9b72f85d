"""The rules of certificates. One mutation is one call here is one transaction; an office is asked outside of any."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag

from certificates import store, vault
from certificates.errors import AlreadyHeld, CorrectionInvalid, CorrectionOpen, IssuerAway, NameNeeded, NotMine
from certificates.issuers import issuer
from certificates.models import OFFICER, SAYS, WORDS, Outcome, Record, fits, identifier, masked, tidy
from haian.authorities import Away
from haian.cache import limit
from haian.call import Call, Platform
from haian.errors import NotFound
from haian.ids import new_id
from haian.reads import Shown
from haian.transaction import Answer, Transaction
from identity.naming import my_card
from identity.numbers import FieldKeys
from identity.sealing import A_TURN, Resealed

log = structlog.get_logger()
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


async def claim(call: Call, kind_id: str, key: str) -> Shown:
    """Take a certificate of mine into my wallet, as its office tells it. NameNeeded, AlreadyHeld, NotFound for a kind that
    there is not, RateLimited. That the office has none of mine and that it is away are results."""
    await limit(call.platform.line, f"certificates:claim:{call.viewer.id}", 60, 3600)
    async with call.writing("certificates") as tx:
        kind, rules = await _asked(tx, kind_id)
    card = await my_card(call)
    if card is None:
        raise NameNeeded
    try:
        record = await issuer(call.platform).find(kind_id, *card, {rule["name"] for rule in rules})
    except Away:
        return store.away()
    if record is None:
        return store.nowhere()
    async with call.writing("certificates") as tx:
        async def decide() -> Answer:
            made = await keep(tx, call, tx.viewer.id, kind, rules, record)
            if made is None:
                raise AlreadyHeld
            await tx.audit("CERTIFICATE_CLAIMED", tx.viewer.id, role="citizen", object_=kind_id)
            return {"id": made}
        answer = await tx.once("certificates.claim", key, {"kind": kind_id}, decide)
    return store.claimed(UUID(str(answer["id"])))


async def _asked(tx: Transaction, kind_id: str) -> tuple[Any, list[Any]]:
    kind = next(iter(await tx.read(store.kind(kind_id))), None)
    if kind is None:
        raise NotFound
    return kind, list(await store.claim_rules(tx, kind_id))


async def keep(tx: Transaction, call: Call, citizen: UUID | None, kind: Any, rules: list[Any], record: Record,
               demo: bool = False) -> UUID | None:
    """Into a wallet, as the next version where it was in one before; None where one of this kind is there."""
    await store.hold_serial(tx, kind["id"], record.issuer_code, record.serial)
    version = await store.next_version(tx, kind["id"], record.issuer_code, record.serial)
    id_, named = new_id(), identifier(kind["code"], record.issuer_code, record.serial, version)
    made = await store.add(tx, id_, citizen, kind["id"], named, record, version, birthday(record.claims),
                           shown(record.claims, rules), vault.close(call.platform.settings, id_, record.claims), demo)
    return id_ if made else None


def shown(claims: dict[str, str], rules: list[Any]) -> dict[str, str]:
    """The claims, masked as their kind says."""
    return {rule["name"]: masked(claims[rule["name"]], rule["masking"]) for rule in rules}


def birthday(claims: dict[str, str]) -> date | None:
    said = claims.get("birthdate", "")
    try:
        return date.fromisoformat(said) if DAY.fullmatch(said) else None
    except ValueError:
        return None


async def unmask(call: Call, id_: UUID) -> dict[str, str]:
    """What a certificate of mine says, whole: it is in my ledger and among its uses, since whoever holds my phone may have
    looked. NotFound."""
    async with call.writing("certificates") as tx:
        found = await store.my_sealed(tx, id_)
        if found is None or tx.viewer.id is None:
            raise NotFound
        claims = vault.open_(call.platform.settings, id_, found["sealed"])
        await store.add_use(tx, id_, tx.viewer.id, "SHOWN", sorted(claims))
        await tx.audit("CERTIFICATE_SHOWN", tx.viewer.id, role="citizen", object_=found["kind_id"], fields=sorted(claims))
    return claims


async def ask_correction(call: Call, id_: UUID, claim_: str, says: str, words: str, key: str) -> Shown:
    """Say what a certificate of mine should say instead, and why. NotFound, CorrectionInvalid, CorrectionOpen."""
    says, words = tidy(says), tidy(words)
    async with call.writing("certificates") as tx:
        found = await store.my_sealed(tx, id_, held=True)
        if found is None or found["state"] == "REVOKED":
            raise NotFound
        claims = vault.open_(call.platform.settings, id_, found["sealed"])
        if claim_ not in claims or not fits(says, SAYS) or not fits(words, WORDS) or claims[claim_] == says:
            raise CorrectionInvalid(argument="says")

        async def decide() -> Answer:
            made = await store.ask_correction(tx, id_, found["kind_id"], claim_, says, words)
            if made is None:
                raise CorrectionOpen
            await tx.audit("CORRECTION_ASKED", tx.viewer.id, role="citizen", object_=found["kind_id"], fields=[claim_])
            return {"id": made}
        given = {"certificate": str(id_), "claim": claim_, "says": says, "words": words}
        answer = await tx.once("certificates.ask_correction", key, given, decide)
    return store.correction(UUID(str(answer["id"])))


async def answer_correction(call: Call, id_: UUID, outcome: Outcome, words: str) -> Shown:
    """As the office: it is corrected in the office's register and here, by the next version of the certificate; or it
    stays, and why. Whoever was first has answered. NotFound, NotMine, CorrectionInvalid for no reason, IssuerAway."""
    words = tidy(words)
    if not fits(words, WORDS):
        raise CorrectionInvalid(argument="words")
    async with call.writing("certificates") as tx:
        asked = await _waiting(tx, id_)
    if outcome is Outcome.CORRECTED:
        try:
            done = await issuer(call.platform).correct(asked["kind_id"], asked["serial"], asked["claim"], asked["says"])
        except Away:
            raise IssuerAway from None
        if not done:
            raise IssuerAway
    async with call.writing("certificates") as tx:
        if outcome is Outcome.CORRECTED:
            await _renew(tx, call, asked)
        if not await store.answer_correction(tx, id_, outcome.value, words):
            raise NotFound
        action = "CORRECTION_DONE" if outcome is Outcome.CORRECTED else "CORRECTION_REFUSED"
        await tx.audit(action, asked["citizen_id"], role=OFFICER, object_=asked["kind_id"], fields=[asked["claim"]],
                       ground="duty")
        await tx.emit(f"certificates.{outcome.value.lower()}", asked["citizen_id"], id=asked["certificate_id"],
                      words=words)
    return store.correction(id_)


async def _waiting(tx: Transaction, id_: UUID) -> Any:
    asked = await store.open_correction(tx, id_)
    if asked is None:
        raise NotFound
    if asked["citizen_id"] == tx.viewer.id:
        raise NotMine
    return asked


async def _renew(tx: Transaction, call: Call, asked: Any) -> None:
    """The next version of the certificate, and of each other's of the same serial that said the same there. NotFound where
    it was revoked meanwhile."""
    entry, settings = (asked["kind_id"], asked["issuer_code"], asked["serial"]), call.platform.settings
    await store.hold_serial(tx, *entry)
    rules = list(await store.claim_rules(tx, asked["kind_id"]))
    said = {row["id"]: (row["citizen_id"], vault.open_(settings, row["id"], row["sealed"]))
            for row in await store.copies(tx, *entry)}
    if asked["certificate_id"] not in said:
        raise NotFound
    _, mine = said.pop(asked["certificate_id"])
    alike = {id_: each for id_, each in said.items() if each[1][asked["claim"]] == mine[asked["claim"]]}
    for id_, (citizen, claims) in {asked["certificate_id"]: (asked["citizen_id"], mine), **alike}.items():
        after, version = claims | {asked["claim"]: asked["says"]}, await store.next_version(tx, *entry)
        made = await store.renew(tx, id_, identifier(asked["code"], *entry[1:], version), version, birthday(after),
                                 shown(after, rules), vault.close(settings, id_, after))
        if made and id_ in alike:
            await tx.audit("CORRECTION_DONE", citizen, role=OFFICER, object_=asked["kind_id"], fields=[asked["claim"]],
                           ground="duty")
            await tx.emit("certificates.renewed", citizen, id=id_)


async def keep_up(platform: Platform) -> None:
    """Seal all by the newest key."""
    found = await reseal(platform)
    if found.done or found.shut:
        log.info("certificates.resealed", sealed=found.done, shut=found.shut)


async def reseal(platform: Platform) -> Resealed:
    """What is sealed with another key than the newest, sealed anew, some hundred in a transaction."""
    settings, found, after = platform.settings, Resealed(), UUID(int=0)
    while True:
        async with platform.writing("certificates") as tx:
            rows = await store.sealed_otherwise(tx, FieldKeys.of(settings).id, after, A_TURN)
            for row in rows:
                try:
                    claims = vault.open_(settings, row["id"], row["sealed"])
                except InvalidTag:
                    found.shut += 1
                    continue
                anew = vault.close(settings, row["id"], claims)
                found.done += await store.seal_again(tx, row["id"], row["sealed"], anew)
        if len(rows) < A_TURN:
            return found
        after = rows[-1]["id"]
