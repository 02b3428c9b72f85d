"""The keys of this installation: with which it signs credentials, with which it asks for presentations, and with which it
certifies and signs driving licences (ISO/IEC 18013-5, Annex B). Made when they are first wanted; all processes of a machine
have the same, since they are files."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from certificates.sd_jwt import b64, jwk, thumbprint
from haian.call import Platform
from haian.keys import made_once

FOLDER = "credentials"
GOOD_FOR = timedelta(days=3650)
MDL_SIGNER = x509.ObjectIdentifier("1.0.18013.5.1.2")
"""Extended key usage of who signs driving licences (ISO/IEC 18013-5, B.1.4)."""
SIGNER_DAYS = 457
"""How long one of those may be good at most: a year's, and what was issued on its last day."""
COUNTRY = "CN"


@dataclass(frozen=True)
class Signing:
    """A P-256 key with its certificate: who trusts it was given that, or its hash, or who certified it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @cached_property
    def public(self) -> dict[str, Any]:
        return jwk(self.key.public_key())

    @cached_property
    def kid(self) -> str:
        return thumbprint(self.public)

    @cached_property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @cached_property
    def x5c(self) -> list[str]:
        """RFC 7515, §4.1.6."""
        return [base64.b64encode(self.der).decode()]

    @cached_property
    def client_id(self) -> str:
        """OpenID4VP 1.0, §5.9.3: `x509_hash` of the certificate."""
        return "x509_hash:" + b64(self.certificate.fingerprint(hashes.SHA256()))


def made(host: str, now: datetime) -> bytes:
    """A new key and a certificate that it signed itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    begun = _begun(key.public_key(), name, name, now - timedelta(days=1), now + GOOD_FOR)
    certificate = (begun.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
                   .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True))
    return _pem(key, certificate.sign(key, hashes.SHA256()))


def made_authority(host: str, now: datetime) -> bytes:
    """An authority that certifies who signs driving licences: IACA (Annex B). This installation's own, of no state."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(f"Haian demo IACA {host}")
    begun = _begun(key.public_key(), name, name, now - timedelta(days=1), now + GOOD_FOR)
    certificate = (_used(begun, key, host, key_cert_sign=True, crl_sign=True)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True))
    return _pem(key, certificate.sign(key, hashes.SHA256()))


def made_signer(authority: Signing, host: str, year: int) -> bytes:
    """Who signs the driving licences of a year (B.1.4)."""
    key, start = ec.generate_private_key(ec.SECP256R1()), datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=1)
    begun = _begun(key.public_key(), _named(f"Haian demo signer {year}"), authority.certificate.subject, start,
                   start + timedelta(days=SIGNER_DAYS))
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    certificate = (_used(begun, key, host, digital_signature=True).add_extension(above, critical=False)
                   .add_extension(x509.ExtendedKeyUsage([MDL_SIGNER]), critical=True))
    return _pem(key, certificate.sign(authority.key, hashes.SHA256()))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY), x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _begun(key: ec.EllipticCurvePublicKey, name: x509.Name, issuer: x509.Name, since: datetime,
           until: datetime) -> x509.CertificateBuilder:
    return (x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until))


def _used(begun: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey, host: str,
          **uses: bool) -> x509.CertificateBuilder:
    """What both certificates of Annex B have: what their key is for, whose it is, and where to ask."""
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    usage, public = x509.KeyUsage(**{name: uses.get(name, False) for name in names}), key.public_key()
    where = x509.IssuerAlternativeName([x509.UniformResourceIdentifier(f"https://{host}")])
    return (begun.add_extension(usage, critical=True).add_extension(where, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False))


def _pem(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()) + certificate.public_bytes(serialization.Encoding.PEM)


def read(file: Path, make: Callable[[], bytes]) -> Signing:
    """The key in a file, made at the first call."""
    pem = made_once(file, make)
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{file} holds no key of an elliptic curve")
    return Signing(key, x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERTIFICATE"):]))


def signing(platform: Platform, purpose: str) -> Signing:
    """The key of `issuer`, of `verifier`, or of the authority `iaca`."""
    host, make = _host(platform), made_authority if purpose == "iaca" else made
    return _kept(platform, purpose, lambda: make(host, platform.clock.now()))


def document_signer(platform: Platform) -> Signing:
    """Who signs the driving licences of this year: what is good for 90 days ends before it does."""
    host, year = _host(platform), platform.clock.now().year
    return _kept(platform, f"signer-{year}", lambda: made_signer(signing(platform, "iaca"), host, year))


def _host(platform: Platform) -> str:
    return platform.settings.public_origin.split("://")[1].split(":")[0].strip("[]")


def _kept(platform: Platform, name: str, make: Callable[[], bytes]) -> Signing:
    return platform.service(f"credentials.{name}", lambda: read(platform.settings.keys / FOLDER / f"{name}.pem", make))
