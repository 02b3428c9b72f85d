"""A cluster of embedded Valkeys on loopback ports: three that share the slots, as many machines would."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from server.console import LaunchError
from server.embedded.process import spawn
from server.embedded.state import private_folder
from server.embedded.valkey import Valkey, program

NODES = 3
SLOTS = 16384
FORM_SECONDS = 20.0
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Node(Valkey):
    """One of them. Other nodes speak to it on the port `NODES` above its own."""

    name: str = "Valkey (node)"
    port: int = 0
    password: str = ""

    @property
    def folder(self) -> Path:
        return self.state / "cluster" / str(self.port)

    @property
    def log(self) -> Path:
        return self.state / "logs" / f"valkey-{self.port}.log"

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/{database}"

    def spawn(self) -> subprocess.Popen[bytes]:
        """Starts the server. Its password is in a file, not in the list of processes."""
        options = {
            "bind": HOST, "port": self.port, "dir": private_folder(self.folder), "cluster-enabled": "yes",
            "cluster-port": self.port + NODES, "cluster-config-file": "nodes.conf", "cluster-node-timeout": "5000",
            "requirepass": self.password, "primaryauth": self.password, "appendonly": "yes", "appendfsync": "everysec",
            "save": ""}
        file = self.folder / "valkey.conf"
        file.touch(mode=0o600)
        file.write_text("".join(f'{name} "{value}"\n' for name, value in options.items()), encoding="utf-8")
        return spawn([program(), file], self.log, self.stop_signal, [self.lock])

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers, though it wants a password first."""
        with suppress(OSError), socket.create_connection((HOST, self.port), timeout=1) as client:
            client.sendall(b"PING\r\n")
            return process.poll() is None and client.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        return False


def nodes(state: Path, lock: int, first_port: int, password: str) -> list[Node]:
    """The nodes of a cluster; it takes twice as many ports."""
    return [Node(state, lock, port=first_port + number, password=password) for number in range(NODES)]


def url_of(cluster: Sequence[Node]) -> str:
    return f"redis-cluster://:{cluster[0].password}@" + ",".join(f"{HOST}:{node.port}" for node in cluster)


def form(cluster: Sequence[Node]) -> None:
    """Let running nodes know each other and share the slots, unless they do. LaunchError when they do not come together."""
    with closing(redis.Redis.from_url(cluster[0].url())) as first:
        if not info(first)["cluster_slots_assigned"]:
            share(cluster)
    deadline = time.monotonic() + FORM_SECONDS
    for node in cluster:
        with closing(redis.Redis.from_url(node.url())) as client:
            while (found := info(client))["cluster_state"] != "ok" or int(found["cluster_size"]) < len(cluster):
                if time.monotonic() > deadline:
                    raise LaunchError("server_slow", name=node.name, seconds=int(FORM_SECONDS), log=node.log)
                time.sleep(0.05)


def share(cluster: Sequence[Node]) -> None:
    bounds = [SLOTS * number // len(cluster) for number in range(len(cluster) + 1)]
    for number, node in enumerate(cluster):
        with closing(redis.Redis.from_url(node.url())) as connected:
            client: Any = connected
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            for other in cluster[:number]:
                client.execute_command("CLUSTER", "MEET", HOST, other.port, other.port + NODES)


def info(client: Any) -> dict[str, str]:
    """CLUSTER INFO."""
    said = client.execute_command("CLUSTER", "INFO")
    found: dict[str, Any] = said if isinstance(said, dict) else dict(
        line.split(":", 1) for line in said.decode().splitlines() if ":" in line)
    return found | {"cluster_slots_assigned": int(found["cluster_slots_assigned"])}
