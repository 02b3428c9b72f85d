"""搜索: the address says what is looked for; what is found comes by kind, then all of one kind."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.catalogue import CODE, HEALTH, NEWS, PARKING, SCHOOL
from webapp.pages.elder import elder_card
from webapp.reads import Query
from webapp.ui import go, page, t
from webapp.ui.layout import Tone

e = rx.el
_FIRST = 4
_ALL = 50
_COUNTED = 100
"""More than this is not counted."""
_KINDS: tuple[tuple[str, str, Tone], ...] = (
    ("service", "layout-grid", "blue"),
    ("hospital", "hospital", "coral"),
    ("department", "stethoscope", "coral"),
    ("doctor", "user-round", "coral"),
    ("space", "square-parking", "blue"),
    ("school", "graduation-cap", "amber"),
    ("news", "megaphone", "violet"),
)
_APPS = {"parking": PARKING, "healthcare": HEALTH, "education": SCHOOL, "onecode": CODE, "messages": NEWS}


class SearchBox(rx.Component):
    """The field; see find.jsx."""

    library = "$/public/haian/find.jsx"
    tag = "SearchBox"
    placeholder: rx.Var[str]
    label: rx.Var[str]


class Marked(rx.Component):
    """A text with what was looked for marked in it."""

    library = "$/public/haian/find.jsx"
    tag = "Marked"
    text: rx.Var[str]
    words: rx.Var[str]


@page("/search", title="search.title", tab="search", back="/")
def search() -> rx.Component:
    asked, kind = ui.parameter("q"), ui.parameter("kind")
    return e.div(
        SearchBox.create(
            e.span(parts.Listen.create(label=t("elder.listen")), class_name="elder-only"),
            placeholder=t("services.hint"),
            label=t("shell.search"),
        ),
        rx.cond(asked == "", e.div(_code(), _try(), class_name="stack"),
                e.div(rx.cond(kind == "", _by_kind(asked), _one_kind(asked, kind)), _code(), class_name="stack")),
        class_name="stack",
    )


def _code() -> rx.Component:
    """长辈版 has no tab for the code: here too it is one tap away."""
    return e.div(elder_card("code", "/onecode", "qr-code", "teal"), class_name="elder-only")


def _try() -> rx.Component:
    """Nothing is looked for yet: what people look for."""
    return ui.section(t("search.try"), _hints(), e.p(t("search.how"), class_name="hint"))


def _hints() -> rx.Component:
    hints = ui.public("SearchHints")
    return rx.cond(
        hints.loading,
        ui.skeleton(1),
        e.div(rx.foreach(_words(hints.items("searchHints")), lambda hint: go(_address(hint), hint, class_name="pick")),
              class_name="picks"),
    )


def _words(items: Any) -> Any:
    """A list of texts, which `items` takes for rows."""
    return rx.Var(items._js_expr, _var_type=list[str], _var_data=items._get_all_var_data()).guess_type()


def _address(asked: Any, kind: Any = None) -> rx.Var[Any]:
    """`/search?q=…`, whatever is in the text."""
    tail = f" + '&kind=' + encodeURIComponent({kind._js_expr})" if kind is not None else ""
    data = asked._get_all_var_data()
    return rx.Var(f"('/search?q=' + encodeURIComponent({asked._js_expr}){tail})", _var_type=str, _var_data=data)


def _by_kind(asked: Any) -> rx.Component:
    """The first of each kind, services first."""
    found = ui.public("SearchKinds", text=asked, first=_FIRST, keep=True)
    return _states(
        found,
        "searchKinds",
        e.div(rx.foreach(found.items("searchKinds"), lambda kind: _group(kind, asked)), class_name="stack"),
        asked,
    )


def _group(kind: rx.Var[Any], asked: Any) -> rx.Component:
    count = ui.number(kind, "count")
    many = rx.cond(count > _COUNTED, f"{_COUNTED}+", count.to_string())
    more = go(_address(asked, ui.text(kind, "kind")), t("search.all"), " ", many, ui.icon("chevron-right", 16),
              class_name="more")
    return e.section(
        e.div(e.h2(_kind_name(ui.text(kind, "kind"))), rx.cond(count > _FIRST, more), class_name="head"),
        e.div(rx.foreach(ui.items(kind, "hits.edges"), lambda edge: _hit(ui.at(edge, "node"), asked)), class_name="rows"),
        class_name="card",
    )


def _one_kind(asked: Any, kind: Any) -> rx.Component:
    """All that was found of one kind."""
    found = ui.public("SearchFind", text=asked, kinds=[kind], first=_ALL)
    return e.div(
        go(_address(asked), ui.icon("chevron-left", 16), t("search.back"), class_name="pick"),
        _states(
            found,
            "searchFind.edges",
            e.section(
                e.div(e.h2(_kind_name(kind)), class_name="head"),
                e.div(rx.foreach(found.items("searchFind.edges"), lambda edge: _hit(ui.at(edge, "node"), asked)),
                      class_name="rows"),
                rx.cond(found.flag("searchFind.pageInfo.hasNextPage"), e.p(t("search.many"), class_name="hint")),
                class_name="card",
            ),
            asked,
        ),
        class_name="stack",
    )


def _states(found: Query, path: str, full: rx.Component, asked: Any) -> rx.Component:
    """Waiting, failed, nothing found (and what to try), found."""
    nothing = ui.card(
        ui.empty(e.span(t("search.nothing"), " “", ui.whole(asked), "”"), symbol="search-x"),
        e.p(t("search.nothing_try"), class_name="hint center"),
        _hints(),
        e.a(ui.icon("phone-call", 18), t("search.call"), href="tel:12345", class_name="btn btn-soft wide"),
        class_name="stack",
    )
    return e.div(
        rx.cond(
            found.loading,
            ui.card(ui.skeleton(4)),
            rx.cond(found.failed, ui.card(ui.failed(found.error)), rx.cond(found.empty(path), nothing, full)),
        ),
        aria_live="polite",
        aria_busy=found.loading,
    )


def _hit(hit: Any, asked: Any) -> rx.Component:
    apps = [(noun, ui.tile(service.symbol, service.tone)) for noun, service in _APPS.items()]
    kinds = [(kind, ui.tile(symbol, tone)) for kind, symbol, tone in _KINDS]
    picture = rx.cond(
        ui.text(hit, "kind") == "service",
        rx.match(ui.text(hit, "app"), *apps, ui.tile("layout-grid", "slate")),
        rx.match(ui.text(hit, "kind"), *kinds, ui.tile("search", "slate")),
    )
    return go(
        ui.text(hit, "link"),
        picture,
        e.span(
            e.b(Marked.create(text=ui.text(hit, "title"), words=asked)),
            rx.cond(ui.flag(hit, "detail"), e.small(Marked.create(text=ui.text(hit, "detail"), words=asked))),
            class_name="row-words",
        ),
        ui.icon("chevron-right", 18),
        class_name="row",
    )


def _kind_name(kind: Any) -> rx.Var[Any]:
    return rx.match(kind, *[(name, t(f"search.kind_{name}")) for name, _, _ in _KINDS], t("search.kind_other"))
