"""`python -m server run`: everything with one command.

Starts the embedded servers (unless DATABASE_URL and REDIS_URL name others), brings the database up to date, loads the
demo data, builds the site when its sources changed, starts web and worker, and keeps all running until it is stopped.
All children end with it, even by kill -9. They import their code while the servers come up, and wait at a gate.
"""

from __future__ import annotations

import time
from contextlib import nullcontext, suppress

from haian.settings import Settings
from server.children import Children, Web, demo_verifier
from server.console import SAY, LaunchError, step, tell
from server.embedded.addresses import database_addresses
from server.embedded.postgres import Postgres
from server.embedded.process import Server, wait_until_ready
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey
from server.reach import check_database, check_port, check_redis, ensure_database
from server.stop_signals import StopRequested, StopSignals
from server.supervisor import Child, Supervisor

WEB_SECONDS = 60.0


def main(settings: Settings) -> int:
    """Runs until it is stopped; 0 then. LaunchError when it cannot start."""
    with StopSignals().heard() as signals, suppress(StopRequested):
        check_port(settings.host, settings.port)
        settings = settings.model_copy(update={"state": open_state(settings.state)})
        with locked(settings.state) as lock:
            run(settings, Supervisor(signals), lock)
    return 0


def run(settings: Settings, supervisor: Supervisor, lock: int) -> None:
    """Starts everything, watches over it, stops it."""
    try:
        start(settings, supervisor, lock)
        supervisor.watch()
    finally:
        supervisor.signals.interrupts = False
        if supervisor.signals.requests:
            tell("\n" + SAY("stopping"))
        forced = supervisor.stop()
        if supervisor.signals.requests:
            tell(SAY("forced" if forced else "stopped"))


def start(settings: Settings, supervisor: Supervisor, lock: int) -> None:
    """All steps of the start, each told with its time."""
    begun = time.perf_counter()
    tell(SAY("starting"))
    postgres, valkey = Postgres(settings.state, lock), Valkey(settings.state, lock)
    settings, embedded = choose_servers(settings, postgres, valkey)
    settings, verifier = demo_verifier(settings)
    check_given_servers(settings, embedded)
    with step("step_servers", names=" + ".join(server.name for server in embedded)) if embedded else nullcontext():
        servers = supervisor.start(embedded)
        children = Children.spawn(settings, supervisor)
        for server, child in zip(embedded, servers, strict=True):
            wait_until_ready(server, child.process)
    if postgres in embedded:
        with step("step_database"):
            ensure_database(postgres.url("postgres", "postgres"))
    children.prepare()
    with step("step_web"):
        children.open.open()
        wait_for_web(children.web)
    supervisor.start(verifier)  # last: nobody asks it before somebody has signed in
    greet(settings, children, time.perf_counter() - begun)


def choose_servers(settings: Settings, postgres: Postgres, valkey: Valkey) -> tuple[Settings, list[Server]]:
    """The settings with every address filled in, and the embedded servers to start: those that no variable names."""
    embedded: list[Server] = []
    addresses: dict[str, str] = {}
    if not settings.redis_url:
        embedded.append(valkey)  # first: it starts while PostgreSQL makes its cluster
        addresses["redis_url"] = valkey.url()
    if not settings.database_url:
        embedded.append(postgres)
        addresses |= database_addresses(postgres)
    return settings.model_copy(update=addresses), embedded


def check_given_servers(settings: Settings, embedded: list[Server]) -> None:
    """LaunchError unless the servers that variables name can be reached."""
    names = {server.name for server in embedded}
    if Postgres.name not in names:
        if not settings.database_migration_url:
            raise LaunchError("migration_url_missing")
        with step("step_reach", names="PostgreSQL"):
            check_database("DATABASE_URL", settings.database_url)
            check_database("DATABASE_MIGRATION_URL", settings.database_migration_url)
    if Valkey.name not in names:
        with step("step_reach", names="Redis"):
            check_redis(settings.redis_url)


def wait_for_web(web: Child) -> None:
    """Returns when the web process is ready, by its own /health/ready."""
    assert isinstance(web.program, Web)
    wait_until_ready(web.program, web.process, WEB_SECONDS, every=0.05)


def greet(settings: Settings, children: Children, seconds: float) -> None:
    """The address, the demo accounts, and how to stop."""
    tell(SAY("ready", seconds=f"{seconds:.1f}"))
    tell()
    tell(SAY("address", origin=settings.public_origin))
    if settings.demo:
        tell_accounts()
    tell(SAY("logs", folder=children.logs))
    tell(SAY("how_to_stop"))


def tell_accounts() -> None:
    """The demo accounts; the code is shown on the sign-in page."""
    from haian.demo import ACCOUNTS

    tell(SAY("accounts"))
    for account in ACCOUNTS:
        tell(SAY("account", phone=account.phone, name=account.name, zh=account.what_zh, en=account.what_en))
