"""亮码记录: every reading of my code."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.me_ledger import answered
from webapp.pages.onecode import scan_row
from webapp.session import Paged, Session
from webapp.ui import page, t

e = rx.el


class CodeHistory(Paged, Session):
    """My scans, newest first, page by page, each with what I asked about it; ``asking``: about which one is written."""

    scans: list[dict[str, Any]] = []
    loaded: bool = False
    asking: str = ""

    @rx.event
    async def load(self) -> None:
        await self._read("")

    @rx.event
    def question(self, scan: str) -> None:
        """Open the question about a scan, or close it."""
        self.asking = "" if self.asking == scan else scan

    @rx.event
    async def asked(self) -> None:
        self.asking = ""
        await self._read("")

    async def _read(self, after: str) -> None:
        nodes, self.more = await self._pages(use("OnecodeScans"), [], after, first=20)
        things = [node["id"] for node in nodes]
        asked = (await self.ask(use("ConsentQuestionsAbout"), things=things))["consentQuestionsAbout"] if things else []
        questions = {one["about"]: one for one in asked}
        self.scans = (self.scans if after else []) + [node | {"question": questions.get(node["id"])} for node in nodes]
        self.loaded = True


@page(
    "/onecode/history",
    title="onecode.history",
    back="/onecode",
    on_load=CodeHistory.load,
    on_push={"onecode.": CodeHistory.load, "consent.": CodeHistory.load},
)
def history() -> rx.Component:
    listed = ui.card(ui.rows(rx.foreach(CodeHistory.scans, _scan)))
    nothing = ui.card(ui.empty(t("onecode.none"), symbol="qr-code", action=(t("onecode.show"), "/onecode")))
    return e.div(
        e.p(t("onecode.history_words"), class_name="muted"),
        rx.cond(CodeHistory.loaded, rx.cond(ui.count(CodeHistory.scans) > 0, listed, nothing), ui.skeleton(4)),
        ui.more(CodeHistory.more, CodeHistory.load_more),
        e.p(t("home.demo"), class_name="foot"),
        class_name="stack",
    )


def _scan(scan: rx.Var[Any]) -> rx.Component:
    """A scan, and what I asked about it, or the way to ask 申诉. What the demo made up nobody can answer for."""
    asked = rx.cond(ui.flag(scan, "question.id"), answered(scan), rx.cond(ui.flag(scan, "demo"), None, _question(scan)))
    return e.div(scan_row(scan), e.div(asked, class_name="scan-question"), key=ui.text(scan, "id"))


def _question(scan: rx.Var[Any]) -> rx.Component:
    state: Any = CodeHistory
    id_ = ui.text(scan, "id")
    form = ui.form(
        "ConsentAskAbout",
        ui.long_field(t("questions.why"), "text", hint=t("onecode.question_hint"), required=True, min_length=2,
                      max_length=500, rows="3"),
        ui.submit(t("questions.send")),
        variables={"thing": id_},
        done=t("questions.sent"),
        on_done=CodeHistory.asked,
        label=t("onecode.question"),
    )
    ask = e.button(ui.icon("message-circle-question", 16), t("onecode.question"), type="button",
                   on_click=state.question(id_), aria_expanded=rx.cond(state.asking == id_, "true", "false"),
                   class_name="btn btn-quiet btn-small")
    return e.div(ask, rx.cond(state.asking == id_, form))
