"""Child processes that end with their parent, even when it is killed, and that a supervisor can start again."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import psutil

from server.console import LaunchError

PR_SET_PDEATHSIG = 1
READY_SECONDS = 60.0
FULL_DISK = ("No space left on device", "Check free disk space")
NEEDED_MEGABYTES = 300
LOG_LIMIT = 16 * 1024 * 1024


class Program(Protocol):
    """Something that can be started, again and again."""

    @property
    def name(self) -> str:
        """What the operator calls it."""

    @property
    def log(self) -> Path:
        """Where its complaints are."""

    @property
    def stop_signal(self) -> signal.Signals:
        """The signal that makes it finish in order."""

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts it and returns at once. Main thread only: on Linux the child ends with the thread that made it."""


class Server(Program, Protocol):
    """A program that others wait for."""

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it serves."""


def end_with_parent(number: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: Linux sends the child `number` when the parent's main thread ends, by kill -9 too (prctl(2)).

    Elsewhere there is no such call: there a killed launcher leaves its servers until the next start ends them.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def run() -> None:
        if libc:
            libc.prctl(PR_SET_PDEATHSIG, int(number))
            if os.getppid() != parent:
                os._exit(1)

    return run


def name_of(pid: int) -> str | None:
    """The name of a living process; None when there is none, or only one that ended and was not reaped."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else str(process.name())
    except (psutil.Error, ValueError):
        return None


def open_log(path: Path) -> BinaryIO:
    """The log to append to. Past 16 MiB the old one is kept once as `.1`, so that logs never fill the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # PostgreSQL quotes rows in its errors
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.rename(path.with_suffix(".log.1"))
    return path.open("ab")


def last_lines(log: Path, count: int = 1) -> str:
    """The end of a log, for a refusal."""
    try:
        lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    return "\n".join(lines[-count:])


def spawn(
    argv: Sequence[str | Path], log: Path, stop_signal: signal.Signals, pass_fds: Sequence[int] = (), **options: Any
) -> subprocess.Popen[bytes]:
    """Starts a child in a session of its own, so that Ctrl-C reaches only the launcher. It speaks to the log."""
    with open_log(log) as file:
        return subprocess.Popen(  # noqa: S603 - only our own command lines
            argv,
            **{"stdin": subprocess.DEVNULL, "stdout": file, "stderr": file, **options},
            start_new_session=True,
            pass_fds=pass_fds,
            preexec_fn=end_with_parent(stop_signal),
        )


def failure(name: str, log: Path) -> LaunchError:
    """Why a server could not start, by the end of its log."""
    if any(mark in last_lines(log, 10) for mark in FULL_DISK):
        free = shutil.disk_usage(log.parent).free // 2**20
        return LaunchError("disk_full", path=log.parent, free=free, need=NEEDED_MEGABYTES)
    return LaunchError("server_failed", name=name, reason=last_lines(log), log=log)


@dataclass(frozen=True)
class Command:
    """A command line as a program. What it says goes to its log."""

    name: str
    argv: Sequence[str | Path]
    log: Path
    env: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    pass_fds: tuple[int, ...] = field(default=())
    folder: Path | None = None

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the command."""
        return spawn(self.argv, self.log, self.stop_signal, self.pass_fds, env=self.env, cwd=self.folder)


def wait_until_ready(
    server: Server, process: subprocess.Popen[bytes], seconds: float = READY_SECONDS, every: float = 0.01
) -> None:
    """Returns when it serves; after a crash that takes as long as its recovery. LaunchError when it ends or is late."""
    deadline = time.monotonic() + seconds
    while not server.is_ready(process):
        if process.poll() is not None:
            raise failure(server.name, server.log)
        if time.monotonic() > deadline:
            raise LaunchError("server_slow", name=server.name, seconds=int(seconds), log=server.log)
        time.sleep(every)
