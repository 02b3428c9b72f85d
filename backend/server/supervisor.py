"""Keeps programs running: one that dies is started again; all are stopped in order, the last started first."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType

from server.console import SAY, LaunchError, tell
from server.embedded.process import Program
from server.stop_signals import StopSignals

STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Backoff:
    """How long to wait before a program is started again: `first` seconds, doubled at each death, up to `most`.

    A program that ran for `calm` seconds begins anew.
    """

    first: float = 0.2
    most: float = 10.0
    calm: float = 30.0

    def delay(self, deaths: int) -> float:
        """The wait after so many deaths in a row, from 1."""
        return float(min(self.first * 2 ** min(deaths - 1, 30), self.most))


@dataclass
class Child:
    """A program and the process that runs it, if one does."""

    program: Program
    process: subprocess.Popen[bytes]
    since: float
    deaths: int = 0
    due: float | None = None  # when to start it again, None while it runs

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Sends a signal unless it has ended."""
        if self.is_alive:
            self.process.send_signal(number)


class Supervisor:
    """Starts programs in stages and, in `watch`, brings each back that dies. Leaving its block stops them all."""

    def __init__(self, signals: StopSignals, backoff: Backoff | None = None, say: Callable[[str], None] = tell) -> None:
        self.signals = signals
        self.backoff = backoff or Backoff()
        self.say = say
        self.stages: list[list[Child]] = []
        self.jobs: list[subprocess.Popen[bytes]] = []

    def start(self, programs: Sequence[Program]) -> list[Child]:
        """Starts a stage: programs that do not need each other."""
        stage: list[Child] = []
        self.stages.append(stage)
        for program in programs:
            stage.append(Child(program, program.spawn(), time.monotonic()))
        return stage

    def start_job(self, program: Program) -> subprocess.Popen[bytes]:
        """Starts a program that ends by itself. Not started again; `stop` ends it and its children first."""
        process = program.spawn()
        self.jobs.append(process)
        return process

    def watch(self) -> None:
        """Returns when the operator wants to stop."""
        self.signals.interrupts = False
        while not self.signals.requests:
            for child in self.children:
                self.tend(child)
            self.signals.wait(self.until_due())

    @property
    def children(self) -> list[Child]:
        """All, in the order of their start."""
        return [child for stage in self.stages for child in stage]

    def until_due(self) -> float | None:
        """Seconds until the next program is due to start again, None when all run."""
        dues = [child.due for child in self.children if child.due is not None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def tend(self, child: Child) -> None:
        """Notes a death, or starts again what is due."""
        if child.due is None and not child.is_alive:
            self.note_death(child, reason_of(child.process.returncode))
        elif child.due is not None and child.due <= time.monotonic():
            try:
                child.process, child.since, child.due = child.program.spawn(), time.monotonic(), None
            except (LaunchError, OSError) as error:
                self.note_death(child, str(error))

    def note_death(self, child: Child, reason: str) -> None:
        """Sets when to start it again and tells the operator."""
        calm = time.monotonic() - child.since > self.backoff.calm
        child.deaths = 1 if calm else child.deaths + 1
        delay = self.backoff.delay(child.deaths)
        child.due = time.monotonic() + delay
        program = child.program
        self.say(SAY("child_died", name=program.name, reason=reason, seconds=f"{delay:g}", log=program.log))

    def stop(self) -> bool:
        """Ends all, stage by stage; at a second Ctrl-C, or after 20 s, by force. Whether force was needed."""
        self.signals.interrupts = False
        forced = False
        for job in self.jobs:
            if job.poll() is None:
                os.killpg(job.pid, signal.SIGTERM)
        for stage in reversed(self.stages):
            for child in stage:
                child.due = None
                child.send(child.program.stop_signal)
            deadline = time.monotonic() + STOP_SECONDS
            while any(child.is_alive for child in stage):
                if self.signals.forced or time.monotonic() > deadline:
                    forced = True
                    for child in stage:
                        child.send(signal.SIGKILL)
                self.signals.wait(0.1)
        return forced

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def reason_of(code: int) -> str:
    """Why a process ended, in words."""
    return SAY("reason_signal", number=-code) if code < 0 else SAY("reason_code", number=code)
