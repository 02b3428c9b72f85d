"""Hive Gateway (npm) in front of the subgraphs: what it must know, composed, and how it is started."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gateway.federation import subgraphs
from haian.settings import PROJECT, Settings
from server import node
from server.apps import registry
from server.children import Web
from server.console import LaunchError
from server.supergraph import write

FOLDER = PROJECT / "infra" / "scale"
HIVE = FOLDER / "node_modules" / "@graphql-hive" / "gateway" / "dist" / "bin.js"

ADDRESS = "http://127.0.0.1:{port}/graphql"


@dataclass(frozen=True)
class Composed:
    """What the router is given: the supergraph, and the sentences of its own refusals."""

    supergraph: Path
    refusals: Path


def compose(folder: Path, first_port: int) -> Composed:
    """The supergraph of all subgraphs on this machine, in the order of their names on the ports from `first_port` on.
    LaunchError where one of the public composers refuses them."""
    node.install(FOLDER)
    shutil.rmtree(folder, ignore_errors=True)
    write(folder)
    supergraph = folder / "supergraph.graphqls"
    done = subprocess.run([node.program(), "compose.mjs", folder, supergraph, ADDRESS,  # noqa: S603
                           str(first_port)], cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LaunchError("subgraphs_refused", reason=done.stderr.strip())
    return Composed(supergraph, folder / "refusals.json")


def names() -> list[str]:
    """The subgraphs in the order of their numbers."""
    return sorted(subgraphs(registry()))


def hive(composed: Composed, settings: Settings, *, forks: int, key: bytes) -> Web:
    """Hive Gateway on the port of the settings, with `forks` processes."""
    argv = [node.program(), str(HIVE), "supergraph", "-c", "gateway.config.mjs", "-h", settings.host,
            "-p", str(settings.port), "--fork", str(forks), str(composed.supergraph)]
    env = {**node.surroundings(), "HAIAN_ROUTER_KEY": key.hex(), "HAIAN_REFUSALS": str(composed.refusals),
           "HAIAN_PUBLIC_ORIGINS": ",".join(settings.public_origins), "NODE_ENV": "production"}
    return Web("Hive Gateway", argv, settings.state / "logs" / "hive.log", env, folder=FOLDER, host=settings.host,
               port=settings.port)
