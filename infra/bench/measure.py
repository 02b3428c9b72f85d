"""One measurement: the load on its own core, and what the server, PostgreSQL and Valkey spent meanwhile (from /proc)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.ground import Ground
from bench.targets import HERE, Running
from bench.workloads import Workload


@dataclass(frozen=True)
class Options:
    rounds: int
    seconds: float
    warm: float
    connections: int
    pin: bool


def spent(processes: list[psutil.Process]) -> float:
    """CPU seconds of processes so far, user and system."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
            total += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return total


def tree(pid: int) -> list[psutil.Process]:
    own = psutil.Process(pid)
    return [own, *own.children(recursive=True)]


def backends(pid: int) -> float:
    """CPU seconds of PostgreSQL with all of its backends, those that ended included."""
    own = psutil.Process(pid)
    times = own.cpu_times()
    return spent(tree(pid)) + times.children_user + times.children_system


def busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def load(running: Running, requests: Path, workload: Workload, options: Options, seconds: float,
         start: int) -> dict[str, object]:
    command = [sys.executable, "-m", "bench.load", "--port", str(running.target.port), "--requests", str(requests),
               "--connections", str(options.connections), "--seconds", str(seconds), "--expect", workload.expect,
               "--start", str(start), *(["--once"] if workload.once else []), *(["--pairs"] if workload.second else [])]
    if options.pin:
        command = ["taskset", "-c", "1", *command]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(HERE.parent)}, capture_output=True, text=True,
                          timeout=seconds + 60)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return dict(json.loads(done.stdout))


def measured(running: Running, requests: Path, workload: Workload, options: Options, ground: Ground,
             start: int) -> dict[str, float]:
    """Figures of one run: requests/s, latencies in ms, CPU ms for each request, MB, and how many cores others used."""
    def state() -> tuple[float, ...]:
        return (spent(running.family()), backends(ground.processes["PostgreSQL"]), spent(tree(ground.processes["Valkey"])),
                sum(os.times()[2:4]), busy(), time.perf_counter())
    before = state()
    found = load(running, requests, workload, options, options.seconds, start)
    after = state()
    server, postgres, valkey, generator, all_, took = (b - a for a, b in zip(before, after, strict=True))
    count = max(int(str(found["requests"])), 1)
    if found["errors"]:
        sample = str(found["sample"])[-300:]
        print(f"    {running.target.name}: {found['errors']} wrong answers, such as {sample}", flush=True)
    return {"rps": count / float(str(found["seconds"])), "p50": float(str(found["p50"])), "p99": float(str(found["p99"])),
            "cpu": server * 1000 / count, "postgres": postgres * 1000 / count, "valkey": valkey * 1000 / count,
            "generator": generator * 1000 / count, "memory": running.memory(), "bytes": float(str(found["bytes"])),
            "errors": float(str(found["errors"])), "requests": float(count),
            "foreign": max(0.0, all_ - server - postgres - valkey - generator) / took}
