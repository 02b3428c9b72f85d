"""mdoc: a credential of which its holder shows a part, in CBOR (ISO/IEC 18013-5, 8.3 and 9.1), presented
over OpenID4VP 1.0 (Appendix B.2).

What a verifier must refuse (ISO/IEC 18013-5, 9.3) is `Invalid`, with one word for why.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cbor2 import CBORTag
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from certificates import cose
from certificates.sd_jwt import LEEWAY, MOST_BYTES, Invalid, b64, unb64
from certificates.signing import MDL_SIGNER, Signing

FORMAT = "mso_mdoc"
Elements = Mapping[str, Mapping[str, Any]]
"""Namespace -> element -> value."""


@dataclass(frozen=True)
class Verified:
    """What a presentation shows, and where it says whether it still counts."""

    elements: dict[str, dict[str, Any]]
    status: Any


# -- issuing ---------------------------------------------------------------------------------------------------------


def issue(doctype: str, elements: Elements, holder: EllipticCurvePublicKey, signer: Signing, now: datetime, until: datetime,
          status: Mapping[str, Any]) -> str:
    """IssuerSigned as OpenID4VCI 1.0 (Appendix A.2.4) wants it: base64url. Each element has a random of its own, so that the
    digest of one that is not shown tells nothing."""
    shown: dict[str, list[CBORTag]] = {}
    digests: dict[str, dict[int, bytes]] = {}
    for namespace, values in elements.items():
        items = [cose.encode({"digestID": at, "random": secrets.token_bytes(32), "elementIdentifier": name,
                              "elementValue": value}) for at, (name, value) in enumerate(values.items())]
        shown[namespace] = [CBORTag(cose.ENCODED, item) for item in items]
        digests[namespace] = {at: digest(item) for at, item in enumerate(items)}
    said = {"version": "1.0", "digestAlgorithm": "SHA-256", "valueDigests": digests,
            "deviceKeyInfo": {"deviceKey": cose.key_map(holder)}, "docType": doctype,
            "validityInfo": {"signed": cose.moment(now), "validFrom": cose.moment(now), "validUntil": cose.moment(until)},
            "status": status}
    signed = cose.sign(cose.enclosed(cose.encode(said)), signer.key, {cose.X5CHAIN: signer.der})
    return b64(cose.encode({"nameSpaces": shown, "issuerAuth": signed}))


def digest(item: bytes) -> bytes:
    return hashlib.sha256(cose.enclosed(item)).digest()


def transcript(client_id: str, nonce: str, response_uri: str, thumbprint: bytes | None) -> list[Any]:
    """SessionTranscript of a request by redirect or QR code (OpenID4VP 1.0, B.2.6.1). `thumbprint`: of the key to which the
    answer is encrypted (RFC 7638)."""
    info = cose.encode([client_id, nonce, thumbprint, response_uri])
    return [None, None, ["OpenID4VPHandover", hashlib.sha256(info).digest()]]


def to_be_signed(session: list[Any], doctype: str, namespaces: bytes) -> bytes:
    """DeviceAuthenticationBytes (ISO/IEC 18013-5, 9.1.3.4)."""
    return cose.enclosed(cose.encode(["DeviceAuthentication", session, doctype, CBORTag(cose.ENCODED, namespaces)]))


# -- verifying -------------------------------------------------------------------------------------------------------


def verify(text: str, doctype: str, session: list[Any], roots: Sequence[x509.Certificate], now: datetime) -> Verified:
    """A DeviceResponse of one document, for exactly this request, whose signer one of `roots` has certified. Whether it was
    revoked is not looked at here. Invalid."""
    if len(text) > MOST_BYTES:
        raise Invalid("form")
    try:
        response = cose.decode(unb64(text))
        if not str(response["version"]).startswith("1.") or response["status"] != 0:
            raise Invalid("form")
        [document] = response["documents"]
        if document["docType"] != doctype:
            raise Invalid("type")
        signed = document["issuerSigned"]
        said = _issued(signed["issuerAuth"], roots, now)
        if said["docType"] != doctype:
            raise Invalid("type")
        elements = _opened(signed.get("nameSpaces", {}), said["valueDigests"])
        _bound(document.get("deviceSigned"), cose.key_of(said["deviceKeyInfo"]["deviceKey"]), session, doctype)
        return Verified(elements, said.get("status"))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise Invalid("form") from None


def _issued(message: Any, roots: Sequence[x509.Certificate], now: datetime) -> dict[str, Any]:
    """The MobileSecurityObject, by whom it must be, in its time."""
    header, payload = cose.read(message)
    chain: Any = header.get(cose.X5CHAIN)
    signer = x509.load_der_x509_certificate((chain if isinstance(chain, list) else [chain])[0])
    key = _trusted(signer, roots, now)
    cose.check(message, payload, key)
    said: dict[str, Any] = cose.decode(cose.opened(cose.decode(payload)))
    if not str(said["version"]).startswith("1.") or said["digestAlgorithm"] != "SHA-256":
        raise Invalid("hash")
    info, leeway = said["validityInfo"], timedelta(seconds=LEEWAY)
    signed, since, until = (info[name] for name in ("signed", "validFrom", "validUntil"))
    if not all(isinstance(each, datetime) and each.tzinfo for each in (signed, since, until)):
        raise Invalid("time")
    if not signer.not_valid_before_utc <= signed <= signer.not_valid_after_utc:
        raise Invalid("issuer")
    if now >= until + leeway:
        raise Invalid("expired")
    if max(signed, since) > now + leeway:
        raise Invalid("not_yet")
    return said


def _trusted(signer: x509.Certificate, roots: Sequence[x509.Certificate], now: datetime) -> EllipticCurvePublicKey:
    """The key of a document signer that a root has certified, directly, for just this (ISO/IEC 18013-5, 9.3.3 and B.1.4)."""
    key = signer.public_key()
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise Invalid("key")
    if not any(_certified(signer, root) and root.not_valid_before_utc <= now <= root.not_valid_after_utc for root in roots):
        raise Invalid("issuer")
    try:
        uses = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        raise Invalid("issuer") from None
    if MDL_SIGNER not in uses or not signer.not_valid_before_utc <= now <= signer.not_valid_after_utc:
        raise Invalid("issuer")
    return key


def _certified(signer: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        signer.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _opened(given: dict[str, list[Any]], digests: dict[str, dict[int, bytes]]) -> dict[str, dict[str, Any]]:
    """The elements that are shown, each as the issuer signed it, and once."""
    found: dict[str, dict[str, Any]] = {}
    for namespace, items in given.items():
        place, seen = found.setdefault(namespace, {}), set[int]()
        for each in items:
            raw = cose.opened(each)
            item = cose.decode(raw)
            at, name = item["digestID"], item["elementIdentifier"]
            if at not in digests.get(namespace, {}):
                raise Invalid("unreferenced")
            if at in seen or name in place:
                raise Invalid("duplicate")
            if not secrets.compare_digest(digests[namespace][at], digest(raw)):
                raise Invalid("digest")
            seen.add(at)
            place[name] = item["elementValue"]
    return found


def _bound(said: Any, holder: EllipticCurvePublicKey, session: list[Any], doctype: str) -> None:
    """The holder's signature, over this request. A MAC wants a key of a reader, which nobody has over the network; an
    element that the device says itself, the issuer's leave, which we give to none."""
    message = said["deviceAuth"].get("deviceSignature") if isinstance(said, dict) else None
    if message is None:
        raise Invalid("unbound")
    namespaces = cose.opened(said["nameSpaces"])
    if cose.decode(namespaces) != {}:
        raise Invalid("self_said")
    _, payload = cose.read(message)
    if payload is not None:
        raise Invalid("binding_header")
    try:
        cose.check(message, to_be_signed(session, doctype, namespaces), holder)
    except Invalid:
        raise Invalid("binding_signature") from None
