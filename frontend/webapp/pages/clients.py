"""小程序登记: a developer registers a mini-app and sees what became of it; the district approves, refuses, ends."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.pages.authorize import scope_box
from webapp.session import Paged, Session, page_of
from webapp.ui import page, t

e = rx.el


class MyClients(Paged, Session):
    """The mini-apps of my organisations, newest first; where I may register one."""

    loaded: bool = False
    offices: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    found: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        await self._read("")

    async def _read(self, after: str) -> None:
        with self._telling():
            given = await self.ask(use("OauthMine"), after=after or None)
            nodes, self.more = page_of(given["oauthMine"])
            self.found, self.offices = (self.found if after else []) + nodes, given["oauthOffices"]
        self.loaded = True


class ClientsDesk(Paged, Session):
    """What waits for approval, the oldest first; and all there is."""

    loaded: bool = False
    waiting: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    more_waiting: str = ""
    found: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        with self._telling():
            self.waiting, self.more_waiting = await self._pages(use("OauthWaiting"), [], "")
            await self._read("")
        self.loaded = True

    @rx.event
    async def load_waiting(self) -> None:
        self.waiting, self.more_waiting = await self._pages("OauthWaiting", self.waiting, self.more_waiting)

    async def _read(self, after: str) -> None:
        self.found, self.more = await self._pages(use("OauthClients"), self.found, after)


@page("/me/clients", title="oauth.mine", back="/work", on_load=MyClients.load, on_push={"oauth.": MyClients.load})
def clients() -> rx.Component:
    nothing = ui.card(ui.empty(t("oauth.mine_none"), action=(t("oauth.new"), "/me/clients/new"), symbol="blocks"))
    listed = e.div(rx.foreach(MyClients.found, lambda one: _client(one, MyClients)),
                   ui.go("/me/clients/new", t("oauth.new"), class_name="btn btn-main wide"), class_name="stack")
    return e.div(
        e.p(t("oauth.mine_words"), class_name="muted"),
        ui.told(MyClients, rx.cond(ui.count(MyClients.found) > 0, listed, nothing)),
        ui.more(MyClients.more, MyClients.load_more),
        rx.cond(ui.count(MyClients.offices) > 0, ui.card(_explorer())),
        class_name="stack",
    )


def _explorer() -> rx.Component:
    """The way to GraphiQL: a page of the gateway, not of this client."""
    words = e.span(e.b(t("oauth.explore")), e.small(t("oauth.explore_words")), class_name="row-words")
    return parts.Go.create(ui.tile("blocks", "violet"), words, ui.icon("chevron-right", 18), to="/graphql",
                           reload_document=True, class_name="row")


@page("/me/clients/new", title="oauth.new", back="/me/clients", on_load=MyClients.load)
def new() -> rx.Component:
    offices = rx.foreach(MyClients.offices, lambda one: ui.option(ui.text(one, "name"), ui.text(one, "id")))
    form = ui.card(ui.form(
        "OauthRegister",
        ui.select_field(t("oauth.office"), "organisation", offices),
        ui.text_field(t("oauth.name_zh"), "nameZh", required=True, min_length=2, max_length=20,
                      hint=t("oauth.name_zh_hint")),
        ui.text_field(t("oauth.name_en"), "nameEn", required=True, min_length=2, max_length=40),
        ui.text_field(t("oauth.redirect"), "redirects", required=True, max_length=300, input_mode="url",
                      hint=t("oauth.redirect_hint")),
        ui.field(t("oauth.scopes"), "scopes",
                 e.div(rx.foreach(ui.public("OauthScopes").items("oauthScopes"), scope_box), class_name="rows"), group=True),
        ui.submit(t("oauth.send")),
        draft="client", done=t("oauth.sent"), next="/me/clients", beside="redirects", label=t("oauth.new"),
    ))
    nowhere = ui.card(ui.empty(t("oauth.no_office"), action=(t("oauth.home"), "/"), symbol="briefcase"))
    return ui.told(MyClients, rx.cond(ui.count(MyClients.offices) > 0, form, nowhere))


@page("/me/clients/desk", title="oauth.desk", back="/work", wide=True, on_load=ClientsDesk.load,
      on_push={"oauth.": ClientsDesk.load})
def desk() -> rx.Component:
    waiting = rx.cond(ui.count(ClientsDesk.waiting) > 0,
                      e.div(rx.foreach(ClientsDesk.waiting, lambda one: _client(one, ClientsDesk, _decide(one))),
                            ui.more(ClientsDesk.more_waiting, ClientsDesk.load_waiting), class_name="stack"),
                      ui.empty(t("oauth.desk_none"), symbol="circle-check"))
    all_ = rx.cond(ui.count(ClientsDesk.found) > 0,
                   e.div(rx.foreach(ClientsDesk.found, lambda one: _client(one, ClientsDesk)),
                         ui.more(ClientsDesk.more, ClientsDesk.load_more), class_name="stack"),
                   ui.empty(t("oauth.all_none"), symbol="blocks"))
    return ui.desk(ClientsDesk,
                   ui.section(t("oauth.desk"), e.p(t("oauth.desk_words"), class_name="muted"), waiting),
                   ui.section(t("oauth.desk_all"), all_))


def _client(one: rx.Var[Any], state: Any, decide: Any = None) -> rx.Component:
    """A mini-app as it is registered, and what can be done about it."""
    standing, reason = ui.text(one, "standing"), ui.text(one, "reason")
    badge = rx.match(
        standing, ("LIVE", ui.badge(t("oauth.standing_live"), "teal")),
        ("WAITING", ui.badge(t("oauth.standing_waiting"), "amber")),
        ("REFUSED", ui.badge(t("oauth.standing_refused"), "coral")), ui.badge(t("oauth.standing_ended")))
    over = (standing == "ENDED") | (standing == "REFUSED")
    return e.article(
        e.div(ui.tile("blocks", "violet"),
              e.span(e.b(ui.text(one, "nameZh")), e.small(ui.text(one, "nameEn"), " · ", ui.text(one, "organisation")),
                     class_name="row-words"),
              badge, class_name="row"),
        ui.facts(
            ui.fact(t("oauth.may"), _lines(one, "titles")),
            ui.fact(t("oauth.redirect"), _lines(one, "redirects")),
            ui.fact(t("oauth.since"), ui.when(ui.text(one, "registeredAt"))),
            rx.cond(standing == "LIVE", ui.fact(t("oauth.client_id"), e.span(ui.text(one, "id"), class_name="num small"))),
            rx.cond(reason != "", ui.fact(t("oauth.reason"), reason)),
        ),
        decide if decide is not None else rx.cond(over, None, _stop(one, state)),
        class_name="card stack" if state is MyClients else "sunken stack",
        key=ui.text(one, "id"),
    )


def _lines(one: rx.Var[Any], name: str) -> rx.Component:
    found = ui.items(one, name)
    texts: Any = rx.Var(found._js_expr, _var_type=list[str], _var_data=found._get_all_var_data()).guess_type()
    return e.span(rx.foreach(texts, lambda text: e.span(text, e.br())), class_name="breaks")


def _decide(one: rx.Var[Any]) -> rx.Component:
    id_ = ui.text(one, "id")
    return e.div(
        ui.act(t("oauth.approve"), "OauthDecide", {"id": id_, "agree": True}, confirm=t("oauth.approve_sure"),
               yes=t("oauth.approve"), done=t("oauth.approved"), on_done=ClientsDesk.load, class_name="btn btn-main wide"),
        _with_reason(t("oauth.not_approve"), t("oauth.not_approve_do"), "OauthDecide", {"id": id_, "agree": False},
                     t("oauth.not_approved"), ClientsDesk),
        class_name="stack",
    )


def _stop(one: rx.Var[Any], state: Any) -> rx.Component:
    return _with_reason(t("oauth.stop"), t("oauth.stop_do"), "OauthEnd", {"id": ui.text(one, "id")}, t("oauth.stopped"),
                        state)


def _with_reason(words: str, do: str, document: str, variables: dict[str, Any], done: str, state: Any) -> rx.Component:
    """What takes something away wants a reason, behind a fold."""
    return e.details(
        e.summary(words, class_name="btn btn-soft wide"),
        ui.form(
            document,
            ui.long_field(t("oauth.reason"), "reason", hint=t("oauth.reason_hint"), required=True, min_length=2,
                          max_length=200, rows="3"),
            ui.submit(do, class_name="btn btn-bad"),
            variables=variables, done=done, on_done=state.load, beside="reason", label=words,
        ),
        class_name="fold",
    )
