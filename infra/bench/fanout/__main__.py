"""How long one event takes to the last of many sockets, and what a socket costs.

    python -m bench.fanout                         2,000 sockets on each of the three servers, 11 rounds in turn A B C A B C
    python -m bench.fanout --sockets 10000 --only ours
    python -m bench.fanout --quick                 a smoke test: 50 sockets, 2 rounds

(`make bench-fanout options="…"`, or with `infra` on PYTHONPATH). Each server is one process on core 0, the sockets are
another on core 1. Ours does the whole of the product: the event is read from PostgreSQL for the subscription's document; the
peers get it ready made. Ratios are medians of paired rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import uvloop
from redis.asyncio import Redis

from bench.fanout.crowd import DOCUMENT, Arrivals, Socket, gathered
from haian.feeds import tell
from messages.service import NEWS
from server.embedded.addresses import database_addresses
from server.embedded.postgres import Postgres
from server.embedded.process import wait_until_ready
from server.embedded.state import locked, open_state
from server.embedded.valkey import Valkey
from server.http import take_files
from server.reach import ensure_database

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
NAMES = {"ours": "海岸通", "node": "graphql-ws on Node", "stock": "Strawberry"}
PORTS = {"ours": 18710, "node": 18711, "stock": 18712}
SETTLE = 2.0
APART = 0.15
PATIENCE = 30.0


@dataclass
class Server:
    """One server under measure, with its sockets."""

    name: str
    process: psutil.Process
    arrivals: Arrivals = field(default_factory=Arrivals)
    sockets: list[Socket] = field(default_factory=list)
    rounds: list[list[float]] = field(default_factory=list)
    before: int = 0
    held: int = 0
    cpu: float = 0.0
    lost: int = 0

    def seconds(self) -> float:
        """The CPU time it has used."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        return int(self.process.memory_info().rss)


@contextmanager
def ground() -> Iterator[dict[str, str]]:
    """Embedded servers with demo data, and the variables by which a process of the product finds them."""
    folder = Path(tempfile.mkdtemp(prefix="haian-fanout-", dir="/var/tmp"))
    folder.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        state = open_state(folder)
        lock = stack.enter_context(locked(state))
        postgres, valkey = Postgres(state, lock), Valkey(state, lock)
        for server in (valkey, postgres):
            process = server.spawn()
            stack.callback(end, process)
            wait_until_ready(server, process)
        ensure_database(postgres.url("postgres", "postgres"))
        names = {"database_url": "DATABASE_URL", "database_migration_url": "DATABASE_MIGRATION_URL"}
        addresses = {names[name]: value for name, value in database_addresses(postgres).items()}
        variables = addresses | {"REDIS_URL": valkey.url(), "HAIAN_STATE": str(state), "HAIAN_PORT": str(PORTS["ours"]),
                                 "HAIAN_LOG_LEVEL": "warning", "HAIAN_LIVE_PER_ADDRESS": "100000", "HAIAN_RATE_ADDRESS": "0"}
        for command in ("migrate", "demo"):
            subprocess.run([sys.executable, "-m", "server", command], check=True, env=os.environ | variables, cwd=PROJECT,
                           stdout=subprocess.DEVNULL)
        yield variables


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()


@contextmanager
def served(name: str, variables: dict[str, str]) -> Iterator[Server]:
    """A server on core 0."""
    if name == "node":
        program = [shutil.which("node") or "node", str(HERE / "peer.cjs")]
    else:
        program = [sys.executable, "-m", f"bench.fanout.{name}"]
    pin = ["taskset", "-c", "0"] if psutil.cpu_count() != 1 and shutil.which("taskset") else []
    address = variables["REDIS_URL"]
    peer = {"PEER_PORT": str(PORTS[name]), "PEER_REDIS": urlsplit(address).path if name == "node" else address}
    environment = os.environ | variables | peer | {"PYTHONPATH": str(HERE.parents[1]), "NODE_ENV": "production"}
    process = subprocess.Popen([*pin, *program], env=environment, cwd=PROJECT, stderr=subprocess.DEVNULL)
    try:
        until_answers(PORTS[name], process)
        yield Server(name, psutil.Process(process.pid))
    finally:
        end(process)


def until_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns when the server takes connections. ChildProcessError when it ended instead."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ChildProcessError(f"a server ended with {process.returncode}")
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.2)
    raise TimeoutError(f"nobody answers on {port}")


async def newest_news(port: int) -> dict[str, object]:
    """A piece of news as the product shows it."""
    from gateway.documents import Documents

    def ask() -> dict[str, object]:
        body = json.dumps({"documentId": Documents.load().by_name["MessagesNews"].id, "variables": {"first": 1}}).encode()
        origin = f"http://127.0.0.1:{port}"
        request = urllib.request.Request(f"{origin}/graphql", body, {"content-type": "application/json", "origin": origin})
        with urllib.request.urlopen(request) as answer:
            found: dict[str, object] = json.load(answer)["data"]["messagesNews"]["edges"][0]["node"]
            return found
    return await asyncio.to_thread(ask)


async def publish(redis: Redis, server: Server, news: dict[str, object]) -> None:
    event = uuid4()
    if server.name == "ours":
        await tell(redis, NEWS, event, {"type": "messages.news_published", "news": news["id"], "street": None})
    else:
        said = {"change": "PUBLISHED", "id": news["id"], "cursor": str(event), "news": news}
        await redis.publish("bench", json.dumps(said))


async def measure(servers: list[Server], redis_url: str, count: int, rounds: int) -> None:
    """Fill `rounds` of each server: the seconds that each socket waited."""
    redis = Redis.from_url(redis_url)
    news = await newest_news(PORTS["ours"])
    for server in servers:
        payload: dict[str, object] = {"documentId": DOCUMENT.id} if server.name == "ours" else {"query": DOCUMENT.body}
        server.before = server.memory()
        begun = time.perf_counter()
        server.sockets = await gathered(PORTS[server.name], count, server.arrivals, payload)
        print(f"{NAMES[server.name]}: {count / (time.perf_counter() - begun):.0f} sockets a second opened", flush=True)
        await asyncio.sleep(SETTLE)
        server.held = server.memory()
    for number in range(rounds + 1):
        for server in servers:
            complete, used, begun = server.arrivals.begin(), server.seconds(), time.perf_counter()
            await publish(redis, server, news)
            await asyncio.wait_for(complete, PATIENCE)
            if number:  # the first warms up
                server.rounds.append(sorted(at - begun for at in server.arrivals.at))
                server.cpu += server.seconds() - used
            await asyncio.sleep(APART)
    for server in servers:
        server.lost = server.arrivals.closed
        for each in server.sockets:
            each.transport.abort()
    await redis.aclose()


def report(servers: list[Server], count: int) -> None:
    """A table, and the ratios to ours."""
    print(f"\n{'ms to':28s}{'last, median':>14s}{'last, best':>12s}{'last, p99':>11s}{'middle one':>12s}"
          f"{'CPU':>8s}{'KiB a socket':>14s}{'lost':>6s}")
    for server in servers:
        last = sorted(each[-1] * 1e3 for each in server.rounds)
        middle = statistics.median(each[len(each) // 2] * 1e3 for each in server.rounds)
        worst = last[min(len(last) - 1, len(last) * 99 // 100)]
        memory = (server.held - server.before) / count / 1024
        print(f"{NAMES[server.name]:28s}{statistics.median(last):14.1f}{last[0]:12.1f}{worst:11.1f}{middle:12.1f}"
              f"{server.cpu / len(server.rounds) * 1e3:8.1f}{memory:14.1f}{server.lost:6d}")
    ours = servers[0]
    for server in servers[1:]:
        ratios = [theirs[-1] / mine[-1] for mine, theirs in zip(ours.rounds, server.rounds, strict=True)]
        print(f"{NAMES[server.name]} needs {statistics.median(ratios):.1f} times as long as {NAMES['ours']}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--only", default="ours,stock,node")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    if given.quick:
        given.sockets, given.rounds = 50, 2
    take_files()
    names = [name for name in NAMES if name in given.only.split(",") or name == "ours"]
    if "node" in names and not (HERE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=HERE, check=True)
    with ground() as variables, ExitStack() as stack:
        servers = [stack.enter_context(served(name, variables)) for name in names]
        if psutil.cpu_count() != 1:
            psutil.Process().cpu_affinity([1])
        uvloop.run(measure(servers, variables["REDIS_URL"], given.sockets, given.rounds))
        report(servers, given.sockets)
    return 0


if __name__ == "__main__":
    sys.exit(main())
