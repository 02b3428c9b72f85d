"""异常查询: who looked at very many people in ten minutes, and what a manager found of it. For managers."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.me_ledger import said
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class Bursts(Session):
    """What was reported, open ones first, and the one that is open on the page."""

    loaded: bool = False
    found: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    chosen: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        with self._telling():
            self.found = (await self.ask(use("StaffBursts")))["staffBursts"]
        self._open(self.chosen.get("id", ""))
        self.loaded = True

    @rx.event
    def pick(self, burst: str) -> None:
        self._open(burst)

    def _open(self, burst: str) -> None:
        self.chosen = next((one for one in self.found if one["id"] == burst), {})


@page("/me/bursts", title="bursts.title", back="/work", wide=True, on_load=Bursts.load, on_push={"staff.": Bursts.load})
def bursts() -> rx.Component:
    return ui.desk(Bursts, _found(), _chosen())


def _found() -> rx.Component:
    return ui.section(
        t("bursts.title"),
        ui.pick_list(Bursts.found, _line, Bursts.chosen, t("bursts.none")),
    )


def _outcome(one: rx.Var[Any]) -> rx.Component:
    return rx.match(ui.text(one, "outcome"), ("IN_ORDER", ui.badge(t("bursts.in_order"), "teal")),
                    ("POST_ENDED", ui.badge(t("bursts.post_ended"), "slate")), ui.badge(t("bursts.open"), "coral"))


def _line(one: rx.Var[Any]) -> rx.Component:
    return ui.pick_row(
        one, e.span(ui.text(one, "name"), " · ", ui.number(one, "people"), t("bursts.people_unit")),
        ui.text(one, "organisation"), " · ", ui.when(ui.text(one, "since")),
        end=_outcome(one), chosen=Bursts.chosen, tap=Bursts.pick,
    )


def _chosen() -> rx.Component:
    """One alert: who, how many, when; and the answer, or the form for it."""
    one: Any = Bursts.chosen
    roles = rx.foreach(ui.items(one, "roles"), lambda role: e.span(said(role.to(str), "role", t("ledger.staff")), " "))
    found = e.div(
        ui.section(
            ui.text(one, "name"),
            ui.facts(
                ui.fact(t("staff.office"), ui.text(one, "organisation")),
                ui.fact(t("staff.role"), e.span(roles)),
                ui.fact(t("bursts.people"), e.b(ui.number(one, "people"))),
                ui.fact(t("bursts.looks"), ui.number(one, "looks")),
                ui.fact(t("bursts.when"), e.span(ui.when(ui.text(one, "since")), " ", t("staff.to"), " ",
                                                 ui.when(ui.text(one, "until")))),
            ),
        ),
        rx.cond(ui.flag(one, "outcome"), _answered(one), ui.card(_answer(one))),
        class_name="stack",
    )
    return rx.cond(ui.flag(one, "id"), found,
                   rx.cond(ui.count(Bursts.found) > 0, ui.card(ui.empty(t("bursts.pick"), symbol="mouse-pointer-click"))))


def _answered(one: rx.Var[Any]) -> rx.Component:
    return ui.section(
        t("bursts.answer"),
        ui.facts(
            ui.fact(t("bursts.outcome"), _outcome(one)),
            ui.fact(t("bursts.note"), ui.text(one, "note")),
            ui.fact(t("bursts.by"), e.span(ui.text(one, "answerer"), " · ", ui.when(ui.text(one, "answeredAt")))),
        ),
    )


def _answer(one: rx.Var[Any]) -> rx.Component:
    choices = [e.label(e.input(type="radio", name="outcome", value=value, required=True), e.span(t(f"bursts.to_{words}")),
                       class_name="check")
               for value, words in (("IN_ORDER", "in_order"), ("POST_ENDED", "post_ended"))]
    return ui.form(
        "StaffAnswerBurst",
        e.p(t("bursts.how"), class_name="muted"),
        ui.field(t("bursts.outcome"), "outcome", e.div(*choices, class_name="rows"), group=True),
        ui.long_field(t("bursts.note"), "note", hint=t("bursts.note_hint"), required=True, min_length=2, max_length=200,
                      rows="3"),
        ui.submit(t("bursts.send")),
        variables={"id": ui.text(one, "id")},
        done=t("bursts.sent"), on_done=Bursts.load, beside="note", label=t("bursts.answer"),
    )
