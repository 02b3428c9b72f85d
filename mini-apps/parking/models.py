"""What parking speaks of."""

from __future__ import annotations

import enum
import re
from datetime import datetime, timedelta

READ, WRITE = "parking.bookings.read", "parking.bookings.write"
"""What one citizen may let another see and do here."""

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
LETTER, SIGN = "A-HJ-NP-Z", "A-HJ-NP-Z0-9"
PLATE = re.compile(
    f"[{PROVINCES}][{LETTER}](?:[{SIGN}]{{5}}|[{SIGN}]{{4}}[学警挂港澳]|[A-HJK][{SIGN}][0-9]{{4}}|[0-9]{{5}}[A-HJK])")
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(days=1)
LONGEST_OFFER, FURTHEST = timedelta(days=31), timedelta(days=60)


class SpaceStatus(enum.Enum):
    """Whether a property clerk has checked the space."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class BookingStatus(enum.Enum):
    """Whether a booking stands."""

    BOOKED = "BOOKED"
    CANCELLED = "CANCELLED"


def is_plate(text: str) -> bool:
    """A number plate of the mainland (GA 36-2018): province, letter, five places without I and O; six for new energy."""
    return bool(PLATE.fullmatch(text))


def is_booking(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Half an hour to a day, not in the past (five minutes are forgiven), at most 60 days ahead."""
    return SHORTEST <= ends_at - starts_at <= LONGEST and now - timedelta(minutes=5) <= starts_at <= now + FURTHEST


def is_offer(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Half an hour to 31 days, not over yet, beginning at most 60 days ahead."""
    return SHORTEST <= ends_at - starts_at <= LONGEST_OFFER and ends_at > now and starts_at <= now + FURTHEST


def price(cents_an_hour: int, starts_at: datetime, ends_at: datetime) -> int:
    """What a booking costs, in 分: each begun half hour at half the price of an hour, rounded up."""
    halves = -(-(ends_at - starts_at) // timedelta(minutes=30))
    return -(-cents_an_hour * halves // 2)
