"""The desk of an editor of news: write it, see what stands, take it back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.news import TOPICS, line
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class NewsDesk(Session):
    """What stands, and whether this person is an editor at all."""

    may: bool = False
    loaded: bool = False
    news: list[dict[str, Any]] = []
    streets: list[dict[str, Any]] = []

    @rx.event
    async def load(self) -> None:
        viewer = (await self.ask(use("IdentityViewer")))["identityViewer"] or {}
        self.may = any(post["role"] == "news_editor" for post in viewer.get("memberships", ()))
        if self.may and not self.streets:
            self.streets = (await self.ask(use("IdentityStreets")))["identityStreets"]
        if self.may:
            found = (await self.ask(use("MessagesNews"), first=20))["messagesNews"]
            self.news = [edge["node"] for edge in found["edges"]]
        self.loaded = True


@page("/news/write", title="news.desk", back="/work", wide=True, on_load=NewsDesk.load)
def write() -> rx.Component:
    desk = ui.workbench(_form(), _standing())
    elsewhere = ui.go("/news", t("news.all"), class_name="btn btn-soft")
    refused = ui.card(ui.refused(t("news.not_editor"), t("news.not_editor_sub"), elsewhere))
    return rx.cond(NewsDesk.loaded, rx.cond(NewsDesk.may, desk, refused), ui.card(ui.skeleton(4)))


def _form() -> rx.Component:
    everywhere = e.option(t("news.everywhere"), value="")
    streets = rx.foreach(NewsDesk.streets, lambda each: ui.option(ui.text(each, "name"), ui.text(each, "code")))
    return ui.card(
        ui.form(
            "MessagesPublishNews",
            ui.select_field(t("news.topic"), "topic", [(name, t(f"news.topic_{name.lower()}")) for name, _, _ in TOPICS]),
            ui.select_field(t("news.street"), "street", rx.fragment(everywhere, streets),
                            custom_attrs={"data-type": "optional"}),
            ui.text_field(t("news.headline"), "title", required=True, min_length=2, max_length=80,
                          hint=t("news.headline_hint"), wrong=t("news.headline_hint")),
            ui.long_field(t("news.body"), "body", required=True, min_length=2, max_length=5000, rows="8"),
            ui.submit(t("news.publish")),
            draft="news",
            beside="title",
            done=t("news.published"),
            next="/news",
            reread=("MessagesNews",),
        )
    )


def _standing() -> rx.Component:
    nothing = ui.empty(t("news.nothing"), symbol="megaphone")
    return ui.section(
        t("news.standing"),
        rx.cond(ui.count(NewsDesk.news) > 0, ui.rows(rx.foreach(NewsDesk.news, _line)), nothing),
    )


def _line(item: rx.Var[Any]) -> rx.Component:
    return line(
        item,
        ui.act(t("news.withdraw"), "MessagesWithdrawNews", {"id": ui.text(item, "id")}, confirm=t("news.withdraw_sure"),
               done=t("news.withdrawn"), on_done=NewsDesk.load, reread=("MessagesNews", "MessagesOneNews"),
               class_name="btn btn-quiet btn-small"),
    )
