"""A gate between processes: a child imports its code at once and then waits until the launcher lets it work."""

from __future__ import annotations

import os
from collections.abc import Mapping

VARIABLE = "HAIAN_GATE"


class Gate:
    """Shut until `open()`. It stays open: a child that is started again later passes without waiting."""

    def __init__(self) -> None:
        self.descriptor, self.latch = os.pipe()  # children inherit the first only
        self.is_shut = True

    @property
    def env(self) -> Mapping[str, str]:
        """What the child needs to know."""
        return {VARIABLE: str(self.descriptor)}

    def open(self) -> None:
        """Lets all pass: the pipe ends, so that every child reads its end."""
        if self.is_shut:
            self.is_shut = False
            os.close(self.latch)


def pass_gate() -> None:
    """Waits at the gate of this process, if it has one."""
    if descriptor := os.environ.pop(VARIABLE, None):
        with os.fdopen(int(descriptor), "rb") as gate:
            gate.read()
