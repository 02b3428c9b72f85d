"""Looking at a process and all that it started, and at what was left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from tests.waiting import PATIENCE, until

from haian.settings import PROJECT


@dataclass(frozen=True)
class Started:
    """A process under test, with what it says in a file."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def said(self) -> str:
        """All that it said so far."""
        return self.output.read_text(encoding="utf-8")

    def until_said(self, text: str, seconds: float = PATIENCE) -> None:
        """Waits until it says something. AssertionError when it ends or is late."""
        until(lambda: text in self.said or self.process.poll() is not None, seconds)
        assert text in self.said, self.said

    def descendants(self) -> dict[int, str]:
        """The command lines of all living processes below it, by number."""
        return {child.pid: command_of(child) for child in psutil.Process(self.process.pid).children(recursive=True)}

    def children(self, mark: str) -> list[int]:
        """The numbers of its living children whose command line has a mark."""
        return [child.pid for child in psutil.Process(self.process.pid).children() if mark in command_of(child)]

    def child(self, mark: str) -> int:
        """The number of the only child with a mark; ValueError unless there is just one."""
        [pid] = self.children(mark)
        return pid

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Asks it to stop and returns its exit code."""
        self.process.send_signal(number)
        return int(self.process.wait(PATIENCE))


def command_of(process: psutil.Process) -> str:
    """Its command line, empty when it has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def is_alive(pid: int) -> bool:
    """Whether it runs; an ended process that nobody reaped does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def until_gone(pids: Iterator[int] | Mapping[int, str] | list[int], seconds: float = PATIENCE) -> None:
    """Waits until none of them runs."""
    numbers = list(pids)
    until(lambda: not any(map(is_alive, numbers)), seconds)


@contextmanager
def started(argv: list[str], output: Path, **variables: str) -> Iterator[Started]:
    """`python <argv>` in the project; whatever is left of it afterwards is killed."""
    env = {**os.environ, "PYTHONUNBUFFERED": "1", **variables}
    with output.open("wb") as file:
        process = subprocess.Popen([sys.executable, *argv], stdout=file, stderr=file, cwd=PROJECT, env=env)
    below: dict[int, str] = {}
    try:
        yield (running := Started(process, output))
        if process.poll() is None:
            below = running.descendants()
    finally:
        if process.poll() is None:
            below = below or Started(process, output).descendants()
            process.kill()
        process.wait()
        until_gone(below)
