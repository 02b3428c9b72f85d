"""Who has agreed to the terms that bind, as one process saw it last (`haian.terms`)."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from uuid import UUID

MOST_KNOWN = 50_000
KNOWN_FOR = timedelta(hours=1)


class Agreed:
    """Citizens, and until when it is known of each."""

    def __init__(self) -> None:
        self.until: OrderedDict[UUID, datetime] = OrderedDict()

    def is_known(self, citizen: UUID, now: datetime) -> bool:
        until = self.until.get(citizen)
        return until is not None and now < until <= now + KNOWN_FOR

    def learn(self, citizen: UUID, now: datetime, bound: datetime) -> None:
        """They are bound by nothing that they have not agreed to before `bound`."""
        self.until.pop(citizen, None)
        self.until[citizen] = min(bound, now + KNOWN_FOR)
        if len(self.until) > MOST_KNOWN:
            self.until.popitem(last=False)
