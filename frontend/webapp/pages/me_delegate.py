"""亲友代办: for whom I may act, who may act for me, and what was done by it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.pages.me_ledger import seen, worded
from webapp.session import Session
from webapp.texts import TEXTS
from webapp.ui import page, t

e = rx.el
PLACE = "/services"
"""Where whoever begins to act for another goes: to what can be done for another."""


class Mandates(Session):
    """Children, what I am offered, what I was given, what I gave, and what has ended."""

    loaded: bool = False
    offers: list[dict[str, Any]] = []
    children: list[dict[str, Any]] = []
    received: list[dict[str, Any]] = []
    given: list[dict[str, Any]] = []
    over: list[dict[str, Any]] = []

    @rx.event
    async def load(self) -> None:
        found = await self.ask(use("DelegationMandates"))
        mandates = [numbered(each) for each in found["delegationMandates"]]
        self.children = [each for each in found["delegationPrincipals"] if each["ground"] == "GUARDIAN"]
        self.offers = [each for each in mandates if not each["givenByMe"] and each["state"] == "OFFERED"]
        self.received = [each for each in mandates if not each["givenByMe"] and each["state"] in ("ACTIVE", "COOLING")]
        self.given = [each for each in mandates if each["givenByMe"] and each["state"] != "ENDED"]
        self.over = [each for each in mandates if each["state"] == "ENDED"][:10]
        self.loaded = True


def numbered(mandate: dict[str, Any]) -> dict[str, Any]:
    """With the number as it is shown: whole and in groups for the one who typed it, to be compared; else masked."""
    whole = mandate["number"]
    return mandate | {"number": f"{whole[:3]} {whole[3:7]} {whole[7:]}" if whole else mandate["phone"]}


@page("/me/delegate", title="delegation.title", back="/me", on_load=Mandates.load, on_push={"delegation.": Mandates.load})
def delegate() -> rx.Component:
    return rx.cond(Mandates.loaded, e.div(_for_others(), _for_me(), _over(), class_name="stack"), ui.card(ui.skeleton(4)))


def _for_others() -> rx.Component:
    nobody = (ui.count(Mandates.children) == 0) & (ui.count(Mandates.received) == 0) & (ui.count(Mandates.offers) == 0)
    return ui.section(
        t("delegation.for_others"),
        rx.cond(nobody, e.p(t("delegation.nobody"), class_name="muted")),
        ui.rows(rx.foreach(Mandates.offers, _offer), rx.foreach(Mandates.received, _received),
                rx.foreach(Mandates.children, _child)),
        e.div(ui.go("/me/delegate/ask", t("delegation.ask"), class_name="btn btn-soft wide"), class_name="mandate"),
        ui.rows(ui.row(t("vouch.title"), t("vouch.sub"), to="/me/vouch", symbol="life-buoy", tone="coral")),
    )


def act_for(person: Any, name: Any, class_name: str = "btn btn-main") -> rx.Component:
    return parts.ActFor.create(t("delegation.act_for"), person=person, name=name, to=PLACE, class_name=class_name)


def _child(child: rx.Var[Any]) -> rx.Component:
    name = ui.text(child, "name")
    return e.div(
        _person(name, ui.badge(t("delegation.child"), "amber"), ui.text(child, "until")),
        act_for(ui.text(child, "id"), name),
        key=ui.text(child, "id"), class_name="mandate",
    )


def _waits(words: str, mandate: Any) -> rx.Component:
    return e.p(words, " ", ui.when(ui.text(mandate, "offeredUntil"), style="day"), class_name="hint")


def _from(words: str, mandate: Any) -> rx.Component:
    """From when on it counts, where a code was told; large, since until then there is time."""
    return e.p(e.b(ui.when(ui.text(mandate, "readyAt")), " ", t("delegation.from")), " ", words, class_name="note note-wait")


def _offer(mandate: rx.Var[Any]) -> rx.Component:
    vars_ = {"id": ui.text(mandate, "id")}
    return e.div(
        _person(ui.text(mandate, "principal"), ui.badge(t("delegation.offered_me"), "amber"), ui.text(mandate, "until")),
        e.p(t("delegation.calls_you"), " ", e.b(ui.text(mandate, "called"))),
        titles(mandate),
        _waits(t("delegation.offered_me_words"), mandate),
        e.div(
            ui.act(t("delegation.accept"), "DelegationAccept", vars_, done=t("delegation.accepted"), on_done=Mandates.load,
                   class_name="btn btn-main btn-small"),
            ui.act(t("delegation.decline"), "DelegationEnd", vars_, done=t("delegation.declined"), on_done=Mandates.load,
                   class_name="btn btn-quiet btn-small"),
            class_name="ask-row",
        ),
        key=ui.text(mandate, "id"), class_name="mandate",
    )


def _received(mandate: rx.Var[Any]) -> rx.Component:
    name, cooling = ui.text(mandate, "principal"), ui.text(mandate, "state") == "COOLING"
    badge = rx.cond(cooling, ui.badge(t("delegation.cooling"), "amber"), ui.badge(t("delegation.active"), "teal"))
    return e.div(
        _person(name, badge, ui.text(mandate, "until")),
        titles(mandate),
        rx.cond(cooling, _from(t("delegation.cooling_me_words"), mandate), act_for(ui.text(mandate, "principalId"), name)),
        e.div(_log(mandate), _end(mandate), class_name="ask-row"),
        key=ui.text(mandate, "id"), class_name="mandate",
    )


def _person(name: Any, badge: rx.Component, until: Any) -> rx.Component:
    return e.div(
        ui.avatar(name),
        e.span(e.b(name), e.small(t("delegation.until"), " ", ui.when(until, style="day")), class_name="row-words"),
        badge,
        class_name="person-row",
    )


def titles(mandate: rx.Var[Any]) -> rx.Component:
    return e.p(rx.foreach(ui.items(mandate, "titles"), lambda title: e.span(title.to(str), class_name="badge badge-blue")),
               class_name="badges")


def _log(mandate: rx.Var[Any]) -> rx.Component:
    return ui.go("/me/delegate/log?id=" + ui.text(mandate, "id"), t("delegation.log"), class_name="btn btn-soft btn-small")


def _end(mandate: rx.Var[Any]) -> rx.Component:
    return ui.act(t("delegation.end"), "DelegationEnd", {"id": ui.text(mandate, "id")}, confirm=t("delegation.end_sure"),
                  yes=t("delegation.end_yes"), done=t("delegation.end_done"), on_done=Mandates.load,
                  class_name="btn btn-quiet btn-small")


def _for_me() -> rx.Component:
    return ui.section(
        t("delegation.for_me"),
        rx.cond(ui.count(Mandates.given) == 0, e.p(t("delegation.none_given"), class_name="muted")),
        ui.rows(rx.foreach(Mandates.given, _given)),
        e.div(
            ui.go("/me/delegate/give", t("delegation.give"), class_name="btn btn-soft wide"),
            e.p(t("delegation.at_desk"), class_name="hint"),
            class_name="mandate",
        ),
    )


def whose(mandate: Any) -> rx.Component:
    """The number of who will act, and their masked name once they are known."""
    return e.span(e.b(ui.text(mandate, "number"), class_name="num"), " ", ui.text(mandate, "helper"))


def _given(mandate: rx.Var[Any]) -> rx.Component:
    state = ui.text(mandate, "state")
    badge = rx.match(state, ("ASKED", ui.badge(t("delegation.asked"), "amber")),
                     ("OFFERED", ui.badge(t("delegation.offered"), "amber")),
                     ("COOLING", ui.badge(t("delegation.cooling"), "amber")), ui.badge(t("delegation.active"), "teal"))
    confirm = ui.go("/me/delegate/confirm?id=" + ui.text(mandate, "id"), t("delegation.go_confirm"),
                    class_name="btn btn-main btn-small")
    how = rx.match(ui.text(mandate, "confirmedHow"), ("DESK", t("delegation.how_desk")),
                   ("CALL_BACK", t("delegation.how_call_back")), ("PHONE", t("delegation.how_phone")), "")
    return e.div(
        _person(ui.text(mandate, "called"), badge, ui.text(mandate, "until")),
        e.p(whose(mandate), " ", how, class_name="muted"),
        titles(mandate),
        rx.match(state, ("OFFERED", _waits(t("delegation.offered_words"), mandate)),
                 ("COOLING", _from(t("delegation.cooling_words"), mandate)), rx.fragment()),
        e.div(rx.match(state, ("ASKED", confirm), ("ACTIVE", _log(mandate)), rx.fragment()), _end(mandate),
              class_name="ask-row"),
        key=ui.text(mandate, "id"), class_name="mandate",
    )


def _over() -> rx.Component:
    def line(mandate: rx.Var[Any]) -> rx.Component:
        name = rx.cond(ui.flag(mandate, "givenByMe"), ui.text(mandate, "called"), ui.text(mandate, "principal"))
        lapsed = rx.cond(ui.flag(mandate, "offeredUntil"), ui.text(mandate, "offeredUntil"), ui.text(mandate, "until"))
        at = rx.cond(ui.flag(mandate, "endedAt"), ui.text(mandate, "endedAt"), lapsed)
        return ui.row(name, ui.when(at), to="/me/delegate/log?id=" + ui.text(mandate, "id"),
                      end=ui.badge(t("delegation.ended"), "slate"))
    return rx.cond(ui.count(Mandates.over) > 0, ui.section(
        t("delegation.over"), ui.rows(rx.foreach(Mandates.over, line))))


class Log(Session):
    """What was done by one mandate, the same for both."""

    loaded: bool = False
    acts: list[dict[str, Any]] = []

    @rx.event
    async def load(self) -> None:
        mandate = self.router.url.query_parameters.get("id", "")
        found = await self.find("DelegationLog", mandate=mandate, first=50)
        self.acts = [edge["node"] | {"fields": worded(edge["node"]["fields"])} for edge in found.get("edges", ())]
        self.loaded = True


_LEDGER, _OWN = "ledger.act_", "delegation.did_"


def _did(act: rx.Var[Any]) -> Any:
    """What was done, in words that are true for both; the ledger's, where those are the principal's only, our own."""
    words = {name.removeprefix(start): t(name) for start in (_LEDGER, _OWN) for name in TEXTS if name.startswith(start)}
    return rx.match(ui.text(act, "action").lower(), *words.items(), t("me.did_other"))


@page("/me/delegate/log", title="delegation.log", back="/me/delegate", on_load=Log.load)
def log() -> rx.Component:
    use("DelegationLog")

    def line(act: rx.Var[Any]) -> rx.Component:
        looked = ui.text(act, "action") == "SEEN_FOR"
        return e.div(
            rx.cond(looked, ui.tile("eye", "violet"), ui.tile("pen-line", "slate")),
            e.span(e.b(_did(act)), seen(act), e.small(ui.when(ui.text(act, "at"))), class_name="row-words"),
            key=ui.text(act, "id"), class_name="row row-tall",
        )
    nothing = ui.card(ui.empty(t("delegation.log_none"), symbol="clipboard-list"))
    listed = ui.card(ui.rows(rx.foreach(Log.acts, line)))
    return e.div(
        e.p(t("delegation.log_words"), class_name="muted"),
        rx.cond(Log.loaded, rx.cond(ui.count(Log.acts) > 0, listed, nothing), ui.card(ui.skeleton(3))),
        class_name="stack",
    )
