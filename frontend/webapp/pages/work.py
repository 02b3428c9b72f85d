"""工作台: what waits for me at the desks of my posts, and the way to each desk."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.gateway import Refused
from webapp.session import Session
from webapp.ui import page, t

e = rx.el
# A desk's address, its own title, its picture.
DESKS: tuple[tuple[str, str, str], ...] = (
    ("/onecode/scan", "onecode.scan", "scan-line"),
    ("/certificates/check", "certificates.check", "badge-check"),
    ("/healthcare/staff", "healthcare.desk", "clipboard-list"),
    ("/parking/desk", "parking.desk", "building-2"),
    ("/education/teacher", "education.desk", "presentation"),
    ("/news/write", "news.desk", "megaphone"),
    ("/me/mandate-desk", "delegation.desk", "handshake"),
    ("/me/recovery-desk", "recovery_desk.title", "life-buoy"),
    ("/me/phone-desk", "phone_desk.title", "smartphone"),
    ("/me/disputes", "disputes.title", "scale"),
    ("/certificates/desk", "certificates.desk", "file-pen"),
    ("/onecode/manage", "gatedesk.title", "door-open"),
    ("/me/gates", "gates.title", "cpu"),
    ("/me/staff", "staff.title", "users-round"),
    ("/me/questions/desk", "questions.desk", "message-circle-question"),
    ("/me/bursts", "bursts.title", "eye"),
    ("/onecode/scenes/desk", "scenedesk.title", "shield-check"),
    ("/terms/desk", "terms.desk", "scroll-text"),
    ("/me/clients/desk", "oauth.desk", "package-check"),
    ("/me/clients", "oauth.mine", "blocks"),
)
FEW = 2
"""So many desks stand on 我的 itself: a guard needs no list of one."""


class Work(Session):
    """The desks of my posts. ``held``: whether there is a post of mine, one that begins later, or an invitation to one."""

    waiting: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    daily: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    waits: int = 0
    held: bool = False
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        """Nothing for nobody: 我的 is for who is not signed in too."""
        try:
            found = await self.ask(use("HomeDesks"))
        except Refused as refused:
            if not refused.signed_out:
                raise
            found = {}
        desks = found.get("homeDesks") or []
        self.waiting = [desk for desk in desks if desk["waiting"]]
        self.daily = [desk for desk in desks if not desk["waiting"]]
        self.waits = sum(desk["waiting"] for desk in desks)
        self.held = bool(desks or found.get("staffMine") or found.get("staffOffers"))
        self.loaded = True


@page("/work", title="work.title", back="/me", on_load=Work.load, on_push={"": Work.load})
def work() -> rx.Component:
    waiting = ui.section(t("work.waiting"), rx.cond(
        Work.waits > 0, ui.rows(rx.foreach(Work.waiting, desk)),
        ui.empty(t("work.waiting_none"), symbol="circle-check")))
    desks = e.div(
        waiting,
        rx.cond(ui.count(Work.daily) > 0, ui.section(t("work.daily"), ui.rows(rx.foreach(Work.daily, desk)))),
        ui.card(posts()),
        class_name="stack",
    )
    nothing = ui.card(ui.empty(t("work.none"), action=(t("staff.mine"), "/me/invitation"), symbol="briefcase"))
    return rx.cond(Work.loaded, rx.cond(ui.count(Work.daily) + ui.count(Work.waiting) > 0, desks, nothing),
                   ui.card(ui.skeleton(4)))


def of_me() -> rx.Component:
    """The way to my work, on 我的: the few desks themselves, or one row for them all."""
    many = ui.count(Work.daily) + ui.count(Work.waiting) > FEW
    waits = rx.cond(Work.waits > 0, e.span(Work.waits, t("work.waits")), e.span(t("work.sub")))
    all_ = ui.row(t("work.title"), waits, to="/work", symbol="briefcase", tone="blue", end=_count(Work.waits))
    few = ui.rows(rx.foreach(Work.waiting, desk), rx.foreach(Work.daily, desk), posts())
    return rx.cond(Work.held, ui.card(rx.cond(many, all_, few)))


def desk(one: rx.Var[Any]) -> rx.Component:
    """A desk, with how much waits there and since when; else for whom it is."""
    link, waiting = ui.text(one, "link"), ui.number(one, "waiting")
    offices = ui.count(ui.items(one, "organisations"))
    where = rx.cond(offices > 1, e.span(offices, t("work.offices")), e.span(ui.text(one, "organisations.0")))
    title = rx.match(link, *[(to, t(words)) for to, words, _ in DESKS], link)
    picture = rx.match(link, *[(to, ui.tile(symbol, "blue")) for to, _, symbol in DESKS], ui.tile("briefcase", "blue"))
    sub = rx.cond(waiting > 0, e.span(t("work.since"), ui.when(ui.text(one, "since"))), where)
    return ui.go(
        link, picture, e.span(e.b(title), e.small(sub), class_name="row-words"), _count(waiting),
        ui.icon("chevron-right", 18), key=link, class_name="row")


def posts() -> rx.Component:
    """Where staff find their posts, invitations and shifts."""
    return ui.row(t("staff.mine"), t("staff.mine_sub"), to="/me/invitation", symbol="id-card-lanyard", tone="slate")


def _count(number: Any) -> rx.Component:
    return rx.cond(number > 0, e.span(number, class_name="badge badge-coral num"))
