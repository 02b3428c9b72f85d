"""Form fields: the label above, the right keyboard, the error beside."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts
from webapp.texts import t

e = rx.el
Words = str | rx.Var[Any]


def field(label: Words, name: str, control: Any, *, hint: Words | None = None, group: bool = False) -> rx.Component:
    """A control with its label; ``group`` for a set of choices."""
    extra = {"hint": hint} if hint is not None else {}
    return parts.FieldBox.create(control, label=label, name=name, group=group, **extra)


def text_field(
    label: Words, name: str, *, kind: str = "", hint: Words | None = None, wrong: str = "", **props: Any
) -> rx.Component:
    """A line of text. ``kind``: int, cents (元 typed, 分 sent), optional (empty is null), digits."""
    numeric = kind in {"int", "digits"}
    attrs = {name: value for name, value in (("data-type", kind), ("data-wrong", wrong)) if value}
    mode = {"input_mode": "decimal"} if kind == "cents" else {"input_mode": "numeric"} if numeric else {}
    control = e.input(
        id=name,
        name=name,
        class_name="input",
        custom_attrs=attrs,
        **{"type": "text", "auto_complete": "off", **mode, **props},
    )
    return field(label, name, control, hint=hint)


def long_field(label: Words, name: str, *, hint: Words | None = None, **props: Any) -> rx.Component:
    """Several lines of text."""
    control = e.textarea(id=name, name=name, class_name="input input-long", **{"rows": "5", "auto_complete": "off", **props})
    return field(label, name, control, hint=hint)


def time_field(label: Words, name: str, *, hint: Words | None = None, **props: Any) -> rx.Component:
    """A day and time of the phone's own picker, sent as ISO 8601 in Asia/Shanghai."""
    return field(label, name, e.input(id=name, name=name, type="datetime-local", class_name="input", **props), hint=hint)


def select_field(label: Words, name: str, options: list[tuple[str, str]] | rx.Component, **props: Any) -> rx.Component:
    """One of a list: (value, words) pairs, or an ``rx.foreach`` of ``option``."""
    inner = [e.option(words, value=value) for value, words in options] if isinstance(options, list) else [options]
    return field(label, name, e.select(*inner, id=name, name=name, class_name="input", **props))


def option(words: Words, value: Words) -> rx.Component:
    """An option for ``select_field`` over data."""
    return e.option(words, value=value)


def check(words: Any, name: str, **props: Any) -> rx.Component:
    """A box to tick, with the words beside it."""
    return e.label(e.input(type="checkbox", name=name, **props), e.span(words), class_name="check")


def plate_field(label: Words, name: str = "plate", start: Words = "鲁B", hint: Words | None = None, *,
                required: bool = True) -> rx.Component:
    """号牌 with its own keyboard."""
    keys = parts.PlateField.create(name=name, label=label, start=start, required=required)
    return field(label, name, keys, hint=hint, group=True)


def day_chips(name: str, days: int = 7, value: Words | None = None, **events: Any) -> rx.Component:
    """The next days side by side; ``on_pick`` gets the day, YYYY-MM-DD."""
    extra = {"value": value} if value is not None else {}
    return parts.DayChips.create(name=name, days=days, **extra, **events)


def time_window(start: str = "startsAt", end: str = "endsAt", *, days: int = 7, hours: tuple[int, int] = (9, 12),
                first: int = 6, last: int = 32) -> rx.Component:
    """A stretch of time without a keyboard: day chips and two lists of whole hours, sent as two instants (ISO 8601, UTC).

    ``hours``: what is chosen at first. ``first``: the earliest start; ``last``: the latest end, where 32 is 8:00 of the next
    day. Wrong stretches cannot be chosen; a refusal about ``end`` is shown beside it.
    """
    return parts.TimeWindow.create(start=start, end=end, days=days, opens=hours[0], closes=hours[1], first=first,
                                   last=last)


def segmented(
    name: str, label: str, options: list[tuple[str, str]], value: Words | None = None, **events: Any
) -> rx.Component:
    """One of two or three, side by side; ``on_pick`` gets the value."""
    extra = {"value": value} if value is not None else {}
    choices = [{"value": v, "label": words} for v, words in options]
    return parts.Segmented.create(name=name, label=label, options=choices, **extra, **events)


def ask_form(*children: Any, action: Words, **props: Any) -> rx.Component:
    """A form that leads to a page of ours with its fields in the address: a search, a choice of day and place."""
    return parts.Ask.create(*children, action=action, **props)


def search_field(name: str = "q", *, placeholder: str = "", action: str = "", value: Words | None = None) -> rx.Component:
    """A search form that works as a plain GET, before the page has started too."""
    from webapp.icons import icon
    from webapp.shell import path

    extra = {"default_value": value} if value is not None else {}
    return parts.Ask.create(
        icon("search", 20),
        e.input(
            name=name,
            type="search",
            enter_key_hint="search",
            auto_complete="off",
            placeholder=placeholder,
            aria_label=t("shell.search"),
            **extra,
        ),
        e.button(t("shell.search"), type="submit"),
        action=path(action or "/search"),
        role="search",
        class_name="search",
    )
