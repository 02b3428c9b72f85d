"""More than it can answer: what a gateway process does with half, all, twice and three times the load that it can bear.

    PYTHONPATH=infra .venv/bin/python -m bench.overload [--citizens 2000] [--seconds 5] [--rate 8000]

The load is open: requests come at their rate whether or not answers do. What it can bear is measured first, with 32
connections, or said (`--rate`, to compare two versions). Printed for each load: answered and refused (503) a second, p50 and
p99 of both, and the cores that the gateway, PostgreSQL with Valkey, and the load itself took; and how long after three times
the load nothing is refused any more and answers are as quick as before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import uvloop

from bench.ground import Ground, prepared
from bench.load import LENGTH, read
from bench.measure import Options, backends, busy, load, spent, tree
from bench.rounds import requests
from bench.targets import HERE, TARGETS, Running
from bench.workloads import WORKLOADS, documents, manifest
from haian.settings import default_state

PORT = 18719
TICK = 0.001
LONGEST = 12.0
"""Seconds after which a request is answered, refused or cut off (`HAIAN_REQUEST_SECONDS`)."""
CONNECTIONS = 3000
"""Open from the beginning: who makes one while the load runs sends nothing meanwhile."""
LOADS = (0.5, 1.0, 2.0, 3.0)
WINDOW = 0.1


class Caller(asyncio.Protocol):
    """One connection, with one request under way at a time."""

    def __init__(self, play: Play) -> None:
        self.play, self.rest, self.began = play, b"", 0.0
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def ask(self, request: bytes) -> None:
        self.began = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        answer = self.rest + data
        head = answer.find(b"\r\n\r\n")
        length = LENGTH.search(answer, 0, head + 2) if head >= 0 else None
        if length is None or len(answer) < head + 4 + int(length[1]):
            self.rest = answer
            return
        self.rest, now = b"", time.perf_counter()
        self.play.found.append((self.began - self.play.began, now - self.began, int(answer[9:12])))
        self.play.free.append(self)
        if self.play.is_sent and len(self.play.found) == self.play.sent:
            self.play.over.set()


class Play:
    """Requests at rates that change: [(requests a second, seconds), …]. `found`: when asked, how long it took, status."""

    def __init__(self, port: int, texts: list[bytes]) -> None:
        self.port, self.texts, self.sent, self.unsent = port, texts, 0, 0
        self.free: list[Caller] = []
        self.is_sent, self.over = False, asyncio.Event()
        self.found: list[tuple[float, float, int]] = []
        self.began = 0.0

    async def run(self, steps: list[tuple[float, float]]) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            self.free.append((await loop.create_connection(lambda: Caller(self), "127.0.0.1", self.port))[1])
        self.began = time.perf_counter()
        begin = 0.0
        for rate, seconds in steps:
            due = 0.0
            while (at := time.perf_counter() - self.began) < begin + seconds:
                want = (at - begin) * rate
                while due + 1 <= want:
                    due += 1
                    self.ask()
                await asyncio.sleep(TICK)
            begin += seconds
        self.is_sent = True
        if len(self.found) == self.sent:
            return
        with suppress(TimeoutError):  # a connection that was cut is answered by nobody
            async with asyncio.timeout(LONGEST):
                await self.over.wait()

    def ask(self) -> None:
        if not self.free:
            self.unsent += 1
            return
        self.sent += 1
        self.free.pop().ask(self.texts[self.sent % len(self.texts)])


def played(port: int, file: Path, steps: list[tuple[float, float]], pin: bool) -> dict[str, Any]:
    """The same in a process of its own, on the second core."""
    command = [*(["taskset", "-c", "1"] if pin else []), sys.executable, "-m", "bench.overload", "--play",
               json.dumps([port, str(file), steps])]
    env = os.environ | {"PYTHONPATH": str(HERE.parent)}
    subprocess.run(command, check=True, env=env)
    return dict(json.loads(played_to(file).read_text("utf-8")))


def played_to(file: Path) -> Path:
    """Where the figures of a play are left."""
    return file.with_suffix(".found")


def play(port: int, file: str, steps: list[tuple[float, float]]) -> None:
    uvloop.install()
    game = Play(port, read(Path(file)))
    asyncio.run(game.run(steps))
    times = resource.getrusage(resource.RUSAGE_SELF)
    found = {"found": game.found, "sent": game.sent, "unsent": game.unsent, "cpu": times.ru_utime + times.ru_stime}
    played_to(Path(file)).write_text(json.dumps(found), encoding="utf-8")


def at(values: list[float], share: float) -> float:
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] * 1000 if values else float("nan")


def line(name: str, found: list[list[float]], seconds: float, used: list[float]) -> str:
    good, bad = ([took for _, took, status in found if (status == 200) is wanted] for wanted in (True, False))
    return (f"{name:>6}{len(found) / seconds:>10.0f}{len(good) / seconds:>12.0f}{at(good, .5):>9.1f}{at(good, .99):>9.1f}"
            f"{len(bad) / seconds:>11.0f}{at(bad, .5):>9.1f}{at(bad, .99):>9.1f}"
            + "".join(f"{each / seconds:>9.2f}" for each in used))


def cores(server: Running, ground: Ground) -> tuple[float, ...]:
    """CPU seconds so far: of the gateway; of PostgreSQL and Valkey; of everybody."""
    servers = backends(ground.processes["PostgreSQL"]) + spent(tree(ground.processes["Valkey"]))
    return spent(server.family()), servers, busy()


def recovery(found: list[list[float]], since: float, usual: float) -> float:
    """Seconds after `since` from which nothing is refused and nothing takes thrice as long as usual."""
    late = [asked + WINDOW for asked, took, status in found if asked >= since and (status != 200 or took * 1000 > 3 * usual)]
    return max([since, *late]) - since


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--citizens", type=int, default=2000)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--rate", type=float, help="requests a second that count as all that it can bear")
    options.add_argument("--workload", default="viewer", choices=sorted(WORKLOADS))
    options.add_argument("--state", type=Path, default=default_state().with_name(default_state().name + "-bench"))
    options.add_argument("--play", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.play:
        play(*json.loads(given.play))
        return 0
    state = given.state.with_name(f"{given.state.name}-{given.citizens}")
    with prepared(state, given.citizens, 500) as ground:
        measured(ground, given)
    return 0


def measured(ground: Ground, given: argparse.Namespace) -> None:
    pin, workload, bodies = psutil.cpu_count() > 1, WORKLOADS[given.workload], documents()
    (ground.state / "bench-manifest.json").write_text(manifest(bodies), encoding="utf-8")
    server = Running(replace(TARGETS["gateway"], port=PORT), ground, 0 if pin else None)
    try:
        server.wait()
        rules = Options(1, given.seconds, 2, 32, pin)
        file = requests(ground, [server], workload, bodies, rules)["gateway"]
        load(server, file, workload, rules, 2, 0)
        closed = load(server, file, workload, rules, given.seconds, 0)
        most = given.rate or float(closed["requests"]) / float(closed["seconds"])  # type: ignore[arg-type]
        print(f"{workload.title}: {most:.0f} requests/s with 32 connections, p99 {closed['p99']:.1f} ms, "
              f"{server.memory():.0f} MB\n")
        print(f"{'load':>6}{'asked/s':>10}{'answered/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'refused/s':>11}"
              f"{'p50 ms':>9}{'p99 ms':>9}{'gateway':>9}{'SQL':>9}{'load':>9}{'others':>9}")
        usual = 0.0
        for share in LOADS:
            before = cores(server, ground)
            found = played(server.target.port, file, [(most * share, given.seconds)], pin)
            gateway, sql, all_ = (b - a for a, b in zip(before, cores(server, ground), strict=True))
            used = [gateway, sql, found["cpu"], all_ - gateway - sql - found["cpu"]]
            print(line(f"{share:g} x", found["found"], given.seconds, used), flush=True)
            usual = usual or at([took for _, took, status in found["found"] if status == 200], .99)
        found = played(server.target.port, file, [(most * 3, 3), (most * .5, 4)], pin)
        print(f"\nafter 3 x for 3 s, as usual again after {recovery(found['found'], 3, usual):.2f} s; "
              f"{server.memory():.0f} MB")
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
