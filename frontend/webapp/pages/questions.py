"""质疑: what I asked about lines of the ledger, and the desk of the managers who answer."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.me_ledger import said
from webapp.session import Paged, Session
from webapp.ui import page, t

e = rx.el
_PAGE, _MOST = 50, 100


class Questions(Paged, Session):
    """What I asked, newest first."""

    loaded: bool = False
    asked: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        await self._read("")

    async def _read(self, after: str) -> None:
        self.asked, self.more = await self._pages(use("ConsentQuestions"), self.asked, after)
        self.loaded = True


class QuestionsDesk(Paged, Session):
    """What is to be answered, the first due first."""

    loaded: bool = False
    waiting: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    chosen: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    def pick(self, question: str) -> None:
        self.chosen = next((one for one in self.waiting if one["id"] == question), {})

    @rx.event
    async def load(self) -> None:
        """The first due, as many as are shown already."""
        shown = min(_MOST, max(_PAGE, len(self.waiting)))
        with self._telling():
            await self._read("", shown)
        kept = self.chosen.get("id")
        self.chosen = next((one for one in self.waiting if one["id"] == kept), {})
        self.loaded = True

    async def _read(self, after: str, first: int = _PAGE) -> None:
        self.waiting, self.more = await self._pages(use("ConsentDeskQuestions"), self.waiting, after, first=first)


@page("/me/questions", title="questions.title", back="/me/ledger", on_load=Questions.load,
      on_push={"consent.": Questions.load})
def questions() -> rx.Component:
    nothing = ui.card(ui.empty(t("questions.none"), action=(t("questions.to_ledger"), "/me/ledger"), symbol="shield-check"))
    listed = e.div(rx.foreach(Questions.asked, _asked), class_name="stack")
    return e.div(
        rx.cond(Questions.loaded, rx.cond(ui.count(Questions.asked) > 0, listed, nothing), ui.skeleton(3, "card")),
        ui.more(Questions.more, Questions.load_more),
        class_name="stack",
    )


def _state(one: rx.Var[Any]) -> rx.Component:
    waiting = ui.badge(rx.cond(ui.flag(one, "late"), t("questions.late"), t("questions.open")), "amber")
    return rx.cond(ui.flag(one, "answer"), ui.badge(t("questions.answered"), "teal"), waiting)


def _asked(one: rx.Var[Any]) -> rx.Component:
    answer = e.div(
        e.p(ui.text(one, "answer"), class_name="note note-good"),
        e.small(ui.text(one, "organisation"), " · ", ui.when(ui.text(one, "answeredAt"))),
        e.small(t("questions.unhappy")),
        class_name="stack",
    )
    until = e.p(ui.text(one, "organisation"), " · ", t("questions.due"), " ", e.b(ui.when(ui.text(one, "dueAt"))))
    return e.article(
        e.div(e.b(said(ui.text(one, "line.action"), "act", t("me.did_other"))), _state(one), class_name="head"),
        e.small(_who_and_when(one)),
        e.p(ui.text(one, "text")),
        e.small(t("questions.asked"), " ", ui.when(ui.text(one, "askedAt"))),
        rx.cond(ui.flag(one, "answer"), answer, until),
        class_name="card stack",
        key=ui.text(one, "id"),
    )


def _who_and_when(one: rx.Var[Any]) -> rx.Component:
    """Whose doing is in question, and of when."""
    role = said(ui.text(one, "line.actorRole"), "role", t("ledger.staff"))
    return e.span(role, " ", ui.text(one, "line.actorName"), " · ", ui.when(ui.text(one, "line.at")))


@page("/me/questions/desk", title="questions.desk", back="/work", wide=True, on_load=QuestionsDesk.load,
      on_push={"consent.": QuestionsDesk.load})
def desk() -> rx.Component:
    return ui.desk(QuestionsDesk, _waiting(), _chosen())


def _waiting() -> rx.Component:
    return ui.section(
        t("questions.desk"),
        ui.pick_list(QuestionsDesk.waiting, _line, QuestionsDesk.chosen, t("questions.desk_none")),
        ui.more(QuestionsDesk.more, QuestionsDesk.load_more),
    )


def _line(one: rx.Var[Any]) -> rx.Component:
    return ui.pick_row(
        one, ui.text(one, "text"),
        ui.text(one, "organisation"), " · ", t("questions.due"), " ", ui.when(ui.text(one, "dueAt")),
        end=rx.cond(ui.flag(one, "late"), ui.badge(t("questions.late_desk"), "coral")),
        chosen=QuestionsDesk.chosen, tap=QuestionsDesk.pick,
    )


def _chosen() -> rx.Component:
    """One question: what was asked, about which line, until when, and the answer to write."""
    one: Any = QuestionsDesk.chosen
    about = e.span(said(ui.text(one, "line.action"), "act", t("me.did_other")), " · ", _who_and_when(one))
    found = ui.section(
        ui.text(one, "text"),
        ui.facts(
            ui.fact(t("questions.asker"), ui.text(one, "asker")),
            ui.fact(t("questions.about"), about),
            ui.fact(t("questions.ground"), said(ui.text(one, "line.ground"), "ground", "—")),
            ui.fact(t("questions.due"), e.b(ui.when(ui.text(one, "dueAt")))),
        ),
        ui.form(
            "ConsentAnswer",
            ui.long_field(t("questions.answer"), "text", hint=t("questions.desk_note"), required=True, min_length=2,
                          max_length=1000),
            ui.submit(t("questions.answer_send")),
            variables={"id": ui.text(one, "id")},
            done=t("questions.answer_sent"),
            on_done=QuestionsDesk.load,
            label=t("questions.desk"),
        ),
        class_name="stack",
    )
    pick = rx.cond(ui.count(QuestionsDesk.waiting) > 0, ui.card(ui.empty(t("questions.pick"), symbol="mouse-pointer-click")))
    return rx.cond(ui.flag(one, "id"), found, pick)
