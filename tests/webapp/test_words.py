"""JavaScript that needs no browser, tested by the runner of Node, which comes from a wheel: times and money in words,
the work for a code, where an address may lead, what the service worker keeps, and codes for where there is no network."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sysconfig
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.onecode.device import Device

from onecode.carried import Carried, Signer, number_of


@pytest.mark.parametrize("what", ["words", "work", "paths", "kept", "offline"])
def test_javascript(what: str) -> None:
    run(what)


def run(what: str, **environment: str) -> str:
    """What a test of Node says, if it passes."""
    node = Path(sysconfig.get_path("scripts")) / "node"
    command = [str(node), "--test", "--test-reporter=spec", str(Path(__file__).with_name(f"{what}.test.mjs"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_carried_code_is_the_same_in_the_browser_and_in_the_server() -> None:
    """Node reads what Python showed, and Python what Node showed."""
    signer, device, at = Signer(b"k" * 32), Device(1), datetime(2027, 3, 1, 8, tzinfo=UTC)
    signed = signer.sign(Carried(number_of(b"s" * 16, 3), 3, at, 1440, device.point, 11, 8, "370211001001", "王*燕"))
    shown_at = at.timestamp() + 60
    text = device.show(signed, shown_at)
    read = signer.read(text)
    assert read
    key = device.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    said = run("carried", CARRIED=json.dumps({
        "text": text, "digest": read.digest, "shown": int(shown_at), "signed": base64.urlsafe_b64encode(signed).decode(),
        "device": base64.urlsafe_b64encode(key).decode(),
        "keys": [{"name": signer.name.hex(), "key": base64.urlsafe_b64encode(signer.public).decode()}]}))
    [line] = [line for line in said.splitlines() if line.startswith("SHOWN ")]
    shown = signer.read(line.removeprefix("SHOWN "))
    assert shown and shown.digest == read.digest
    assert shown.shown_at.timestamp() == shown_at + 7
