"""What was measured as a table, the bars of the product with what each came to, and a picture."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.targets import TARGETS
from bench.workloads import WORKLOADS

Rounds = Mapping[str, Mapping[str, Sequence[Mapping[str, float]]]]
"""workload -> target -> the figures of each round."""
WIDTHS = (30, 9, 8, 8, 9, 8, 8, 7, 7, 7)


@dataclass(frozen=True)
class Bar:
    """`measure` of the gateway against that of a peer in the same round; `least` times as good, or `most` times as much."""

    workload: str
    measure: str
    peer: str
    least: float = 0
    most: float = 0

    def ratios(self, rounds: Rounds) -> list[float]:
        ours, theirs = (rounds.get(self.workload, {}).get(name, ()) for name in ("gateway", self.peer))
        pairs = zip(ours, theirs, strict=False)
        if self.least and self.measure != "rps":  # so many times less
            return [b[self.measure] / a[self.measure] for a, b in pairs if a[self.measure]]
        return [a[self.measure] / b[self.measure] for a, b in pairs if b[self.measure]]

    def said(self) -> str:
        peer, what = TARGETS[self.peer].title, {"rps": "requests/s", "cpu": "server CPU", "p99": "p99"}[self.measure]
        if self.measure == "rps":
            return f"{WORKLOADS[self.workload].title}: >= {self.least:g}x {peer} in {what}"
        return (f"{WORKLOADS[self.workload].title}: >= {self.least:g}x less {what} than {peer}" if self.least
                else f"{WORKLOADS[self.workload].title}: {what} <= {self.most:g}x {peer}")


BARS = (
    Bar("home", "rps", "stock", least=25), Bar("home", "cpu", "stock", least=60), Bar("home", "rps", "mercurius", least=3.5),
    Bar("home", "rps", "joined", least=2), Bar("home", "cpu", "byhand", most=1.3), Bar("home", "p99", "byhand", most=1.3),
    Bar("viewer", "rps", "stock", least=20), Bar("viewer", "rps", "mercurius", least=1),
    Bar("book", "rps", "stock", least=18), Bar("book", "rps", "mercurius", least=1.15),
    Bar("untrusted", "rps", "stock", least=10),
)
LARGEST_WORKER = 150.0


def median(found: Sequence[Mapping[str, float]], measure: str) -> float:
    return statistics.median(each[measure] for each in found) if found else float("nan")


def table(rounds: Rounds) -> Iterator[str]:
    """The medians of all rounds; `x` is the median of the paired ratios to the stock server."""
    heads = ("target", "req/s", "x stock", "p50 ms", "p99 ms", "CPU ms", "pg ms", "redis", "MB", "others")
    for workload, targets in rounds.items():
        yield f"\n{WORKLOADS[workload].title}"
        yield row(heads)
        for name, found in targets.items():
            ratios = [a["rps"] / b["rps"] for a, b in zip(found, targets.get("stock", ()), strict=False) if b["rps"]]
            yield row((TARGETS[name].title, f"{median(found, 'rps'):.0f}",
                       f"{statistics.median(ratios):.2f}" if ratios else "", f"{median(found, 'p50'):.2f}",
                       f"{median(found, 'p99'):.2f}", f"{median(found, 'cpu'):.3f}", f"{median(found, 'postgres'):.3f}",
                       f"{median(found, 'valkey'):.3f}", f"{median(found, 'memory'):.0f}",
                       f"{median(found, 'foreign'):.2f}"))
            if errors := sum(each["errors"] for each in found):
                yield f"  {errors:.0f} wrong answers: these figures say nothing"


def row(cells: Sequence[str]) -> str:
    first, *rest = zip(cells, WIDTHS, strict=True)
    return first[0].ljust(first[1]) + "".join(cell.rjust(width) for cell, width in rest)


def bars(rounds: Rounds) -> Iterator[str]:
    """Each bar with its median ratio and the least and largest of the rounds."""
    yield "\nbars (medians of paired rounds; in brackets the least and the largest)"
    for bar in BARS:
        ratios = bar.ratios(rounds)
        if not ratios:
            continue
        found = statistics.median(ratios)
        good = found >= bar.least if bar.least else found <= bar.most
        yield f"  {'pass' if good else 'FAIL'}  {bar.said():<78} {found:7.2f}  [{min(ratios):.2f} … {max(ratios):.2f}]"
    memory = [each["memory"] for targets in rounds.values() for each in targets.get("gateway", ())]
    if memory:
        yield (f"  {'pass' if max(memory) < LARGEST_WORKER else 'FAIL'}  "
               f"{f'memory of a gateway worker < {LARGEST_WORKER:.0f} MB':<78} {max(memory):7.0f}")


def passed(rounds: Rounds) -> bool:
    """Whether no bar that was measured is missed."""
    return not any(line.lstrip().startswith("FAIL") for line in bars(rounds))
