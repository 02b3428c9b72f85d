"""How long a request may take, watched for all at once: one timer, not one for each.

`asyncio.timeout` sets and cancels a timer of its own; with thousands of requests a second that is a tenth of their cost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

GRAIN = 0.05
"""Seconds by which a deadline may be late."""


class Deadline:
    """One task's time. `expired`: it ran out, and the task was cancelled."""

    __slots__ = ("at", "expired", "over", "task")

    def __init__(self, at: float, task: asyncio.Task[Any]) -> None:
        self.at, self.task = at, task
        self.over = self.expired = False

    def is_mine(self) -> bool:
        """Whether a cancellation that has just arrived is this deadline's; it is then taken back."""
        return self.expired and self.task.uncancel() == 0


class Deadlines:
    """The running deadlines of one length, the oldest first."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.running: deque[Deadline] = deque()
        self.timer: asyncio.TimerHandle | None = None

    def begin(self, task: asyncio.Task[Any] | None = None) -> Deadline:
        """The time of the current task begins; `over` is to be set when it is done. Who knows its task may say it."""
        loop, task = asyncio.get_running_loop(), task or asyncio.current_task()
        assert task
        deadline = Deadline(loop.time() + self.seconds, task)
        while self.running and self.running[0].over:
            self.running.popleft()
        self.running.append(deadline)
        if self.timer is None:
            self.timer = loop.call_at(deadline.at + GRAIN, self._look)
        return deadline

    def _look(self) -> None:
        """Cancel what has run out of time, and come again when the next does."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self.running and (self.running[0].over or self.running[0].at <= now):
            deadline = self.running.popleft()
            if not deadline.over:
                deadline.expired = True
                deadline.task.cancel()
        self.timer = loop.call_at(self.running[0].at + GRAIN, self._look) if self.running else None
