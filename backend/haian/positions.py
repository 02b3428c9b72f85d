"""Where somebody stands in a channel: a place in its stream, and the opaque cursor by which a client comes back to it."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, urlsafe_b64encode
from typing import TypeAlias

from haian.errors import InvalidCursor

Position: TypeAlias = tuple[int, int]
"""The id of a stream's entry: milliseconds of Redis' clock, and a number among those of one millisecond."""
CURSOR = re.compile(r"([0-9a-f]{0,8})\.([0-9]{1,15}-[0-9]{1,19})")


def position_of(place: bytes) -> Position:
    """ValueError for what is no id of an entry."""
    milliseconds, number = place.split(b"-")
    return int(milliseconds), int(number)


def place_of(position: Position) -> str:
    return f"{position[0]}-{position[1]}"


def cursor_of(epoch: str, position: Position) -> str:
    return urlsafe_b64encode(f"{epoch}.{place_of(position)}".encode()).decode().rstrip("=")


def opened(cursor: str) -> tuple[str, Position]:
    """The epoch and the position of a cursor. InvalidCursor for one that this server did not make."""
    try:
        text = b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        raise InvalidCursor from None
    found = CURSOR.fullmatch(text)
    if found is None:
        raise InvalidCursor
    return found[1], position_of(found[2].encode())
