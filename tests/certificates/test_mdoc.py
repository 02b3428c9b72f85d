"""ISO/IEC 18013-5: what our verifier of mdocs refuses, each with its word (9.1 and 9.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from cbor2 import CBORTag
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.certificates.mdocs import MDL, device_response, opened, security_object, session, sign1, unpadded

from certificates import mdoc
from certificates.sd_jwt import Invalid
from certificates.signing import Signing, made, made_authority, made_signer

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
SPACE, SCOPE = "org.iso.18013.5.1", ("x509_hash:verifier", "nonce", "https://verifier.example/response")
ELEMENTS = {SPACE: {"birth_date": NOW.date().replace(year=1988), "age_over_18": True, "document_number": "3702"}}


def signing(pem: bytes) -> Signing:
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Signing(key, x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERTIFICATE"):]))


@dataclass(frozen=True)
class Licence:
    """One that was issued, with all keys."""

    authority: Signing
    signer: Signing
    key: ec.EllipticCurvePrivateKey

    def issued(self, signer: Signing | None = None, doctype: str = MDL, until: timedelta = timedelta(days=90),
               now: datetime = NOW) -> Any:
        return opened(mdoc.issue(doctype, ELEMENTS, self.key.public_key(), signer or self.signer, now, now + until, {}))

    def resigned(self, change: Callable[[Any], object], **header: Any) -> Any:
        """The signer says something else."""
        issued = self.issued()
        said = security_object(issued)
        change(said)
        payload = cbor2.dumps(CBORTag(24, cbor2.dumps(said)))
        issued["issuerAuth"] = sign1(payload, self.signer.key, {33: self.signer.der}, True, **header)
        return issued

    def trouble(self, text: str, scope: tuple[str, str, str] = SCOPE, now: datetime = NOW) -> str:
        """The word with which it is refused; nothing where it is believed."""
        try:
            mdoc.verify(text, MDL, mdoc.transcript(*scope, None), [self.authority.certificate], now)
        except Invalid as refused:
            return refused.reason
        return ""

    def response(self, issued: Any = None, key: Any = None, **more: Any) -> str:
        return device_response(issued or self.issued(), key or self.key, {"age_over_18"}, session(*SCOPE), **more)


@pytest.fixture(scope="module")
def licence() -> Licence:
    authority = signing(made_authority("licence.example", NOW))
    return Licence(authority, signing(made_signer(authority, "licence.example", NOW.year)),
                   ec.generate_private_key(ec.SECP256R1()))


def test_exactly_what_is_shown_is_read(licence: Licence) -> None:
    found = mdoc.verify(licence.response(), MDL, mdoc.transcript(*SCOPE, None), [licence.authority.certificate], NOW)
    assert found.elements == {SPACE: {"age_over_18": True}}


def test_the_transcript_is_that_of_the_standard() -> None:
    """Another's CBOR of the same: client, nonce, no key, address (OpenID4VP 1.0, B.2.6.1)."""
    assert mdoc.transcript(*SCOPE, None) == session(*SCOPE)
    assert mdoc.transcript(*SCOPE, b"k" * 32) == session(*SCOPE, b"k" * 32) != session(*SCOPE)


def test_the_certificates_are_those_of_annex_b(licence: Licence) -> None:
    root, signer = licence.authority.certificate, licence.signer.certificate
    signer.verify_directly_issued_by(root)
    assert (signer.not_valid_after_utc - signer.not_valid_before_utc).days == 457
    critical = {type(each.value).__name__: each.critical for each in signer.extensions}
    assert critical["KeyUsage"] and critical["ExtendedKeyUsage"] and set(critical) >= {
        "SubjectKeyIdentifier", "AuthorityKeyIdentifier", "IssuerAlternativeName"}
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value == x509.BasicConstraints(True, 0)


@pytest.mark.parametrize("place", [("another", *SCOPE[1:]), (SCOPE[0], "another", SCOPE[2]), (*SCOPE[:2], "https://evil.example")])
def test_what_was_said_to_another_request_counts_in_none(licence: Licence, place: tuple[str, str, str]) -> None:
    assert licence.trouble(licence.response(), place) == "binding_signature"


def forged(document: Any) -> None:
    [item] = document["issuerSigned"]["nameSpaces"][SPACE]
    said = cbor2.loads(item.value) | {"elementValue": False}
    document["issuerSigned"]["nameSpaces"][SPACE] = [CBORTag(24, cbor2.dumps(said))]


def unreferenced(document: Any) -> None:
    made = {"digestID": 9, "random": b"r" * 16, "elementIdentifier": "age_over_65", "elementValue": True}
    document["issuerSigned"]["nameSpaces"][SPACE].append(CBORTag(24, cbor2.dumps(made)))


def elsewhere(document: Any) -> None:
    spaces = document["issuerSigned"]["nameSpaces"]
    spaces["org.example"] = spaces.pop(SPACE)


def of_no_version(document: Any) -> None:
    header = document["issuerSigned"]["issuerAuth"][1]
    header[33] = header[33].replace(b"\xa0\3\2\1\2", b"\xa0\3\2\1\7", 1)


CHANGES: dict[str, tuple[Callable[[Any], object], str]] = {
    "another value": (forged, "digest"), "made up": (unreferenced, "unreferenced"),
    "another namespace": (elsewhere, "unreferenced"),
    "twice": (lambda d: d["issuerSigned"]["nameSpaces"][SPACE].extend(d["issuerSigned"]["nameSpaces"][SPACE]), "duplicate"),
    "not enclosed": (lambda d: d["issuerSigned"]["nameSpaces"].update({SPACE: [{}]}), "encoding"),
    "no device": (lambda d: d.pop("deviceSigned"), "unbound"),
    "no signature": (lambda d: d["deviceSigned"]["deviceAuth"].clear(), "unbound"),
    "a MAC": (lambda d: d["deviceSigned"]["deviceAuth"].update({"deviceMac": d["deviceSigned"]["deviceAuth"].pop(
        "deviceSignature")}), "unbound"),
    "another payload": (lambda d: d["deviceSigned"]["deviceAuth"]["deviceSignature"].__setitem__(2, b"x"), "binding_header"),
    "another type outside": (lambda d: d.update({"docType": "org.example"}), "type"),
    "another signature": (lambda d: d["issuerSigned"]["issuerAuth"].__setitem__(3, b"\1" * 64), "signature"),
    "no chain": (lambda d: d["issuerSigned"]["issuerAuth"].__setitem__(1, {}), "form"),
    "a certificate of no version": (of_no_version, "form"),
    "no payload": (lambda d: d["issuerSigned"]["issuerAuth"].__setitem__(2, None), "signature"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_on_the_way_is_refused(licence: Licence, what: str) -> None:
    change, reason = CHANGES[what]
    assert licence.trouble(licence.response(change=change)) == reason


def test_what_the_signer_says_counts_in_its_time_and_for_its_type(licence: Licence) -> None:
    def says(change: Callable[[Any], object], **header: Any) -> str:
        return licence.trouble(licence.response(licence.resigned(change, **header)))
    assert licence.trouble(licence.response(), now=NOW + timedelta(days=91)) == "expired"
    assert licence.trouble(licence.response(), now=NOW - timedelta(minutes=2)) == "not_yet"
    assert licence.trouble(licence.response(licence.issued(doctype="org.example"))) == "type"
    assert says(lambda said: None) == ""
    assert says(lambda said: said.update({"digestAlgorithm": "SHA-1"})) == "hash"
    assert says(lambda said: said["validityInfo"].update({"validUntil": "2099"})) == "time"
    assert says(lambda said: said["validityInfo"].update({"signed": NOW - timedelta(days=4000)})) == "issuer"
    assert says(lambda said: said["deviceKeyInfo"]["deviceKey"].update({-1: 2})) == "key"
    assert says(lambda said: said.pop("validityInfo")) == "form"
    assert says(lambda said: None, alg=-8) == "header"


def test_no_one_signs_whom_our_authority_has_not_certified_for_it(licence: Licence) -> None:
    foreign = signing(made_authority("licence.example", NOW))
    others = {"foreign": signing(made_signer(foreign, "licence.example", NOW.year)), "for web": signing(made("x", NOW)),
              "itself": licence.authority, "last year's": signing(made_signer(licence.authority, "x", NOW.year - 2))}
    refused = {who: licence.trouble(licence.response(licence.issued(signer))) for who, signer in others.items()}
    assert refused == dict.fromkeys(others, "issuer")
    impostor = Signing(foreign.key, licence.signer.certificate)
    assert licence.trouble(licence.response(licence.issued(impostor))) == "signature"


def test_only_the_key_that_it_is_bound_to_shows_it_and_says_nothing_itself(licence: Licence) -> None:
    assert licence.trouble(licence.response(key=ec.generate_private_key(ec.SECP256R1()))) == "binding_signature"
    assert licence.trouble(licence.response(said={SPACE: {"age_over_65": True}})) == "self_said"


@pytest.mark.parametrize(("raw", "reason"), [
    (b"", "encoding"), (b"\xff", "encoding"), (b"\xa0", "form"), (b"\x01", "form"), (b"\x81" * 40 + b"\x01", "encoding"),
    (b"\xa2\x61a\x01\x61a\x02", "encoding"), (b"\xbf\xff", "encoding"), (b"\xa0\xa0", "encoding"),
    (b"\xd8\x23\x61(", "encoding"),
    (cbor2.dumps({"version": "1.0", "status": 0, "documents": []}), "form"),
    (cbor2.dumps({"version": "1.0", "status": 10}), "form"),
])
def test_nonsense_is_refused(licence: Licence, raw: bytes, reason: str) -> None:
    assert licence.trouble(unpadded(raw)) == reason
