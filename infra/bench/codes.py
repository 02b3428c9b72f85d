"""One-time codes: issued and burnt against Valkey from this process.

    PYTHONPATH=infra .venv/bin/python -m bench.codes [--rounds 5] [--seconds 3] [--results FOLDER]

A pair is one code issued and burnt: on the one connection that a process has (`haian.line`), and for comparison by redis-py
with a round trip for each command, in turn, by so many callers at once, each with one pair under way. p50 and p99 are of a
whole pair. CPU is what a pair costs this process and Valkey in µs, which another load on the machine changes little. Valkey,
with every write in its file as the product has it, runs on core 1, this process on core 0.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psutil
import uvloop

from bench.measure import spent
from haian import codes
from haian.cache import connect, line_to
from haian.line import AnyLine
from server.embedded.process import wait_until_ready
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey

CALLERS = (1, 8, 32, 64, 128)
Pair = Callable[[], Awaitable[None]]
HOLDER, GATE = uuid4(), uuid4()


@contextmanager
def valkey(core: int | None) -> Iterator[tuple[str, psutil.Process]]:
    """The address and the process of a Valkey of this run's own, as the product starts it."""
    folder = Path(tempfile.mkdtemp(prefix="haian-codes-"))
    folder.chmod(0o755)
    with locked(open_state(folder)) as lock:
        server = Valkey(folder, lock)
        process = server.spawn()
        try:
            wait_until_ready(server, process)
            if core is not None:
                psutil.Process(process.pid).cpu_affinity([core])
            yield server.url(), psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(10)
            shutil.rmtree(folder, ignore_errors=True)


def batched(line: AnyLine) -> Pair:
    async def pair() -> None:
        token = await codes.issue(line, "bench", {"holder": HOLDER, "at": time.time()}, 60)
        burnt = await codes.burn(line, "bench", codes.digest(token), {"verifier": GATE, "nonce": token})
        assert burnt.state is codes.State.GOOD
    return pair


def plain(redis: Any) -> Pair:
    async def pair() -> None:
        token = codes.new_token()
        code = codes.digest(token)
        held = orjson.dumps({"holder": HOLDER, "at": time.time()}, default=str)
        await redis.set(codes.kept("bench", code), held, ex=60)
        by = orjson.dumps({"verifier": GATE, "nonce": token}, default=str)
        assert await redis.eval(codes.BURN, 1, codes.kept("bench", code), by, 3600) == held
    return pair


async def measured(pair: Pair, callers: int, seconds: float, server: psutil.Process) -> dict[str, float]:
    """Pairs a second by so many callers, each with one under way, how long one took (ms), and CPU µs of a pair here and in
    the server."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def caller() -> None:
        while (began := time.perf_counter()) < until:
            await pair()
            took.append(time.perf_counter() - began)
    began, here, there = time.perf_counter(), time.process_time(), spent([server])
    await asyncio.gather(*(caller() for _ in range(callers)))
    lasted = time.perf_counter() - began
    here, there = time.process_time() - here, spent([server]) - there
    took.sort()
    many = len(took)
    return {"pairs": many / lasted, "p50": took[many // 2] * 1000, "p99": took[many * 99 // 100] * 1000,
            "here": here * 1e6 / many, "there": there * 1e6 / many}


async def in_turn(url: str, server: psutil.Process, rounds: int,
                  seconds: float) -> dict[str, dict[int, dict[str, float]]]:
    """Both ways in turn, for each number of callers: the medians of the rounds."""
    line, redis = line_to(url), connect(url, size=max(CALLERS))
    ways = {"one line": batched(line), "plain": plain(redis)}
    found: dict[str, dict[int, dict[str, float]]] = {}
    for callers in CALLERS:
        each: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, pair in ways.items():
                each[way].append(await measured(pair, callers, seconds, server))
        for way, figures in each.items():
            found.setdefault(way, {})[callers] = {
                name: statistics.median(one[name] for one in figures) for name in figures[0]}
    await line.close()
    await redis.aclose()
    return found


def table(found: dict[str, dict[int, dict[str, float]]]) -> list[str]:
    """In Markdown, for docs/scale.md."""
    heads = [f"{callers} callers" for callers in CALLERS]
    lines = [f"| pairs/s · p50 / p99 ms · CPU µs here + Valkey | {' | '.join(heads)} |", "|---" * (len(CALLERS) + 1) + "|"]
    for way, figures in found.items():
        said = [f"{one['pairs']:,.0f} · {one['p50']:.2f} / {one['p99']:.2f} · {one['here']:.0f} + {one['there']:.0f}"
                for one in figures.values()]
        lines.append(f"| {way} | {' | '.join(said)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.codes", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--results", type=Path, help="where codes.json goes")
    given = parser.parse_args()
    cores = psutil.cpu_count() or 1
    if cores > 1:
        os.sched_setaffinity(0, {0})
    with valkey(1 if cores > 1 else None) as (url, server):
        found = uvloop.run(in_turn(url, server, given.rounds, given.seconds))
    print("\n".join(table(found)))
    if given.results:
        (given.results / "codes.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
