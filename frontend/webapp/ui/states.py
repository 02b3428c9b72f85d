"""What a list or page shows when it has nothing, waits, failed, or was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import reflex as rx

from webapp.icons import icon
from webapp.parts import Part
from webapp.reads import Query, count, text
from webapp.shell import go
from webapp.texts import t
from webapp.ui.layout import Words, card, workbench

e = rx.el


class Again(Part):
    """A button that asks for this page's public data again."""

    tag = "Again"
    label: rx.Var[str]


def skeleton(lines: int = 3, kind: Literal["rows", "card", "block", "form"] = "rows") -> rx.Component:
    """Grey shapes of the size of what comes, so that nothing jumps."""
    return e.div(
        *[e.span(class_name="bone") for _ in range(lines)],
        class_name=f"bones bones-{kind}",
        role="status",
        aria_label=t("ui.loading"),
    )


def empty(words: Words, *, action: tuple[str, str] | None = None, symbol: str = "inbox") -> rx.Component:
    """Nothing here yet, and the next thing to do: ``action`` is (words, route)."""
    return e.div(
        e.span(icon(symbol, 32), class_name="state-mark"),
        e.p(words),
        go(action[1], action[0], class_name="btn btn-soft") if action else None,
        class_name="state",
    )


def failed(words: Words) -> rx.Component:
    """It could not be read: the sentence says why, the button asks again."""
    return e.div(
        e.span(icon("cloud-off", 32), class_name="state-mark"),
        e.p(words),
        Again.create(label=t("ui.again"), class_name="btn btn-soft"),
        class_name="state",
        role="alert",
    )


def told(state: Any, found: Any) -> rx.Component:
    """What a page found once its state is ``loaded``; the sentence of a refusal in its place."""
    said = card(empty(state.refusal, action=(t("shell.home"), "/"), symbol="circle-x"))
    return rx.cond(state.loaded, rx.cond(state.refusal != "", said, found), skeleton(4, "card"))


def desk(state: Any, left: Any, right: Any) -> rx.Component:
    """A workbench that is ``told``."""
    return told(state, workbench(left, right))


def pick_list(lines: Any, one: Any, chosen: Any, none: Words, symbol: str = "circle-check") -> rx.Component:
    """The list of a workbench, drawn by ``pick_row``: on a phone what is open stands in place of the others. ``none``: what
    is said where nothing is in it."""
    listed = e.div(rx.foreach(lines, one), class_name=rx.cond(text(chosen, "id") != "", "stack picked", "stack"))
    return rx.cond(count(lines) > 0, listed, empty(none, symbol=symbol))


def refused(title: Words, words: Words, action: Any = None, symbol: str = "circle-x", tone: str = "bad") -> rx.Component:
    """A refusal with a picture of its own: what happened, and what can be done instead."""
    return e.div(
        e.span(icon(symbol, 44), class_name=f"verdict-mark verdict-{tone}"),
        e.h2(title),
        e.p(words),
        action,
        class_name="state state-big",
        role="status",
    )


def done(title: Words, words: Any, action: Any = None) -> rx.Component:
    """It is done: the same shape as a refusal, in green."""
    return refused(title, words, action, symbol="circle-check", tone="good")


def listing(
    query: Query, path: str, draw: Callable[[rx.Var[Any]], rx.Component], *, nothing: Any, bones: int = 3
) -> rx.Component:
    """A public list in all its states: waiting, failed, empty, full."""
    return rx.cond(
        query.loading,
        skeleton(bones),
        rx.cond(
            query.failed,
            failed(query.error),
            rx.cond(query.empty(path), nothing, e.div(rx.foreach(query.items(path), draw), class_name="rows")),
        ),
    )
