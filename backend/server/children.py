"""The launcher's children: jobs that end (migrate, demo, build) and programs that stay (web, worker)."""

from __future__ import annotations

import http.client
import os
import secrets
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from haian.settings import PROJECT, Settings
from server import client_build
from server.console import SAY, LaunchError, step
from server.embedded.process import Command, last_lines
from server.gate import Gate
from server.stamps import Stamp, fingerprint
from server.supervisor import Child, Supervisor

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - an address to listen on becomes one to call


@dataclass(frozen=True)
class Web(Command):
    """The web process."""

    host: str = "127.0.0.1"
    port: int = 8000

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers 200 to /health/ready."""
        host = EVERYWHERE.get(self.host, self.host)
        try:
            with closing(http.client.HTTPConnection(host, self.port, timeout=5)) as connection:
                connection.request("GET", "/health/ready")
                return process.poll() is None and connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


@dataclass(frozen=True)
class Job:
    """A step of the start in a process of its own; its stamp is written when it succeeds."""

    step: str
    command: Command
    process: subprocess.Popen[bytes]
    gate: Gate | None = None
    stamp: Stamp | None = None

    def finish(self) -> None:
        """Lets it work, waits for it and tells its time. LaunchError when it fails, with what it said last."""
        with step(self.step):
            if self.gate:
                self.gate.open()
            code = self.process.wait()
            if code:
                reason = last_lines(self.command.log) or f"{code}"
                raise LaunchError("step_failed", name=SAY(self.step), reason=reason, log=self.command.log)
        if self.stamp:
            self.stamp.write()


@dataclass(frozen=True)
class Children:
    """All children of one start. `jobs` in the order in which they must finish; `open`: the gate of web and worker."""

    settings: Settings
    jobs: list[Job]
    web: Child
    open: Gate

    @classmethod
    def spawn(cls, settings: Settings, supervisor: Supervisor) -> Children:
        """Starts all of them; each imports its code and waits at its gate. A job with a current stamp is left out."""
        gate = Gate()
        jobs = [*database_jobs(settings, supervisor), *site_jobs(settings, supervisor)]
        address: dict[str, Any] = {"host": settings.host, "port": settings.port}
        web = Web(**command_parts(settings, "web", gate), **address)
        worker = Command(**command_parts(settings, "worker", gate))
        return cls(settings, jobs, supervisor.start([web, worker])[0], gate)

    @property
    def logs(self) -> Path:
        """The folder of all logs."""
        return self.settings.state / "logs"

    def prepare(self) -> None:
        """Finishes the jobs."""
        for job in self.jobs:
            job.finish()


def command_parts(settings: Settings, name: str, gate: Gate | None = None, *, owner: bool = False) -> dict[str, Any]:
    """A subcommand with its surroundings. Only an `owner` is given the address that may change tables."""
    env = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "HAIAN_STATE": str(settings.state),
        "HAIAN_NOW_SINCE": repr(settings.now_since),
        "HAIAN_VERIFIER_URL": settings.verifier_url,
        "HAIAN_VERIFIER_TOKEN": settings.verifier_token,
        "HAIAN_ISSUER_URL": settings.issuer_url,
        "HAIAN_ISSUER_TOKEN": settings.issuer_token,
        "HAIAN_FAMILY_URL": settings.family_url,
        "HAIAN_FAMILY_TOKEN": settings.family_token,
        "PYTHONUNBUFFERED": "1",
    }
    env.pop("DATABASE_MIGRATION_URL", None)
    if owner:
        env["DATABASE_MIGRATION_URL"] = settings.database_migration_url
    return {
        "name": name,
        "argv": [sys.executable, "-m", "server", name],
        "log": settings.state / "logs" / f"{name}.log",
        "env": {**env, **(gate.env if gate else {})},
        "pass_fds": (gate.descriptor,) if gate else (),
    }


def demo_verifier(settings: Settings) -> tuple[Settings, list[Command]]:
    """演示: the settings with the address of a verifier and issuer of our own, and its program; none where one is named.
    Its socket is opened here and stays open, so that its address is known before it runs, and is the same when it is
    started again."""
    if settings.verifier_url or not settings.demo:
        return settings, []
    listener = socket.create_server(("127.0.0.1", 0))
    origin, descriptor, token = f"http://127.0.0.1:{listener.getsockname()[1]}", listener.detach(), secrets.token_urlsafe(24)
    given = {"verifier_url": f"{origin}/verify", "verifier_token": token}
    if not settings.issuer_url:
        given |= {"issuer_url": f"{origin}/certificates", "issuer_token": token}
    if not settings.family_url:
        given |= {"family_url": f"{origin}/family", "family_token": token}
    settings = settings.model_copy(update=given)
    parts = command_parts(settings, "verifier")
    parts["env"] |= {"HAIAN_VERIFIER_SOCKET": str(descriptor)}
    return settings, [Command(**parts | {"pass_fds": (descriptor,)})]


def database_jobs(settings: Settings, supervisor: Supervisor) -> list[Job]:
    """Migrations, unless this database has had all, and the demo data, rolled forward to today at each start."""
    jobs = []
    if not (stamp := tables_stamp(settings)).is_current:
        gate = Gate()
        command = Command(**command_parts(settings, "migrate", gate, owner=True))
        jobs.append(Job("step_migrate", command, supervisor.start_job(command), gate, stamp))
    if settings.demo:
        gate = Gate()
        command = Command(**command_parts(settings, "demo", gate, owner=True))
        jobs.append(Job("step_demo", command, supervisor.start_job(command), gate))
    return jobs


def site_jobs(settings: Settings, supervisor: Supervisor) -> list[Job]:
    """The build of the site, when its sources changed."""
    if client_build.is_current():
        return []
    command = Command(**command_parts(settings, "build"))
    return [Job("step_build", command, supervisor.start_job(command))]


def tables_stamp(settings: Settings) -> Stamp:
    """The migrations and what runs them, in this database: a new cluster or another address begins anew."""
    cluster = settings.state / "postgres" / "PG_VERSION"
    made = cluster.stat().st_mtime_ns if cluster.exists() else 0
    roots = [PROJECT / "backend", PROJECT / "mini-apps", PROJECT / "backend" / "haian" / "migrate.py"]
    value = fingerprint(roots, {".sql", ".json", ".toml"}, f"{settings.database_migration_url} {made}")
    return Stamp(settings.state / "migrated", value)
