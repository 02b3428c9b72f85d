"""门岗管理: today's flow at the gates, what was refused and why, emergency entries to review, which scenes run where."""

from __future__ import annotations

from typing import Any

import reflex as rx

from webapp import ui
from webapp.documents import use
from webapp.pages.onecode_scan import CAUSES
from webapp.session import Paged, Session
from webapp.ui import page, t

e = rx.el
_FLOW = ("passed", "refused", "again", "waits", "nothing", "nowhere", "nobody", "why", "hour")
_SAVE = ("save", "saved", "since", "days")
_VERDICTS = ("USED", "EXPIRED", "NOT_ENTITLED", "SUSPENDED")


class Flow(rx.Component):
    """The day of an organisation, live; see flow.jsx."""

    library = "$/public/haian/flow.jsx"
    tag = "Flow"
    organisation: rx.Var[str]
    texts: rx.Var[dict[str, str]]


class SaveScans(rx.Component):
    """The scans of some days as a file; see flow.jsx."""

    library = "$/public/haian/flow.jsx"
    tag = "SaveScans"
    organisation: rx.Var[str]
    texts: rx.Var[dict[str, str]]


class GateDesk(Paged, Session):
    """The organisations that I manage, the one that is open, its gates and entries, and the gate that was picked."""

    loaded: bool = False
    desks: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    desk: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    places: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    entries: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    picked: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    options: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    turn: int = 0

    @rx.event
    async def load(self) -> None:
        with self._telling():
            self.desks = (await self.ask(use("OnecodeDesks")))["onecodeDesks"]
            await self._open(self.desk.get("id", ""))
        self.loaded = True

    @rx.event
    async def choose(self, desk: str) -> None:
        await self._open(desk)

    async def _open(self, id_: str) -> None:
        """The organisation with this id, or the first."""
        self.desk = next((desk for desk in self.desks if desk["id"] == id_), next(iter(self.desks), {}))
        self.places, self.entries, self.more, self.picked = [], [], "", {}
        if self.desk:
            self.places = (await self.ask(use("OnecodePlaces"), organisation=self.desk["id"]))["onecodePlaces"]
            await self._read("")
        self._pick({"place": "", "scenes": [], "fresh": True})

    async def _read(self, after: str) -> None:
        self.entries, self.more = await self._pages(use("OnecodeEntries"), self.entries, after,
                                                    organisation=self.desk["id"])

    @rx.event
    def pick(self, place: str) -> None:
        self._pick(next((one for one in self.places if one["place"] == place), {}))

    @rx.event
    def another(self) -> None:
        self._pick({"place": "", "scenes": [], "fresh": True})

    def _pick(self, place: dict[str, Any]) -> None:
        on = {scene["id"] for scene in place.get("scenes", ())}
        self.picked, self.turn = place, self.turn + 1
        self.options = [{**scene, "on": scene["id"] in on} for scene in self.desk.get("scenes", ())]


@page("/onecode/manage", title="gatedesk.title", back="/work", wide=True, on_load=GateDesk.load,
      on_push={"onecode.let_in": GateDesk.load})
def manage() -> rx.Component:
    found = rx.cond(ui.count(GateDesk.desks) > 0, ui.workbench(_day(), e.div(_entries(), _places(), _assign(), _export(),
                                                                             class_name="stack")), _none())
    return ui.told(GateDesk, found)


def _none() -> rx.Component:
    return ui.card(ui.empty(t("gatedesk.none"), action=(t("onecode.show"), "/onecode"), symbol="scan-line"))


def _day() -> rx.Component:
    texts = {word: t(f"gatedesk.{word}") for word in _FLOW}
    texts |= {verdict: t(f"onecode.was_{verdict.lower()}") for verdict in _VERDICTS}
    return e.div(
        rx.cond(ui.count(GateDesk.desks) > 1, ui.picks(t("staff.office"), rx.foreach(GateDesk.desks, _desk)),
                ui.card(e.b(ui.text(GateDesk.desk, "name")))),
        ui.section(t("gatedesk.today"), Flow.create(organisation=ui.text(GateDesk.desk, "id"), texts=texts)),
        ui.card(ui.rows(
            ui.row(t("questions.desk"), t("gatedesk.questions_sub"), to="/me/questions/desk",
                   symbol="message-circle-question", tone="violet"),
            ui.row(t("gates.title"), t("gatedesk.devices_sub"), to="/me/gates", symbol="door-open", tone="teal"),
            ui.row(t("staff.title"), t("gatedesk.guards_sub"), to="/me/staff", symbol="users-round", tone="blue"),
        )),
        class_name="stack",
    )


def _desk(desk: rx.Var[Any]) -> rx.Component:
    return ui.pick(ui.text(desk, "name"), ui.text(GateDesk.desk, "id") == ui.text(desk, "id"),
                   ui.call(GateDesk.choose, ui.text(desk, "id")))


def _entries() -> rx.Component:
    return ui.section(
        t("gatedesk.entries"),
        rx.cond(ui.count(GateDesk.entries) > 0, e.div(rx.foreach(GateDesk.entries, _entry), class_name="stack"),
                ui.empty(t("gatedesk.entries_none"), symbol="shield-check")),
        ui.more(GateDesk.more, GateDesk.load_more),
    )


def _entry(entry: rx.Var[Any]) -> rx.Component:
    """Somebody who was let in without a code, and what the manager finds."""
    words, note = ui.text(entry, "words"), ui.text(entry, "note")
    cause = rx.match(ui.text(entry, "cause"), *[(each, t(f"onecode.cause_{each.lower()}")) for each in CAUSES], "")
    state = rx.cond(ui.text(entry, "reviewedAt") == "", ui.badge(t("gatedesk.waits_review"), "amber"),
                    rx.cond(ui.flag(entry, "justified"), ui.badge(t("gatedesk.right"), "teal"),
                            ui.badge(t("gatedesk.wrong"), "coral")))
    return e.article(
        e.div(e.span(e.b(cause), " ", e.small(ui.when(ui.text(entry, "at"), style="ago"))), state, class_name="head"),
        e.p(ui.text(entry, "place"), " · ", ui.text(entry, "verifier"), " · ", ui.number(entry, "people"), " ",
            t("gatedesk.people"), class_name="muted"),
        rx.cond(words != "", e.p(words)),
        rx.cond(note != "", e.p(note, class_name="hint")),
        rx.cond(ui.text(entry, "reviewedAt") == "",
                rx.cond(ui.flag(entry, "mine"), e.p(t("gatedesk.own"), class_name="hint"), _review(entry))),
        class_name="sunken",
    )


def _review(entry: rx.Var[Any]) -> rx.Component:
    id_ = ui.text(entry, "id")
    against = ui.form(
        "OnecodeReview",
        ui.text_field(t("gatedesk.note"), "note", hint=t("gatedesk.note_hint"), required=True, min_length=2, max_length=200),
        ui.submit(t("gatedesk.wrong_do"), "btn btn-bad"),
        variables={"entry": id_, "justified": False}, draft="review", done=t("gatedesk.reviewed"), on_done=GateDesk.load,
        beside="note", label=t("gatedesk.wrong"),
    )
    return e.div(
        ui.act(t("gatedesk.right_do"), "OnecodeReview", {"entry": id_, "justified": True}, done=t("gatedesk.reviewed"),
               on_done=GateDesk.load, class_name="btn btn-main"),
        e.details(e.summary(t("gatedesk.wrong"), ui.icon("chevron-down", 16)), against, class_name="fold"),
        class_name="stack",
    )


def _places() -> rx.Component:
    def one(place: rx.Var[Any]) -> rx.Component:
        running = rx.foreach(ui.items(place, "scenes"), lambda scene: e.span(ui.text(scene, "name")))
        return e.button(
            e.span(e.b(_named(place)),
                   e.small(e.span(running, class_name="seen-labels"), " · ", ui.number(place, "guards"), " ",
                           t("gatedesk.on_duty")), class_name="row-words"),
            type="button", on_click=ui.call(GateDesk.pick, ui.text(place, "place")), class_name="pick-row",
            aria_pressed=ui.text(GateDesk.picked, "place") == ui.text(place, "place"),
        )
    return ui.section(
        t("gatedesk.gates"),
        rx.cond(ui.count(GateDesk.places) > 0, e.div(rx.foreach(GateDesk.places, one), class_name="stack"),
                ui.empty(t("gatedesk.gates_none"), symbol="scan-line")),
        rx.cond(ui.flag(GateDesk.picked, "fresh"), None,
                e.button(t("gatedesk.another"), type="button", on_click=GateDesk.another, class_name="btn btn-soft")),
    )


def _named(place: Any) -> Any:
    return rx.cond(ui.text(place, "place") != "", ui.text(place, "place"), t("gatedesk.nowhere"))


def _assign() -> rx.Component:
    """Which scenes run at the gate that was picked, or at a new one."""
    picked: Any = GateDesk.picked
    office = ui.text(GateDesk.desk, "id")
    turn: Any = GateDesk.turn

    def box(option: rx.Var[Any], some: dict[str, str]) -> rx.Component:
        return e.label(
            e.input(type="checkbox", name="scenes", value=ui.text(option, "id"), default_checked=ui.flag(option, "on"),
                    custom_attrs={"data-list": "", **some}),
            e.span(ui.text(option, "name")), class_name="check")

    def form(variables: dict[str, Any], *first: Any) -> rx.Component:
        """A gate that is new is there by its scenes; at one that is there none means the usual one."""
        some = {"data-list": "some", "data-wrong": t("gatedesk.scenes_some")} if first else {}
        boxes = e.div(rx.foreach(GateDesk.options, lambda option: box(option, some)), class_name="boxes")
        return ui.form(
            "OnecodeAssign", *first, ui.field(t("gatedesk.scenes"), "scenes", boxes, group=True),
            e.p(t("gatedesk.scenes_new" if first else "gatedesk.scenes_hint"), class_name="hint"),
            ui.submit(t("gatedesk.assign")),
            variables=variables, draft="assign", done=t("gatedesk.assigned"), on_done=GateDesk.load,
            label=t("gatedesk.assign"), beside="scenes", key=turn.to_string(),
        )
    place = ui.text_field(t("gatedesk.place"), "place", hint=t("gatedesk.place_hint"), required=True, max_length=40)
    return rx.cond(
        ui.flag(picked, "fresh"),
        ui.section(t("gatedesk.new"), form({"organisation": office}, place)),
        ui.section(_named(picked), form({"organisation": office, "place": ui.text(picked, "place")})),
    )


def _export() -> rx.Component:
    use("OnecodeExport")
    use("OnecodeFlow")
    use("OnecodeFlowChanges")
    return ui.section(
        t("gatedesk.save"),
        e.p(t("gatedesk.save_words"), class_name="muted"),
        SaveScans.create(organisation=ui.text(GateDesk.desk, "id"),
                         texts={word: t(f"gatedesk.{word}") for word in _SAVE}),
    )
