"""The door: what it costs to find out whose a session is, that it lives, and whether a rule lets them in.

    PYTHONPATH=infra .venv/bin/python -m bench.door [--rounds 9] [--asks 5000]

Held against one bare round trip to the same Redis on the same connection (a GET), in turn A B A B. `first seen`: Redis is
asked, and to tell when the session ends. `asked`: as for who comes again after a while. `as served`: what Redis has proved
a moment ago is not asked. `with rates`: asked, and the passage is charged to three rates by a script in the same round trip.

Each ratio is the median of the rounds'. Redis is on this machine, where a round trip is a dozen microseconds; over a network
the trip is longer and the rest is the same, so what is added is told too, and from which round trip on it is within 1.2.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import uvloop

from haian.cache import connect, line_to
from haian.call import Call
from haian.line import packed
from haian.rules import SIGNED_IN, role
from haian.settings import Settings
from haian.viewer import Viewer
from identity import sessions
from server.admission import RATES, Admission
from server.embedded.process import wait_until_ready
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey
from server.web import YOUNG

BAR, BARE = 1.2, "a bare round trip"
RULE = SIGNED_IN | role("registrar")
Once = Callable[[], Awaitable[object]]


@contextmanager
def redis() -> Iterator[str]:
    """A Valkey of this run's own."""
    with tempfile.TemporaryDirectory(prefix="haian-door-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        state = open_state(Path(folder).resolve())
        with locked(state) as lock:
            server = Valkey(state, lock)
            process = server.spawn()
            try:
                wait_until_ready(server, process)
                yield asyncio.run(over_tcp(server.url()))
            finally:
                process.send_signal(server.stop_signal)
                process.wait(30)


async def over_tcp(url: str) -> str:
    """The address of the same server on a free port of loopback."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    client = connect(url)
    await client.config_set("port", port)
    await client.aclose()
    return f"redis://127.0.0.1:{port}/0"


async def times(once: Once, asks: int) -> list[float]:
    """Microseconds of each, one after the other."""
    found: list[float] = []
    for _ in range(asks):
        began = time.perf_counter_ns()
        await once()
        found.append((time.perf_counter_ns() - began) / 1000)
    return found


def at(percent: float, found: list[float]) -> float:
    return sorted(found)[min(len(found) - 1, int(len(found) * percent / 100))]


def tell(seen: list[dict[str, list[float]]]) -> None:
    """Print the figures of the rounds: what each way took, beside the bare one."""
    for name in seen[0]:
        p50, p99 = (statistics.median(at(percent, each[name]) for each in seen) for percent in (50, 99))
        ratio = statistics.median(at(99, each[name]) / at(99, each[BARE]) for each in seen)
        half, most = (statistics.median(at(percent, each[name]) - at(percent, each[BARE]) for each in seen)
                      for percent in (50, 99))
        print(f"{name:18} p50 {p50:6.0f} us  p99 {p99:6.0f} us  p99 {ratio:5.2f} x bare  adds {half:5.0f} us, {most:5.0f} at"
              f" p99: within {BAR} x from a round trip of {max(0, most) / (BAR - 1):4.0f} us on")


async def compare(url: str, rounds: int, asks: int) -> None:
    """Take all ways in turn, round after round, and print the figures."""
    none = Settings(env="test", redis_url=url, rate_citizen=0, rate_device=0)
    line, client = line_to(url), connect(url)
    cookie, citizen, device = sessions.new_cookie(), uuid4(), uuid4()
    await sessions.begin(client, cookie, citizen, device)
    hashed, door = sessions.hash_of(cookie), Admission(line, none)
    many = {f"rate_{name}": 10**9 for name in RATES}
    charging = Admission(line, Settings(env="test", redis_url=url, **many))  # type: ignore[arg-type]
    get = packed("GET", f"haian:bench:{hashed}")
    call = cast(Call, SimpleNamespace(viewer=Viewer(citizen, str(device))))

    async def bare() -> None:
        await line.ask(get)

    async def asked() -> None:
        assert await door.by_cookie(hashed, "")
        assert RULE.by_role(call) == ""

    async def first() -> None:
        line.wire.kept.clear()  # type: ignore[attr-defined]
        await asked()

    async def served() -> None:
        assert door.at_once(hashed, "") or await door.by_cookie(hashed, "")
        assert RULE.by_role(call) == ""

    async def charged() -> None:
        assert await charging.by_cookie(hashed, "search")
        assert RULE.by_role(call) == ""
    ways: dict[str, Once] = {BARE: bare, "first seen": first, "asked": asked, "as served": served, "with rates": charged}
    for once in ways.values():
        await times(once, asks)
    seen = [{name: await times(once, asks) for name, once in ways.items()} for _ in range(rounds)]
    tell(seen)
    await client.aclose()
    await cast(Any, line).close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.door", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--asks", type=int, default=5000)
    given = parser.parse_args()
    gc.freeze()
    gc.set_threshold(YOUNG)
    with redis() as url:
        uvloop.run(compare(url, given.rounds, given.asks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
