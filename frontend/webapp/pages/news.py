"""公告: the district's and its streets' news, and one of them whole."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.ui import go, page, t
from webapp.ui.layout import Tone

e = rx.el
_FIRST = 20
_MOST = 100
TOPICS: tuple[tuple[str, str, Tone], ...] = (
    ("NOTICE", "megaphone", "violet"),
    ("TRAFFIC", "car", "blue"),
    ("HEALTH", "heart-pulse", "coral"),
    ("EDUCATION", "graduation-cap", "amber"),
    ("WEATHER", "cloud-sun", "teal"),
)


class AddressSelect(rx.Component):
    """A list whose choice is in the address; see find.jsx."""

    library = "$/public/haian/find.jsx"
    tag = "AddressSelect"
    name: rx.Var[str]
    label: rx.Var[str]
    first: rx.Var[str]
    options: rx.Var[list[dict[str, Any]]]


class AddressButton(rx.Component):
    """A button that changes the address; see find.jsx."""

    library = "$/public/haian/find.jsx"
    tag = "AddressButton"
    changes: rx.Var[dict[str, str]]


@page("/news", title="news.title", back="/messages")
def news() -> rx.Component:
    return e.div(rx.cond(ui.parameter("id") == "", _listed(), _one()), parts.NewsFeed.create(street=ui.parameter("street")))


def _listed() -> rx.Component:
    streets = ui.public("IdentityStreets")
    found = ui.public("MessagesNews", keep=True, street=_or_null(ui.parameter("street")),
                      first=rx.cond(ui.parameter("n") == "", _FIRST, _MOST))
    more = AddressButton.create(t("shell.more"), changes={"n": str(_MOST)})
    return e.div(
        AddressSelect.create(name="street", label=t("news.street"), first=t("news.all_streets"),
                             options=streets.items("identityStreets")),
        ui.card(ui.listing(found, "messagesNews.edges", lambda edge: line(ui.at(edge, "node")),
                           nothing=ui.empty(t("news.nothing"), symbol="megaphone"), bones=5)),
        rx.cond(found.flag("messagesNews.pageInfo.hasNextPage"), rx.cond(ui.parameter("n") == "", more)),
        class_name="stack",
    )


def _or_null(value: Any) -> rx.Var[Any]:
    return rx.Var(f"({value._js_expr} || null)", _var_data=value._get_all_var_data())


def line(item: Any, end: Any = None) -> rx.Component:
    """One piece of news in a list."""
    place = rx.cond(ui.flag(item, "street"), ui.text(item, "street.name"), t("news.everywhere"))
    inner = [
        rx.match(ui.text(item, "topic"), *[(name, ui.tile(symbol, tone)) for name, symbol, tone in TOPICS],
                 ui.tile("megaphone", "violet")),
        e.span(e.b(ui.text(item, "title")),
               e.small(topic(item), " · ", place, " · ", ui.when(ui.text(item, "publishedAt"), style="day")),
               class_name="row-words"),
    ]
    if end is not None:
        return e.div(*inner, end, class_name="row")
    return go("/news?id=" + ui.text(item, "id"), *inner, ui.icon("chevron-right", 18), class_name="row")


def topic(item: Any) -> Any:
    """What a piece of news is about, in a word."""
    return rx.match(ui.text(item, "topic"), *[(name, t(f"news.topic_{name.lower()}")) for name, _, _ in TOPICS], "")


def _one() -> rx.Component:
    found = ui.public("MessagesOneNews", when=ui.parameter("id") != "", id=ui.parameter("id"))
    item: Any = ui.at(found.answer, "data.messagesOneNews")
    gone = ui.card(ui.empty(t("news.gone"), symbol="megaphone-off", action=(t("news.all"), "/news")))
    return rx.cond(
        found.loading,
        ui.card(ui.skeleton(4)),
        rx.cond(found.failed, gone, rx.cond(ui.flag(item, "id"), _whole(item), gone)),
    )


def _whole(item: Any) -> rx.Component:
    return e.div(
        e.article(
            e.p(ui.badge(topic(item), "violet"),
                rx.cond(ui.flag(item, "street"), ui.badge(ui.text(item, "street.name"), "blue")),
                rx.cond(ui.flag(item, "demo"), ui.badge(t("shell.demo"))), class_name="picks"),
            e.h2(ui.text(item, "title"), class_name="news-title"),
            e.p(ui.text(item, "office.name"), " · ", ui.when(ui.text(item, "publishedAt")), class_name="muted"),
            e.p(ui.text(item, "body"), class_name="news-body", custom_attrs={"data-aloud": ""}),
            class_name="card stack",
        ),
        go("/news", t("news.all"), class_name="btn btn-soft"),
        class_name="stack",
    )
