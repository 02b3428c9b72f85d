"""我的家人: my children and who else is their guardian, my own guardians, and what a child under 14 asks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.me_delegate import act_for
from webapp.session import Session
from webapp.ui import page, t

e = rx.el
_KIN = ("MOTHER", "FATHER", "GRANDPARENT", "OTHER")


class Family(Session):
    """``waiting``: what my children ask me; ``asked``: what I ask, or what was answered lately."""

    loaded: bool = False
    children: list[dict[str, Any]] = []
    guardians: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    asked: list[dict[str, Any]] = []

    @rx.event
    async def load(self) -> None:
        with self._telling():
            links = (await self.ask(use("DelegationFamily")))["delegationFamily"]
            requests = (await self.ask(use("ConsentRequests")))["consentRequests"]
            beside = [each for each in links if each["tie"] == "OTHER_GUARDIAN"]
            self.children = [each | {"others": [other for other in beside if other["childId"] == each["childId"]]}
                             for each in links if each["tie"] == "MY_CHILD"]
            self.guardians = [each for each in links if each["tie"] == "MY_GUARDIAN"]
            self.waiting = [each for each in requests if not each["isMine"] and each["state"] == "ASKED"]
            self.asked = [each for each in requests if each["isMine"] or each["state"] != "ASKED"]
        self.loaded = True


@page("/me/family", title="family.title", back="/me", on_load=Family.load,
      on_push={"consent.": Family.load, "delegation.": Family.load})
def family() -> rx.Component:
    found = e.div(
        _listed("waiting", Family.waiting, _waiting),
        _listed("children", Family.children, _child),
        _listed("guardians", Family.guardians, _guardian, e.p(t("family.guardians_words"), class_name="hint mandate")),
        _listed("asked", Family.asked, _asked),
        rx.cond((ui.count(Family.children) == 0) & (ui.count(Family.guardians) == 0),
                ui.card(ui.empty(t("family.none"), symbol="users"))),
        rx.cond(ui.count(Family.guardians) == 0, ui.go("/me/family/add", t("family.add"), class_name="btn btn-soft wide")),
        _wrong(),
        class_name="stack",
    )
    return rx.cond(Family.loaded, ui.told(Family, found), ui.card(ui.skeleton(4)))


def _listed(words: str, found: Any, line: Callable[[rx.Var[Any]], rx.Component], *more: rx.Component) -> rx.Component:
    """A section where there is something in it."""
    return rx.cond(ui.count(found) > 0, ui.section(t(f"family.{words}"), ui.rows(rx.foreach(found, line)), *more))


def kin(link: rx.Var[Any]) -> Any:
    """母亲, 父亲, …"""
    return rx.match(ui.text(link, "relation"), *[(each, t(f"delegation.kin_{each.lower()}")) for each in _KIN], "")


def _what(request: rx.Var[Any]) -> rx.Component:
    """Whom, what for, which fact, how long: what there is to know before one agrees."""
    lasts = rx.cond(ui.text(request, "term") == "YEAR", t("family.year"), t("family.month"))
    return ui.facts(
        ui.fact(t("family.who_sees"), e.b(ui.text(request, "receiverName"))),
        ui.fact(t("family.what_for"), ui.text(request, "purpose")),
        ui.fact(t("family.may_see"), e.b(ui.text(request, "label"))),
        ui.fact(t("family.lasts"), lasts),
    )


def _waiting(request: rx.Var[Any]) -> rx.Component:
    vars_ = {"id": ui.text(request, "id")}
    return e.div(
        _person(ui.text(request, "child"), e.span(t("family.asked_at"), " ", ui.when(ui.text(request, "askedAt"))),
                ui.badge(t("family.awaits_you"), "amber")),
        _what(request),
        e.p(t("family.agree_words"), class_name="hint"),
        e.div(
            ui.act(t("family.agree"), "ConsentAnswerRequest", vars_ | {"agree": True}, done=t("family.agreed_done"),
                   on_done=Family.load, on_refused=Family.load, class_name="btn btn-main"),
            ui.act(t("family.decline"), "ConsentAnswerRequest", vars_ | {"agree": False}, done=t("family.declined_done"),
                   on_done=Family.load, on_refused=Family.load, class_name="btn btn-soft"),
            class_name="ask-row",
        ),
        key=ui.text(request, "id"), class_name="mandate",
    )


def _person(name: Any, words: Any, badge: rx.Component) -> rx.Component:
    return e.div(ui.avatar(name), e.span(e.b(name), e.small(words), class_name="row-words"), badge, class_name="person-row")


def _until(link: rx.Var[Any]) -> rx.Component:
    return e.span(t("family.until"), ui.when(ui.text(link, "until"), style="day"))


def _child(child: rx.Var[Any]) -> rx.Component:
    name = ui.text(child, "child")
    others = ui.items(child, "others")
    limits = ui.items(child, "limits")
    return e.div(
        _person(name, _until(child), ui.badge(kin(child), "amber")),
        e.p(rx.cond(ui.flag(child, "consents"), t("family.you_consent"), t("family.consents_itself")), class_name="muted"),
        rx.cond(ui.count(limits) > 0, e.p(t("family.limits"), rx.foreach(limits, _limit), class_name="badges")),
        rx.cond(ui.count(others) > 0, e.p(t("family.others"), rx.foreach(others, _other), class_name="muted")),
        act_for(ui.text(child, "childId"), name, "btn btn-soft wide"),
        e.div(ui.go("/me/ledger", t("family.ledger"), class_name="btn btn-soft btn-small"),
              ui.go("/me/consent", t("family.consents"), class_name="btn btn-soft btn-small"), class_name="ask-row"),
        key=ui.text(child, "id"), class_name="mandate",
    )


def _limit(title: rx.Var[Any]) -> rx.Component:
    return e.span(title.to(str), class_name="badge badge-coral")


def _other(link: rx.Var[Any]) -> rx.Component:
    return e.span(" ", ui.text(link, "guardian"), "（", kin(link), "）")


def _guardian(link: rx.Var[Any]) -> rx.Component:
    may = rx.cond(ui.flag(link, "consents"), ui.badge(t("family.may_consent"), "teal"))
    return e.div(_person(ui.text(link, "guardian"), e.span(kin(link), " · ", _until(link)), may),
                 key=ui.text(link, "id"), class_name="mandate")


def _asked(request: rx.Var[Any]) -> rx.Component:
    state = rx.match(
        ui.text(request, "state"), ("AGREED", ui.badge(t("family.agreed"), "teal")),
        ("DECLINED", ui.badge(t("family.declined"), "coral")), ("LAPSED", ui.badge(t("family.lapsed"), "slate")),
        ui.badge(t("family.awaits"), "amber"))
    answered = rx.cond(ui.flag(request, "answeredAt"),
                       e.span(ui.text(request, "guardian"), " ", ui.when(ui.text(request, "answeredAt"))),
                       e.span(t("family.asked_at"), " ", ui.when(ui.text(request, "askedAt"))))
    child = rx.cond(ui.flag(request, "isMine"), "", e.span(ui.text(request, "child"), " · "))
    return e.div(
        e.span(e.b(child, ui.text(request, "receiverName"), " · ", ui.text(request, "label")), e.small(answered),
               class_name="row-words"),
        state,
        key=ui.text(request, "id"), class_name="row row-tall",
    )


def _wrong() -> rx.Component:
    """How a guardianship is corrected or ended."""
    return ui.section(t("family.wrong"), ui.rows(
        ui.row(t("family.desk"), t("family.desk_words"), to="/help", symbol="handshake", tone="blue"),
        ui.row(t("family.mandates"), t("family.mandates_words"), to="/me/delegate", symbol="users", tone="amber")))
