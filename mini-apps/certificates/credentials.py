"""Certificates as credentials: issued with a place in a status list, presented, and verified as a stranger would."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from certificates import sd_jwt, status_list, store, store_presenting
from certificates.models import AGES
from certificates.sd_jwt import Invalid
from certificates.signing import signing
from haian.call import Call, Platform
from haian.clock import SHANGHAI
from haian.transaction import Transaction

BASE = "/credentials"
HERE_SECONDS = 600
"""How long a credential that was made for one presentation is good."""
OTHER_DAYS = 90
"""How long one in another wallet is; then it is issued anew."""


def issuer_id(platform: Platform) -> str:
    """`iss`, and the Credential Issuer Identifier of OpenID4VCI."""
    return platform.settings.public_origin + BASE


def type_of(platform: Platform, kind: str) -> str:
    """`vct` of a kind."""
    return f"{issuer_id(platform)}/type/{kind}"


def list_uri(platform: Platform, number: int) -> str:
    return f"{issuer_id(platform)}/status/{number}"


def ages(born: date, today: date) -> dict[int, bool]:
    """For each age that somebody asks, whether it is reached: to be shown without the birth date. Who was born on 29
    February has their birthday on 1 March in other years."""
    def reached(age: int) -> bool:
        try:
            birthday = born.replace(year=born.year + age)
        except ValueError:
            birthday = date(born.year + age, 3, 1)
        return birthday <= today
    return {age: reached(age) for age in AGES}


async def placed(platform: Platform, tx: Transaction, certificate: Any, wallet: str) -> tuple[datetime, dict[str, Any]]:
    """Until when a credential of a certificate is good, and where it says whether it still counts: a place of its own."""
    until = tx.now + (timedelta(seconds=HERE_SECONDS) if wallet == "HERE" else timedelta(days=OTHER_DAYS))
    if certificate["valid_until"]:
        until = min(until, datetime.combine(certificate["valid_until"] + timedelta(days=1), datetime.min.time(), SHANGHAI))
    number, index = await store_presenting.add_credential(tx, certificate["id"], certificate["version"], wallet, until)
    return until, {"status_list": {"idx": index, "uri": list_uri(platform, number)}}


async def issue(platform: Platform, tx: Transaction, certificate: Any, claims: dict[str, str], open_: Collection[str],
                holder: dict[str, Any], wallet: str) -> str:
    """A credential of a certificate that counts today, for whoever has the key `holder`: with a place of its own in a status
    list, until its certificate ends or its time is over. What stands openly in it tells no person from another."""
    key, now = signing(platform, "issuer"), tx.now
    until, status = await placed(platform, tx, certificate, wallet)
    payload: dict[str, Any] = {
        "iss": issuer_id(platform), "vct": type_of(platform, certificate["kind_id"]), "iat": int(now.timestamp()),
        "exp": int(until.timestamp()), "cnf": {"jwk": holder},
        "status": status,
        "issuing_authority": certificate["issuer"], **{name: claims[name] for name in open_},
    }
    hidden: dict[sd_jwt.Path, Any] = {(name,): value for name, value in claims.items() if name not in open_}
    hidden[("document_number",)] = certificate["identifier"]
    if certificate["born"]:
        reached = ages(certificate["born"], now.astimezone(SHANGHAI).date())
        hidden |= {("age_equal_or_over", str(age)): whether for age, whether in reached.items()}
    return sd_jwt.issue(payload, hidden, key.key, key.kid)


def present(credential: str, asked: Collection[str], holder: ec.EllipticCurvePrivateKey, audience: str, nonce: str,
            now: float) -> str:
    """With exactly what was asked: names of claims, `age_18` for an age."""
    wanted = {name.removeprefix("age_") if is_age(name) else name for name in asked}
    return sd_jwt.bind(sd_jwt.select(credential, wanted), holder, audience, nonce, int(now))


def is_age(name: str) -> bool:
    return name.startswith("age_") and name[4:].isdigit()


async def verified(platform: Platform, tx: Transaction, text: str, kind: str, asked: Collection[str], nonce: str,
                   now: float) -> tuple[dict[str, Any], Any]:
    """What a presentation shows of what was asked, and the credential's row; nothing beyond it is taken, and all of it must
    be there. Invalid, also for a credential that was revoked or suspended, or of a list that is not ours."""
    key, verifier = signing(platform, "issuer"), signing(platform, "verifier")

    def key_for(iss: str, kid: str) -> ec.EllipticCurvePublicKey | None:
        return key.key.public_key() if (iss, kid) == (issuer_id(platform), key.kid) else None
    found = sd_jwt.verify(text, key_for, now, audience=verifier.client_id, nonce=nonce, types={type_of(platform, kind)})
    row = await counted(platform, tx, found.claims.get("status"))
    return complete({name: _said(found.claims, name) for name in asked}), row


def complete(seen: dict[str, Any]) -> dict[str, Any]:
    """Invalid where something that was asked is missing."""
    if any(value is None for value in seen.values()):
        raise Invalid("incomplete")
    return seen


async def counted(platform: Platform, tx: Transaction, status: Any) -> Any:
    """The row of a credential that still counts, by what it says of its place in a list. Invalid."""
    row = await store_presenting.credential_at(tx, *_place(platform, status))
    if row is None or row["status"] != status_list.VALID:
        raise Invalid("suspended" if row and row["status"] == status_list.SUSPENDED else "revoked")
    return row


def _place(platform: Platform, said: Any) -> tuple[int, int]:
    """The list and the index that a credential names."""
    try:
        uri, index = said["status_list"]["uri"], said["status_list"]["idx"]
        number = int(uri.removeprefix(list_uri(platform, 0)[:-1]))
    except (TypeError, KeyError, ValueError, AttributeError):
        raise Invalid("status") from None
    if not isinstance(index, int) or uri != list_uri(platform, number) or not 0 <= index < status_list.SIZE:
        raise Invalid("status")
    return number, index


def _said(claims: dict[str, Any], name: str) -> Any:
    if is_age(name):
        reached = claims.get("age_equal_or_over")
        return reached.get(name[4:]) if isinstance(reached, dict) else None
    return claims.get(name)


@dataclass
class Lists:
    """The signed lists that a process has finished: for which version of what they say, when, and the text."""

    finished: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    making: asyncio.Lock = field(default_factory=asyncio.Lock)

    def of(self, number: int, version: int, now: int) -> str | None:
        """A list that is still true, and young enough to be kept by others for as long as it says."""
        of, at, text = self.finished.get(number, (0, 0, ""))
        return text if of == version and 0 <= now - at < status_list.TTL else None


async def status_token(call: Call, number: int) -> str | None:
    """The signed list; None where there is no such list. It is made once for each version of what lists say, which the
    transaction of a change moves: whoever asks after a revocation reads of it."""
    if not 0 <= number < status_list.LISTS:
        return None
    lists: Lists = call.platform.services.setdefault("credentials.lists", Lists())
    version, now = await call.value(store_presenting.status_version()), int(call.clock.epoch())
    if kept := lists.of(number, version, now):
        return kept
    async with lists.making:  # many ask at once, after a change: one of them makes it
        if kept := lists.of(number, version, now):
            return kept
        marked = [(row["index"], row["status"]) for row in await call.rows(store_presenting.marked(number))]
        key = signing(call.platform, "issuer")
        made = status_list.token(list_uri(call.platform, number), marked, now, key.key, key.kid)
        lists.finished[number] = version, now, made
    return made


async def type_metadata(call: Call, kind: str) -> dict[str, Any] | None:
    """SD-JWT VC Type Metadata of a kind."""
    found = next(iter(await call.rows(store.kind(kind))), None)
    if found is None:
        return None
    claims = [*await call.rows(store_presenting.claims_of_kind(kind))]
    return {
        "vct": type_of(call.platform, kind), "name": found["name_en"],
        "display": [{"locale": "zh-CN", "name": found["name_zh"]}, {"locale": "en", "name": found["name_en"]}],
        "claims": [{"path": [row["name"]], "sd": "always" if row["disclosable"] else "never",
                    "display": [{"locale": "zh-CN", "label": row["label_zh"]}, {"locale": "en", "label": row["label_en"]}]}
                   for row in claims],
    }


def holder_key() -> ec.EllipticCurvePrivateKey:
    """A key for one presentation of ours: nobody can tell two of them to be one person's by it."""
    return ec.generate_private_key(ec.SECP256R1())
