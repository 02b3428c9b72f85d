"""`python -m server documents`: write the manifest of the trusted documents."""

from __future__ import annotations

from gateway.composition import acting, compose
from gateway.documents import MANIFEST, manifest_text
from haian.settings import Settings
from server.apps import registry


def main(_: Settings) -> int:
    MANIFEST.write_text(manifest_text(acting(compose(registry()))), encoding="utf-8")
    return 0
