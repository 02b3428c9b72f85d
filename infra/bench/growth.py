"""Cost grows right: the time of a request while the tables grow from 2,000 to 200,000 citizens."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping

from bench.ground import prepared
from bench.measure import Options
from bench.picture import growth
from bench.report import Rounds, median
from bench.rounds import run
from bench.targets import TARGETS
from bench.workloads import WORKLOADS

SIZES = (2_000, 20_000, 200_000)
ASKED = ("home", "viewer", "search", "book")


def main(given: argparse.Namespace, rules: Options, known: Mapping[int, Rounds]) -> None:
    """Prints server and PostgreSQL CPU and p50 for each size; draws what a request costs both together. `known`: the sizes
    that were measured already."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ASKED}
    for size in SIZES:
        citizens = None if size == SIZES[-1] else size
        state = given.state if citizens is None else given.state.with_name(f"{given.state.name}-{size}")
        rounds = known.get(size)
        if rounds is None:
            print(f"  with {size:,} citizens", flush=True)
            with prepared(state, citizens, given.players) as ground:
                rounds = run(ground, [TARGETS["gateway"]], [WORKLOADS[name] for name in ASKED], rules)
        for name in ASKED:
            figures = rounds[name]["gateway"]
            found[name].append({measure: median(figures, measure) for measure in ("rps", "p50", "p99", "cpu", "postgres")})
    for name, figures in found.items():
        print(f"\n{WORKLOADS[name].title}\n{'citizens':>10}{'req/s':>9}{'p50 ms':>9}{'CPU ms':>9}{'pg ms':>9}{'x 2,000':>9}")
        for size, each in zip(SIZES, figures, strict=True):
            grown = total(each) / total(figures[0])
            print(f"{size:>10,}{each['rps']:>9.0f}{each['p50']:>9.2f}{each['cpu']:>9.3f}{each['postgres']:>9.3f}{grown:>9.2f}")
    if given.results:
        given.results.mkdir(parents=True, exist_ok=True)
        figures_file, picture = given.results / "growth.json", given.results / "growth.svg"
        figures_file.write_text(json.dumps({"sizes": SIZES, "found": found}, indent=1) + "\n", encoding="utf-8")
        series = {WORKLOADS[name].title: [total(each) for each in figures] for name, figures in found.items()}
        picture.write_text(growth(SIZES, series, "CPU ms per request, gateway and PostgreSQL together"), encoding="utf-8")


def total(figures: dict[str, float]) -> float:
    return figures["cpu"] + figures["postgres"]
