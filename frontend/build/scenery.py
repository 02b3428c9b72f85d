# ruff: noqa: E501 paths are long
"""Draws the banner of home, the place at four hours, into ``assets/scenery-*.svg``: 灵山岛 over the sea, 金沙滩 in front.

``python frontend/build/scenery.py``; the drawings are committed. Everything is our own: a few paths and gradients.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"


@dataclass(frozen=True)
class Light:
    """The colours of an hour: sky from zenith to horizon, sea from far to near, land, sand, sun or moon."""

    sky: tuple[str, str, str, str]
    sea: tuple[str, str, str]
    far: str
    island: tuple[str, str]
    sand: tuple[str, str]
    disc: str
    glow: str
    at: tuple[int, int]
    cloud: float
    stars: bool = False


LIGHTS = {
    "dawn": Light(
        ("#2f62d0", "#5a86dd", "#e8a9a4", "#ffd9ae"),
        ("#e3a58f", "#7f8fcb", "#3d62b4"),
        "#8f90b8",
        ("#54639f", "#39508f"),
        ("#d9b48c", "#b98f70"),
        "#fff1d0",
        "#ffcf9a",
        (285, 176),
        0.4,
    ),
    "day": Light(
        ("#2163ea", "#3b82f4", "#8cc3ff", "#d6ecff"),
        ("#79bdf6", "#2f86e6", "#1a66cf"),
        "#7fabdb",
        ("#3f83bd", "#2a6ba8"),
        ("#f6dfae", "#e9c88a"),
        "#ffffff",
        "#ffffff",
        (326, 122),
        0.75,
    ),
    "dusk": Light(
        ("#2c3c9c", "#6a54b8", "#f08a6b", "#ffc873"),
        ("#f3a567", "#8a5ba8", "#35419a"),
        "#6f5394",
        ("#463f86", "#322f6e"),
        ("#b98a78", "#8f667c"),
        "#fff0c2",
        "#ff9e5e",
        (250, 184),
        0.35,
    ),
    "night": Light(
        ("#0b1738", "#12265a", "#20407c", "#335792"),
        ("#2c4f88", "#16306a", "#0d1f4a"),
        "#1b3465",
        ("#122650", "#0c1c40"),
        ("#3a4668", "#2a3556"),
        "#f4f1dd",
        "#a9c2ff",
        (330, 112),
        0.1,
        True,
    ),
}


def stops(colours: tuple[str, ...]) -> str:
    step = 100 // (len(colours) - 1)
    return "".join(f'<stop offset="{i * step}%" stop-color="{c}"/>' for i, c in enumerate(colours))


def cloud(x: int, y: int, scale: float, opacity: float) -> str:
    shape = "M0 14c0-6 5-10 11-9 2-6 9-9 15-6 3-5 12-6 16 0 7-2 13 3 13 9 5 0 8 3 8 6H0z"
    return f'<path transform="translate({x} {y}) scale({scale})" d="{shape}" fill="#fff" opacity="{opacity:.2f}"/>'


def draw(light: Light) -> str:
    x, y = light.at
    sky_stars = "".join(
        f'<circle cx="{(i * 97) % 390}" cy="{14 + (i * 53) % 120}" r="{0.7 + (i % 3) * 0.35:.2f}" fill="#fff" opacity="{0.35 + (i % 4) * 0.15:.2f}"/>'
        for i in range(34)
    )
    waves = "".join(
        f'<path d="M{(i * 61) % 330 - 10} {212 + i * 8}q14-4 28 0t28 0t28 0" fill="none" stroke="#fff" stroke-width="1.2" stroke-linecap="round" opacity="{0.42 - i * 0.025:.2f}"/>'
        for i in range(10)
    )
    path_of_light = "".join(
        f'<ellipse cx="{x + (i % 3 - 1) * 3}" cy="{200 + i * 9}" rx="{6 + i * 4}" ry="1.6" fill="{light.glow}" opacity="{0.5 - i * 0.05:.2f}"/>'
        for i in range(8)
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 390 330" preserveAspectRatio="xMidYMax slice">
<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1">{stops(light.sky)}</linearGradient><linearGradient id="w" x1="0" y1="0" x2="0" y2="1">{stops(light.sea)}</linearGradient><linearGradient id="i" x1="0" y1="0" x2="0" y2="1">{stops(light.island)}</linearGradient><linearGradient id="b" x1="0" y1="0" x2="0" y2="1">{stops(light.sand)}</linearGradient><radialGradient id="g"><stop offset="0" stop-color="{light.glow}" stop-opacity=".75"/><stop offset="1" stop-color="{light.glow}" stop-opacity="0"/></radialGradient></defs>
<rect width="390" height="198" fill="url(#s)"/>{sky_stars if light.stars else ""}
<circle cx="{x}" cy="{y}" r="82" fill="url(#g)"/><circle cx="{x}" cy="{y}" r="{13 if light.stars else 15}" fill="{light.disc}" opacity=".95"/>
{cloud(196, 108, 0.9, light.cloud)}{cloud(24, 146, 0.7, light.cloud * 0.7)}{cloud(330, 138, 0.8, light.cloud * 0.6)}
<path d="M0 198v-13c20-5 34-13 52-9 15 4 22 10 40 7 16-3 26-12 44-8 14 3 24 13 44 14h20c24-3 38-12 60-10 20 2 34 9 60 8 26-1 44-8 70-6v17z" fill="{light.far}" opacity=".75"/>
<rect y="196" width="390" height="134" fill="url(#w)"/>
<path d="M196 200c8-6 14-9 22-12 6-3 10-12 17-17 5-4 8-1 12 2 6 4 8 1 13-7 6-10 12-18 19-16 6 2 9 13 15 18 5 4 9 3 14 8 8 8 18 12 30 17 6 2 9 4 12 7z" fill="url(#i)"/>
<path d="M279 150c6 2 9 13 15 18 5 4 9 3 14 8 8 8 18 12 30 17 6 2 9 4 12 7h-62c-4-14-2-34 1-50z" fill="#000" opacity=".1"/>
<path d="M40 200c5-4 11-5 16-8 4-3 9-3 13 0 5 3 11 5 16 8z" fill="url(#i)" opacity=".9"/>
{path_of_light}{waves}
<g transform="translate(112 200)"><path d="M0 22h30l-5 7H5z" fill="#fff" opacity=".95"/><path d="M14 20V-8l13 26zM12 20V-2L2 18z" fill="#fff" opacity=".92"/></g>
<g fill="none" stroke="#fff" stroke-width="1.6" stroke-linecap="round" opacity=".85"><path d="M196 128q5-6 9 0q5-6 9 0"/><path d="M352 152q4-5 7 0q4-5 7 0"/></g>
<path d="M0 330v-36c46-16 96-18 150-8 60 11 96 12 150-6 36-12 62-14 90-10v60z" fill="#fff" opacity=".35"/>
<path d="M0 330v-31c48-15 98-16 150-7 60 11 98 12 152-6 34-11 60-13 88-10v54z" fill="url(#b)"/>
</svg>
"""


if __name__ == "__main__":
    for name, light in LIGHTS.items():
        (ASSETS / f"scenery-{name}.svg").write_text(draw(light).replace("\n", ""), "utf-8")
