"""What every page stands in: its two addresses, its languages, the frame, the tab bars, the bar above.

``@page("/parking", title="parking.title")`` over a function that draws it is all a page needs. The function runs once per
language, so ``t()`` speaks the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import reflex as rx

from webapp import parts
from webapp.icons import icon
from webapp.texts import LOCALES, Locale, locale, speaking, t

e = rx.el
Draw = Callable[[], rx.Component]

# icon, text, path, the section it stands for
TABS = (
    ("house", "shell.home", "/", "home"),
    ("layout-grid", "shell.services", "/services", "services"),
    ("qr-code", "shell.code", "/onecode", "code"),
    ("bell", "shell.messages", "/messages", "messages"),
    ("user", "shell.me", "/me", "me"),
)
ELDER_TABS = (
    ("house", "shell.home", "/elder", "home"),
    ("search", "shell.search", "/search", "search"),
    ("user", "shell.me", "/me", "me"),
)


@dataclass(frozen=True)
class Page:
    """A page as it was declared: where, what it is called, how it is drawn, what loads when it opens."""

    route: str
    title: str
    draw: Draw
    tab: str
    back: str | None
    bare: bool
    wide: bool
    live: bool
    on_load: Any


PAGES: list[Page] = []
_current: ContextVar[Page] = ContextVar("haian_page")


def page(
    route: str,
    *,
    title: str,
    tab: str = "",
    back: str | None = None,
    bare: bool = False,
    wide: bool = False,
    on_load: Any = None,
) -> Callable[[Draw], Draw]:
    """Declare a page at ``/route`` and ``/en/route``.

    ``title`` is a text's name; ``tab`` the tab that is lit, which also shows the tab bar; ``back`` where the arrow leads
    when there is no history; ``bare`` leaves the bar above to the page; ``wide`` is a staff workbench, two panes from
    768 px. A page with ``on_load`` is personal: it opens the websocket.
    """

    def declare(draw: Draw) -> Draw:
        PAGES.append(Page(route, title, draw, tab, back, bare, wide, on_load is not None, on_load))
        return draw

    return declare


def path(route: str, language: Locale | None = None) -> str:
    """A route in the language of the page being compiled (or another): ``/parking`` or ``/en/parking``."""
    if not route.startswith("/") or (language or locale()) == "zh":
        return route
    return "/en" if route == "/" else f"/en{route}"


def go(route: str | rx.Var[str], *children: Any, **props: Any) -> rx.Component:
    """A link inside the client, in the language of the page."""
    if isinstance(route, str):
        target: Any = path(route)
    else:
        target = route if locale() == "zh" else _prefixed(route)
    return parts.Go.create(*children, to=target, **props)


def _prefixed(route: rx.Var[Any]) -> rx.Var[Any]:
    return rx.Var(f"('/en' + {route._js_expr})", _var_type=str, _var_data=route._get_all_var_data())


def register(app: rx.App) -> None:
    """Add every declared page, in each language."""
    for declared in sorted(PAGES, key=lambda p: p.route):
        for language in LOCALES:
            _add(app, declared, language)


def _add(app: rx.App, declared: Page, language: Locale) -> None:
    def component() -> rx.Component:
        with speaking(language), _drawing(declared):
            return frame(declared)

    component.__name__ = f"page_{declared.route.strip('/').replace('/', '_').replace('-', '_') or 'home'}_{language}"
    with speaking(language):
        title = t(declared.title)
        app.add_page(
            component,
            route=path(declared.route, language),
            title=title if declared.route == "/" else f"{title} - {t('shell.name')}",
            description=t("shell.description"),
            image="/icon-512.png",
            on_load=declared.on_load,
        )


@contextmanager
def _drawing(declared: Page) -> Iterator[None]:
    token = _current.set(declared)
    try:
        yield
    finally:
        _current.reset(token)


def frame(declared: Page) -> rx.Component:
    """The page inside the shell: skip link, bar, main, tab bars, what speaks quietly."""
    body = declared.draw()
    return e.div(
        e.a(t("shell.skip"), href="#main", class_name="skip"),
        parts.Network.create(),
        None if declared.bare else bar(t(declared.title), back=declared.back),
        e.main(body, id="main", tab_index=-1, class_name="main" + (" main-bare" if declared.bare else "")),
        *([tab_bar(declared.tab), elder_bar(declared.tab)] if declared.tab else []),
        parts.Toasts.create(),
        parts.Live.create() if declared.live else None,
        class_name="app" + (" app-wide" if declared.wide else "") + (" app-tabs" if declared.tab else ""),
    )


def bar(title: str, *actions: rx.Component, back: str | None = None) -> rx.Component:
    """The bar above a page: the way back, the name, and what can be done from here."""
    return e.header(
        parts.Back.create(to=path(back), label=t("shell.back")) if back else e.span(class_name="bar-gap"),
        e.h1(title, class_name="bar-title"),
        e.div(*actions, class_name="bar-actions") if actions else e.span(class_name="bar-gap"),
        class_name="bar",
    )


def tab_bar(active: str) -> rx.Component:
    """首页 办事 一码通 消息 我的; the code in the middle, raised."""
    return e.nav(
        *[_tab(*tab, active) for tab in TABS],
        class_name="tabs tabs-usual",
        aria_label=t("shell.tabs"),
    )


def _tab(symbol: str, text: str, route: str, section: str, active: str) -> rx.Component:
    raised = section == "code"
    mark = e.span(icon(symbol, 26 if raised else 24), class_name="tab-raised" if raised else "tab-mark")
    return go(
        route,
        mark,
        e.span(t(text), class_name="tab-word"),
        class_name="tab" + (" tab-code" if raised else "") + (" on" if section == active else ""),
        current=section == active,
    )


def elder_bar(active: str) -> rx.Component:
    """首页 搜索 我的, larger; shown instead of the other in 长辈版."""
    return e.nav(
        *[
            go(
                route,
                e.span(t(text), class_name="tab-word"),
                icon(symbol, 28),
                class_name="tab" + (" on" if section == active else ""),
                current=section == active,
            )
            for symbol, text, route, section in ELDER_TABS
        ],
        class_name="tabs tabs-elder",
        aria_label=t("shell.elder_tabs"),
    )
