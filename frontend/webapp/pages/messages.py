"""消息: one inbox, by day; a tap reads a message and leads to what it is about; new ones come by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import groupby
from typing import Any

import reflex as rx

from webapp import ui
from webapp.catalogue import CODE, HEALTH, NEWS, PARKING, SCHOOL
from webapp.documents import use
from webapp.person import Person
from webapp.session import Paged, Session
from webapp.ui import page, t
from webapp.ui.layout import Tone

e = rx.el
_PAGE = 30
_MOST = 100
_SHANGHAI = timezone(timedelta(hours=8))
_ACCOUNT: tuple[str, Tone] = ("shield-check", "slate")
_PICTURES: dict[str, tuple[str, Tone]] = {
    "identity": _ACCOUNT,
    **{noun: (service.symbol, service.tone) for noun, service in (
        ("parking", PARKING), ("healthcare", HEALTH), ("education", SCHOOL), ("onecode", CODE))},
}


class Message(rx.Component):
    """A row of the inbox; see find.jsx."""

    library = "$/public/haian/find.jsx"
    tag = "Message"
    to: rx.Var[str]
    unread: rx.Var[bool]
    label: rx.Var[str]


class Inbox(Paged, Session):
    """My messages, newest first."""

    messages: list[dict[str, Any]] = []
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        """The newest, as many as are shown already."""
        await self._read("", min(_MOST, max(_PAGE, len(self.messages))))

    @rx.var
    def days(self) -> list[dict[str, Any]]:
        """The messages of each day in Shanghai."""
        return [{"day": day, "messages": list(found)} for day, found in groupby(self.messages, lambda one: one["day"])]

    async def _read(self, after: str, first: int = _PAGE) -> None:
        prefix = "/en" if self.router.url.path.startswith("/en") else ""
        nodes, self.more = await self._pages(use("MessagesInbox"), [], after, first=first)
        self.messages = (self.messages if after else []) + [_shown(node, prefix) for node in nodes]
        self.loaded = True


def _shown(message: dict[str, Any], prefix: str) -> dict[str, Any]:
    day = datetime.fromisoformat(message["at"]).astimezone(_SHANGHAI).date().isoformat()
    return message | {"day": day, "app": message["type"].split(".")[0], "to": prefix + message["link"]}


@page("/messages", title="messages.title", tab="messages", private=False, on_load=Inbox.load, on_push={"": Inbox.load})
def messages() -> rx.Component:
    sign_in = (t("shell.sign_in"), "/sign-in?next=" + ui.path("/messages"))
    signed_out = ui.card(ui.empty(t("messages.signed_out"), symbol="bell", action=sign_in))
    nothing = ui.card(ui.empty(t("messages.nothing"), symbol="bell", action=(t("messages.nothing_do"), "/services")))
    listed = e.div(rx.foreach(Inbox.days, _day), class_name="stack", aria_busy=~Inbox.loaded)
    earlier = e.button(t("messages.earlier"), on_click=Inbox.load_more, class_name="btn btn-soft wide")
    return e.div(
        ui.card(ui.row(t("messages.news"), t("messages.news_sub"), to="/news", symbol=NEWS.symbol, tone=NEWS.tone),
                class_name="card-row"),
        e.div(signed_out, class_name="only-out"),
        e.div(
            rx.cond(Person.unread > 0, _read_all()),
            rx.cond(Inbox.loaded, rx.cond(ui.count(Inbox.messages) > 0, listed, nothing), ui.card(ui.skeleton(4))),
            rx.cond(Inbox.more != "", earlier),
            class_name="stack only-in",
        ),
        class_name="stack",
    )


def _read_all() -> rx.Component:
    unread: Any = Person.unread
    return e.div(
        e.span(unread.to_string(), " ", t("shell.unread"), class_name="muted"),
        ui.act(t("messages.read_all"), "MessagesMarkRead", {}, done=t("messages.read_done"), on_done=Inbox.load,
               class_name="btn btn-quiet btn-small"),
        class_name="head inbox-head",
    )


def _day(day: rx.Var[Any]) -> rx.Component:
    return e.section(
        e.h2(ui.when(ui.text(day, "day"), style="day"), class_name="day"),
        e.div(rx.foreach(ui.items(day, "messages"), _message), class_name="card rows"),
    )


def _message(message: rx.Var[Any]) -> rx.Component:
    pictures = [(app, ui.tile(symbol, tone)) for app, (symbol, tone) in _PICTURES.items()]
    return Message.create(
        rx.match(ui.text(message, "app"), *pictures, ui.tile("bell", "slate")),
        e.span(
            e.span(
                e.b(ui.text(message, "title")),
                rx.cond(ui.flag(message, "urgent"), ui.badge(t("messages.urgent"), "coral")),
                ui.when(ui.text(message, "at"), style="clock", class_name="when muted"),
                class_name="message-top",
            ),
            e.small(ui.whole(ui.text(message, "body"))),
            class_name="row-words",
        ),
        id=ui.text(message, "id"),
        key=ui.text(message, "id") + ui.text(message, "readAt"),
        to=ui.text(message, "to"),
        unread=ui.text(message, "readAt") == "",
        label=t("messages.unread"),
    )
