"""The time that rules are decided by. Tests and demonstrations move it; nothing else asks for the time of day."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """A clock that runs from `start` (or from the true time) and can be moved forward. `since`: when it was `start`, in true
    seconds since 1970; now, where that is not said."""

    def __init__(self, start: datetime | None = None, since: float | None = None) -> None:
        begun = datetime.now(UTC) if since is None else datetime.fromtimestamp(since, UTC)
        self._offset = timedelta() if start is None else start - begun

    def now(self) -> datetime:
        """The time in UTC, with microseconds."""
        return datetime.now(UTC) + self._offset

    def epoch(self) -> float:
        """Seconds since 1970, for claims in tokens (RFC 7519 §2, NumericDate)."""
        return time.time() + self._offset.total_seconds()

    def today(self) -> datetime:
        """The start of today in Shanghai."""
        return self.now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)

    def move(self, by: timedelta) -> None:
        """Move the clock: only for tests."""
        self._offset += by
