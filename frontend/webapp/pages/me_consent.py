"""我的授权: what I, or a child of mine, let others know and do; until when, how often used; taken back in one tap."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.me_ledger import whose
from webapp.session import Paged, Session
from webapp.ui import page, t

e = rx.el


class Consents(Paged, Session):
    """What stands, newest first. ``child``: whose, if not mine."""

    given: list[dict[str, Any]] = []
    loaded: bool = False
    child: str = ""

    @rx.event
    async def load(self) -> None:
        await self._read("")

    @rx.event
    async def pick_child(self, child: str) -> None:
        self.child = child
        await self._read("")

    async def _read(self, after: str) -> None:
        with self._telling():
            self.given, self.more = await self._pages(use("ConsentGiven"), self.given, after, child=self.child or None)
        self.loaded = True


@page("/me/consent", title="consent.title", back="/me", on_load=Consents.load, on_push={"consent.": Consents.load})
def consents() -> rx.Component:
    listed = e.div(rx.foreach(Consents.given, _given), class_name="stack")
    nothing = ui.card(ui.empty(t("consent.none"), action=(t("consent.to_ledger"), "/me/ledger"), symbol="shield-check"))
    found = rx.cond(ui.count(Consents.given) > 0, listed, nothing)
    return e.div(
        e.p(t("consent.words"), class_name="muted"),
        whose(Consents),
        ui.told(Consents, found),
        ui.more(Consents.more, Consents.load_more),
        class_name="stack",
    )


def _given(one: rx.Var[Any]) -> rx.Component:
    used = rx.cond(
        ui.number(one, "used") > 0,
        e.span(ui.number(one, "used"), t("consent.times"), ui.when(ui.text(one, "usedAt"))),
        t("consent.unused"),
    )
    end = ui.act(
        t("consent.end"), "ConsentEnd", {"id": ui.text(one, "id")}, confirm=t("consent.end_sure"), yes=t("consent.end"),
        done=t("consent.ended"), on_done=Consents.load, class_name="btn btn-soft wide",
    )
    kind = rx.cond(ui.text(one, "receiverKind") == "MINI_APP", ui.tile("blocks", "violet"), ui.tile("building-2", "blue"))
    return e.article(
        e.div(
            kind,
            e.span(e.b(ui.text(one, "receiverName")), e.small(ui.text(one, "purpose")), class_name="row-words"),
            rx.cond(ui.flag(one, "byGuardian"), ui.badge(t("consent.by_guardian"), "amber")),
            class_name="row",
        ),
        ui.facts(
            ui.fact(t("consent.fact"), e.b(ui.text(one, "label"))),
            ui.fact(t("consent.since"), ui.when(ui.text(one, "since"))),
            ui.fact(t("consent.until"), rx.cond(ui.flag(one, "once"), t("consent.once"), ui.when(ui.text(one, "until")))),
            ui.fact(t("consent.used"), used),
        ),
        end,
        class_name="card stack",
        key=ui.text(one, "id"),
    )
