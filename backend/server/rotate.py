"""`python -m server rotate`: a new key signs access tokens from now on; those of the old keys stay good until they end."""

from __future__ import annotations

import sys

from haian.settings import Settings
from identity.tokens import KeyRing


def main(settings: Settings) -> int:
    ring = KeyRing(settings.keys / "tokens").load()
    ring.rotate()
    sys.stdout.write(f"{ring.load().newest}\n")
    return 0
