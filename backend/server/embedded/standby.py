"""A streaming copy of the embedded PostgreSQL, to read from: made anew at each start, since it holds nothing of its own."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from server.embedded.postgres import Postgres, program_folder, surroundings
from server.embedded.process import failure, open_log
from server.embedded.state import private_folder, socket_folder, unprivileged


@dataclass(frozen=True)
class Standby(Postgres):
    """The copy of the server of the same state folder, which must run while this one is made."""

    name: str = "PostgreSQL (standby)"

    @property
    def data(self) -> Path:
        return self.state / "standby"

    @property
    def log(self) -> Path:
        return self.state / "logs" / "standby.log"

    @property
    def sockets(self) -> Path:
        return socket_folder(self.state) / "standby"

    def spawn(self) -> subprocess.Popen[bytes]:
        """Copies the cluster and starts the server, which follows from then on. Not copied again when it died."""
        if not (self.data / "postmaster.pid").exists():
            self.copy()
        return super().spawn()

    def copy(self) -> None:
        """The cluster as it is now, with what it needs to follow. LaunchError when that fails."""
        primary = Postgres(self.state, self.lock)
        shutil.rmtree(self.data, ignore_errors=True)
        private_folder(self.data, unprivileged())
        with open_log(self.log) as log:
            done = subprocess.run(  # noqa: S603 - our own command line
                [program_folder(self.state) / "pg_basebackup", "-D", self.data, "-h", primary.sockets, "-U", "postgres",
                 "-X", "stream", "-c", "fast", "-R", "--no-sync"], stdout=log, stderr=log, check=False, **surroundings())
        if done.returncode:
            raise failure(self.name, self.log)
