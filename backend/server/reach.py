"""Can the servers be reached, and do the login and the database exist? Asked before anything else is started."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

from server.console import LaunchError

REACH_SECONDS = 5.0
LOGIN = "haian_app"
DATABASE = "haian"


def place_of(url: str) -> str:
    """Host and port or socket of an address: without user, password and anything else that is secret."""
    parts = urlsplit(url)
    socket_folder = parse_qs(parts.query).get("host", [""])[0]
    if not parts.hostname:
        return socket_folder or parts.path
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname


def words_of(error: BaseException) -> str:
    """The first line of what a driver says, or its kind when it says nothing."""
    if isinstance(error, TimeoutError):
        return "timeout"
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def check_port(host: str, port: int) -> None:
    """LaunchError unless we may listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except PermissionError as error:
        raise LaunchError("port_forbidden", port=port) from error
    except OSError as error:
        if error.errno in {98, 48}:  # EADDRINUSE on Linux and macOS
            raise LaunchError("port_taken", port=port, other=port + 1 if port < 65535 else 8000) from error
        raise LaunchError("host_unknown", host=host) from error


def check_database(variable: str, url: str) -> None:
    """LaunchError unless the PostgreSQL of a variable lets us in."""
    import asyncpg

    async def reach() -> None:
        connection = await asyncpg.connect(url, timeout=REACH_SECONDS)
        await connection.close()

    try:
        asyncio.run(reach())
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        where = place_of(url)
        raise LaunchError("database_unreachable", variable=variable, where=where, reason=words_of(error)) from error


def check_redis(url: str) -> None:
    """LaunchError unless Redis answers, or some node of a cluster."""
    import redis

    from haian.cluster import Address

    cluster = Address.of(url)
    try:
        for last, one in enumerate(urls := [cluster.url_of(*node) for node in cluster.nodes] if cluster else [url], 1):
            with closing(redis.from_url(one, socket_connect_timeout=REACH_SECONDS, socket_timeout=REACH_SECONDS)) as client:
                try:
                    client.ping()
                    return
                except (redis.RedisError, OSError):
                    if last == len(urls):
                        raise
    except (redis.RedisError, OSError) as error:
        raise LaunchError("redis_unreachable", where=place_of(url), reason=words_of(error)) from error


def ensure_database(superuser_url: str) -> None:
    """Makes the login role and the database of the embedded PostgreSQL when they are missing."""
    import asyncpg

    async def ensure() -> None:
        connection = await asyncpg.connect(superuser_url)
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", LOGIN):
                await connection.execute(f"CREATE ROLE {LOGIN} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()

    asyncio.run(ensure())
