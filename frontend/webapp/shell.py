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
from webapp.documents import use
from webapp.icons import icon
from webapp.person import REREAD, Person
from webapp.reads import flag
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
    private: bool
    on_load: tuple[Any, ...]
    acting: bool = False

    @property
    def live(self) -> bool:
        """Whether the websocket is opened when somebody is signed in."""
        return bool(self.on_load)


class Asks(parts.Part):
    """The question of who has just read my code, over the page; see asks.jsx."""

    tag = "Asks"
    asks: rx.Var[list[dict[str, Any]]]


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
    on_load: Any = (),
    on_push: dict[str, Any] | None = None,
    private: bool | None = None,
    acting: bool = False,
) -> Callable[[Draw], Draw]:
    """Declare a page at ``/route`` and ``/en/route``.

    ``title`` is a text's name; ``tab`` the tab that is lit, which also shows the tab bar; ``back`` where the arrow leads
    when there is no history; ``bare`` leaves the bar above to the page; ``wide`` is a staff workbench, two panes from
    768 px.

    ``on_load`` makes the page personal: its handlers run when somebody is signed in, else it asks to sign in (``private``
    false: it is drawn for everybody). ``on_push`` are handlers to run again when something happens to the person:
    ``{"parking.": Mine.load}``, by the beginning of the event's type.

    ``acting``: what is read and done here is of whom this tab acts for; every other page is the person's own, and says so.
    """

    def declare(draw: Draw) -> Draw:
        own = tuple(on_load) if isinstance(on_load, list | tuple) else (on_load,)
        loads = (Person.load, *own, Person.watch) if own or tab or private else ()
        REREAD[route] = {kind: _several(handlers) for kind, handlers in (on_push or {}).items()}
        PAGES.append(Page(route, title, draw, tab, back, bare, wide, bool(own) if private is None else private, loads,
                          acting))
        return draw

    return declare


def _several(handlers: Any) -> list[Any]:
    return list(handlers) if isinstance(handlers, list | tuple) else [handlers]


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


def drawn(declared: Page, language: Locale) -> rx.Component:
    """The whole page in a language."""
    with speaking(language), _drawing(declared):
        return frame(declared)


def _add(app: rx.App, declared: Page, language: Locale) -> None:
    def component() -> rx.Component:
        return drawn(declared, language)

    component.__name__ = f"page_{declared.route.strip('/').replace('/', '_').replace('-', '_') or 'home'}_{language}"
    # Reflex puts what it compiles for a page into a module of this name: the page's own, or every page loads them all.
    component.__module__ = declared.draw.__module__
    with speaking(language):
        title = t(declared.title)
        app.add_page(
            component,
            route=path(declared.route, language),
            title=title if declared.route == "/" else f"{title} - {t('shell.name')}",
            description=t("shell.description"),
            image="/icon-512.png",
            on_load=list(declared.on_load),
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
    body = _for_person(declared) if declared.private else declared.draw()
    told = [rx.cond(Person.trouble != "", _trouble(), None), _elsewhere()] if declared.live else []
    return e.div(
        e.nav(e.a(t("shell.skip"), href="#main", class_name="skip"), aria_label=t("shell.skip")),
        parts.Network.create(),
        _way_back(),
        parts.ActingBar.create(covers=declared.acting),
        None if declared.bare else bar(t(declared.title), back=declared.back),
        e.main(*told, body, id="main", tab_index=-1, class_name="main" + (" main-bare" if declared.bare else "")),
        *([tab_bar(declared.tab), elder_bar(declared.tab)] if declared.tab else []),
        parts.Toasts.create(),
        _asks() if declared.live else None,
        parts.Live.create(gone=_gone()) if declared.live else None,
        class_name="app" + (" app-wide" if declared.wide else "") + (" app-tabs" if declared.tab else ""),
    )


def _asks() -> rx.Component:
    """What somebody who has just read my code would know beyond, wherever I am."""
    use("OnecodeAnswer")
    return Asks.create(asks=Person.asks)


def _for_person(declared: Page) -> rx.Component:
    """A personal page: its content when somebody is signed in, else the way to sign in and back here."""
    asking = e.div(
        e.span(icon("lock-keyhole", 36), class_name="verdict-mark verdict-calm"),
        e.h2(t("shell.private")),
        e.p(t("shell.private_words")),
        e.a(t("shell.sign_in"), href=f"{path('/sign-in')}?next={path(declared.route)}", class_name="btn btn-main"),
        class_name="card state state-big only-out",
    )
    return e.div(asking, e.div(declared.draw(), class_name="only-in"))


def _trouble() -> rx.Component:
    """The personal part of the page could not be read: the sentence, and the page once more."""
    again = e.a(t("ui.again"), href="", class_name="btn btn-soft btn-small")
    return e.div(e.p(Person.trouble), again, class_name="note note-bad trouble", role="alert")


def _elsewhere() -> rx.Component:
    """Somebody has just signed in as this person on another device: was it they?"""
    mine = e.button(t("me.device_mine"), type="button", on_click=Person.known, class_name="btn btn-soft btn-small")
    other = go("/me/devices", t("me.device_not_mine"), class_name="btn btn-bad btn-small", on_click=Person.known)
    words = e.p(t("me.device_elsewhere"), " ", e.b(Person.elsewhere))
    return rx.cond(Person.elsewhere != "", e.div(words, e.div(mine, other, class_name="pair"),
                                                 class_name="note note-wait trouble elsewhere", role="alert"), None)


def _way_back() -> rx.Component:
    """In 长辈版, on every page: have it read aloud, and the way back to the usual version."""
    return e.nav(
        parts.ReadAloud.create(label=t("shell.read"), stop=t("shell.stop"), class_name="btn btn-white"),
        parts.ElderSwitch.create(t("shell.usual"), on=False, to=path("/"), class_name="btn btn-white"),
        class_name="usual-strip elder-only",
        aria_label=t("shell.elder"),
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
    dot = rx.cond(Person.unread > 0, e.span(_shown_count(), class_name="tab-dot", aria_label=t("shell.unread")), None)
    return go(
        route,
        mark,
        e.span(t(text), class_name="tab-word"),
        dot if section == "messages" else None,
        class_name="tab" + (" tab-code" if raised else "") + (" on" if section == active else ""),
        current=section == active,
    )


def _gone() -> Any:
    asked: Any = Person.asked
    return asked & ~flag(Person.viewer, "id")


def _shown_count() -> Any:
    unread: Any = Person.unread
    return rx.cond(unread > 99, "99+", unread.to_string())


def elder_bar(active: str) -> rx.Component:
    """首页 搜索 我的, larger; shown instead of the other in 长辈版."""
    return e.nav(
        *[
            go(
                route,
                icon(symbol, 28),
                e.span(t(text), class_name="tab-word"),
                class_name="tab" + (" on" if section == active else ""),
                current=section == active,
            )
            for symbol, text, route, section in ELDER_TABS
        ],
        class_name="tabs tabs-elder",
        aria_label=t("shell.elder_tabs"),
    )
