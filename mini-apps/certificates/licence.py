"""机动车驾驶证 as an mdoc: the mobile driving licence of ISO/IEC 18013-5, 7.2, beside the SD-JWT VC that every kind has."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from certificates import credentials, mdoc
from certificates.credentials import is_age
from certificates.sd_jwt import Invalid
from certificates.signing import document_signer, signing
from haian.call import Platform
from haian.clock import SHANGHAI
from haian.transaction import Transaction

KIND, DOCTYPE = "driving_licence", "org.iso.18013.5.1.mDL"
CONFIGURATION = "driving_licence_mdoc"
"""What it is called in an offer."""
ISO, OWN = "org.iso.18013.5.1", "cn.haian.licence.1"
"""Namespaces: the standard's, and ours for what it has no element for."""
STANDARD = {"number": "document_number", "birthdate": "birth_date"}
CLASSES = {"A1": "D", "A2": "CE", "A3": "D", "B1": "D1", "B2": "C", "C1": "B", "C2": "B", "D": "A", "E": "A", "F": "AM"}
"""准驾车型 to the nearest vehicle category of ISO/IEC 18013-1, whose letters mean something else. What has none stands in
our namespace alone."""
FAMILIES = re.compile("欧阳|司马|上官|诸葛|司徒|东方|独孤|南宫|夏侯|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|轩辕|端木|百里")
"""Family names of two characters."""
ALWAYS = date(2099, 12, 31)
"""The end, which the standard wants, of one that has none."""
PORTRAIT = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYE"
    "pRUk//wAALCABQADwBAREA/8QAGgABAAMBAQEAAAAAAAAAAAAAAAQFBgMCB//EACoQAAICAQEHAwQDAAAAAAAAAAACAwQFEhMiIzJCUmIGFDMkRHKC"
    "kqKy/9oACAEBAAA/APoQAAAAAAAAKzKZP2vCi3pf8FI1y0za3sS/zJNXLWIG4r7VfI0cEqTxLLFyuegAY6eV5ZWlfrc8gvfTsrtXli7HLYAGTv1Xq2"
    "mV+XoOANFhKrwVdb80pYgA4WqsVqLRKn7FW+AfXwrCafJCRVwsUTa5X2rf1LMAHmWVIImllfSqFJazsrPoqppXuYgNkbrfcOdYstdib5dX5FzQycVr"
    "dfhS9vcTgDMZS57qxufEnIQwAafE3PeVd/5U5yYRsnLsKEr9XKZUAAn4SXZX1Tpl3TSFZ6gb6NE8zPgAHWm2m7A/mhrj/9k=")
"""An outline, the same for all: the standard wants a portrait, and offices tell us none."""


def element(claim: str) -> tuple[str, str]:
    """Namespace and name of a claim."""
    if is_age(claim):
        return ISO, f"age_over_{claim[4:]}"
    return (ISO, STANDARD[claim]) if claim in STANDARD else (OWN, claim)


def names(name: str) -> tuple[str, str]:
    """Family name and given name. With a point between them, the given name comes first."""
    if "·" in name:
        given, _, family = name.partition("·")
        return family, given
    size = 2 if FAMILIES.match(name) and len(name) > 2 else 1
    return name[:size], name[size:]


def elements(certificate: Any, claims: dict[str, str], today: date) -> dict[str, dict[str, Any]]:
    """All that it says: what the standard has mandatory, ages, and our own."""
    family, given = names(claims["name"])
    until = certificate["valid_until"] or ALWAYS
    held = re.findall(r"[ABC]\d|[DEF]", claims["vehicle_class"])
    classes = dict.fromkeys(CLASSES[each] for each in held if each in CLASSES)
    standard: dict[str, Any] = {
        "family_name": family, "given_name": given, "birth_date": date.fromisoformat(claims["birthdate"]),
        "issue_date": certificate["issued_on"], "expiry_date": until, "issuing_country": "CN",
        "issuing_authority": certificate["issuer"], "document_number": claims["number"], "portrait": PORTRAIT,
        "driving_privileges": [{"vehicle_category_code": each, "expiry_date": until} for each in classes],
        "un_distinguishing_sign": "CHN",
    }
    if certificate["born"]:
        ages = credentials.ages(certificate["born"], today)
        standard |= {f"age_over_{age}": whether for age, whether in ages.items()}
    return {ISO: standard, OWN: {name: value for name, value in claims.items() if name not in STANDARD}}


async def issue(platform: Platform, tx: Transaction, certificate: Any, claims: dict[str, str],
                holder: EllipticCurvePublicKey) -> str:
    """A licence that counts today, for whoever has the key, as `credentials.issue` does."""
    until, status = await credentials.placed(platform, tx, certificate, "OTHER")
    said = elements(certificate, claims, tx.now.astimezone(SHANGHAI).date())
    return mdoc.issue(DOCTYPE, said, holder, document_signer(platform), tx.now, until, status)


async def verified(platform: Platform, tx: Transaction, text: str, asked: Collection[str],
                   session: list[Any]) -> tuple[dict[str, Any], Any]:
    """As `credentials.verified`: what it shows of what was asked, and its row. Invalid."""
    found = mdoc.verify(text, DOCTYPE, session, [signing(platform, "iaca").certificate], platform.clock.now())
    row = await credentials.counted(platform, tx, found.status)
    return credentials.complete({name: _said(found.elements, name) for name in asked}), row


def _said(shown: dict[str, dict[str, Any]], claim: str) -> str | bool | None:
    namespace, name = element(claim)
    value = shown.get(namespace, {}).get(name)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) is not is_age(claim) and value is not None:
        raise Invalid("form")
    return value if isinstance(value, str | bool) else None


def configuration(claims: list[Any]) -> dict[str, Any]:
    """What stands of it in the issuer's metadata (OpenID4VCI 1.0, Appendix A.2.2). `claims`: rows of the kind."""
    return {
        "format": mdoc.FORMAT, "doctype": DOCTYPE, "scope": CONFIGURATION,
        "cryptographic_binding_methods_supported": ["cose_key"], "credential_signing_alg_values_supported": [-7],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
        "credential_metadata": {
            "display": [{"name": "机动车驾驶证（ISO 18013-5）", "locale": "zh-CN"},
                        {"name": "Mobile driving licence (ISO 18013-5)", "locale": "en"}],
            "claims": [{"path": [*element(claim["name"])], "display": [{"name": claim["label_zh"], "locale": "zh-CN"},
                                                                       {"name": claim["label_en"], "locale": "en"}]}
                       for claim in claims]},
    }


def query(asked: Collection[str]) -> dict[str, Any]:
    """What is asked of it, in DCQL (OpenID4VP 1.0, B.2.3 and B.2.4); nothing of it is kept longer than a day."""
    paths = [{"path": [*element(name)], "intent_to_retain": False} for name in asked]
    return {"format": mdoc.FORMAT, "meta": {"doctype_value": DOCTYPE}, **({"claims": paths} if paths else {})}
