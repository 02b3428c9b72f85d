"""What a client is told a citizen is called: another name for each client (pairwise, OpenID Connect Core 1.0, 8.1), so that
two of them cannot put together whom they have in common. We alone can read it. It is the `sub` of the client's tokens, and
every `CitizenId` that it sees (`haian.citizens`).

It is the citizen's id, sealed for the client by AES-SIV (RFC 5297): the same each time, as long as the index key is.
"""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from haian import macs
from haian.settings import Settings


class Pseudonyms:
    """By each index key, the newest first."""

    def __init__(self, settings: Settings) -> None:
        halves = [macs.macs(settings, f"pseudonyms of citizens {half}".encode()) for half in (1, 2)]
        self.keys = [AESSIV(first + second) for first, second in zip(*halves, strict=True)]

    def of(self, citizen: str, client: str) -> str:
        sealed = self.keys[0].encrypt(UUID(citizen).bytes, [client.encode()])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def citizen(self, name: str, client: str) -> str | None:
        """Whom this client calls so; None where that is nobody."""
        with suppress(binascii.Error, ValueError):
            sealed = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4))
            for key in self.keys:
                with suppress(InvalidTag):
                    return str(UUID(bytes=key.decrypt(sealed, [client.encode()])))
        return None
