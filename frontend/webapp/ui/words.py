"""Times and money in the words people use."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from webapp import parts

Words = str | rx.Var[Any]


def when(
    value: Words,
    end: Words | None = None,
    *,
    style: Literal["time", "day", "clock", "half", "ago"] = "time",
    class_name: str = "when",
) -> rx.Component:
    """今天 14:30, 明天上午, 11月25日 周三: of an ISO time (with ``end``: 今天 14:30–16:00), in Asia/Shanghai."""
    extra = {"end": end} if end is not None else {}
    return parts.When.create(value=value, words=style, class_name=class_name, **extra)


def whole(words: Words) -> rx.Component:
    """A text with the label of a space in it: ``B-101`` stays on one line."""
    return parts.Whole.create(text=words)


def money(cents: int | rx.Var[Any], class_name: str = "money") -> rx.Component:
    """分 as ¥; zero is 免费."""
    return parts.Money.create(cents=cents, class_name=class_name)
