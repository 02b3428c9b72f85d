"""The words of a message: its type's sentences, filled from the payload of its event."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from haian.clock import SHANGHAI

WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


class Sentence(string.Formatter):
    """`{plate}` is a word of the payload, `{starts_at:time}` a time in Shanghai."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "")

    def format_field(self, value: Any, format_spec: str) -> str:
        return moment(value, self.locale) if format_spec == "time" else str(value)


def moment(text: str, locale: str) -> str:
    """`11月25日 周三 14:30`, `Wed 25 Nov 14:30`; empty where there is no time."""
    if not text:
        return ""
    at = datetime.fromisoformat(text).astimezone(SHANGHAI)
    day = WEEKDAYS[locale][at.weekday()]
    return f"{at.month}月{at.day}日 周{day} {at:%H:%M}" if locale == "zh" else f"{day} {at.day} {at:%b %H:%M}"


def say(texts: Mapping[str, str], locale: str, payload: Mapping[str, Any]) -> str:
    return Sentence(locale).vformat(texts[locale], (), payload)
