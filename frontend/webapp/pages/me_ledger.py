"""用数账本: who, in which role, looked at or changed what of mine, and why; new lines come by themselves."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.session import Session
from webapp.texts import TEXTS
from webapp.ui import page, t

e = rx.el
_PAGE = 30
_MOST = 100
_LOOKED = ("SEEN", "ACCEPTED")


class Ledger(Session):
    """The lines of my ledger, newest first."""

    entries: list[dict[str, Any]] = []
    more: str = ""
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        """The newest, as many as are shown already."""
        await self._read(min(_MOST, max(_PAGE, len(self.entries))), None)

    @rx.event
    async def load_more(self) -> None:
        await self._read(_PAGE, self.more or None)

    async def _read(self, first: int, after: str | None) -> None:
        found = (await self.ask(use("IdentityLedger"), first=first, after=after))["identityLedger"]
        rows = [_shown(edge["node"]) for edge in found["edges"]]
        self.entries = [*self.entries, *rows] if after else rows
        self.more = found["pageInfo"]["endCursor"] if found["pageInfo"]["hasNextPage"] else ""
        self.loaded = True


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    """With what the picture and the name are chosen by; who signs in has no name yet, and is the person."""
    mine = entry["byMyself"] or (entry["actorRole"] == "citizen" and not entry["actorName"])
    return entry | {"looked": entry["action"].endswith(_LOOKED), "byMyself": bool(mine)}


@page("/me/ledger", title="me.ledger", back="/me", on_load=Ledger.load, on_push={"": Ledger.load})
def ledger() -> rx.Component:
    listed = ui.card(ui.rows(rx.foreach(Ledger.entries, _entry)))
    nothing = ui.card(ui.empty(t("me.ledger_empty"), symbol="shield-check"))
    more = e.button(t("shell.more"), on_click=Ledger.load_more, class_name="btn btn-soft wide")
    return e.div(
        e.p(t("me.ledger_words"), class_name="muted"),
        rx.cond(Ledger.loaded, rx.cond(ui.count(Ledger.entries) > 0, listed, nothing), ui.card(ui.skeleton(4))),
        rx.cond(Ledger.more != "", more),
        class_name="stack",
    )


def _said(value: Any, kind: str, other: Any) -> Any:
    """The words for a value of the ledger: texts/ledger.toml, `<kind>_<value>`."""
    start = f"ledger.{kind}_"
    known = [(name.removeprefix(start), t(name)) for name in TEXTS if name.startswith(start)]
    return rx.match(value.lower(), *known, other)


def _entry(entry: rx.Var[Any]) -> rx.Component:
    role = _said(ui.text(entry, "actorRole"), "role", t("ledger.staff"))
    who = rx.cond(
        ui.flag(entry, "byMyself"),
        t("me.myself"),
        e.span(ui.text(entry, "organisation"), " ", role, " ", ui.text(entry, "actorName")),
    )
    return e.div(
        rx.cond(ui.flag(entry, "looked"), ui.tile("eye", "violet"), ui.tile("pen-line", "slate")),
        e.span(
            e.b(_said(ui.text(entry, "action"), "act", t("me.did_other"))),
            e.small(who),
            rx.cond(
                ui.count(ui.items(entry, "fields")) > 0,
                e.span(rx.foreach(_names(entry), lambda name: ui.badge(_said(name, "field", name))), class_name="tags"),
            ),
            rx.cond(ui.flag(entry, "reason"), e.small(_said(ui.text(entry, "reason"), "why", ui.text(entry, "reason")))),
            e.small(ui.when(ui.text(entry, "at"))),
            class_name="row-words",
        ),
        key=ui.text(entry, "id"),
        class_name="row",
    )


def _names(entry: rx.Var[Any]) -> Any:
    """What was seen, by the names of the fields."""
    found = ui.items(entry, "fields")
    return rx.Var(found._js_expr, _var_type=list[str], _var_data=found._get_all_var_data()).guess_type()
