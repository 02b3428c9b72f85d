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

import psutil

from bench import growth, model, report
from bench.ground import prepared
from bench.measure import Options
from bench.picture import speeds
from bench.rounds import run
from bench.targets import HERE, TARGETS, USUAL, install_node_packages
from bench.workloads import WORKLOADS
from haian.settings import default_state

USUAL_WORKLOADS = ("home", "viewer", "search", "book", "untrusted", "contention")
RESULTS = HERE / "results"


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


if __name__ == "__main__":
    sys.exit(main())
