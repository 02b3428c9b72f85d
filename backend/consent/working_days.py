"""Working days 工作日, by which an answer is due.

Statutory holidays after 全国年节及纪念日放假办法 (2024); for 2026 with the days that were moved, as the State Council's
notice of November 2025 says. A year for which no notice is known here has its statutory days and weekends: an answer is then
due rather a day too early than too late.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from haian.clock import SHANGHAI

CLOSING = time(18)


def _days(year: int, *spans: tuple[int, int, int]) -> set[date]:
    """Days of a year: (month, first, last) each."""
    return {date(year, month, day) for month, first, last in spans for day in range(first, last + 1)}


OFF = _days(2026, (1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27), (10, 1, 7)) \
    | _days(2027, (2, 5, 8), (4, 5, 5), (6, 9, 9), (9, 15, 15))
ON = _days(2026, (1, 4, 4), (2, 14, 14), (2, 28, 28), (5, 9, 9), (9, 20, 20), (10, 10, 10))
EVERY_YEAR = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def is_working(day: date) -> bool:
    """Whether offices work on this day, of whatever year."""
    if day in ON or day in OFF:
        return day in ON
    return day.weekday() < 5 and (day.month, day.day) not in EVERY_YEAR


def due(at: datetime, days: int) -> datetime:
    """When offices close on the last of so many working days after the day of `at`, which does not count."""
    day = at.astimezone(SHANGHAI).date()
    for _ in range(days):
        day += timedelta(days=1)
        while not is_working(day):
            day += timedelta(days=1)
    return datetime.combine(day, CLOSING, SHANGHAI)
