"""单位人员: who holds which post, invitations, and what a second official must agree to. For managers."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.session import Paged, Session
from webapp.texts import TEXTS
from webapp.ui import page, t

e = rx.el
_TONES: dict[str, Any] = {"TO_APPROVE": "amber", "OPEN": "blue", "ACCEPTED": "teal"}
_STATES = ("TO_APPROVE", "OPEN", "ACCEPTED", "REFUSED", "DECLINED", "WITHDRAWN", "LAPSED")


class StaffDesk(Paged, Session):
    """The organisations in which I decide, the one that is open, and the post that was picked of it."""

    loaded: bool = False
    offices: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    office: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    people: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    invitations: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    picked: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    sent: int = 0

    @rx.event
    async def load(self) -> None:
        self.picked = {}
        with self._telling():
            self.offices = (await self.ask(use("StaffOffices")))["staffOffices"]
            await self._open(self.office.get("id", ""))
        self.loaded = True

    @rx.event
    def empty_form(self) -> None:
        """An invitation is on its way: the form is for the next one."""
        self.sent += 1

    @rx.event
    async def choose(self, office: str) -> None:
        await self._open(office)

    async def _open(self, id_: str) -> None:
        """The organisation with this id, or the first."""
        self.office = next((office for office in self.offices if office["id"] == id_), next(iter(self.offices), {}))
        self.picked, self.people, self.more, self.invitations = {}, [], "", []
        if self.office:
            found = await self.ask(use("StaffInvitations"), organisation=self.office["id"])
            self.invitations = found["staffInvitations"]
            if self.office["manages"]:
                await self._read("")

    async def _read(self, after: str) -> None:
        self.people, self.more = await self._pages(use("StaffPosts"), self.people, after, organisation=self.office["id"])

    @rx.event
    def pick(self, post: str) -> None:
        self.picked = next((one for one in self.people if one["id"] == post), {})

    @rx.event
    def unpick(self) -> None:
        self.picked = {}


def role_of(row: Any) -> Any:
    """The words for the role of a row."""
    start = "ledger.role_"
    known = [(name.removeprefix(start), t(name)) for name in TEXTS if name.startswith(start)]
    return rx.match(ui.text(row, "role"), *known, ui.text(row, "role"))


def dates(row: Any) -> rx.Component:
    """From when to when a post is held."""
    until = ui.text(row, "until")
    return e.span(t("staff.from"), " ", ui.when(ui.text(row, "since"), style="day"), " ",
                  rx.cond(until != "", e.span(t("staff.to"), " ", ui.when(until, style="day")), e.span(t("staff.no_end"))))


@page("/me/staff", title="staff.title", back="/work", wide=True, on_load=StaffDesk.load, on_push={"staff.": StaffDesk.load})
def staff() -> rx.Component:
    return ui.desk(StaffDesk, e.div(_offices(), _people(), class_name="stack"), _beside())


def _offices() -> rx.Component:
    """Which organisation, where there are several."""
    def one(office: rx.Var[Any]) -> rx.Component:
        return e.button(
            ui.text(office, "name"), type="button", class_name="pick-row",
            on_click=ui.call(StaffDesk.choose, ui.text(office, "id")),
            aria_pressed=ui.text(StaffDesk.office, "id") == ui.text(office, "id"),
        )
    return rx.cond(
        ui.count(StaffDesk.offices) > 1,
        ui.section(t("staff.office"), e.div(rx.foreach(StaffDesk.offices, one), class_name="stack")),
        ui.card(e.b(ui.text(StaffDesk.office, "name"))),
    )


def _people() -> rx.Component:
    return rx.cond(
        ui.flag(StaffDesk.office, "manages"),
        ui.section(
            t("staff.people"),
            ui.pick_list(StaffDesk.people, _person, StaffDesk.picked, t("staff.people_none"), "users"),
            ui.more(StaffDesk.more, StaffDesk.load_more),
        ),
    )


def _person(post: rx.Var[Any]) -> rx.Component:
    place = ui.text(post, "place")
    return ui.pick_row(post, ui.text(post, "name"), role_of(post), rx.cond(place != "", " · " + place, ""),
                       end=rx.cond(ui.flag(post, "mine"), ui.badge(t("staff.me"), "teal")),
                       chosen=StaffDesk.picked, tap=StaffDesk.pick)


def _beside() -> rx.Component:
    return rx.cond(
        ui.flag(StaffDesk.picked, "id"),
        _picked(),
        e.div(_invitations(), rx.cond(ui.flag(StaffDesk.office, "manages"), _invite()), class_name="stack"),
    )


def _picked() -> rx.Component:
    """One post, and how it is ended."""
    post: Any = StaffDesk.picked
    place, phone = ui.text(post, "place"), ui.text(post, "maskedPhone")
    ending = ui.form(
        "StaffEnd",
        e.p(t("staff.end_words"), class_name="muted"),
        ui.text_field(t("staff.end_reason"), "reason", hint=t("staff.end_reason_hint"), required=True, min_length=2,
                      max_length=100),
        ui.submit(t("staff.end"), "btn btn-bad"),
        variables={"post": ui.text(post, "id")},
        done=t("staff.ended"), on_done=StaffDesk.load, beside="reason", label=t("staff.end"),
    )
    return e.div(
        ui.section(
            ui.text(post, "name"),
            ui.facts(
                ui.fact(t("staff.role"), role_of(post)),
                ui.fact(t("staff.place"), rx.cond(place != "", place, "—")),
                ui.fact(t("staff.phone"), e.span(rx.cond(phone != "", phone, "—"), class_name="num")),
                ui.fact(t("staff.term"), dates(post)),
            ),
        ),
        ui.card(ending),
        e.button(t("staff.close"), type="button", on_click=StaffDesk.unpick, class_name="btn btn-quiet wide"),
        class_name="stack",
    )


def _invitations() -> rx.Component:
    return ui.section(
        t("staff.invitations"),
        rx.cond(
            ui.count(StaffDesk.invitations) > 0,
            e.div(rx.foreach(StaffDesk.invitations, _invitation), class_name="stack"),
            ui.empty(t("staff.invitations_none"), symbol="inbox"),
        ),
    )


def _invitation(one: rx.Var[Any]) -> rx.Component:
    standing, place, approver = ui.text(one, "standing"), ui.text(one, "place"), ui.text(one, "approver")
    states = [(state, ui.badge(t(f"staff.state_{state.lower()}"), _TONES.get(state, "slate"))) for state in _STATES]
    return e.article(
        e.div(e.span(e.b(ui.text(one, "name")), " ", e.small(ui.text(one, "phone"), class_name="num")),
              rx.match(standing, *states, e.span()), class_name="head"),
        e.p(role_of(one), rx.cond(place != "", " · " + place, ""), e.br(), dates(one), class_name="muted"),
        e.p(t("staff.by"), " ", ui.text(one, "inviter"),
            rx.cond(approver != "", e.span(" · ", t("staff.second"), " ", approver)), class_name="hint"),
        rx.cond(
            (standing == "TO_APPROVE") & ~ui.flag(one, "mine"),
            _approve(one),
            rx.cond((standing == "OPEN") | (standing == "TO_APPROVE"), _withdraw(one)),
        ),
        class_name="sunken",
    )


def _withdraw(one: rx.Var[Any]) -> rx.Component:
    return rx.cond(
        ui.flag(StaffDesk.office, "manages"),
        ui.act(t("staff.withdraw"), "StaffWithdraw", {"id": ui.text(one, "id")}, confirm=t("staff.withdraw_sure"),
               done=t("staff.decided"), on_done=StaffDesk.load, class_name="btn btn-quiet"),
    )


def _approve(one: rx.Var[Any]) -> rx.Component:
    decide: dict[str, Any] = {"done": t("staff.decided"), "on_done": StaffDesk.load}
    return e.div(
        ui.act(t("staff.decline"), "StaffApprove", {"id": ui.text(one, "id"), "agree": False},
               confirm=t("staff.decline_sure"), class_name="btn btn-quiet", **decide),
        ui.act(t("staff.approve"), "StaffApprove", {"id": ui.text(one, "id"), "agree": True}, class_name="btn btn-main",
               **decide),
        class_name="pair",
    )


def _invite() -> rx.Component:
    office: Any = StaffDesk.office
    sent: Any = StaffDesk.sent
    roles = rx.Var(f"({ui.items(office, 'roles')._js_expr}).map((role) => ({{role}}))", _var_type=list[dict[str, Any]],
                   _var_data=ui.items(office, "roles")._get_all_var_data()).guess_type()
    return e.section(
        e.div(e.h2(t("staff.invite")), class_name="head"),
        rx.cond(ui.flag(office, "fourEyes"), e.p(t("staff.invite_four"), class_name="note note-wait")),
        ui.form(
            "StaffInvite",
            ui.text_field(t("staff.name"), "name", hint=t("staff.name_hint"), required=True, min_length=2, max_length=50),
            ui.text_field(t("staff.phone"), "phone", kind="digits", wrong=t("staff.phone_wrong"), type="tel", required=True,
                          pattern="1[3-9][0-9]{9}", max_length=11),
            ui.select_field(t("staff.role"), "role",
                            rx.foreach(roles, lambda each: ui.option(role_of(each), ui.text(each, "role")))),
            ui.text_field(t("staff.place"), "place", hint=t("staff.place_hint"), max_length=40),
            ui.time_field(t("staff.since"), "since", hint=t("staff.since_hint")),
            ui.time_field(t("staff.until"), "until", hint=t("staff.until_hint")),
            ui.submit(t("staff.invite_send")),
            variables={"organisation": ui.text(office, "id")},
            done=t("staff.invite_sent"), on_done=[StaffDesk.empty_form, StaffDesk.load], label=t("staff.invite"),
        ),
        key=sent.to_string(),
        class_name="card",
    )
