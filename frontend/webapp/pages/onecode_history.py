"""亮码记录: every reading of my code."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.onecode import scan_row
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class CodeHistory(Session):
    """My scans, newest first, page by page."""

    scans: list[dict[str, Any]] = []
    more: str = ""
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        self._take((await self.ask(use("OnecodeScans"), first=20))["onecodeScans"], [])

    @rx.event
    async def load_more(self) -> None:
        self._take((await self.ask("OnecodeScans", first=20, after=self.more))["onecodeScans"], self.scans)

    def _take(self, found: dict[str, Any], before: list[dict[str, Any]]) -> None:
        self.scans, self.loaded = [*before, *(edge["node"] for edge in found["edges"])], True
        self.more = found["pageInfo"]["endCursor"] if found["pageInfo"]["hasNextPage"] else ""


@page(
    "/onecode/history",
    title="onecode.history",
    back="/onecode",
    on_load=CodeHistory.load,
    on_push={"onecode.": CodeHistory.load},
)
def history() -> rx.Component:
    listed = ui.card(ui.rows(rx.foreach(CodeHistory.scans, scan_row)))
    nothing = ui.card(ui.empty(t("onecode.none"), symbol="qr-code", action=(t("onecode.show"), "/onecode")))
    return e.div(
        e.p(t("onecode.history_words"), class_name="muted"),
        rx.cond(CodeHistory.loaded, rx.cond(ui.count(CodeHistory.scans) > 0, listed, nothing), ui.skeleton(4)),
        rx.cond(
            CodeHistory.more != "",
            e.button(t("shell.more"), on_click=CodeHistory.load_more, class_name="btn btn-soft"),
            None,
        ),
        e.p(t("home.demo"), class_name="foot"),
        class_name="stack",
    )
