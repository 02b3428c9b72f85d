"""服务协议发布: an official of the district proposes the next version, another publishes it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class TermsDesk(Session):
    """What waits, what was decided of late, and the present text to begin from. ``may``: I am such an official;
    ``writes``: one who proposes."""

    loaded: bool = False
    may: bool = False
    writes: bool = False
    waiting: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    past: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    present: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        with self._telling():
            viewer = (await self.ask(use("IdentityViewer")))["identityViewer"] or {}
            roles = {post["role"] for post in viewer.get("memberships", ()) if post["organisation"]["kind"] == "district"}
            self.may, self.writes = bool(roles & {"manager", "identity_officer"}), "manager" in roles
            if self.may:
                found = (await self.ask(use("ConsentTermsProposals")))["consentTermsProposals"]
                self.waiting = [one for one in found if not one["outcome"]]
                self.past = [one for one in found if one["outcome"]]
                newest = (await self.ask(use("ConsentTermsVersions")))["consentTermsVersions"][0]["version"]
                self.present = (await self.ask(use("ConsentTerms"), version=newest))["consentTerms"]
        self.loaded = True


@page("/terms/desk", title="terms.desk", back="/work", wide=True, on_load=TermsDesk.load,
      on_push={"consent.terms": TermsDesk.load})
def desk() -> rx.Component:
    refused = ui.card(ui.refused(t("terms.desk_not"), t("terms.desk_not_words"),
                                 ui.go("/terms", t("terms.title"), class_name="btn btn-soft")))
    found = ui.workbench(_standing(), rx.cond(TermsDesk.writes, _form()))
    return ui.told(TermsDesk, rx.cond(TermsDesk.may, found, refused))


def _standing() -> rx.Component:
    nothing = ui.empty(t("terms.desk_none"), symbol="circle-check")
    past = ui.section(t("terms.desk_past"), ui.rows(rx.foreach(TermsDesk.past, _decided)))
    return e.div(
        ui.section(t("terms.desk_waiting"),
                   rx.cond(ui.count(TermsDesk.waiting) > 0, rx.foreach(TermsDesk.waiting, _waiting), nothing)),
        rx.cond(ui.count(TermsDesk.past) > 0, past),
        class_name="stack",
    )


def _waiting(one: rx.Var[Any]) -> rx.Component:
    """What another proposed, whole, and the two answers; what I proposed, and the way back."""
    publish = ui.act(t("terms.desk_publish"), "ConsentDecideTerms", {"id": ui.text(one, "id"), "agree": True},
                     confirm=t("terms.desk_publish_sure"), yes=t("terms.desk_publish"), done=t("terms.desk_published"),
                     on_done=TermsDesk.load, reread=("ConsentTermsVersions",), class_name="btn btn-main")
    def away(words: str, done: str) -> rx.Component:
        return ui.act(words, "ConsentDecideTerms", {"id": ui.text(one, "id"), "agree": False}, done=done,
                      on_done=TermsDesk.load, class_name="btn btn-quiet")
    mine = e.div(e.p(t("terms.desk_mine"), class_name="note note-wait"),
                 away(t("terms.desk_withdraw"), t("terms.desk_withdrawn")), class_name="stack")
    theirs = e.div(away(t("terms.desk_decline"), t("terms.desk_declined")), publish, class_name="ask-row")
    return e.article(
        ui.facts(
            ui.fact(t("terms.desk_by"), ui.text(one, "proposer")),
            ui.fact(t("terms.desk_since"), e.b(ui.when(ui.text(one, "since")))),
            ui.fact(t("terms.desk_changes_zh"), ui.text(one, "changesZh")),
            ui.fact(t("terms.desk_changes_en"), ui.text(one, "changesEn")),
        ),
        e.details(e.summary(t("terms.desk_zh")), e.p(ui.text(one, "zh"), class_name="news-body"), open=True),
        e.details(e.summary(t("terms.desk_en")), e.p(ui.text(one, "en"), class_name="news-body")),
        rx.cond(ui.flag(one, "mine"), mine, theirs),
        class_name="stack",
        key=ui.text(one, "id"),
    )


def _decided(one: rx.Var[Any]) -> rx.Component:
    outcome = rx.match(ui.text(one, "outcome"), ("PUBLISHED", ui.badge(t("terms.desk_published"), "teal")),
                       ("DECLINED", ui.badge(t("terms.desk_declined"), "coral")), ui.badge(t("terms.desk_withdrawn")))
    return e.div(
        e.span(e.b(ui.text(one, "changesZh")), e.small(ui.text(one, "proposer"), " → ", ui.text(one, "decider"), " · ",
                                                       ui.when(ui.text(one, "decidedAt"))), class_name="row-words"),
        outcome,
        class_name="row row-tall",
    )


def _form() -> rx.Component:
    present: Any = TermsDesk.present
    form = ui.form(
        "ConsentProposeTerms",
        ui.long_field(t("terms.desk_changes_zh"), "changesZh", required=True, min_length=2, max_length=1000, rows="3"),
        ui.long_field(t("terms.desk_changes_en"), "changesEn", required=True, min_length=2, max_length=1000, rows="3"),
        ui.long_field(t("terms.desk_zh"), "zh", required=True, min_length=20, max_length=20000, rows="10",
                      default_value=ui.text(present, "zh")),
        ui.long_field(t("terms.desk_en"), "en", required=True, min_length=20, max_length=20000, rows="10",
                      default_value=ui.text(present, "en")),
        ui.time_field(t("terms.desk_since"), "since", hint=t("terms.desk_since_hint"), required=True),
        ui.submit(t("terms.desk_send")),
        draft="terms",
        done=t("terms.desk_sent"),
        on_done=TermsDesk.load,
        label=t("terms.desk_new"),
    )
    waits = e.p(t("terms.desk_waits"), class_name="note note-wait")
    return ui.section(t("terms.desk_new"), e.p(t("terms.desk_new_words"), class_name="muted"),
                      rx.cond(ui.count(TermsDesk.waiting) > 0, waits, form), class_name="stack")
