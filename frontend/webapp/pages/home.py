"""首页: the place, the search, eight services, news, my next things, what is near."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.catalogue import CODE, GRID, HEALTH, NEWS, PARKING, SCHOOL, Service
from webapp.documents import use
from webapp.session import Session
from webapp.ui import go, icon, page, t

e = rx.el


class Home(Session):
    """My next things, soonest first."""

    things: list[dict[str, Any]] = []
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        self.things = (await self.ask(use("HomeThings")))["homeThings"]
        self.loaded = True


@page("/", title="home.title", tab="home", bare=True, private=False, on_load=Home.load, on_push={"": Home.load})
def home() -> rx.Component:
    return e.div(
        _banner(),
        e.div(_grid(), _news_line(), _mine(), _popular(), _near(), _foot(), class_name="sheet-up"),
        _sign_in_bar(),
        class_name="home",
    )


def _banner() -> rx.Component:
    return e.header(
        e.div(
            e.div(e.h1(t("shell.name")), e.p(t("shell.place")), class_name="brand"),
            e.div(
                e.span(t("home.personal"), class_name="hat on", aria_current="true"),
                go("/business", t("home.business"), class_name="hat"),
                class_name="hats",
                role="group",
                aria_label=t("home.who"),
            ),
            class_name="banner-top",
        ),
        e.div(
            _quiet("scan-line", t("home.scan"), "/onecode/scan"),
            _quiet("wallet-cards", t("home.cards"), "/certificates"),
            parts.ElderSwitch.create(
                icon("glasses", 26), e.span(t("home.elder")), on=True, to=ui.path("/elder"), class_name="quiet"
            ),
            class_name="quiets",
        ),
        _search(),
        class_name="banner",
    )


def _search() -> rx.Component:
    return ui.ask_form(
        icon("search", 20),
        e.span(
            e.input(
                name="q",
                type="search",
                enter_key_hint="search",
                auto_complete="off",
                aria_label=t("home.search"),
                placeholder=" ",
            ),
            parts.Hints.create(words=[t("home.search"), t("home.hint1"), t("home.hint2"), t("home.hint3")]),
            class_name="glass-field",
        ),
        e.button(t("shell.search"), type="submit"),
        action=ui.path("/search"),
        role="search",
        class_name="glass",
    )


def _quiet(symbol: str, words: str, route: str) -> rx.Component:
    return go(route, icon(symbol, 26), e.span(words), class_name="quiet")


def service_link(service: Service, *inner: rx.Component, class_name: str) -> rx.Component:
    """A link to a service; a phone number is an ordinary link."""
    if service.route.startswith("tel:"):
        return e.a(*inner, href=service.route, class_name=class_name)
    return go(service.route, *inner, class_name=class_name)


def _grid() -> rx.Component:
    return e.section(
        e.h2(t("home.grid"), class_name="sr"),
        *[service_link(s, ui.tile(s.symbol, s.tone), e.span(t(f"services.{s.key}")), class_name="service") for s in GRID],
        class_name="grid",
    )


def _news_line() -> rx.Component:
    news = ui.public("MessagesNews", first=5)
    latest = ui.text(news.answer, "data.messagesNews.edges.0.node.id")
    return e.section(
        e.h2(t("home.news"), class_name="line-tag"),
        rx.cond(
            news.loading,
            e.span(class_name="bone"),
            rx.cond(
                news.text("messagesNews.edges.0.node.title") == "",
                rx.cond(
                    news.failed,
                    go("/news", t("home.news_open"), class_name="line-words"),
                    e.span(t("home.no_news"), class_name="line-words"),
                ),
                go("/news?id=" + latest, news.text("messagesNews.edges.0.node.title"), class_name="line-words"),
            ),
        ),
        icon("chevron-right", 16),
        parts.NewsFeed.create(),
        class_name="line",
    )


def _mine() -> rx.Component:
    nothing = ui.empty(t("home.mine_empty"), symbol="calendar-days", action=(t("services.healthcare"), "/healthcare"))
    return e.section(
        e.div(e.h2(t("home.mine")), class_name="head"),
        rx.cond(
            Home.loaded,
            rx.cond(ui.count(Home.things) > 0, e.div(rx.foreach(Home.things, _thing)), nothing),
            ui.skeleton(2, "card"),
        ),
        class_name="card only-in mine",
    )


def _thing(thing: rx.Var[Any]) -> rx.Component:
    pictures = [(s.key, ui.tile(s.symbol, s.tone)) for s in (PARKING, HEALTH, SCHOOL, CODE)]
    when = rx.cond(
        ui.flag(thing, "startsAt"),
        ui.when(ui.text(thing, "startsAt"), ui.text(thing, "endsAt"), class_name="ticket-when"),
        e.strong(t("home.to_do"), class_name="ticket-when"),
    )
    number = t("home.number", n=ui.number(thing, "number"))
    queue = rx.cond(ui.flag(thing, "number"), e.span(ui.badge(number, "coral")))
    title = e.b(ui.whole(ui.text(thing, "title")))
    words = e.span(when, title, e.small(ui.text(thing, "place")), queue, class_name="ticket-words")
    picture = rx.match(ui.text(thing, "app"), *pictures, ui.tile(NEWS.symbol, NEWS.tone))
    return go(ui.text(thing, "link"), picture, words, icon("chevron-right", 18), class_name="ticket")


def _popular() -> rx.Component:
    return e.section(
        e.div(e.h2(t("home.popular")), class_name="head"),
        e.div(
            *[
                go(
                    s.route,
                    e.b(t(f"services.{s.key}")),
                    e.small(t(f"services.{s.key}_sub")),
                    ui.tile(s.symbol, s.tone),
                    class_name=f"promo promo-{s.tone}",
                )
                for s in (HEALTH, PARKING, SCHOOL, CODE)
            ],
            class_name="promos",
        ),
        class_name="card",
    )


def _near() -> rx.Component:
    return ui.section(
        t("home.near"),
        ui.rows(
            ui.row(t("home.near_parking"), t("home.near_parking_sub"), to="/parking", symbol="map-pin", tone="blue"),
            ui.row(t("home.near_hospital"), t("home.near_hospital_sub"), to="/healthcare", symbol="hospital", tone="coral"),
            ui.row(t("home.near_news"), t("home.near_news_sub"), to="/news", symbol="megaphone", tone="violet"),
        ),
    )


def _foot() -> rx.Component:
    return e.p(go("/about", t("home.demo")), class_name="foot")


def _sign_in_bar() -> rx.Component:
    return e.div(
        e.span(t("home.login")),
        go("/sign-in", t("home.login_now"), class_name="btn btn-main btn-small"),
        class_name="login-bar only-out",
    )
