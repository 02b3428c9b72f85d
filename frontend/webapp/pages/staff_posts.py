"""我的岗位: invitations to me, the posts that I hold, and the shift that I hand over or take."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.staff_desk import dates, role_of
from webapp.person import Person
from webapp.session import Session
from webapp.ui import page, t

e = rx.el


class MyPosts(Session):
    """What I am invited to, what I hold, and to whom each post could be handed."""

    loaded: bool = False
    posts: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    offers: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    given: int = 0
    shifts: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)

    @rx.event
    async def load(self) -> None:
        """Colleagues are looked up, and that noted, only where there is a post."""
        found = await self.ask(use("StaffMine"))
        posts = found["staffMine"]
        shift: dict[str, list[dict[str, Any]]] = {"staffHandOvers": [], "staffColleagues": []}
        if any(post["now"] for post in posts):
            shift = await self.ask(use("StaffShift"))
        for post in posts:
            post["colleagues"] = [other for other in shift["staffColleagues"] if other["post"] == post["id"]]
        self.posts, self.offers, self.shifts = posts, found["staffOffers"], shift["staffHandOvers"]
        self.loaded = True

    @rx.event
    def close_form(self) -> None:
        """A shift is handed over: its form closes, empty."""
        self.given += 1


@page("/me/invitation", title="staff.mine", back="/work", on_load=MyPosts.load, on_push={"staff.": MyPosts.load})
def invitation() -> rx.Component:
    nothing = (ui.count(MyPosts.posts) == 0) & (ui.count(MyPosts.offers) == 0)
    return rx.cond(
        MyPosts.loaded,
        rx.cond(
            nothing,
            ui.card(ui.empty(t("staff.posts_none"), symbol="briefcase", action=(t("shell.home"), "/"))),
            e.div(_offers(), _shifts(), e.div(rx.foreach(MyPosts.posts, _post), class_name="stack"), class_name="stack"),
        ),
        ui.card(ui.skeleton(3)),
    )


def _offers() -> rx.Component:
    return rx.cond(
        ui.count(MyPosts.offers) > 0,
        ui.section(t("staff.offers"), e.div(rx.foreach(MyPosts.offers, _offer), class_name="stack")),
    )


def _offer(one: rx.Var[Any]) -> rx.Component:
    place, id_ = ui.text(one, "place"), ui.text(one, "id")
    done: list[Any] = [MyPosts.load, Person.load]
    answer = e.div(
        ui.act(t("staff.refuse"), "StaffAnswer", {"id": id_, "accept": False}, confirm=t("staff.refuse_sure"),
               done=t("staff.refused"), on_done=done, class_name="btn btn-quiet"),
        ui.act(t("staff.accept"), "StaffAnswer", {"id": id_, "accept": True}, done=t("staff.accepted"), on_done=done,
               class_name="btn btn-main"),
        class_name="pair",
    )
    return e.article(
        e.h3(ui.text(one, "organisation")),
        ui.facts(
            ui.fact(t("staff.role"), role_of(one)),
            rx.cond(place != "", ui.fact(t("staff.place"), place)),
            ui.fact(t("staff.term"), dates(one)),
            ui.fact(t("staff.offer_by"), ui.text(one, "inviter")),
            ui.fact(t("staff.offer_until"), ui.when(ui.text(one, "answerBy"))),
        ),
        rx.cond(ui.flag(one, "named"), answer, ui.go("/me/name", t("staff.name_first"), class_name="btn btn-main wide")),
        class_name="sunken",
    )


def _post(post: rx.Var[Any]) -> rx.Component:
    place = ui.text(post, "place")
    return ui.section(
        role_of(post),
        e.div(
            ui.facts(
                ui.fact(t("staff.office"), ui.text(post, "organisation")),
                rx.cond(place != "", ui.fact(t("staff.place"), place)),
                ui.fact(t("staff.term"), dates(post)),
            ),
            rx.cond(ui.flag(post, "now"), None, e.span(ui.badge(t("staff.later"), "amber"))),
            rx.cond(ui.count(ui.items(post, "colleagues")) > 0, _hand_over(post)),
            class_name="stack",
        ),
    )


def _hand_over(post: rx.Var[Any]) -> rx.Component:
    given: Any = MyPosts.given

    def colleague(other: rx.Var[Any]) -> rx.Component:
        return ui.option(ui.text(other, "name") + " " + ui.text(other, "place"), ui.text(other, "id"))
    return e.details(
        e.summary(t("staff.hand_over"), class_name="btn btn-soft wide"),
        ui.form(
            "StaffHandOver",
            e.p(t("staff.hand_over_words"), class_name="muted"),
            ui.select_field(t("staff.to_whom"), "to", rx.foreach(ui.items(post, "colleagues"), colleague)),
            ui.long_field(t("staff.note"), "note", hint=t("staff.note_hint"), max_length=500, rows="4"),
            ui.submit(t("staff.hand_over_send")),
            variables={"post": ui.text(post, "id")},
            done=t("staff.handed"), on_done=[MyPosts.close_form, MyPosts.load], beside="note", label=t("staff.hand_over"),
        ),
        key=given.to_string(),
    )


def _shifts() -> rx.Component:
    return rx.cond(
        ui.count(MyPosts.shifts) > 0,
        ui.section(t("staff.shifts"), e.div(rx.foreach(MyPosts.shifts, _shift), class_name="stack")),
    )


def _shift(one: rx.Var[Any]) -> rx.Component:
    place, taken, note = ui.text(one, "place"), ui.text(one, "takenAt"), ui.text(one, "note")
    take = ui.act(t("staff.take_over"), "StaffTakeOver", {"id": ui.text(one, "id")}, done=t("staff.taken"),
                  on_done=[MyPosts.load, Person.load], class_name="btn btn-main wide")
    return e.article(
        e.div(e.b(rx.cond(place != "", place, role_of(one))), ui.when(ui.text(one, "at")), class_name="head"),
        e.p(rx.cond(ui.flag(one, "toMe"), t("staff.from_whom"), t("staff.to_whom")), " ", ui.text(one, "other"),
            class_name="muted"),
        rx.cond(note != "", e.p(note, class_name="letter")),
        rx.cond(taken == "", rx.cond(ui.flag(one, "toMe"), take, e.span(ui.badge(t("staff.waiting"), "amber"))),
                e.span(ui.badge(t("staff.taken"), "teal"))),
        class_name="sunken",
    )
