"""SVG by hand: bars of requests/s for each document, and lines of cost over the number of citizens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from bench.report import Rounds, median
from bench.targets import TARGETS
from bench.workloads import WORKLOADS

COLOURS = {"gateway": "#0f6fde", "stock": "#b9bec7", "byhand": "#5a6270", "mercurius": "#8fb7e8", "joined": "#4d8fd6"}
STYLE = ("text{font:13px system-ui,sans-serif;fill:#222}.t{font-weight:600}.s{fill:#667}"
         "@media(prefers-color-scheme:dark){text{fill:#eee}.s{fill:#aab}}")
LEFT, WIDE, HIGH = 210, 470, 22


def speeds(rounds: Rounds) -> str:
    """A group for each document, a bar for each server, as long as its requests/s in that group."""
    parts, y = [], 30
    for workload, targets in rounds.items():
        parts.append(f'<text class="t" x="0" y="{y}">{escape(WORKLOADS[workload].title)}, requests/s</text>')
        y += 10
        most = max(median(found, "rps") for found in targets.values())
        for name, found in targets.items():
            speed, colour = median(found, "rps"), COLOURS[name]
            length = max(1.0, WIDE * speed / most)
            parts.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(TARGETS[name].title)}</text>'
                         f'<rect x="{LEFT}" y="{y + 3}" width="{length:.1f}" height="{HIGH - 6}" rx="3" fill="{colour}"/>'
                         f'<text class="s" x="{LEFT + length + 6:.1f}" y="{y + 15}">{speed:,.0f} · '
                         f'{median(found, "cpu"):.2f} ms CPU · p99 {median(found, "p99"):.1f} ms</text>')
            y += HIGH
        y += 30
    return svg(LEFT + WIDE + 250, y, parts)


def growth(sizes: Sequence[int], series: Mapping[str, Sequence[float]], unit: str) -> str:
    """A line for each document over the number of citizens (logarithmic), from 0 on."""
    import math
    left, top, wide, high = 70, 40, 520, 240
    most = max(value for values in series.values() for value in values) * 1.15
    low, span = math.log10(sizes[0]), math.log10(sizes[-1]) - math.log10(sizes[0]) or 1

    def at(size: int, value: float) -> tuple[float, float]:
        return left + wide * (math.log10(size) - low) / span, top + high * (1 - value / most)
    parts = [f'<text class="t" x="0" y="20">{escape(unit)} by citizens in the tables</text>',
             f'<path d="M{left} {top}V{top + high}H{left + wide}" fill="none" stroke="#999"/>']
    for size in sizes:
        parts.append(f'<text class="s" x="{at(size, 0)[0]:.0f}" y="{top + high + 20}" text-anchor="middle">{size:,}</text>')
    for i in range(5):
        value = most * i / 4
        y = at(sizes[0], value)[1] + 4
        parts.append(f'<text class="s" x="{left - 8}" y="{y:.0f}" text-anchor="end">{value:.2f}</text>')
    colours = ("#0f6fde", "#e0533d", "#2b9a66", "#b07a00", "#7a4fd0", "#4d8fd6", "#888")
    for (name, values), colour in zip(series.items(), colours, strict=False):
        points = [at(size, value) for size, value in zip(sizes, values, strict=True)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
                     + "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
                     + f'<text x="{points[-1][0] + 8:.0f}" y="{points[-1][1] + 4:.0f}">{escape(name)}</text>')
    return svg(left + wide + 190, top + high + 34, parts)


def svg(width: float, height: float, parts: Sequence[str]) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">'
            f"<style>{STYLE}</style>{''.join(parts)}</svg>\n")
