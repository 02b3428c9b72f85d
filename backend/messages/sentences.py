"""The words of a message: its type's sentences and link, filled from the payload of its event."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from haian.clock import SHANGHAI
from haian.registry import MessageType

WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
BETWEEN = {"zh": "、", "en": ", "}
INBOX = "/messages"
PATH = re.compile(r"/(?![/\\])[^\s\\]*")
GONE = MessageType("messages.gone", {"zh": "旧消息", "en": "Old message"},
                   {"zh": "这条消息来自已经停用的服务。", "en": "This message is from a service that was closed."}, INBOX)
"""What is said of a message whose type is registered no more."""


class Sentence(string.Formatter):
    """`{plate}` is a word of the payload, `{starts_at:time}` a time in Shanghai. What the payload lacks stays empty."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key))

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "time":
            return moment(value, self.locale)
        return BETWEEN[self.locale].join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


class Link(Sentence):
    """A path: a word fills one part of it and can make no other path of it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return quote(super().format_field(value, format_spec), safe="")


def words_of(template: str) -> set[str]:
    """The names of the payload that a sentence uses."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def moment(text: Any, locale: str) -> str:
    """`11月25日 周三 14:30`, `Wed 25 Nov 14:30`; empty where there is no time."""
    try:
        at = datetime.fromisoformat(text).astimezone(SHANGHAI)
    except (TypeError, ValueError):
        return ""
    day = WEEKDAYS[locale][at.weekday()]
    return f"{at.month}月{at.day}日 周{day} {at:%H:%M}" if locale == "zh" else f"{day} {at.day} {at:%b %H:%M}"


def say(texts: Mapping[str, str], locale: str, payload: Mapping[str, Any]) -> str:
    return Sentence(locale).vformat(texts[locale], (), payload)


def path(template: str, payload: Mapping[str, Any]) -> str:
    """Where a message leads: a path of this site, or the inbox where its words make none."""
    if any(payload.get(word) in (None, "") for word in words_of(template)):
        return INBOX
    made = Link("zh").vformat(template, (), payload)
    return made if PATH.fullmatch(made) else INBOX
