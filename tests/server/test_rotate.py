"""Rotating the keys of access tokens by hand."""

from __future__ import annotations

from pathlib import Path

from haian.clock import Clock
from haian.settings import Settings
from identity.tokens import KeyRing, Tokens
from server.rotate import main


def test_a_new_key_signs_and_the_old_tokens_stay_good(tmp_path: Path) -> None:
    settings = Settings(env="test", state=tmp_path)
    tokens = Tokens(KeyRing(settings.keys / "tokens"), "http://127.0.0.1", Clock())
    before = tokens.make("citizen", "device")
    assert main(settings) == 0
    after = tokens.make("citizen", "device")
    assert len(tokens.ring.jwks()["keys"]) == 2
    assert before.split(".")[0] != after.split(".")[0]
    for token in (before, after):
        claims = tokens.check(token)
        assert (claims.citizen, claims.session) == ("citizen", "device")
