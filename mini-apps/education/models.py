"""What education speaks of."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

READ, WRITE = "education.notices.read", "education.notices.write"
"""What one citizen may let another see and do here."""
TITLE, BODY, REASON = (2, 60), (2, 5000), (2, 200)
FURTHEST = timedelta(days=120)
BETWEEN_REMINDERS = timedelta(hours=12)
QUIET = timedelta(hours=3)
DAY_BEGINS = 7
INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufff9-\ufffb]")
"""Controls, marks that turn the direction of what follows, and spaces without width; the joiner of emoji stays."""


def one_line(text: str) -> str:
    """A title: NFC, on one line, without what nobody can see."""
    return " ".join(INVISIBLE.sub("", _of_lines(text)).split())


def paragraphs(text: str) -> str:
    """A body: NFC, its lines kept, without what nobody can see."""
    lines = (line.rstrip() for line in INVISIBLE.sub("", _of_lines(text)).split("\n"))
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()


def _of_lines(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    return re.sub("\r\n?|\u2028|\u2029|\u0085", "\n", text)


def fits(text: str, length: tuple[int, int]) -> bool:
    """Long enough, short enough, and something in it is a letter, number or sign. Characters as PostgreSQL counts them."""
    shown = any(unicodedata.category(sign)[0] in "LNPS" for sign in text)
    return shown and length[0] <= len(text) <= length[1] and not any("\ud800" <= sign <= "\udfff" for sign in text)


def is_deadline(deadline: datetime, now: datetime) -> bool:
    """To come, at most 120 days ahead."""
    return now < deadline <= now + FURTHEST
