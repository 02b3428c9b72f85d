"""`make bench`: the gateway against its peers, in turn, over the same tables and documents.

    python -m bench                       the whole in about 12 minutes: table, bars, growth; kept in infra/bench/results
                                          and docs/scale.md
    python -m bench --quick               a smoke test: demo data, one short round, no figure means anything
    python -m bench --targets gateway,stock --workloads home --rounds 3 --seconds 3
    python -m bench --growth              time per request with 2,000, 20,000 and 200,000 citizens, as a plot

The servers run in turn A B A B …; each ratio is the median of the ratios of paired rounds. The server has core 0, the load
core 1; PostgreSQL and Valkey run where there is room. `--state` keeps the data (2 GB), so that it is loaded once a day.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from bench import growth, model, report
from bench.equal import check_equal
from bench.ground import Ground, prepared
from bench.measure import Options, load, measured
from bench.picture import speeds
from bench.targets import HERE, TARGETS, USUAL, Running, Target, install_node_packages, placed
from bench.workloads import WORKLOADS, Workload, documents, http, manifest, write
from haian.settings import default_state

USUAL_WORKLOADS = ("home", "viewer", "search", "book", "untrusted", "contention")
RESULTS = HERE / "results"
MOST_BOOKINGS = 4000
"""Bookings a second for which requests are made: more than any server here does."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", default=",".join(USUAL), help=", ".join(TARGETS))
    parser.add_argument("--workloads", default=",".join(USUAL_WORKLOADS), help=", ".join(WORKLOADS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--warm", type=float, default=2)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--players", type=int, default=500, help="citizens who are played in turn")
    parser.add_argument("--citizens", type=int, help="how many there are; the district's 200,000 where it is not said")
    parser.add_argument("--state", type=Path, default=default_state().with_name(default_state().name + "-bench"))
    parser.add_argument("--quick", action="store_true", help="a smoke test with 2,000 citizens")
    parser.add_argument("--growth", action="store_true", help="2,000, 20,000 and 200,000 citizens, the gateway alone")
    parser.add_argument("--results", type=Path, help="where figures and pictures go; else only the whole's are kept")
    given = parser.parse_args()
    given.whole = given.targets == ",".join(USUAL) and given.workloads == ",".join(USUAL_WORKLOADS) \
        and not (given.quick or given.citizens or given.growth)
    if given.whole or given.growth:
        given.results = given.results or RESULTS
    return quick(given)


def quick(given: argparse.Namespace) -> argparse.Namespace:
    if given.quick:
        given.rounds, given.seconds, given.warm, given.players = 1, 0.3, 0, 50
        given.citizens = given.citizens or 2000
    if given.citizens:
        given.state = given.state.with_name(f"{given.state.name}-{given.citizens}")
    return given


def main() -> int:
    given = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped
    begun = time.monotonic()
    rules = Options(given.rounds, given.seconds, given.warm, given.connections,
                    pin=psutil.cpu_count() > 1 and shutil.which("taskset") is not None)
    if given.growth:
        growth.main(given, rules, {})
        return 0
    targets = [TARGETS[name] for name in given.targets.split(",")]
    workloads = [WORKLOADS[name] for name in given.workloads.split(",")]
    if any(target.program[0] == "node" for target in targets) and not install_node_packages():
        print("  npm ci failed: measured without Mercurius", flush=True)
        targets = [target for target in targets if target.program[0] != "node"]
    with prepared(given.state, given.citizens, given.players) as ground:
        rounds = run(ground, targets, workloads, rules)
    print("\n".join(report.table(rounds)))
    print("\n".join(report.bars(rounds)))
    print(f"\n{rules.rounds} rounds of {rules.seconds:g} s at {rules.connections} connections, "
          f"{given.players} citizens in turn; {time.monotonic() - begun:.0f} s in all")
    keep(given.results, rounds)
    if given.whole:
        growth.main(given, replace(rules, rounds=min(rules.rounds, 3)), {growth.SIZES[-1]: rounds})
        model.write()
    return 0


def keep(folder: Path | None, rounds: report.Rounds) -> None:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bench.json").write_text(json.dumps(rounds, indent=1) + "\n", encoding="utf-8")
        (folder / "bench.svg").write_text(speeds(rounds), encoding="utf-8")


def run(ground: Ground, targets: list[Target], workloads: list[Workload], rules: Options) -> dict[str, dict[str, list[Any]]]:
    """All rounds of all workloads. The servers are started once and stay."""
    bodies = documents()
    (ground.state / "bench-manifest.json").write_text(manifest(bodies), encoding="utf-8")
    running = [Running(target, ground, 0 if rules.pin else None) for target in placed(targets)]
    rounds: dict[str, dict[str, list[Any]]] = {}
    try:
        for server in running:
            server.wait()
        for workload in workloads:
            able = [server for server in running if server.target.answers(workload)]
            print(f"  {workload.title}: {', '.join(server.target.name for server in able)}", flush=True)
            rounds[workload.name] = in_turn(ground, able, workload, bodies[workload.document], rules)
    finally:
        for server in running:
            server.stop()
    return rounds


def in_turn(ground: Ground, able: list[Running], workload: Workload, document: str,
            rules: Options) -> dict[str, list[Any]]:
    """A B C A B C …, after each was warmed and all gave the same answers."""
    found: dict[str, list[Any]] = {server.target.name: [] for server in able}
    files = requests(ground, able, workload, document, rules)
    check_equal(ground, able, workload, document)
    for server in able if rules.warm else ():
        load(server, files[server.target.name], workload, rules, rules.warm, 0)
        clear(ground, workload)
    for number in range(rules.rounds):
        for server in able:
            figures = measured(server, files[server.target.name], workload, rules, ground, number * 131)
            clear(ground, workload)
            found[server.target.name].append(figures)
            print(f"    {server.target.name:<10} {figures['rps']:7.0f}/s  p50 {figures['p50']:6.2f}"
                  f"  p99 {figures['p99']:6.2f} ms  CPU {figures['cpu']:.3f} ms"
                  f"  others {figures['foreign']:.2f} cores", flush=True)
    return found


def clear(ground: Ground, workload: Workload) -> None:
    """What was booked is undone, so that each server begins with the same tables."""
    if not workload.once:
        return
    if workload.name == "contention":
        print(f"    {seats_sold(ground)}", flush=True)
    ground.sql("reset")


def seats_sold(ground: Ground) -> str:
    """How many places a rush took, and whether one was sold twice."""
    [(many, slots, twice)] = ground.rows("""
        SELECT coalesce(sum(n), 0), count(*),
               count(*) FILTER (WHERE n > capacity - before OR remaining <> capacity - before - n)
        FROM (SELECT s.capacity, s.remaining, count(*) FILTER (WHERE a.booked_at > b.at) AS n,
                     count(*) FILTER (WHERE a.booked_at <= b.at) AS before
              FROM bench.began b, healthcare.appointment a JOIN healthcare.slot s ON s.id = a.slot_id
              WHERE a.status <> 'cancelled' AND a.slot_id IN (
                  SELECT slot_id FROM healthcare.appointment, bench.began WHERE booked_at > at)
              GROUP BY s.id, s.capacity, s.remaining) q""")
    return f"{many} places of {slots} slots were taken, {twice} slots with a place too many or too few"


def requests(ground: Ground, able: list[Running], workload: Workload, document: str, rules: Options) -> dict[str, Path]:
    """A file of requests for each server: the same, in the words that it takes."""
    players = ground.players(workload.players)
    asked = []
    for pair in workload.variables(ground, players):
        if len(asked) >= MOST_BOOKINGS * max(rules.seconds, rules.warm):
            break
        asked.append(pair)
    numbers = {player.citizen: n for n, player in enumerate(players, 1)}
    files = {}
    for server in able:
        target = server.target
        files[target.name] = ground.state / f"bench-{target.name}.requests"
        write(files[target.name], [
            http(target.path(workload), target.port, player, target.body(workload, document, variables),
                 numbers[player.citizen]) for player, variables in asked])
    return files


if __name__ == "__main__":
    sys.exit(main())
