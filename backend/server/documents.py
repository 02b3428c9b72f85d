"""`python -m server documents`: write the manifest of the trusted documents."""

from __future__ import annotations

from gateway.documents import MANIFEST, manifest_text
from haian.settings import Settings


def main(_: Settings) -> int:
    MANIFEST.write_text(manifest_text(), encoding="utf-8")
    return 0
