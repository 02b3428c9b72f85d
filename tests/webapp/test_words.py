"""Times and money in words: JavaScript, tested by the runner of Node, which comes from a wheel."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path


def test_words() -> None:
    node = Path(sysconfig.get_path("scripts")) / "node"
    command = [str(node), "--test", "--test-reporter=spec", str(Path(__file__).with_name("words.test.mjs"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
