"""A loop whose time is moved: it goes on only where everybody waits, and then at once to when the next one is due.

What takes an hour of it takes no time, and as much of it wherever it runs. For what asks neither sockets nor threads.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

Given = ParamSpec("Given")


class Moving(selectors.DefaultSelector):
    """Nobody waits: so long as one would have waited, `now` is later."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0)
        if not found:
            assert timeout is not None, "nothing is due, ever"
            self.now += max(0.0, timeout)
        return found


class Moved(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.moving = Moving()
        super().__init__(self.moving)

    def time(self) -> float:
        return self.moving.now


def in_moved_time(test: Callable[Given, Coroutine[Any, Any, None]]) -> Callable[Given, None]:
    """Run a test in a loop of its own whose time is moved."""
    @wraps(test)
    def run(*given: Given.args, **named: Given.kwargs) -> None:
        with asyncio.Runner(loop_factory=Moved) as runner:
            runner.run(test(*given, **named))
    return run
