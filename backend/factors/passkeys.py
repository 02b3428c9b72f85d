"""Passkeys (W3C Web Authentication Level 3) by the library `webauthn`: what a browser is asked, whether its answer is right.

The relying party is the host of the page: options leave it out, so that the browser takes its own, and of an answer it is
worked out from the origin, which has to be one of ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from factors.errors import PasskeyWrong

LONGEST = 20_000
"""Characters of an answer: an attestation with its certificates has some thousands."""
TRANSPORTS = {"usb", "nfc", "ble", "smart-card", "hybrid", "internal"}
MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)


@dataclass(frozen=True)
class Made:
    """A new passkey: its public half."""

    id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]
    backed_up: bool


def handle_of(citizen: UUID) -> bytes:
    """The name under which an authenticator keeps a citizen: it tells nothing of them (§14.6.1)."""
    return hashlib.sha256(b"haian passkey " + citizen.bytes).digest()


def to_make(challenge: bytes, citizen: UUID, name: str, shown: str, known: Sequence[bytes]) -> str:
    """What `navigator.credentials.create` takes, as JSON. `known`: passkeys that are there already."""
    options = webauthn.generate_registration_options(
        rp_id="localhost", rp_name="海岸通", user_id=handle_of(citizen), user_name=name, user_display_name=shown,
        challenge=challenge, exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED))
    asked = options_to_json_dict(options)
    del asked["rp"]["id"]
    return json.dumps(asked, ensure_ascii=False)


def to_show(challenge: bytes, known: Sequence[bytes] = ()) -> str:
    """What `navigator.credentials.get` takes, as JSON; without `known` ones, whichever the device has for us."""
    options = webauthn.generate_authentication_options(
        rp_id="localhost", challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known])
    asked = options_to_json_dict(options)
    del asked["rpId"]
    return json.dumps(asked)


def made(answer: str, challenge: bytes, origins: Sequence[str]) -> Made:
    """The passkey that an authenticator made, user verified. PasskeyWrong."""
    try:
        given = _parsed(answer)
        origin, party = _asked_from(given, origins)
        found = webauthn.verify_registration_response(
            credential=given, expected_challenge=challenge, expected_origin=origin, expected_rp_id=party,
            require_user_verification=True)
        transports = given["response"].get("transports") or []
        return Made(found.credential_id, found.credential_public_key, found.sign_count,
                    sorted({each for each in transports if each in TRANSPORTS}), found.credential_backed_up)
    except MALFORMED:
        raise PasskeyWrong from None


def shown_id(answer: str) -> bytes:
    """Which passkey answers, nothing of it verified. PasskeyWrong."""
    try:
        return base64url_to_bytes(_parsed(answer)["id"])
    except MALFORMED:
        raise PasskeyWrong from None


def count_shown(answer: str, challenge: bytes, origins: Sequence[str], public_key: bytes, owner: UUID) -> int:
    """The counter of a right answer, user verified: who compares it knows that the key has signed it. PasskeyWrong."""
    try:
        given = _parsed(answer)
        origin, party = _asked_from(given, origins)
        handle = given["response"].get("userHandle")
        if handle and base64url_to_bytes(handle) != handle_of(owner):
            raise PasskeyWrong
        return webauthn.verify_authentication_response(
            credential=given, expected_challenge=challenge, expected_origin=origin, expected_rp_id=party,
            credential_public_key=public_key, credential_current_sign_count=0, require_user_verification=True).new_sign_count
    except MALFORMED:
        raise PasskeyWrong from None


def _parsed(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST:
        raise ValueError("too long")
    given = json.loads(answer)
    if not isinstance(given, dict):
        raise TypeError("no object")
    return given


def _asked_from(given: dict[str, Any], origins: Sequence[str]) -> tuple[str, str]:
    """The origin that the browser says, and its host. PasskeyWrong where it is none of ours."""
    said = json.loads(base64url_to_bytes(given["response"]["clientDataJSON"]))["origin"]
    if said not in origins:
        raise PasskeyWrong
    return said, urlsplit(said).hostname or ""
