"""A launcher in miniature: both servers and one tiny command, watched. `python -m tests.server.supervise STATE`."""

from __future__ import annotations

import sys
from pathlib import Path

from server.console import tell
from server.embedded.postgres import Postgres
from server.embedded.process import Command, Server, wait_until_ready
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey
from server.stop_signals import StopRequested, StopSignals
from server.supervisor import Backoff, Supervisor


def main(folder: str) -> None:
    """Runs until it is stopped; says `ready` and then what the supervisor says."""
    state = open_state(Path(folder))
    with locked(state) as lock, StopSignals().heard() as signals:
        supervisor = Supervisor(signals, Backoff(first=0.05, most=0.5))
        servers: list[Server] = [Valkey(state, lock), Postgres(state, lock)]
        tiny = Command("tiny", [sys.executable, "-c", "import signal; signal.pause()"], state / "logs" / "tiny.log")
        try:
            children = supervisor.start(servers)
            for server, child in zip(servers, children, strict=True):
                wait_until_ready(server, child.process)
            supervisor.start([tiny])
            tell("ready")
            supervisor.watch()
        except StopRequested:
            tell("stopped early")
        finally:
            supervisor.stop()


if __name__ == "__main__":
    main(sys.argv[1])
