"""One clock for all processes of a product, whenever each was started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from haian.clock import Clock
from haian.settings import Settings
from server.children import command_parts

START = datetime(2027, 3, 1, 1, tzinfo=UTC)


@given(st.floats(0, 10**6))
def test_a_process_that_starts_later_has_the_same_time(seconds: float) -> None:
    began = datetime.now(UTC).timestamp() - seconds
    first, second = Clock(START, began), Clock(START, began)
    assert timedelta(seconds=seconds) - timedelta(milliseconds=1) <= first.now() - START
    assert abs(second.now() - first.now()) < timedelta(seconds=1)


def test_a_launcher_tells_its_processes_when_the_clock_began(tmp_path: Path) -> None:
    settings = Settings(env="test", now=START, now_since=1_800_000_000.25, state=tmp_path)
    said = command_parts(settings, "worker")["env"]["HAIAN_NOW_SINCE"]
    assert float(said) == settings.now_since
