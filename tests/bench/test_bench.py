"""The benches work: their servers start, give the same answers, and are measured. What they measure is asserted nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers import temporary_state

from haian.settings import PROJECT

ENV = os.environ | {"PYTHONPATH": str(PROJECT / "infra")}


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """Where a small town is loaded once."""
    with temporary_state() as folder:
        yield folder


def bench(module: str, *options: str) -> str:
    """What it prints."""
    done = subprocess.run([sys.executable, "-m", module, *options], cwd=PROJECT, env=ENV, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_quick_run_measures_each_server_with_each_document_and_judges_the_bars(state: Path) -> None:
    results = state / "results"
    said = bench("bench", "--quick", "--targets", "gateway,stock,byhand", "--state", str(state / "bench"),
                 "--workloads", "home,viewer,search,book,untrusted,contention", "--results", str(results))
    rounds = json.loads((results / "bench.json").read_text(encoding="utf-8"))
    picture = ET.fromstring((results / "bench.svg").read_text(encoding="utf-8"))
    assert {workload: list(targets) for workload, targets in rounds.items()} == {
        **{workload: ["gateway", "stock", "byhand"] for workload in ("home", "viewer", "search", "book")},
        "untrusted": ["gateway", "stock"], "contention": ["gateway"]}
    assert all(figures["errors"] == 0 for targets in rounds.values() for found in targets.values() for figures in found)
    assert "home: >= 25x stock Strawberry in requests/s" in said
    assert "0 slots with a place too many or too few" in said
    assert picture.tag.endswith("svg")


def test_more_than_the_gateway_can_answer_is_asked_of_it(state: Path) -> None:
    said = bench("bench.overload", "--citizens", "2000", "--seconds", "0.2", "--rate", "200",
                 "--state", str(state / "bench"))
    rows = [row for line in said.splitlines() if (row := line.split())[1:2] == ["x"]]
    assert [row[0] for row in rows] == ["0.5", "1", "2", "3"]
    assert all(float(row[3]) > 0 for row in rows)
    assert "as usual again after" in said


def test_codes_are_issued_and_burnt_by_both_ways() -> None:
    said = bench("bench.codes", "--rounds", "1", "--seconds", "0.05")
    assert [line.split("|")[1].strip() for line in said.splitlines()[2:]] == ["one line", "plain"]
