"""The commands of `python -m server`. Each is imported only when it is asked for, so that small ones start at once.

Exit codes: 0 done or stopped as asked, 1 a check found something, 2 it cannot run and says why in one line.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from haian.settings import Settings


@dataclass(frozen=True)
class Subcommand:
    """`module.main(settings)` does it, or `module.main()` unless `settings`.

    `servers`: it needs database and Redis; those of a running server will do. `options`: what its module reads itself.
    """

    module: str
    does: str
    servers: bool = False
    settings: bool = True
    options: tuple[str, ...] = ()


SUBCOMMANDS = {
    "run": Subcommand("server.launcher", "start everything with one command"),
    "web": Subcommand("server.web", "serve the gateway and the site", servers=True),
    "worker": Subcommand("server.worker", "do what is due: outbox, expiry, reminders, retention", servers=True),
    "migrate": Subcommand("server.migrate", "bring the database up to date", servers=True),
    "demo": Subcommand("server.demo", "load the demo data, rolled forward to today", servers=True),
    "build": Subcommand("server.client_build", "build the site", settings=False, options=("--force", "--relock")),
    "documents": Subcommand("server.documents", "write the manifest of the trusted documents"),
    "schema": Subcommand("server.schema", "write graphql/schema.graphql"),
    "check": Subcommand("server.check", "check what linters cannot"),
    "browser": Subcommand("server.browser", "make sure that a browser for the tests exists", settings=False),
}


def parse(arguments: list[str]) -> str:
    """The name of the subcommand."""
    parser = argparse.ArgumentParser(prog="python -m server", description="海岸通 Haian")
    choices = parser.add_subparsers(dest="name", required=True, metavar="command")
    for name, subcommand in SUBCOMMANDS.items():
        parts = choices.add_parser(name, help=subcommand.does)
        for option in subcommand.options:
            parts.add_argument(option, action="store_true")
    return cast(str, parser.parse_args(arguments).name)


def main(arguments: list[str]) -> int:
    """Runs a subcommand and returns the exit code."""
    name = parse(arguments)
    subcommand = SUBCOMMANDS[name]
    run = cast("Callable[..., int | None]", importlib.import_module(subcommand.module).main)
    if not subcommand.settings:
        return run() or 0
    from haian.settings import SAY, Settings, SettingsError
    from server.console import LaunchError, complain
    from server.gate import pass_gate

    pass_gate()
    try:
        settings = Settings.from_env()
        return run(with_running_servers(settings) if subcommand.servers else settings) or 0
    except SettingsError as error:
        complain("\n".join([SAY("heading"), *(f"  {line}" for line in error.lines)]))
    except LaunchError as error:
        complain(str(error))
    return 2


def with_running_servers(settings: Settings) -> Settings:
    """The settings with the addresses of the embedded servers where none are given. LaunchError if those do not run."""
    if settings.database_url and settings.redis_url:
        return settings
    from server.embedded.addresses import running_addresses

    return settings.model_copy(update=running_addresses(settings))
