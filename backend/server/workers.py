"""Several processes on one port: forked when everything is imported, so that they share its memory and start at once."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

import structlog

from server.embedded.process import end_with_parent

log = structlog.get_logger()
AGAIN_SECONDS = 0.5
"""The least time between two starts of a worker: one that cannot live must not keep the machine busy."""
BACKLOG = 2048


def listening(host: str, port: int) -> socket.socket:
    """A socket that all workers accept from."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG)


class Workers:
    """`count` processes that run `work`. One that dies is started again; SIGTERM and SIGINT end all in order."""

    def __init__(self, count: int, work: Callable[[], None]) -> None:
        self.count, self.work = count, work
        self.pids: set[int] = set()
        self.stopping = False

    def run(self) -> int:
        """Until it is told to stop; then 0. Main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        gc.collect()
        gc.freeze()  # pages that no collection touches stay shared
        while not self.stopping and len(self.pids) < self.count:
            self._fork()
        while self.pids:
            pid, status = os.wait()
            self.pids.discard(pid)
            if not self.stopping:
                log.error("worker.died", pid=pid, status=status)
                time.sleep(AGAIN_SECONDS)
                self._fork()
        return 0

    def _fork(self) -> None:
        tied = end_with_parent(signal.SIGTERM)
        pid = os.fork()
        if pid:
            self.pids.add(pid)
            if self.stopping:
                os.kill(pid, signal.SIGTERM)
            return
        code = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            tied()
            self.work()
            code = 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _stop(self, *_: int | FrameType | None) -> None:
        self.stopping = True
        for pid in self.pids:
            os.kill(pid, signal.SIGTERM)
