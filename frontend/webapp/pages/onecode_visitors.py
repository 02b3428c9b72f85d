"""访客: whom I invited, and a new invitation."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import parts, ui
from webapp.documents import use
from webapp.session import Session
from webapp.ui import page, t

e = rx.el
_LIBRARY = "$/public/haian/visit.jsx"
_LINK = ("link", "copy", "copied", "copy_by_hand", "share", "share_text", "elsewhere", "made", "made_words", "another")
_ENTRIES = ("1", "2", "3", "5", "10")


class InviteForm(parts.ActForm):
    """The form of an invitation; its link once it is made."""

    library = _LIBRARY
    tag = "InviteForm"
    texts: rx.Var[dict[str, str]]


class InviteLink(rx.Component):
    """The link of an invitation that this browser made, by the hash of its secret."""

    library = _LIBRARY
    tag = "InviteLink"
    hash: rx.Var[str]
    texts: rx.Var[dict[str, str]]


class OpenInvites(rx.Component):
    """Which of the links that this browser made are open: it forgets the others."""

    library = _LIBRARY
    tag = "OpenInvites"
    hashes: rx.Var[list[str]]


def _link_texts() -> dict[str, str]:
    return {word: t(f"visitors.{word}") for word in _LINK}


class Visitors(Session):
    """My invitations: those that are open, and those that are over."""

    loaded: bool = False
    open: list[dict[str, Any]] = []
    over: list[dict[str, Any]] = []
    links: list[str] = []

    @rx.event
    async def load(self) -> None:
        found = (await self.ask(use("OnecodePasses")))["onecodePasses"]
        self.open = [each for each in found if each["state"] in ("OPEN", "NOT_YET", "PAUSED")]
        self.over = [each for each in found if each not in self.open][:20]
        self.links = [each["link"] for each in self.open]
        self.loaded = True


@page("/onecode/visitors", title="visitors.title", back="/onecode", on_load=Visitors.load,
      on_push={"onecode.": Visitors.load})
def visitors() -> rx.Component:
    nobody = ui.card(ui.empty(t("visitors.none"), symbol="users"))
    return e.div(
        e.p(t("visitors.words"), class_name="muted"),
        ui.go("/onecode/visitors/new", t("visitors.invite"), class_name="btn btn-main wide"),
        rx.cond(Visitors.loaded, e.div(
            OpenInvites.create(hashes=Visitors.links),
            rx.cond(ui.count(Visitors.open) > 0, rx.foreach(Visitors.open, _open), nobody),
            rx.cond(ui.count(Visitors.over) > 0, ui.section(t("visitors.over"), ui.rows(rx.foreach(Visitors.over, _over)))),
            class_name="stack",
        ), ui.skeleton(3, "card")),
        class_name="stack",
    )


def _state(invitation: rx.Var[Any]) -> rx.Component:
    return rx.match(
        ui.text(invitation, "state"),
        ("OPEN", ui.badge(t("visitors.open"), "teal")),
        ("NOT_YET", ui.badge(t("visitors.not_yet"), "blue")),
        ("PAUSED", ui.badge(t("visitors.paused"), "amber")),
        ("USED_UP", ui.badge(t("visitors.used_up"), "slate")),
        ("ENDED", ui.badge(t("visitors.ended"), "slate")),
        ui.badge(t("visitors.is_over"), "slate"),
    )


def _open(invitation: rx.Var[Any]) -> rx.Component:
    when = ui.when(ui.text(invitation, "startsAt"), end=ui.text(invitation, "endsAt"))
    left = e.span(ui.number(invitation, "remaining"), " / ", ui.number(invitation, "entries"), class_name="num")
    return ui.card(e.div(
        e.div(e.h2(ui.text(invitation, "visitor")), _state(invitation), class_name="head"),
        ui.facts(
            ui.fact(t("visitors.time"), when),
            ui.fact(t("visitors.left"), left),
            rx.cond(ui.text(invitation, "plate") != "", ui.fact(t("visitors.plate"), ui.text(invitation, "plate"))),
        ),
        InviteLink.create(hash=ui.text(invitation, "link"), texts=_link_texts()),
        ui.act(t("visitors.end"), "OnecodeEndPass", {"id": ui.text(invitation, "id")}, confirm=t("visitors.end_sure"),
               yes=t("visitors.end_yes"), done=t("visitors.end_done"), on_done=Visitors.load, class_name="btn btn-quiet"),
        key=ui.text(invitation, "id"), class_name="stack",
    ))


def _over(invitation: rx.Var[Any]) -> rx.Component:
    when = ui.when(ui.text(invitation, "startsAt"), end=ui.text(invitation, "endsAt"))
    return ui.row(ui.text(invitation, "visitor"), when, end=_state(invitation))


@page("/onecode/visitors/new", title="visitors.invite", back="/onecode/visitors", private=True)
def new() -> rx.Component:
    entries = [(number, t("visitors.entries_of").replace("{n}", number)) for number in _ENTRIES]
    return e.div(
        e.p(t("visitors.new_words"), class_name="muted"),
        ui.card(InviteForm.create(
            ui.text_field(t("visitors.visitor"), "visitor", required=True, max_length=20, hint=t("visitors.visitor_hint")),
            ui.time_window(hours=(9, 20), first=0),
            ui.select_field(t("visitors.entries"), "entries", entries, default_value="2",
                            custom_attrs={"data-type": "int"}),
            ui.plate_field(t("visitors.plate_if_any"), start="", required=False),
            ui.submit(t("visitors.make")),
            doc=use("OnecodeInvite"), name="OnecodeInvite", texts=_link_texts(), class_name="form",
        )),
        class_name="stack",
    )
