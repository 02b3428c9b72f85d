"""授权给小程序: who asks, for what, in words; I agree to what I tick, or refuse, and the browser goes back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.session import Session
from webapp.ui import page, t

e = rx.el
_BACK = "/oauth/continue?request={id}"
"""The server sends the browser back to whoever asked."""


class Authorizing(Session):
    """The request in the address. ``wrong``: it came from nobody that is registered."""

    loaded: bool = False
    wrong: bool = False
    asked: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        given = self.router.url.query_parameters
        self.wrong = "wrong" in given
        with self._telling():
            self.asked = {} if self.wrong else await self.find(use("OauthRequest"), request=given.get("request", ""))
        self.loaded = True


@page("/authorize", title="oauth.title", back="/", on_load=Authorizing.load)
def authorize() -> rx.Component:
    home = ui.go("/", t("oauth.home"), class_name="btn btn-main")
    wrong = ui.card(ui.refused(t("oauth.wrong"), t("oauth.wrong_words"), home))
    over = ui.card(ui.refused(t("oauth.over"), t("oauth.over_words"), home))
    found = rx.cond(Authorizing.wrong, wrong, rx.cond(ui.flag(Authorizing.asked, "id"), _asking(), over))
    return e.div(ui.told(Authorizing, found), class_name="stack narrow")


def _asking() -> rx.Component:
    asked: Any = Authorizing.asked
    vars_ = {"request": ui.text(asked, "id")}
    terms = [("MONTH", t("oauth.month")), ("YEAR", t("oauth.year"))]
    return e.div(
        ui.card(
            e.div(
                ui.tile("blocks", "violet"),
                e.span(e.b(ui.text(asked, "client.name"), " ", t("oauth.lead")),
                       e.small(t("oauth.by"), " ", ui.text(asked, "client.organisation")), class_name="row-words"),
                rx.cond(ui.flag(asked, "client.demo"), ui.badge(t("oauth.demo"), "amber")),
                class_name="row",
            ),
            ui.form(
                "OauthAllow",
                ui.field(t("oauth.what"), "scopes",
                         e.div(rx.foreach(ui.items(asked, "scopes"), scope_box), class_name="rows"), group=True),
                ui.select_field(t("oauth.how_long"), "term", terms, default_value="MONTH"),
                rx.cond(ui.flag(asked, "native"), e.p(t("oauth.native"), class_name="note note-wait")),
                ui.submit(t("oauth.allow")),
                variables=vars_, next=_BACK, full=True, label=t("oauth.title"),
            ),
            class_name="stack",
        ),
        ui.act(t("oauth.refuse"), "OauthRefuse", vars_, next=_BACK, full=True, class_name="btn btn-soft wide"),
        e.p(t("oauth.never"), class_name="muted small"),
        class_name="stack",
    )


def scope_box(scope: rx.Var[Any]) -> rx.Component:
    """What may be let do, in words, to be ticked; one at least."""
    box = e.input(type="checkbox", name="scopes", value=ui.text(scope, "id"),
                  custom_attrs={"data-list": "some", "data-wrong": t("oauth.none")})
    return e.label(box, e.span(e.b(ui.text(scope, "title")), e.br(), e.small(ui.text(scope, "words"))), class_name="check",
                   key=ui.text(scope, "id"))
