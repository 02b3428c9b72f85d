"""What messages speak of."""

from __future__ import annotations

import enum


class NewsChange(enum.Enum):
    """What happened to news. READY and RESYNC are about the listening itself."""

    READY = "ready"
    PUBLISHED = "news_published"
    WITHDRAWN = "news_withdrawn"
    RESYNC = "resync"


class Topic(enum.Enum):
    """What a piece of news is about."""

    NOTICE = "NOTICE"
    TRAFFIC = "TRAFFIC"
    HEALTH = "HEALTH"
    EDUCATION = "EDUCATION"
    WEATHER = "WEATHER"
