"""The load model: what each number of residents asks of each part, from figures that `make bench` measured.

    python -m bench.model            the tables for docs/scale.md
    python -m bench.model --write    puts them there

What is measured comes from results/bench.json and results/growth.json; what is assumed stands in `Habits` with its source.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report import median

HERE = Path(__file__).resolve().parent
RESULTS, DOCUMENT = HERE / "results" / "bench.json", HERE.parents[1] / "docs" / "scale.md"
PLACE = re.compile(r"(?<=<!-- model -->\n).*?(?=<!-- /model -->)", re.S)
RESIDENTS = (10_000, 1_000_000, 100_000_000)


@dataclass(frozen=True)
class Habits:
    """What residents do. Each is an assumption; where it has a source, docs/scale.md names it."""

    active: float = 0.08
    """The share of residents who open the app on a day."""
    opens: float = 2.0
    """How often each of them does."""
    asks: float = 8.0
    """Requests for each time: home, two or three pages, messages."""
    busy_hour: float = 0.12
    """The share of a day's requests in its busiest hour."""
    burst: float = 2.0
    """The busiest second of that hour against its mean."""
    visits: float = 6.8
    """Visits to a doctor by each resident in a year (国家卫生健康委, 2023)."""
    online: float = 0.005
    """The share of residents with an open socket at the busiest time."""
    rush: float = 0.002
    """抢号 on an ordinary morning: the share of residents who want a place at the minute at which places are given out, …"""
    vaccine: float = 0.05
    """… or on a morning of which everybody has heard, such as that of a scarce vaccine, …"""
    rush_seconds: float = 5.0
    """… most of them within so many seconds, …"""
    rush_asks: float = 3.0
    """… each with so many requests (the doctor, the slots, the booking), of which one is the booking."""


HABITS = Habits()
USED = 0.6
"""The share of a core that is used in the busiest second: what is left keeps the wait short."""
SOCKET_KIB = 25.0
"""Memory of an open socket: the bar of the gateway's own fan-out bench."""
SHED_AFTER = 1.0
"""Seconds of work in the queue beyond which a request is refused with Retry-After."""
RETRY = 3.0
"""Seconds after which one who was refused comes again, on average."""
STEP = 0.1
MORNINGS = ((10_000, HABITS.vaccine, 2), (1_000_000, HABITS.rush, 2), (1_000_000, HABITS.vaccine, 2),
            (1_000_000, HABITS.vaccine, 16), (100_000_000, HABITS.rush, 64), (100_000_000, HABITS.vaccine, 64),
            (100_000_000, HABITS.vaccine, 50 * 16))
"""Residents, the share who come, and PostgreSQL's cores."""
DAY_ASKS = {"home": 0.35, "viewer": 0.4, "search": 0.2, "book": 0.05}
"""What a day's requests are, as far as the bench has a document for it."""
ROW_BYTES = {"appointments": 611, "messages": 343, "audit": 239, "scans": 473, "confirmations": 187, "keys": 217}
"""A row with its indexes, as measured at district size: pg_total_relation_size by the number of rows."""
ROWS_A_YEAR = {"appointments": HABITS.visits * 0.6, "messages": 60.0, "audit": 90.0, "scans": 150.0, "confirmations": 8.0,
               "keys": 6.0}
"""New rows a year for each resident."""


@dataclass(frozen=True)
class Costs:
    """CPU ms of one request in the gateway, in PostgreSQL and in Valkey, by workload."""

    server: dict[str, float]
    postgres: dict[str, float]
    valkey: dict[str, float]

    @classmethod
    def measured(cls, rounds: Any) -> Costs:
        found = {name: targets["gateway"] for name, targets in rounds.items() if name in DAY_ASKS}
        parts = ("cpu", "postgres", "valkey")
        return cls(*({name: median(figures, part) for name, figures in found.items()} for part in parts))

    def mean(self, part: dict[str, float]) -> float:
        """CPU ms of an average request of a day."""
        return sum(share * part[name] for name, share in DAY_ASKS.items())


@dataclass(frozen=True)
class Peak:
    """The busiest second of an ordinary day, and the first seconds of a rush, for so many residents."""

    residents: int
    costs: Costs
    rush: float = HABITS.rush

    @property
    def requests(self) -> float:
        """Requests a second."""
        day = self.residents * HABITS.active * HABITS.opens * HABITS.asks
        return day * HABITS.busy_hour / 3600 * HABITS.burst

    @property
    def tries(self) -> float:
        """抢号: tries to book in the first second, when they come as e^(-t/rush_seconds)."""
        return self.residents * self.rush / HABITS.rush_seconds

    def cores(self, part: dict[str, float]) -> float:
        """Cores of the ordinary day's busiest second."""
        return self.requests * self.costs.mean(part) / 1000 / USED

    def rush_cores(self, part: dict[str, float]) -> float:
        """Cores of a rush that nobody is to wait in."""
        reads = self.tries * (HABITS.rush_asks - 1) * part["viewer"]
        return (reads + self.tries * part["book"]) / 1000 / USED


@dataclass(frozen=True)
class Morning:
    """A rush as it went: `longest` wait of an answered request (s), `shed` refusals for each resident who came, `until` all
    had their answer (s), the most tries in a second."""

    longest: float
    shed: float
    until: float
    most: float


def morning(comers: float, capacity: float) -> Morning:
    """抢号, step by step: so many bookings a second are done, what would wait longer than SHED_AFTER is refused at once and
    comes again. Who was told that all is gone has an answer, too, and does not come again."""
    queue = waiting = done = shed = longest = most = now = 0.0
    while done < comers * 0.999 and now < 3600:
        fresh = comers * (math.exp(-now / HABITS.rush_seconds) - math.exp(-(now + STEP) / HABITS.rush_seconds))
        again = waiting * (1 - math.exp(-STEP / RETRY))
        arriving = fresh + again
        room = max(0.0, capacity * SHED_AFTER - queue)
        taken = min(arriving, room + capacity * STEP)
        waiting += arriving - taken - again
        shed += arriving - taken
        queue += taken
        served = min(queue, capacity * STEP)
        queue -= served
        done += served
        longest, most, now = max(longest, queue / capacity), max(most, arriving / STEP), now + STEP
    return Morning(longest, shed / comers, now, most)


def tables(costs: Costs) -> Iterator[str]:
    """What docs/scale.md shows."""
    measured = (f"{name} {costs.server[name]:.2f} / {costs.postgres[name]:.2f} / {costs.valkey[name]:.2f}"
                for name in DAY_ASKS)
    yield f"CPU of one request as measured (ms; gateway / PostgreSQL / Valkey): {', '.join(measured)}.\n"
    peaks = [Peak(residents, costs) for residents in RESIDENTS]
    yield table("", [f"{peak.residents:,} residents" for peak in peaks], {
        "requests/s, busiest second of a day": [f"{peak.requests:,.0f}" for peak in peaks],
        "gateway cores (workers)": [cores(peak.cores(costs.server)) for peak in peaks],
        "PostgreSQL cores, reads and writes": [cores(peak.cores(costs.postgres)) for peak in peaks],
        "Valkey cores": [cores(peak.cores(costs.valkey)) for peak in peaks],
        "open sockets · their memory": [sockets(peak.residents) for peak in peaks],
        **rush_rows("ordinary morning", [Peak(residents, costs) for residents in RESIDENTS]),
        **rush_rows("vaccine morning", [Peak(residents, costs, HABITS.vaccine) for residents in RESIDENTS]),
    })
    yield "\n抢号 where PostgreSQL has so many cores for bookings (what would wait over 1 s is refused and comes again):\n"
    one = USED * 1000 / costs.postgres["book"]
    yield table("who comes · cores", ["bookings/s", "longest wait s", "refusals a person", "all answered after s"], {
        f"{residents:,} residents, {share:.1%} · {count:,}": row_of(residents * share, count * one)
        for residents, share, count in MORNINGS})
    yield "\nGrowth of the tables in a year:\n"
    yield table("", [f"{residents:,} residents" for residents in RESIDENTS], {
        f"{name}, {rows:g} a resident": [growth(rows * residents, ROW_BYTES[name]) for residents in RESIDENTS]
        for name, rows in ROWS_A_YEAR.items()})


def rush_rows(name: str, peaks: list[Peak]) -> dict[str, list[str]]:
    return {
        f"抢号, {name}: who comes · tries in the first second":
            [f"{peak.residents * peak.rush:,.0f} · {peak.tries:,.0f}" for peak in peaks],
        f"抢号, {name}: gateway · PostgreSQL cores, if nobody is to wait":
            [" · ".join(cores(peak.rush_cores(part)) for part in (peak.costs.server, peak.costs.postgres))
             for peak in peaks],
    }


def row_of(comers: float, capacity: float) -> list[str]:
    found = morning(comers, capacity)
    return [f"{capacity:,.0f}", f"{found.longest:.1f}", f"{found.shed:.1f}", f"{found.until:,.0f}"]


def cores(count: float) -> str:
    return f"{count:,.2f}" if count < 10 else f"{count:,.0f}"


def sockets(residents: int) -> str:
    many = residents * HABITS.online
    return f"{many:,.0f} · {many * SOCKET_KIB / 2**20:,.1f} GiB"


def growth(rows: float, each: int) -> str:
    return f"{rows:,.0f} · {rows * each / 2**30:,.1f} GiB"


def table(first: str, heads: list[str], rows: dict[str, list[str]]) -> str:
    lines = [f"| {first} | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items())])


def text(results: Path = RESULTS) -> str:
    """The tables from the figures of a run."""
    return "\n".join(tables(Costs.measured(json.loads(results.read_text(encoding="utf-8"))))) + "\n"


def write() -> None:
    """Put the tables of the last whole run into docs/scale.md."""
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(PLACE.sub(lambda _: text(), document), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scale.md")
    given = parser.parse_args()
    if given.write:
        write()
    sys.stdout.write(text(given.results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
