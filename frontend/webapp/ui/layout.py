"""Cards, sections, rows, badges and the staff workbench."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from webapp.icons import icon
from webapp.reads import call, text
from webapp.shell import go
from webapp.texts import t

e = rx.el
Tone = Literal["", "blue", "teal", "coral", "amber", "violet", "slate"]
Words = str | rx.Var[Any]


def tile(symbol: str, tone: Tone = "blue") -> rx.Component:
    """A coloured rounded square with a white icon: how a service is recognised."""
    return e.span(icon(symbol, 24), class_name=f"tile tone-{tone}")


def card(*children: Any, class_name: str = "") -> rx.Component:
    """A white card."""
    return e.section(*children, class_name=f"card {class_name}".strip())


def section(title: Words, *children: Any, more: tuple[str, str] | None = None, class_name: str = "") -> rx.Component:
    """A titled card; ``more`` is (words, route) at the right of its title."""
    link = go(more[1], more[0], icon("chevron-right", 16), class_name="more") if more else None
    return e.section(e.div(e.h2(title), link, class_name="head"), *children, class_name=f"card {class_name}".strip())


def pick(words: Words, on: Any, tap: Any) -> rx.Component:
    """One of several to choose from, by a tap."""
    return e.button(words, type="button", on_click=tap, class_name=rx.cond(on, "pick on", "pick"),
                    aria_pressed=rx.cond(on, "true", "false"))


def picks(label: str, *each: Any) -> rx.Component:
    """What there is to choose from."""
    return e.div(*each, class_name="picks", role="group", aria_label=label)


def pick_row(one: Any, title: Any, *sub: Any, chosen: Any, tap: Any, end: Any = None) -> rx.Component:
    """A line of a workbench's list, told by its ``id``: a tap opens it (``tap`` gets the id), another closes it ("")."""
    id_ = text(one, "id")
    open_ = text(chosen, "id") == id_
    return e.button(
        e.span(e.b(title), e.small(*sub) if sub else None, class_name="row-words"),
        end,
        type="button",
        on_click=call(tap, rx.cond(open_, "", id_)),
        aria_pressed=open_,
        class_name="pick-row",
    )


def more(left: Any, tap: Any) -> rx.Component:
    """The next page of a list, while there is one (``left``: its cursor)."""
    return rx.cond(left != "", e.button(t("shell.more"), type="button", on_click=tap, class_name="btn btn-soft wide"))


def row(
    title: Words | rx.Component,
    sub: Any = None,
    *,
    to: Words | None = None,
    symbol: str | None = None,
    tone: Tone = "blue",
    end: Any = None,
) -> rx.Component:
    """A line of a list: a tile, two lines of words, and what it leads to. 60 px at least."""
    inner = [
        tile(symbol, tone) if symbol else None,
        e.span(e.b(title), e.small(sub) if sub is not None else None, class_name="row-words"),
        end,
        icon("chevron-right", 18) if to is not None else None,
    ]
    return go(to, *inner, class_name="row") if to is not None else e.div(*inner, class_name="row")


def rows(*children: Any) -> rx.Component:
    """Rows with a hairline between them."""
    return e.div(*children, class_name="rows")


def badge(words: Words, tone: Tone = "slate") -> rx.Component:
    """A small coloured word: a state, a kind."""
    return e.span(words, class_name=f"badge badge-{tone}")


def avatar(name: Words) -> rx.Component:
    """A round picture for a person: the last character of the name that is no digit (市民7744)."""
    letter: Any = (
        name.rstrip("0123456789")[-1:]
        if isinstance(name, str)
        else rx.Var(f"({name._js_expr}).replace(/\\d+$/, '').slice(-1)", _var_type=str, _var_data=name._get_all_var_data())
    )
    return e.span(letter, class_name="avatar", aria_hidden="true")


def fact(label: Words, value: Any) -> rx.Component:
    """One label with its value, inside ``facts``."""
    return e.div(e.dt(label), e.dd(value), class_name="fact")


def facts(*children: rx.Component) -> rx.Component:
    """Labels with values: what was booked, where, when."""
    return e.dl(*children, class_name="facts")


def ticket(
    when: Any, title: Words, sub: Any, action: Any = None, symbol: str = "calendar-check", tone: Tone = "blue"
) -> rx.Component:
    """My next thing: its time large, the place, one action."""
    return e.article(
        e.div(
            tile(symbol, tone),
            e.div(e.strong(when, class_name="ticket-when"), e.span(title, class_name="ticket-title"), e.small(sub)),
            class_name="ticket-top",
        ),
        e.div(action, class_name="ticket-act") if action is not None else None,
        class_name="ticket",
    )


def workbench(left: Any, right: Any) -> rx.Component:
    """Two panes from 768 px (list and detail); one under the other on a phone. For staff pages with ``wide=True``."""
    return e.div(e.div(left, class_name="pane pane-list"), e.div(right, class_name="pane pane-main"), class_name="bench")


def actions(*children: Any) -> rx.Component:
    """The one primary action (and perhaps a quiet one) at the thumb, above the tab bar."""
    return e.div(*children, class_name="thumb")


def demo_mark(words: str) -> rx.Component:
    """演示数据: says that what is shown is made up."""
    return e.span(words, class_name="demo")
