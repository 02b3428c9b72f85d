"""What a certificate says whole, sealed: AES-256-GCM under the field key, bound to the certificate's own id, so that no
row can be moved to another. Nobody reads it but for its holder, after a tap."""

from __future__ import annotations

import json
from uuid import UUID

from haian.settings import Settings
from identity.numbers import FieldKeys, seal, unseal


def close(settings: Settings, certificate: UUID, claims: dict[str, str]) -> bytes:
    return seal(json.dumps(claims, ensure_ascii=False, sort_keys=True), FieldKeys.of(settings), certificate.bytes)


def open_(settings: Settings, certificate: UUID, sealed: bytes) -> dict[str, str]:
    """InvalidTag where no key of ours opens it."""
    found: dict[str, str] = json.loads(unseal(sealed, FieldKeys.of(settings), certificate.bytes))
    return found
