"""`make bench` works: its servers start, give the same answers, and are measured. What it measures is asserted nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET

from tests.servers import temporary_state

from haian.settings import PROJECT


def test_a_quick_run_measures_each_server_with_each_document_and_judges_the_bars() -> None:
    env = os.environ | {"PYTHONPATH": str(PROJECT / "infra")}
    with temporary_state() as state:
        results = state / "results"
        done = subprocess.run(
            [sys.executable, "-m", "bench", "--quick", "--targets", "gateway,stock,byhand", "--state", str(state / "bench"),
             "--workloads", "home,viewer,search,book,untrusted,contention", "--results", str(results)],
            cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        rounds = json.loads((results / "bench.json").read_text(encoding="utf-8"))
        picture = ET.fromstring((results / "bench.svg").read_text(encoding="utf-8"))
    assert {workload: list(targets) for workload, targets in rounds.items()} == {
        **{workload: ["gateway", "stock", "byhand"] for workload in ("home", "viewer", "search", "book")},
        "untrusted": ["gateway", "stock"], "contention": ["gateway"]}
    assert all(figures["errors"] == 0 for targets in rounds.values() for found in targets.values() for figures in found)
    assert "home: >= 25x stock Strawberry in requests/s" in done.stdout
    assert "0 slots with a place too many or too few" in done.stdout
    assert picture.tag.endswith("svg")
