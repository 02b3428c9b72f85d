"""The commands of `python -m server`. Each is imported only when it is asked for, so that small ones start at once.

Exit codes: 0 done or stopped as asked, 1 a check found something, 2 it cannot run and says why in one line.
"""

from __future__ import annotations

import argparse
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from haian.settings import Settings


@dataclass(frozen=True)
class Subcommand:
    """`module.main(settings)` does it, or `module.main()` unless `settings`.

    `servers`: it needs database and Redis; those of a running server will do. `argument`, `optional`, `options`: what
    its module reads itself.
    """

    module: str
    does: str
    servers: bool = False
    argument: str = ""
    optional: str = ""
    settings: bool = True
    options: tuple[str, ...] = ()


SUBCOMMANDS = {
    "run": Subcommand("server.launcher", "start everything with one command"),
    "web": Subcommand("server.web", "serve the gateway and the site", servers=True),
    "worker": Subcommand("server.worker", "do what is due: outbox, expiry, reminders, retention", servers=True),
    "outbox": Subcommand("server.outbox", "list the events that could not be told; --retry tells them", servers=True,
                         options=("--retry",)),
    "audit": Subcommand("server.audit", "verify that no line of the ledger was changed, taken away or put in later",
                        servers=True, argument="verify", optional="hash"),
    "migrate": Subcommand("server.migrate", "bring the database up to date", servers=True),
    "rotate": Subcommand("server.rotate", "sign access tokens with a new key from now on"),
    "reseal": Subcommand("server.reseal", "seal and index every citizen ID number with the newest keys", servers=True,
                         options=("--give-up",)),
    "demo": Subcommand("server.demo", "load the demo data, rolled forward to today", servers=True),
    "build": Subcommand("server.client_build", "build the site", settings=False, options=("--force", "--relock")),
    "documents": Subcommand("server.documents", "write the manifest of the trusted documents"),
    "subgraph": Subcommand("server.subgraph", "serve one noun behind a federation router", servers=True, argument="noun"),
    "scale": Subcommand("server.scale.launch", "start every noun as a subgraph, behind a router, on this machine"),
    "supergraph": Subcommand("server.supergraph", "write the schemas of all subgraphs into a folder", argument="folder"),
    "schema": Subcommand("server.schema", "write graphql/schema.graphql, docs/permissions.md, docs/errors.md"),
    "check": Subcommand("server.check", "check what linters cannot"),
    "verifier": Subcommand("server.verifier", "the demo's identity verifier; the launcher starts it", settings=False),
    "gate": Subcommand("server.turnstile", "a fixed gate to try the API with: enrol <code>, scan <code>, beat, sync",
                       argument="what", optional="code", settings=False),
    "browser": Subcommand("server.browser", "make sure that a browser for the tests exists", settings=False),
}


def parse(arguments: list[str]) -> str:
    """The name of the subcommand."""
    parser = argparse.ArgumentParser(prog="python -m server", description="海岸通 Haian")
    choices = parser.add_subparsers(dest="name", required=True, metavar="command")
    for name, subcommand in SUBCOMMANDS.items():
        parts = choices.add_parser(name, help=subcommand.does)
        if subcommand.argument:
            parts.add_argument(subcommand.argument)
        if subcommand.optional:
            parts.add_argument(subcommand.optional, nargs="?")
        for option in subcommand.options:
            parts.add_argument(option, action="store_true")
    return cast(str, parser.parse_args(arguments).name)


def main(arguments: list[str]) -> int:
    """Runs a subcommand and returns the exit code."""
    subcommand = SUBCOMMANDS[parse(arguments)]
    if not subcommand.settings:
        return module_main(subcommand)() or 0
    from haian.settings import SAY, SettingsError
    from server.console import LaunchError, complain
    from server.gate import pass_gate

    try:
        settings = settings_for(subcommand)
        run = module_main(subcommand)
        pass_gate()
        return run(settings) or 0
    except SettingsError as error:
        complain("\n".join([SAY("heading"), *(f"  {line}" for line in error.lines)]))
    except LaunchError as error:
        complain(str(error))
    return 2


def module_main(subcommand: Subcommand) -> Callable[..., int | None]:
    """Imports what the subcommand needs, which may take a second."""
    return cast("Callable[..., int | None]", importlib.import_module(subcommand.module).main)


def settings_for(subcommand: Subcommand) -> Settings:
    """The checked settings; also put where the client reads them when it is imported. SettingsError, LaunchError."""
    from haian.settings import Settings

    settings = Settings.from_env(keys=subcommand.servers)
    if subcommand.servers:
        settings = with_running_servers(settings)
        os.environ["HAIAN_CLIENT_REDIS_URL"] = settings.states_url
    os.environ["HAIAN_PUBLIC_ORIGINS"] = ",".join(settings.public_origins)
    return settings


def with_running_servers(settings: Settings) -> Settings:
    """The settings with the addresses of the embedded servers where none are given. LaunchError if those do not run."""
    if settings.database_url and settings.redis_url:
        return settings
    from server.embedded.addresses import running_addresses

    return settings.model_copy(update=running_addresses(settings))
