"""The addresses of the embedded servers, for the launcher's children and for commands in another terminal."""

from __future__ import annotations

from haian.settings import Settings
from server.console import LaunchError
from server.embedded.postgres import Postgres
from server.embedded.valkey import Valkey
from server.reach import DATABASE, LOGIN

NO_LOCK = -1


def running_addresses(settings: Settings) -> dict[str, str]:
    """The settings to fill in, from servers that already run. LaunchError when they do not."""
    postgres, valkey = Postgres(settings.state, NO_LOCK), Valkey(settings.state, NO_LOCK)
    found: dict[str, str] = {}
    if not settings.database_url:
        if not (postgres.data / "postmaster.pid").exists():
            raise LaunchError("servers_not_running", variable="DATABASE_URL")
        found |= database_addresses(postgres)
    if not settings.redis_url:
        if not valkey.socket.exists():
            raise LaunchError("servers_not_running", variable="REDIS_URL")
        found["redis_url"] = valkey.url()
    return found


def database_addresses(postgres: Postgres) -> dict[str, str]:
    """The login's address and the owner's."""
    return {
        "database_url": postgres.url(LOGIN, DATABASE),
        "database_migration_url": postgres.url("postgres", DATABASE),
    }
