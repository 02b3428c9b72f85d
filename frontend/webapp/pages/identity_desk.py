"""The desk for numbers that two gave: the oldest first; both sides side by side; whose it is. For identity officers."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.session import Paged, Session
from webapp.ui import page, t

e = rx.el


class Disputes(Paged, Session):
    """What is to be settled, and the one that is open. Its parties are read, and that noted, only when it is opened."""

    loaded: bool = False
    waiting: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    chosen: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    async def load(self) -> None:
        self.chosen = {}
        with self._telling():
            await self._read("")
        self.loaded = True

    async def _read(self, after: str) -> None:
        self.waiting, self.more = await self._pages(use("IdentityDisputes"), self.waiting, after)

    @rx.event
    async def pick(self, dispute: str) -> None:
        self.chosen = await self.find(use("IdentityDispute"), id=dispute) if dispute else {}


@page("/me/disputes", title="disputes.title", back="/work", wide=True, on_load=Disputes.load)
def disputes() -> rx.Component:
    return ui.desk(Disputes, _waiting(), _chosen())


def _waiting() -> rx.Component:
    return ui.section(
        t("disputes.list"),
        ui.pick_list(Disputes.waiting, _line, Disputes.chosen, t("disputes.none")),
        ui.more(Disputes.more, Disputes.load_more),
    )


def _line(one: rx.Var[Any]) -> rx.Component:
    return ui.pick_row(one, e.span(ui.text(one, "maskedNumber"), class_name="num"),
                       t("disputes.since"), " ", ui.when(ui.text(one, "openedAt")),
                       chosen=Disputes.chosen, tap=Disputes.pick)


def _chosen() -> rx.Component:
    one: Any = Disputes.chosen
    return rx.cond(
        ui.flag(one, "id"),
        e.div(
            ui.section(e.span(ui.text(one, "maskedNumber"), class_name="num"),
                       e.div(e.p(t("disputes.how"), class_name="muted"), _party(one, "holder"), _party(one, "claimant"),
                             class_name="stack")),
            ui.card(_settle(one)),
            class_name="stack",
        ),
        rx.cond(ui.count(Disputes.waiting) > 0, ui.card(ui.empty(t("disputes.pick"), symbol="scale"))),
    )


def _party(one: rx.Var[Any], side: str) -> rx.Component:
    """One of the two: whom to call, and what to compare with the card."""
    phone = ui.text(one, f"{side}.phone")
    call = e.a(phone, href="tel:" + phone, class_name="num")
    verified = ui.text(one, f"{side}.verifiedAt")
    claimed = ui.fact(t("disputes.claimed_name"), ui.text(one, "claimedName")) if side == "claimant" else None
    since = ui.fact(t("disputes.verified_at"), rx.cond(verified != "", ui.when(verified), t("disputes.before")))
    return e.article(
        e.h3(t(f"disputes.{side}")),
        ui.facts(
            *[claimed] if claimed else [],
            ui.fact(t("disputes.name"), ui.text(one, f"{side}.name")),
            ui.fact(t("disputes.phone"), rx.cond(phone != "", call, t("disputes.no_phone"))),
            ui.fact(t("disputes.born"), rx.cond(ui.flag(one, f"{side}.born"), ui.text(one, f"{side}.born"), "—")),
            *[since] if side == "holder" else [],
        ),
        class_name="sunken",
    )


def _settle(one: rx.Var[Any]) -> rx.Component:
    choices = [e.label(e.input(type="radio", name="outcome", value=value, required=True), e.span(t(f"disputes.to_{words}")),
                       class_name="check")
               for value, words in (("HOLDER", "holder"), ("CLAIMANT", "claimant"), ("NEITHER", "neither"))]
    return ui.form(
        "IdentitySettleDispute",
        ui.field(t("disputes.whose"), "outcome", e.div(*choices, class_name="rows"), group=True),
        ui.long_field(t("disputes.reason"), "reason", hint=t("disputes.reason_hint"), required=True, min_length=4,
                      max_length=200, rows="3"),
        ui.submit(t("disputes.settle")),
        variables={"id": ui.text(one, "id")},
        done=t("disputes.settled"),
        on_done=Disputes.load,
        beside="reason",
        label=t("disputes.settle"),
    )
