"""What the launcher says: steps with their time, refusals in one line with their remedy. Texts: console.toml."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from haian.operator_texts import OperatorTexts

SAY = OperatorTexts(Path(__file__).with_name("console.toml"))


class LaunchError(Exception):
    """The server cannot start or run for a reason that the operator can remedy: one sentence, no traceback."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(SAY(code, **values))
        self.code = code


def tell(line: str = "") -> None:
    """Prints one line at once."""
    print(line, flush=True)


def complain(line: str) -> None:
    """Prints one line of trouble."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(code: str, **values: object) -> Iterator[None]:
    """A step of the start; it is told when it is done, with its time in seconds."""
    begun = time.perf_counter()
    yield
    tell(f"  {SAY(code, **values)}  {time.perf_counter() - begun:.1f} s")
