"""QR codes (ISO/IEC 18004) as the path of an SVG."""

from __future__ import annotations

import re

import segno


def modules(text: str, error: str = "m") -> tuple[str, int]:
    """The path, one unit a module, without the white frame; and the modules on a side. `error`: the least level."""
    matrix = segno.make(text, error=error, micro=False).matrix
    runs = (f"M{run.start()} {y}h{run.end() - run.start()}v1h-{run.end() - run.start()}z"
            for y, row in enumerate(matrix) for run in re.finditer(b"\x01+", bytes(row)))
    return "".join(runs), len(matrix)
