"""Birthdays that every year has: on whatever day tests run, none is a 29 February."""

from __future__ import annotations

from datetime import date, timedelta

from tests.clients import Served


def eve_of_birthday(served: Served, age: int) -> date:
    """The birth date of who becomes so old tomorrow. The clock is moved to the last day of this month."""
    today = served.platform.clock.today().date()
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    served.platform.clock.move(first - today - timedelta(days=1))
    return first.replace(year=first.year - age)
