"""Plates, times and prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.models import is_booking, is_plate, price

START = datetime(2027, 2, 28, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("plate", ["鲁B12345", "鲁UA1234", "鲁BD12345", "京A12345D", "鲁B1234学"])
def test_a_plate_of_the_mainland_is_good(plate: str) -> None:
    assert is_plate(plate)


@pytest.mark.parametrize("plate", ["鲁B1234", "鲁BI2345", "魯B12345", "鲁B 12345", "鲁b12345", "B12345", "鲁B１2345", ""])
def test_what_is_no_plate_is_refused(plate: str) -> None:
    assert not is_plate(plate)


@given(st.integers(0, 10000), st.integers(1, 48 * 60))
def test_a_longer_stay_never_costs_less_and_never_more_than_the_begun_half_hours(cents: int, minutes: int) -> None:
    cost = price(cents, START, START + timedelta(minutes=minutes))
    assert cost >= price(cents, START, START + timedelta(minutes=minutes - 1)) if minutes > 1 else cost >= 0
    assert cents * minutes / 60 <= cost <= cents * (minutes + 30) / 60 + 1


@pytest.mark.parametrize(("from_now", "minutes", "good"), [
    (0, 30, True), (0, 29, False), (-6, 60, False), (-5, 60, True), (0, 1440, True), (0, 1441, False),
    (60 * 24 * 61, 60, False)])
def test_a_booking_is_half_an_hour_to_a_day_within_sixty_days(from_now: int, minutes: int, good: bool) -> None:
    start = START + timedelta(minutes=from_now)
    assert is_booking(start, start + timedelta(minutes=minutes), START) is good
