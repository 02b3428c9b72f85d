"""What messages speak of."""

from __future__ import annotations

import enum


class Topic(enum.Enum):
    """What a piece of news is about."""

    NOTICE = "NOTICE"
    TRAFFIC = "TRAFFIC"
    HEALTH = "HEALTH"
    EDUCATION = "EDUCATION"
    WEATHER = "WEATHER"
