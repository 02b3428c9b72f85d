"""`python -m server scale`: the product as on many machines, on one: every noun a subgraph with several processes, behind
Hive Gateway. Ends with everything that it started."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from haian.keys import key_of
from haian.settings import Settings
from server.children import EVERYWHERE, Web, command_parts, database_jobs, demo_verifier
from server.console import SAY, step, tell
from server.embedded.addresses import database_addresses
from server.embedded.cluster import NODES, Node, form, nodes, url_of
from server.embedded.postgres import Postgres
from server.embedded.process import Command, Server, wait_until_ready
from server.embedded.standby import Standby
from server.embedded.state import locked, open_state
from server.gate import Gate
from server.reach import DATABASE, LOGIN, check_port, ensure_database
from server.scale.router import compose, hive, names
from server.stop_signals import StopRequested, StopSignals
from server.supervisor import Supervisor

READY_SECONDS = 120.0
LOOPBACK = "127.0.0.1"
ROUTERS = 1
"""Several forks of one Hive take 20 s to end; where one is not enough, several run behind the proxy."""


def main(settings: Settings) -> int:
    """Runs until it is stopped; 0 then. LaunchError when it cannot start."""
    with StopSignals().heard() as signals, suppress(StopRequested):
        for number in range(1 + len(names()) + 2 * NODES):
            check_port(settings.host, settings.port + number)
        settings = settings.model_copy(update={"state": open_state(settings.state)})
        with locked(settings.state) as lock, Supervisor(signals) as supervisor:
            Topology(settings, supervisor, lock).start()
            supervisor.watch()
    return 0


def cluster_of(settings: Settings, lock: int) -> list[Node]:
    """Valkey's nodes, on the ports after those of the subgraphs."""
    return nodes(settings.state, lock, settings.port + 1 + len(names()), key_of(settings.keys, "cluster").hex())


class Topology:
    """All servers of one start. Hive has the port of the settings; subgraphs and Valkey's nodes the ports after it."""

    def __init__(self, settings: Settings, supervisor: Supervisor, lock: int) -> None:
        self.settings, self.supervisor, self.lock = settings, supervisor, lock
        self.key = settings.router_key or key_of(settings.keys, "router")
        self.standby = Standby(settings.state, lock)

    def start(self) -> None:
        """All steps, each told with its time."""
        begun = time.perf_counter()
        tell(SAY("starting"))
        self.start_servers()
        self.settings, verifier = demo_verifier(self.settings)
        gate = Gate()
        served = [self.subgraph(name, number, gate) for number, name in enumerate(names(), 1)]
        worker = Command(**self.parts("worker", gate))
        children = self.supervisor.start([*served, worker, *verifier])
        self.fill_database()
        self.copy_database()
        with step("step_compose"):
            composed = compose(self.settings.state / "supergraph", self.settings.port + 1)
        with step("step_subgraphs", count=len(served)):
            gate.open()
            router = hive(composed, self.settings, forks=ROUTERS, key=self.key)
            children += self.supervisor.start([router])
            for server, child in zip([*served, router], [*children[:len(served)], children[-1]], strict=True):
                wait_until_ready(server, child.process, READY_SECONDS, every=0.05)
        tell(SAY("ready", seconds=f"{time.perf_counter() - begun:.1f}"))
        host = EVERYWHERE.get(self.settings.host, self.settings.host)
        tell(SAY("address", origin=f"http://{host}:{self.settings.port}/graphql"))
        tell(SAY("how_to_stop"))

    def start_servers(self) -> None:
        """PostgreSQL, and Valkey on all its nodes."""
        postgres = Postgres(self.settings.state, self.lock)
        cluster = cluster_of(self.settings, self.lock)
        servers: list[Server] = [*cluster, postgres]
        with step("step_servers", names=f"{NODES} × Valkey + {postgres.name}"):
            for server, child in zip(servers, self.supervisor.start(servers), strict=True):
                wait_until_ready(server, child.process)
            form(cluster)
        with step("step_database"):
            ensure_database(postgres.url("postgres", "postgres"))
        self.settings = self.settings.model_copy(update={
            **database_addresses(postgres), "database_replica_url": self.standby.url(LOGIN, DATABASE),
            "redis_url": url_of(cluster)})

    def fill_database(self) -> None:
        """Tables and demo data."""
        for job in database_jobs(self.settings, self.supervisor):
            job.finish()

    def copy_database(self) -> None:
        """The standby, which follows from here on."""
        with step("step_servers", names=self.standby.name):
            [child] = self.supervisor.start([self.standby])
            wait_until_ready(self.standby, child.process)

    def subgraph(self, noun: str, number: int, gate: Gate) -> Web:
        """The processes of a noun."""
        port = self.settings.port + number
        parts = self.parts("subgraph", gate, HAIAN_HOST=LOOPBACK, HAIAN_PORT=str(port), HAIAN_ROUTER_KEY=self.key.hex(),
                           HAIAN_WORKERS=str(max(2, self.settings.workers)))
        parts |= {"name": noun, "argv": [*parts["argv"], noun], "log": self.settings.state / "logs" / f"{noun}.log"}
        return Web(**parts, host=LOOPBACK, port=port)

    def parts(self, name: str, gate: Gate, **variables: str) -> dict[str, Any]:
        """A subcommand with what all have in common: the origins of the router are the citizens' origins."""
        parts = command_parts(self.settings, name, gate)
        parts["env"] |= {"HAIAN_PUBLIC_ORIGINS": ",".join(self.settings.public_origins),
                         "DATABASE_REPLICA_URL": self.settings.database_replica_url, **variables}
        return parts
