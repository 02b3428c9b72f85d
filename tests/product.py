"""The whole product as a resident meets it: `python -m server run` in a process, port and state of its own."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.clients import Served
from tests.processes import Started, started
from tests.servers import NOW

from haian.settings import Settings
from server.console import SAY
from server.embedded.postgres import Postgres
from server.embedded.valkey import Valkey
from server.platform import opened
from server.reach import DATABASE, LOGIN

START_SECONDS = 600.0  # with a first build of the site, on a machine that has other things to do
NO_LOCK = -1


@dataclass(frozen=True)
class Product:
    """A running product. `url`: its main origin. `now`: what its clock showed at `since`, in true seconds since 1970. The
    servers' addresses are for looking behind the scenes."""

    url: str
    state: Path
    launcher: Started
    now: datetime
    since: float

    @property
    def database_url(self) -> str:
        return Postgres(self.state, NO_LOCK).url(LOGIN, DATABASE)

    @property
    def migration_url(self) -> str:
        return Postgres(self.state, NO_LOCK).url("postgres", DATABASE)

    @property
    def redis_url(self) -> str:
        return Valkey(self.state, NO_LOCK).url()


def free_port() -> int:
    """A port that stays free until it is taken: below those that the system gives to clients and to who asks for any."""
    return free_ports(1)


def free_ports(count: int) -> int:
    """The first of so many such ports in a row. Each process of tests has a part of them for itself, and none twice."""
    while True:
        if PORTS.next + count > PORTS.end:
            PORTS.next = PORTS.begin
        first = PORTS.next
        PORTS.next += count
        if all(map(is_free, range(first, PORTS.next))):
            return first


@dataclass
class Ports:
    """What one process of tests may listen at: from `begin` to before `end`; `next` is the first that it was not given."""

    begin: int
    end: int
    next: int

    @classmethod
    def of(cls, number: int, count: int) -> Ports:
        """Of one process of so many. It begins anywhere, since somebody may run other tests beside."""
        size = 12_000 // count
        begin = 20_000 + number * size
        return cls(begin, begin + size, random.randrange(begin, begin + size))


PORTS = Ports.of(int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")),
                 int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@contextmanager
def running_product(state: Path, now: datetime = NOW, since: float | None = None, **variables: str) -> Iterator[Product]:
    """The product, ready, its clock at `now` (at `since`, where it ran before); ended with everything that it started."""
    port, since = free_port(), since or time.time()
    chosen = {"HAIAN_PORT": str(port), "HAIAN_STATE": str(state), **clock_variables(now, since), **variables}
    with started(["-m", "server", "run"], state / "output", **chosen) as launcher:
        launcher.until_said(SAY("how_to_stop"), START_SECONDS)
        yield Product(f"http://127.0.0.1:{port}", state, launcher, now, since)


def clock_variables(now: datetime, since: float) -> dict[str, str]:
    """For all processes of one product: its clock, whichever hour it is here."""
    return {"HAIAN_NOW": now.isoformat(), "HAIAN_NOW_SINCE": repr(since)}


@asynccontextmanager
async def looking_into(product: Product) -> AsyncIterator[Served]:
    """A product that runs in processes of its own, with its servers opened here too, on its clock: for looking behind the
    scenes."""
    settings = Settings(env="test", now=product.now, now_since=product.since, state=product.state,
                        database_url=product.database_url, redis_url=product.redis_url, public_origins=(product.url,))
    async with opened(settings.with_keys(), readers=2, writers=4) as platform:
        yield Served(product.url, platform)
